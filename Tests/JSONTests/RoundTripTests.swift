import JSON
import Testing
import TestSupport

/// Values of every shape, large and deep.
@Suite struct RoundTripTests {
    /// Makes values at random, the same for the same seed.
    private struct Maker {
        var random: SeededGenerator

        mutating func value(depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
            case 0: nil
            case 1: .bool(.random(using: &random))
            case 2: .number(number())
            case 3, 4: .string(text())
            case 5: .array((0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth - 1) })
            default:
                .object(
                    JSONObject(
                        (0..<Int.random(in: 0...20, using: &random)).map { _ in (text(), value(depth: depth - 1)) }))
            }
        }

        mutating func number() -> JSONNumber {
            let bits = UInt64.random(in: 0..<64, using: &random)
            let digits = String(UInt64.random(in: 0 ... .max >> bits, using: &random))
            let sign = Bool.random(using: &random) ? "-" : ""
            let fraction = Bool.random(using: &random) ? ".\(Int.random(in: 0...999, using: &random))" : ""
            let exponent = ["", "", "e5", "E+000", "E-12", "e+00"].randomElement(using: &random) ?? ""
            return JSONNumber(literal: sign + digits + fraction + exponent) ?? JSONNumber(0)
        }

        mutating func text() -> String {
            var text = ""
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let limit: UInt32 = [0x20, 0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
                    // A key must not contain U+0000.
                    text.unicodeScalars.append(scalar == "\u{0}" ? "0" : scalar)
                }
            }
            return text
        }
    }

    @Test("What is written is read as it was", arguments: UInt64(0)..<60)
    func random(seed: UInt64) throws {
        var maker = Maker(random: SeededGenerator(seed: seed))
        let value = maker.value(depth: 4)
        for layout in [JSONLayout.compact, .indented] {
            let bytes = value.bytes(layout)
            let read = try JSONValue(parsing: bytes)
            #expect(read == value)
            #expect(read.hashValue == value.hashValue)
            #expect(read.bytes(layout) == bytes)
        }
    }

    @Test(
        "What is so large that it is read member by member is read as it was",
        arguments: ["1.50e3", "18446744073709551616"])
    func large(number: String) throws {
        let number = try JSONValue(parsing: number)
        let text = JSONValue.string(String(repeating: "é\"x", count: 60))
        func member(_ place: Int) -> JSONValue {
            place % 7 == 0 ? nil : ["a": text, "made": .bool(place % 2 == 0), "b": [number, [], -7]]
        }
        let items = JSONValue.array((0..<600).map(member))
        let object = JSONObject((0..<600).map { ("ké\"y \($0)\n", member($0)) })
        let value: JSONValue = [
            "first": [], "object": .object(object), "inner": [[], ["items": items], "\\\"]"], "items": items,
            "last": number,
        ]
        for layout in [JSONLayout.compact, .indented] {
            let bytes = value.bytes(layout)
            #expect(try JSONValue(parsing: bytes) == value)
            #expect(try JSONValue(parsing: bytes, repeatedKeys: .lastWins) == value)
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes.dropLast() + [UInt8(ascii: "]")]) }
        }
        let more = Array(object) + [("ké\"y 3\n", JSONValue.null)]
        var writer = JSONWriter(.compact)
        writer.beginObject()
        for (key, value) in more {
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        #expect(throws: JSONError.self) { try JSONValue(parsing: writer.bytes) }
        let last = try JSONValue(parsing: writer.bytes, repeatedKeys: .lastWins).object
        #expect(last?.keys == object.keys && last?["ké\"y 3\n"]?.isNull == true)
        // Nothing in it, and yet large.
        let empty = "[" + String(repeating: " ", count: 100_000) + "]"
        #expect(try JSONValue(parsing: empty) == [])
    }

    private static func nested(_ depth: Int, _ open: String, _ inside: String, _ close: String) -> String {
        String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
    }

    @Test("As many levels as the caller allows, and not one more", arguments: [0, 1, 2, 32, 512, 2048])
    func depth(_ depth: Int) throws {
        for (open, inside, close) in [("[", "1", "]"), ("{\"a\":", "1", "}"), ("[{\"a\":[", "[]", "]}]")] {
            let levels = open.filter { $0 == "[" || $0 == "{" }.count
            let count = levels == 3 ? (depth - 1) / 3 : depth
            guard count > 0 || levels == 1 else { continue }
            let text = Self.nested(count, open, inside, close)
            let value = try JSONValue(parsing: text, maximumDepth: depth)
            #expect(value.text(.compact) == text)
            #expect(value == value)
            let tooDeep = Self.nested(depth + 1, open, inside, close)
            let error = try #require(throws: JSONError.self) { try JSONValue(parsing: tooDeep, maximumDepth: depth) }
            #expect(error.message == "The text is nested deeper than \(depth) levels")
        }
    }

    @Test("Depth is 512 unless the caller says so, and bounded in any case")
    func depthBounds() throws {
        #expect(try JSONValue(parsing: Self.nested(512, "[", "", "]")).array?.count == 1)
        #expect(throws: JSONError.self) { try JSONValue(parsing: Self.nested(513, "[", "", "]")) }
        for depth in [2049, 1_000_000, Int.max] {
            let text = Self.nested(min(depth, 100_000), "[", "", "]")
            #expect(throws: JSONError.self) { try JSONValue(parsing: text, maximumDepth: depth) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[]", maximumDepth: -1) }
        #expect(try JSONValue(parsing: "1", maximumDepth: -1) == 1)
        // Siblings are not nested.
        #expect(try JSONValue(parsing: "[[],[],[],[]]", maximumDepth: 2).array?.count == 4)
    }

    // With a cost that grows by the square of the size, this would take many minutes.
    @Test("A large object costs no more per key than a small one", .timeLimit(.minutes(1)))
    func manyKeys() throws {
        let count = 60_000
        var writer = JSONWriter(.compact)
        writer.beginObject()
        for place in 0..<count {
            writer.key("key \(place)")
            writer.int(place)
        }
        writer.endObject()
        let value = try JSONValue(parsing: writer.bytes)
        #expect(value.object?.count == count)
        #expect(value["key 0"] == 0)
        #expect(value["key \(count - 1)"]?.int == count - 1)
        #expect(value.bytes(.compact) == writer.bytes)
    }
}
