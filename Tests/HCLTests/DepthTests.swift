import Diagnostics
import HCL
import Testing
import Values

/// Nesting is bounded; length is not.
@Suite("Deep and long sources")
struct DepthTests {
    @Test(
        "Brackets of all kinds nest so far and no further",
        arguments: [
            ("[", "1", "]"), ("(", "1", ")"), ("{a=", "1", "}"), ("[for v in ", "[1]", " : v]"), ("max(", "1", ")"),
            ("\"${", "1", "}\""), ("true ? ", "1", " : 2"), ("a[", "1", "]"),
        ])
    func nesting(_ opening: String, _ middle: String, _ closing: String) {
        func source(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + middle + String(repeating: closing, count: depth)
        }
        let (_, shallow) = SyntaxTree.parseExpression(Array(source(60).utf8), file: Source.file)
        #expect(shallow.isEmpty)
        _ = Source.evaluate(source(150))
        let (_, deep) = SyntaxTree.parseExpression(Array(source(100_000).utf8), file: Source.file)
        #expect(deep.count == 1)
        #expect(deep.first?.summary == "Nested too deeply")
    }

    @Test("Directives nest so far and no further")
    func directives() {
        func source(_ depth: Int) -> String {
            "\"" + String(repeating: "%{ if true }", count: depth) + "x" + String(repeating: "%{ endif }", count: depth)
                + "\""
        }
        #expect(Source.evaluate(source(150)).value == .string("x"))
        let (_, problems) = SyntaxTree.parseExpression(Array(source(100_000).utf8), file: Source.file)
        #expect(problems.map(\.summary) == ["Nested too deeply"])
        // In each string there may be no more than what is left.
        let mixed = String(repeating: "\"" + String(repeating: "%{ if true }", count: 100) + "${", count: 50)
        let (_, more) = Source.evaluate(
            mixed + "1" + String(repeating: "}" + String(repeating: "%{ endif }", count: 100) + "\"", count: 50))
        #expect(more.contains { $0.summary == "Nested too deeply" })
    }

    @Test(
        "Only openings, and only closings, end in few diagnostics",
        arguments: ["[", "(", "{", "\"${", "]", ")", "}", "${", "<<A\n", "-", "!", "a.", "a ? "])
    func unbalanced(_ text: String) {
        let (_, problems) = SyntaxTree.parse(
            Array(("x = " + String(repeating: text, count: 100_000)).utf8), file: Source.file)
        #expect(!problems.isEmpty)
    }

    @Test("Blocks nest so far and no further")
    func blocks() {
        let source = String(repeating: "a {\n", count: 100_000) + String(repeating: "}\n", count: 100_000)
        let (_, problems) = SyntaxTree.parse(Array(source.utf8), file: Source.file)
        #expect(problems.contains { $0.summary == "Nested too deeply" })
        #expect(problems.count < 5)
    }

    @Test("A sum of 100,000 terms is computed")
    func sums() {
        let (value, problems) = Source.evaluate(Array(repeating: "1", count: 100_000).joined(separator: "+"))
        #expect(problems.isEmpty && value == .number(100_000))
    }

    @Test("Chains of 100,000 signs, accesses, conditionals and parts are computed")
    func chains() {
        #expect(Source.evaluate(String(repeating: "!", count: 100_000) + "true").value == .bool(true))
        #expect(Source.evaluate(String(repeating: "false ? 1 : ", count: 20_000) + "2").value == .number(2))
        #expect(Source.evaluate("[" + String(repeating: "1,", count: 100_000) + "]").value.elements?.count == 100_000)
        #expect(Source.evaluate("\"" + String(repeating: "${1}", count: 20_000) + "\"").value.string?.count == 20_000)
        let (_, problems) = Source.evaluate("var.open" + String(repeating: ".a[0]", count: 50_000))
        #expect(problems.isEmpty)
    }

    @Test("Precedence holds in long mixed chains")
    func mixed() {
        let text = Array(repeating: "2 * 3 - 6", count: 10_000).joined(separator: " + ")
        #expect(Source.evaluate(text + " == 0 && true || false").value == .bool(true))
    }
}
