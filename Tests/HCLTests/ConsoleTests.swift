import Diagnostics
import TestSupport
import Testing
import Values

/// Compares with the recorded answers of a real Terraform.
@Suite("What Terraform's console answers")
struct ConsoleTests {
    static let exchanges = ConsoleExchange.recorded("language/console.txt")

    @Test("There are about a hundred answers")
    func found() {
        #expect(Self.exchanges.count >= 100)
        #expect(Self.exchanges.allSatisfy { !$0.answer.isEmpty })
    }

    /// Names that our words for a problem differ from Terraform's are compared as errors only.
    @Test("Each expression has the value that Terraform gives it", arguments: exchanges)
    func answer(_ exchange: ConsoleExchange) {
        let (value, problems) = Source.evaluate(exchange.question)
        if exchange.isRefused {
            #expect(problems.hasErrors, "Terraform says: \(exchange.answer)")
        } else {
            #expect(problems.isEmpty)
            #expect(ValueText.console(value) == exchange.answer)
        }
    }
}
