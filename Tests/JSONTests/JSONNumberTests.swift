import JSON
import Testing

/// Numbers keep their literals.
@Suite struct JSONNumberTests {
    static let literals = [
        "0", "-0", "1", "-1", "10", "123456789012345678", "-123456789012345678", "999999999999999999",
        "1000000000000000000", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616",
        "123456789012345678901234567890123456789012345678901234567890", "0.0", "-0.0", "1.0", "1.10", "0.1", "1.5e3",
        "1E5", "1e5", "1E+5", "1e-5", "1E+400", "-1e400", "1e-400", "0e0", "0E+0", "0.1e+00", "1E+00", "1E+000",
        "1E+0000", "1E+00000000", "1e+000", "1E-000", "1.5E+000", "1E+1000", "10E+000", "1000", "5E000", "-0E+000",
        "-0E+0000",
        "3.14159265358979323846264338327950288419716939937510",
    ]

    @Test("A literal comes back as it was written", arguments: literals)
    func kept(_ literal: String) throws {
        let number = try #require(JSONNumber(literal: literal))
        #expect(number.literal == literal)
        #expect(try JSONValue(parsing: literal) == .number(number))
        let text = "{\"a\":[\(literal),\(literal)],\"b\":\(literal)}"
        #expect(try JSONValue(parsing: text).text(.compact) == text)
    }

    @Test("All literals together do not disturb each other")
    func together() throws {
        let text = "[" + (Self.literals + Self.literals.reversed()).joined(separator: ",") + "]"
        #expect(try JSONValue(parsing: text).text(.compact) == text)
    }

    @Test(
        "What is no literal makes no number",
        arguments: ["", " 1", "1 ", "+1", "01", "1.", ".1", "1e", "--1", "NaN", "0x1", "1,2", "é", "-", "1\u{0}"])
    func refused(_ literal: String) { #expect(JSONNumber(literal: literal) == nil) }

    @Test("A whole number that fits is an integer, and nothing else is")
    func integers() {
        #expect(JSONNumber(literal: "9223372036854775807")?.int == Int.max)
        #expect(JSONNumber(literal: "-9223372036854775808")?.int == Int.min)
        #expect(JSONNumber(Int.min).int == Int.min)
        #expect(JSONNumber(0).literal == "0")
        for literal in ["9223372036854775808", "-9223372036854775809", "1.0", "1e2", "0.5"] {
            #expect(JSONNumber(literal: literal) != nil)
            #expect(JSONNumber(literal: literal)?.int == nil)
        }
    }

    @Test("A literal of many digits is kept too")
    func long() throws {
        let digits = String(repeating: "1234567890", count: 10_000)
        #expect(try JSONValue(parsing: "[\(digits),0.\(digits)]").text(.compact) == "[\(digits),0.\(digits)]")
    }
}
