import JSON
import Testing

/// What is JSON by RFC 8259, and what is not.
@Suite struct SyntaxTests {
    /// One text that must be refused, and why.
    struct Refusal: CustomTestStringConvertible, Sendable {
        var bytes: [UInt8]
        var message: String
        var column: Int

        init(_ text: String, _ message: String, column: Int = 1) {
            self.init(bytes: Array(text.utf8), message, column: column)
        }

        init(bytes: [UInt8], _ message: String, column: Int = 1) {
            self.bytes = bytes
            self.message = message
            self.column = column
        }

        var testDescription: String { String(decoding: bytes, as: UTF8.self).debugDescription }
    }

    /// Each of these a lenient parser takes, json-c in its strict mode among them, or reads as something else.
    static let lenient: [Refusal] = [
        Refusal("NaN", "A value is expected here"),
        Refusal("[-NaN]", "A digit is expected here", column: 3),
        Refusal("[Infinity]", "A value is expected here", column: 2),
        Refusal("-Infinity", "A digit is expected here", column: 2),
        Refusal("nan", "A value is expected here"),
        Refusal("[True]", "A value is expected here", column: 2),
        Refusal("NULL", "A value is expected here"),
        Refusal("'a'", "Strings are written in double quotes"),
        Refusal("{'a': 1}", "A key in double quotes is expected here", column: 2),
        Refusal("{a: 1}", "A key in double quotes is expected here", column: 2),
        Refusal("[\"a\nb\"]", "A control character in a string must be escaped", column: 4),
        Refusal("\"a\tb\"", "A control character in a string must be escaped", column: 3),
        Refusal("\"\u{0}\"", "A control character in a string must be escaped", column: 2),
        Refusal("{\"a\u{1f}\": 1}", "A control character in a string must be escaped", column: 4),
        Refusal("1.", "A digit is expected here", column: 3),
        Refusal("1.e3", "A digit is expected here", column: 3),
        Refusal("1e", "A digit is expected here", column: 3),
        Refusal("1e+", "A digit is expected here", column: 4),
        Refusal(".5", "A value is expected here"),
        Refusal("+1", "A value is expected here"),
        Refusal("-", "A digit is expected here", column: 2),
        Refusal("--1", "A digit is expected here", column: 2),
        Refusal("01", "A number must not start with 0"),
        Refusal("-01", "A number must not start with 0"),
        Refusal("00", "A number must not start with 0"),
        Refusal("0x10", "Something follows the end of the value", column: 2),
        Refusal("1_000", "Something follows the end of the value", column: 2),
        Refusal("[1,]", "A comma must not come last", column: 4),
        Refusal("{\"a\":1,}", "A comma must not come last", column: 8),
        Refusal("[,1]", "A value is expected here", column: 2),
        Refusal("[1,,2]", "A value is expected here", column: 4),
        Refusal("[1 2]", "A comma or the end of the array is expected here", column: 4),
        Refusal("{\"a\":1 \"b\":2}", "A comma or the end of the object is expected here", column: 8),
        Refusal("{\"a\" 1}", "A colon is expected after a key", column: 6),
        Refusal("{\"a\"}", "A colon is expected after a key", column: 5),
        Refusal("{\"a\":}", "A value is expected here", column: 6),
        Refusal("{\"a\"::1}", "A value is expected here", column: 6),
        Refusal("{1:2}", "A key in double quotes is expected here", column: 2),
        Refusal("[1}", "A comma or the end of the array is expected here", column: 3),
        Refusal("{\"a\":1]", "A comma or the end of the object is expected here", column: 7),
        Refusal("1 2", "Something follows the end of the value", column: 3),
        Refusal("{} {}", "Something follows the end of the value", column: 4),
        Refusal("{}\u{0}", "Something follows the end of the value", column: 3),
        Refusal("null,", "Something follows the end of the value", column: 5),
        Refusal("nullx", "Something follows the end of the value", column: 5),
        Refusal("]", "A value is expected here"),
        Refusal("// no\n1", "A value is expected here"),
        Refusal("/* no */ 1", "A value is expected here"),
        Refusal("[1 /* no */]", "A comma or the end of the array is expected here", column: 4),
        Refusal("\u{FEFF}1", "A value is expected here"),
        Refusal("\u{A0}1", "A value is expected here"),
        Refusal("\u{0C}1", "A value is expected here"),
        Refusal("1\u{0B}", "Something follows the end of the value", column: 2),
    ]

