package import Diagnostics
package import JSON

/// The file of `apply -secrets-out`: sensitive outputs as one JSON object, for its owner only.
package enum SecretsOutput {
    private static let lengthMaximum = 1 << 26

    /// Writes the values in the place of the file that is there.
    ///
    /// A value that is known in the old file and null now keeps the old file as it is, and is an error: a secret that was handed
    /// on is never lost this way.
    ///
    /// - Parameters:
    ///   - values: Output name to value; null for one that is not known.
    ///   - path: The file.
    ///   - files: The file system.
    package static func write(
        _ values: JSONObject, to path: String, on files: any FileSystem
    ) throws(Diagnostic) {
        do throws(FileError) {
            if let bytes = try files.read(path, limit: lengthMaximum) {
                guard let old = (try? JSONValue(parsing: bytes))?.object else {
                    throw FileError("replace", path, "It is there already and holds no JSON object")
                }
                let lost = old.filter { !$0.value.isNull && (values[$0.key] ?? .null).isNull }.map(\.key)
                if !lost.isEmpty {
                    throw FileError(
                        "replace", path,
                        "It has values that are not known now: \(lost.map(VisibleText.escaped).joined(separator: ", "))"
                    )
                }
            }
            try AtomicFile.write(JSONValue.object(values).bytes(.indented) + [0x0A], to: path, on: files)
        } catch {
            throw .file(
                "Secrets file could not be written", error,
                "The old file is as it was. Every secret that is known is in the secret store, and \"flinkform output -json\" shows it; one that is not is given with \"flinkform secret set\"."
            )
        }
    }
}
