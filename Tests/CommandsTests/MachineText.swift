import JSON
import TestSupport

/// What a command printed with `-json`, in the form of the recordings in `fixtures/terraform`.
enum MachineText {
    /// The text without what differs from run to run.
    static func normalised(_ text: String, of command: String) throws -> String {
        let text = text.replacing(uuid, with: "UUID").replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
            .replacing(/after (\d+h)?(\d+m)?\d+s/, with: "after TIME").replacing(
                /"elapsed_seconds":\d+/, with: "\"elapsed_seconds\":0"
            )
            .replacing(/flinkform \d+\.\d+\.\d+/, with: "flinkform VERSION")
        switch command {
        case "show" where text.hasPrefix("{"): return try document(text)
        case "plan", "apply", "destroy", "refresh": return try lines(text)
        case "validate" where text.hasPrefix("{"): return try report(text)
        default: return trimmed(text)
        }
    }

    private static var uuid: Regex<Substring> { /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/ }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first == "\n" { text = text.dropFirst() }
        while text.last == "\n" { text = text.dropLast() }
        return String(text)
    }

    /// An object, a line for each member and for each element of a member that is an array.
    private static func document(_ text: String) throws -> String {
        var lines: [String] = []
        for (key, value) in try JSONValue(parsing: Array(text.utf8)).object ?? [:] {
            if let array = value.array {
                let items = array.map { $0.text(.compact) }
                lines += (key == "relevant_attributes" ? items.sorted() : items).map { "\(key)[]: \($0)" }
            } else {
                lines.append("\(key): \(value.text(.compact))")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// What is wrong with a configuration, by its place.
    private static func report(_ text: String) throws -> String {
        guard var content = try JSONValue(parsing: Array(text.utf8)).object else { return text }
        func place(_ diagnostic: JSONValue) -> (String, Int) {
            let range = diagnostic["range"]
            return (range?["filename"]?.string ?? "", range?["start"]?["byte"]?.int ?? 0)
        }
        content["diagnostics"] = .array((content["diagnostics"]?.array ?? []).sorted { place($0) < place($1) })
        return JSONValue.object(content).text(.indented)
    }

    /// The lines of the protocol, what happens at the same time sorted.
    private static func lines(_ text: String) throws -> String {
        var lines: [String] = []
        var run: [String] = []
        var last: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            // A clock that a test moves on is too fast for these.
            if line.contains("\"type\":\"apply_progress\"") { continue }
            var kind: String?
            if line.hasPrefix("{") {
                let type = try JSONValue(parsing: Array(line.utf8))["type"]?.string ?? ""
                kind = type.split(separator: "_").first.map(String.init)
                if kind == "refresh" || kind == "apply" { kind = "hook" }
            }
            if kind != last || kind == "diagnostic" {
                lines += run.sorted()
                run = []
            }
            run.append(line)
            last = kind
        }
        return trimmed((lines + run.sorted()).joined(separator: "\n"))
    }
}
