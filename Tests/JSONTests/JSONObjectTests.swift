import JSON
import Testing

/// Objects: order, repeated keys, equality.
@Suite struct JSONObjectTests {
    /// Small objects are searched, larger ones have an index.
    static let counts = [0, 1, 2, 11, 12, 13, 100]

    private func object(_ count: Int) -> JSONObject {
        JSONObject((0..<count).map { ("k\($0)", JSONValue(integerLiteral: $0)) })
    }

    @Test("Members keep their order and are found", arguments: counts)
    func order(_ count: Int) {
        let object = object(count)
        #expect(object.count == count)
        #expect(object.isEmpty == (count == 0))
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect(object.map(\.value.int) == (0..<count).map { $0 })
        for place in 0..<count { #expect(object["k\(place)"]?.int == place) }
        #expect(object["k\(count)"] == nil)
    }

    @Test("Setting keeps a key's place, or appends it", arguments: counts)
    func set(_ count: Int) {
        var object = object(count)
        for place in 0..<count { object["k\(place)"] = .string("new") }
        object["z"] = nil
        object["a"] = true
        #expect(object.keys == (0..<count).map { "k\($0)" } + ["a"])
        #expect(object.dropLast().allSatisfy { $0.value == "new" })
        #expect(object["a"] == true)
    }

    @Test("Taking members out leaves the others findable", arguments: counts.dropFirst())
    func remove(_ count: Int) {
        var object = object(count)
        for place in stride(from: 0, to: count, by: 2) { object["k\(place)"] = nil }
        #expect(object.keys == stride(from: 1, to: count, by: 2).map { "k\($0)" })
        for place in 0..<count { #expect(object["k\(place)"]?.int == (place % 2 == 1 ? place : nil)) }
        object["k0"] = 7
        #expect(object.keys.last == "k0")
        #expect(object["k0"] == 7)
    }

    @Test("Null is a value, and no member is none")
    func null() {
        let object: JSONObject = ["a": nil]
        #expect(object.count == 1)
        #expect(object["a"] == .some(.null))
        #expect(object["b"] == nil)
        #expect(JSONValue.object(object)["a"]?.isNull == true)
        #expect(JSONValue.array([])["a"] == nil)
    }

    @Test("A repeated key is refused, or its last value stands at the first one's place", arguments: counts)
    func repeatedKeys(_ count: Int) throws {
        let members = (0..<count).map { "\"k\($0)\":\($0)" } + ["\"a\":1", "\"b\":2", "\"\\u0061\":3"]
        let text = "{" + members.joined(separator: ",") + "}"
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error.message == "This key is there twice")
        let value = try JSONValue(parsing: text, repeatedKeys: .lastWins)
        #expect(value.object?.keys == (0..<count).map { "k\($0)" } + ["a", "b"])
        #expect(value["a"] == 3)
    }

    @Test("Keys of other objects are no repetition")
    func nested() throws {
        let value = try JSONValue(parsing: #"{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":3}}"#)
        #expect(value["a"]?["a"]?.array?.count == 2)
        #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a":{"b":1},"c":{"b":2},"a":3}"#) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: #"[{"a":[{}],"a":3}]"#) }
    }

    // Swift's strings take a composed and a decomposed é for equal; JSON does not.
    @Test("Keys that look alike but differ in bytes stay apart", arguments: [0, 20])
    func lookalikes(_ others: Int) throws {
        let composed = "caf\u{e9}"
        let decomposed = "cafe\u{301}"
        var text = "{\"\(composed)\":1,\"\(decomposed)\":2"
        for place in 0..<others { text += ",\"k\(place)\":0" }
        text += "}"
        let value = try JSONValue(parsing: text)
        #expect(value.object?.count == 2 + others)
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
        #expect(value.text(.compact) == text)
    }

    @Test("Values are equal when they are written alike")
    func equality() throws {
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
        // Two marks in either order are equivalent and equally long.
        #expect(JSONValue.string("a\u{301}\u{327}") != .string("a\u{327}\u{301}"))
        #expect(JSONValue.object(["\u{e9}": 1]) != .object(["e\u{301}": 1]))
        #expect(JSONValue.object(["a": 1, "b": 2]) != .object(["b": 2, "a": 1]))
        #expect(try JSONValue(parsing: "1.0") != JSONValue(parsing: "1"))
        #expect(JSONValue.null != false && JSONValue.string("1") != 1 && JSONValue.array([]) != .object([:]))
        let distinct: [JSONValue] = [1, "1", nil, false, true, [], [:], [1], ["a": 1], "\u{e9}"]
        let set = Set(distinct + distinct)
        #expect(set.count == 10)
        #expect(set.contains("\u{e9}"))
        #expect(!set.contains("e\u{301}"))
    }
}
