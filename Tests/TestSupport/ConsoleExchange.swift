import Testing

/// A question that a real Terraform was asked, and its recorded answer.
package struct ConsoleExchange: Sendable, CustomTestStringConvertible {
    /// An expression.
    package var question: String
    /// What the console printed, several lines included; what begins with `! ` is an error.
    package var answer: String
    /// The question.
    package var testDescription: String { question }

    /// Whether Terraform refuses the expression.
    package var isRefused: Bool { answer.hasPrefix("! ") }

    /// The exchanges of a recording below `fixtures`; none when it cannot be read.
    package static func recorded(_ path: String) -> [ConsoleExchange] {
        var result: [ConsoleExchange] = []
        for line in ((try? Fixtures.text(path)) ?? "").split(separator: "\n") {
            if line.hasPrefix("> ") {
                result.append(ConsoleExchange(question: String(line.dropFirst(2)), answer: ""))
            } else if !line.hasPrefix("#"), !result.isEmpty {
                result[result.count - 1].answer += (result[result.count - 1].answer.isEmpty ? "" : "\n") + line
            }
        }
        return result
    }
}