    static let strings: [Refusal] = [
        Refusal("\"\\x41\"", "There is no such escape sequence", column: 2),
        Refusal("\"\\'\"", "There is no such escape sequence", column: 2),
        Refusal("\"\\u12\"", "Four hexadecimal digits are expected after \\u", column: 6),
        Refusal("\"\\u12g4\"", "Four hexadecimal digits are expected after \\u", column: 6),
        Refusal("\"\\u+123\"", "Four hexadecimal digits are expected after \\u", column: 4),
        Refusal("\"\\ud800\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\ud800x\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\ud800\\n\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\ud800\\u0041\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\ud800\\ud800\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\udc00\"", "Half a surrogate pair is no character", column: 2),
        Refusal("\"\\udc00\\ud800\"", "Half a surrogate pair is no character", column: 2),
        Refusal("{\"a\\u0000b\": 1}", "A key must not contain \\u0000", column: 2),
        Refusal("\"abc", "This string is never closed"),
        Refusal("\"abc\\\"", "This string is never closed"),
        Refusal("[\"abc]", "This string is never closed", column: 2),
    ]

    /// Byte sequences that are not UTF-8, each in a string.
    static let notUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x28, 0x8C, 0xBC],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]

    @Test("A lenient reading is refused", arguments: lenient + strings)
    func refused(_ refusal: Refusal) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: refusal.bytes) }
        #expect(error.message == refusal.message)
        #expect(error.column == refusal.column)
        // What is refused alone is refused inside, for either meaning of repeated keys.
        let inside = Array("{\"k\": [0, ".utf8) + refusal.bytes + Array("]}".utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: inside, repeatedKeys: .lastWins) }
    }

    @Test("Bytes that are not UTF-8 are refused in values and keys", arguments: notUTF8)
    func notText(_ bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        let value = try #require(throws: JSONError.self) {
            try JSONValue(parsing: [quote, UInt8(ascii: "a")] + bytes + [quote])
        }
        #expect(value.message == "This is not UTF-8")
        #expect(value.offset == 2)
        let key = try #require(throws: JSONError.self) {
            try JSONValue(parsing: Array("{\"".utf8) + bytes + Array("\":1}".utf8))
        }
        #expect(key.message == "This is not UTF-8")
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("The edges of each UTF-8 length are text")
    func utf8Edges() throws {
        let text = "\u{20}\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFD}\u{FFFF}\u{10000}\u{10FFFF}"
        #expect(try JSONValue(parsing: "{\"\(text)\": \"\(text)\"}") == [text: .string(text)])
    }

    /// Texts and their values.
    static let accepted: [(String, JSONValue)] = [
        ("null", nil), ("true", true), ("false", false), ("0", 0), ("-1", -1), ("\"\"", ""), ("[]", []), ("{}", [:]),
        (" \t\r\n1 \t\r\n", 1), ("[ ]", []), ("{ \n}", [:]), ("[null]", [nil]), ("[[],[[]]]", [[], [[]]]),
        ("{\"\":1}", ["": 1]), ("{\"a\" : 1 , \"b\" : [ 2 ] }", ["a": 1, "b": [2]]),
        ("{\"a\":null,\"b\":{\"a\":null}}", ["a": nil, "b": ["a": nil]]),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")), (#""\u0041\u00e9\u00E9\u20AC""#, "Aéé€"),
        (#""\ud83d\ude00\uD83D\uDE00""#, "😀😀"), (#""\uDBFF\uDFFF\ud800\udc00""#, "\u{10FFFF}\u{10000}"),
        (#""a\u0000b""#, .string("a\u{0}b")),
        (#""\u001f\u007f""#, .string("\u{1f}\u{7f}")), (#""\ufffd\uffff""#, "\u{fffd}\u{ffff}"),
        (#""'""#, "'"), (#""// no comment""#, "// no comment"), (#"{"\u0061": 1}"#, ["a": 1]),
    ]

    @Test("Every form of the grammar is read", arguments: accepted)
    func read(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: "{\"k\": [0, \(text)]}") == ["k": [0, value]])
    }

    @Test("A text that is not there is an error", arguments: ["", " ", "\n\n"])
    func nothing(_ text: String) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error.message == "The text ends where a value is expected")
        #expect(error.offset == text.utf8.count)
    }
}
