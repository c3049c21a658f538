import Diagnostics
import HCL
import Testing
import Values

/// Line ends, byte-order marks and characters beyond ASCII.
@Suite("Encodings")
struct EncodingTests {
    @Test("A byte-order mark at the beginning is no part of the text")
    func mark() {
        let (_, values, problems) = Source.evaluateBody([0xEF, 0xBB, 0xBF] + Array("a = 1\n".utf8))
        #expect(problems.isEmpty && values == [.number(1)])
    }

    @Test("Windows line ends read as newlines")
    func lineEnds() {
        let text = "a = 1\r\nb {\r\n  c = [\r\n 1,\r\n 2]\r\n}\r\n# x\r\nd = <<EOT\r\nx\r\nEOT\r\ne = 2\r\n"
        let (_, values, problems) = Source.evaluateBody(Array(text.utf8))
        #expect(problems.isEmpty)
        #expect(values == [.number(1), .string("x\r\n"), .number(2)])
    }

    @Test("No newline is needed at the end")
    func noNewline() {
        #expect(Source.evaluateBody(Array("a = 1\nb = 2".utf8)).values == [.number(1), .number(2)])
        #expect(Source.evaluateBody(Array("a = 1 # x".utf8)).values == [.number(1)])
    }

    @Test(
        "Bytes that are not UTF-8 are reported",
        arguments: [[0xFF], [0xC3], [0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func notUnicode(_ bytes: [UInt8]) {
        for text in ["a = \"", "# ", "", "a = <<E\n"] {
            let problems = Source.evaluateBody(Array(text.utf8) + bytes + Array("\"\nE\n".utf8)).problems
            #expect(problems.contains { $0.summary == "Invalid character encoding" })
        }
    }

    @Test("Strings are kept in normal form, whatever they are written in")
    func normalForm() {
        let value = Source.evaluate("\"e\\u0301\"").value
        #expect(value.string.map { Array($0.utf8) } == Array("\u{E9}".utf8))
        let joined = Source.evaluate("\"e${\"\\u0301\"}\"").value
        #expect(joined.string.map { Array($0.utf8) } == Array("\u{E9}".utf8))
    }

    @Test("An empty text is an empty body")
    func empty() {
        for text in ["", "\n", "  ", "# x", "/* x */"] {
            let (body, _, problems) = Source.evaluateBody(Array(text.utf8))
            #expect(problems.isEmpty && body.attributes.isEmpty && body.blocks.isEmpty)
        }
    }

    @Test("A comment that does not end is reported where it begins")
    func comment() {
        let problems = Source.evaluateBody(Array("a = 1\n/* x\nb = 2\n".utf8)).problems
        #expect(problems.map(\.summary) == ["Unclosed comment"])
        #expect(problems.first?.subject?.start == 6)
    }
}
