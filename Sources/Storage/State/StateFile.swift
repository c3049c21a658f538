package import Configuring
package import Diagnostics
import JSON
package import Planning

/// A state in a file of its own, beside the one that a run works on: given by the user, or kept as a backup.
package struct StateFile: Sendable {
    private let path: String
    private let files: any FileSystem
    private let coding: StateCoding

    private static let lengthMaximum = 1 << 30

    /// Names a file; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - files: The file system.
    ///   - catalog: The resource types there are: what they keep secret.
    ///   - encryption: How states are encrypted.
    package init(_ path: String, on files: any FileSystem, catalog: Catalog, _ encryption: Encryption) {
        self.path = path
        self.files = files
        coding = StateCoding(
            catalog: catalog, names: StateNames(state: path, journal: "", backup: "", isLoose: true),
            encryption: encryption)
    }

    /// Reads it; nil when there is no such file.
    ///
    /// One with secrets in clear is an error.
    package func read() throws(Diagnostic) -> State? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try files.read(path, limit: Self.lengthMaximum)
        } catch {
            throw .file("State could not be read", error, "Nothing was changed.")
        }
        return try bytes.map { bytes throws(Diagnostic) in try read(bytes) }
    }

    /// Reads a state that came from elsewhere; messages call it by the path.
    package func read(_ bytes: [UInt8]) throws(Diagnostic) -> State { try coding.snapshot(bytes).state }

    /// Writes a state, in the place of what was there; encrypted where the configuration says so.
    package func write(_ state: State) throws(Diagnostic) {
        let bytes = try coding.bytes(of: state)
        do throws(FileError) {
            try Self.checkReplaceable(path, on: files)
            try AtomicFile.write(bytes, to: path, on: files)
        } catch {
            throw .file("Backup could not be written", error, "Nothing was changed.")
        }
    }

    /// Makes sure that a file may be replaced by a state: that it is one, or empty, or not there.
    static func checkReplaceable(_ path: String, on files: any FileSystem) throws(FileError) {
        guard let old = try files.read(path, limit: lengthMaximum), !old.isEmpty, lineage(of: old) == nil else {
            return
        }
        throw FileError("replace", path, "It is there already and is no state")
    }

    /// The lineage of a state, which shows it although it is encrypted; nil for what is none.
    static func lineage(of bytes: [UInt8]) -> String? {
        guard let json = try? JSONValue(parsing: bytes), json["serial"]?.int != nil else { return nil }
        return json["lineage"]?.string
    }
}
