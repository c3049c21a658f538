package import Diagnostics
import JSON
package import Planning

/// The output values of a state that another configuration keeps, whichever tool wrote it.
///
/// Nothing else of it is looked at, so that a state with types, or with secrets, that this program would not work with can be read.
package enum StateOutputs {
    /// Reads them; nil when there is no state: no bytes at all.
    ///
    /// - Parameters:
    ///   - bytes: What is kept.
    ///   - place: Where, for messages.
    ///   - encryption: Opens it, where it is encrypted with a key that is at hand.
    /// - Throws: What the user is to be told.
    package static func read(
        _ bytes: [UInt8], at place: String, _ encryption: Encryption
    ) throws(Diagnostic) -> [String: OutputState]? {
        guard !bytes.isEmpty else { return nil }
        var json = try Self.json(bytes, place)
        if Envelope.isEnvelope(json) { json = try Self.json(encryption.open(bytes, json, .state, place).bytes, place) }
        guard let version = json["version"]?.int else {
            throw unsupported(
                "The state file does not have a \"version\" attribute, which is required to identify the format version."
            )
        }
        guard version == State.formatVersion else { throw .otherFormat(place, version) }
        do throws(StateFileError) {
            // Instances are of no interest, and may be of kinds that only other programs know.
            var members = json.object ?? [:]
            members["resources"] = []
            return try State(json: .object(members)).outputs
        } catch {
            guard case .malformed(let reason) = error else { throw .otherFormat(place, version) }
            throw unsupported("\(VisibleText.escaped(place)): \(reason)")
        }
    }

    private static func json(_ bytes: [UInt8], _ place: String) throws(Diagnostic) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw unsupported("\(VisibleText.escaped(place)) could not be parsed as JSON: \(error.description).")
        }
    }

    private static func unsupported(_ detail: String) -> Diagnostic {
        .error("Unsupported state file format", detail)
    }
}
