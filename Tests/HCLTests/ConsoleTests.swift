import Diagnostics
import Testing
import Values

/// Compares with the recorded answers of a real Terraform.
@Suite("What Terraform's console answers")
struct ConsoleTests {
    struct Exchange: Sendable, CustomTestStringConvertible {
        var question: String
        var answer: String
        var testDescription: String { question }
    }

    static let exchanges: [Exchange] = {
        var result: [Exchange] = []
        for line in Source.fixture("language/console.txt").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("> ") {
                result.append(Exchange(question: String(line.dropFirst(2)), answer: ""))
            } else if !line.hasPrefix("#"), !line.isEmpty, !result.isEmpty {
                result[result.count - 1].answer += (result[result.count - 1].answer.isEmpty ? "" : "\n") + line
            }
        }
        return result
    }()

    @Test("There are about a hundred answers")
    func found() {
        #expect(Self.exchanges.count >= 100)
        #expect(Self.exchanges.allSatisfy { !$0.answer.isEmpty })
    }

    /// Names that our words for a problem differ from Terraform's are compared as errors only.
    @Test("Each expression has the value that Terraform gives it", arguments: exchanges)
    func answer(_ exchange: Exchange) {
        let (value, problems) = Source.evaluate(exchange.question)
        if exchange.answer.hasPrefix("! ") {
            #expect(problems.hasErrors, "Terraform says: \(exchange.answer)")
        } else {
            #expect(problems.isEmpty)
            #expect(ValueText.console(value) == exchange.answer)
        }
    }
}
