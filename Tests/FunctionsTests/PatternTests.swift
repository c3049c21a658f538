import Diagnostics
import TestSupport
import Testing
import Values

@Suite("Regular expressions are bounded")
struct PatternTests {
    @Test(
        "What takes others forever takes no longer than its length says", .timeLimit(.minutes(1)),
        arguments: ["(a*)*b", "(a|a)*b", "(a+)+$b", "(.*)(.*)(.*)(.*)b", "a?a?a?a?a?a?a?a?a?a?aaaaaaaaaab"])
    func time(pattern: String) {
        let names = ["t": Value.string(String(repeating: "a", count: 2_000))]
        let problems = Language.evaluate("regex(\"\(pattern)\", t)", names).problems
        #expect(
            problems.map(\.detail) == [
                "Call to function \"regex\" failed: pattern did not match any part of the given string."
            ])
    }

    @Test("Depth and size are bounded, and said in Terraform's words")
    func bounds() {
        func reason(_ pattern: String) -> String? {
            Language.evaluate("regex(p, \"\")", ["p": .string(pattern)]).problems.first?.detail
        }
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + String(repeating: ")", count: depth)
        }
        #expect(reason(nested(900)) == nil)
        #expect(reason(nested(1_100))?.contains("invalid regexp pattern: expression nests too deeply in (((") == true)
        let large = String(repeating: "[ab]{1000}", count: 1_100)
        #expect(reason(large)?.contains("invalid regexp pattern: expression too large in [ab]") == true)
    }
}
