import FoundationEssentials
import JSON

/// A journal as one document, for servers that know nothing but states: a state without resources, whose serial rises with each write,
/// with one member more.
struct JournalDocument: Hashable, Sendable {
    /// Tells the journal of one state from others; made once.
    var lineage: String
    /// Rises with each write, as servers that keep versions ask for.
    var serial: Int
    /// The newest generation; 0 before the first.
    var generation: Int
    /// Its parts; none when it was taken away.
    var parts: [[UInt8]]

    /// A journal of which nothing was written yet.
    init(lineage: String) {
        (self.lineage, serial, generation, parts) = (lineage, 0, 0, [])
    }

    /// Reads what `bytes` writes; nil when it is not that.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let lineage = json["lineage"]?.string,
            let serial = json["serial"]?.int, serial >= 0, let journal = json[Self.member],
            let generation = journal["generation"]?.int, generation >= 0, let texts = journal["parts"]?.array
        else { return nil }
        (self.lineage, self.serial, self.generation) = (lineage, serial, generation)
        parts = texts.compactMap { $0.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }
        guard parts.count == texts.count else { return nil }
    }

    private static let member = "flinkform_journal"

    /// The document.
    var bytes: [UInt8] {
        let journal: JSONValue = [
            "generation": .number(JSONNumber(generation)), "parts": .array(parts.map { .string(Base64.encoded($0)) }),
        ]
        let document: JSONValue = [
            "version": 4, "terraform_version": "1.11.4", "serial": .number(JSONNumber(serial)),
            "lineage": .string(lineage), "outputs": [:], "resources": [], "check_results": nil,
            "flinkform_journal": journal,
        ]
        return document.bytes(.compact)
    }
}
