import JSON
import Testing
import TestSupport

/// Where an error is said to be.
@Suite struct JSONErrorTests {
    @Test("Line, column and offset are those of the byte at fault")
    func place() throws {
        let text = "{\n  \"é\": [1,\n\t\"日\", x]\n}"
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error.line == 3)
        // The tab, two quotes, three bytes of a character, a comma and a space come before it.
        #expect(error.column == 9)
        #expect(Array(text.utf8)[error.offset] == UInt8(ascii: "x"))
        #expect(error.description == "line 3, column 9: A value is expected here")
    }

    @Test("What is never closed is shown where it was opened")
    func unclosed() throws {
        let cases = [("{\"a\": [1", 1, 7), ("[\n {\"a\": 1\n", 2, 2), ("[", 1, 1), ("{\"a\": 1", 1, 1)]
        for (text, line, column) in cases {
            let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(error.message == "This is never closed")
            #expect([error.line, error.column] == [line, column])
        }
    }

    @Test("The second of two equal keys is at fault")
    func repeated() throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: "{\"a\": 1,\n\"a\": 2}") }
        #expect(error.message == "This key is there twice")
        #expect([error.line, error.column, error.offset] == [2, 1, 9])
    }

    @Test("An error never repeats the text, which may be secret")
    func secrecy() throws {
        let secret = Canary.secret
        let texts = [
            "{\"a\": \"\(secret)", "{\"\(secret)\" 1}", "[\(secret)]", "{\"\(secret)\":1,\"\(secret)\":1}",
            "\"\\\(secret)\"", "1\(secret)",
        ]
        for text in texts {
            let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(Leaks.find(secret, in: "\(error) \(String(reflecting: error))").isEmpty)
        }
    }
}
