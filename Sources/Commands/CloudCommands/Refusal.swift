import Diagnostics

/// An error in the layout of the Confluent CLI, for the commands that it has, too: one line, then suggestions.
struct Refusal: Error {
    /// What is wrong, without a full stop.
    var text: String
    /// What to do, a line each; may be empty.
    var suggestions: [String]

    init(_ text: String, _ suggestions: String...) {
        self.text = text
        self.suggestions = suggestions
    }

    /// Shows it on standard error.
    func show(_ invocation: Invocation) {
        invocation.debugLog?.add(.error, text)
        var lines = ["Error: \(text)"]
        if !suggestions.isEmpty { lines += ["", "Suggestions:"] + suggestions.map { "    \($0)" } }
        invocation.terminal.writeError(lines.joined(separator: "\n") + "\n")
    }
}

/// Names in a sentence.
enum NameList {
    /// `"A"`, `"A" and "B"`, `"A", "B", and "C"`; what a terminal would obey is escaped.
    static func text(_ names: [String]) -> String {
        let quoted = names.map { "\"\(VisibleText.escaped($0))\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + (quoted.count > 2 ? "," : "") + " and \(last)"
    }
}
