/// A JSON value.
package enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, with its literal.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, its members in order.
    case object(JSONObject)
}

extension JSONValue {
    /// The text of a string; nil for anything else.
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The value of a whole number that fits; nil for anything else.
    package var int: Int? { if case .number(let number) = self { number.int } else { nil } }
    /// The value of a boolean; nil for anything else.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements of an array; nil for anything else.
    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    /// The object; nil for anything else.
    package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    /// Whether it is `null`.
    package var isNull: Bool { self == .null }
    /// A member of an object; nil when there is none, or this is no object.
    package subscript(key: String) -> JSONValue? { object?[key] }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes `null`.
    package init(nilLiteral: ()) { self = .null }
    /// Makes a boolean.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes a whole number.
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    /// Makes a string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// Makes an array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes an object with its members in the order written.
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

/// A JSON number: its literal, exactly as written.
package struct JSONNumber: Hashable, Sendable {
    /// The literal.
    package let literal: String

    /// Makes a whole number.
    package init(_ value: Int) { literal = String(value) }

    /// Makes a number of a literal; nil when it is not one by RFC 8259.
    package init?(literal: String) {
        var scanner = JSONScanner(Array(literal.utf8), repeatedKeys: .lastWins, maximumDepth: 1)
        guard scanner.isNumber() else { return nil }
        self.literal = literal
    }

    /// Makes a number of a literal that was checked already.
    init(checked literal: String) { self.literal = literal }

    /// Its value as an integer; nil unless it fits and has neither fraction nor exponent.
    package var int: Int? { Int(literal) }
}

/// A JSON object: members in the order in which they were written, each key once.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral, Sequence {
    /// One member.
    package typealias Element = (key: String, value: JSONValue)

    /// From this size on, keys are looked up in an index.
    private static let indexedCount = 12

    private var members: [Member] = []
    private var index: [String: Int] = [:]

    private struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    /// An empty object.
    package init() {}

    /// An object of members; of equal keys the last wins, at the first one's place.
    package init(_ members: [(String, JSONValue)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    /// An object of the members of a literal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// How many members there are.
    package var count: Int { members.count }
    /// Whether there are none.
    package var isEmpty: Bool { members.isEmpty }
    /// The keys, in order.
    package var keys: [String] { members.map(\.key) }

    /// A member's value.
    ///
    /// Setting keeps the place of a key that is there and appends another; nil takes the member out.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            if let place = position(of: key) {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                    rebuildIndex()
                }
            } else if let newValue {
                members.append(Member(key: key, value: newValue))
                if members.count > Self.indexedCount {
                    index[key] = members.count - 1
                } else if members.count == Self.indexedCount {
                    rebuildIndex()
                }
            }
        }
    }

    /// Appends a member whose key is known to be new.
    mutating func append(_ key: String, _ value: JSONValue) { self[key] = value }

    private func position(of key: String) -> Int? {
        members.count >= Self.indexedCount ? index[key] : members.firstIndex { $0.key == key }
    }

    private mutating func rebuildIndex() {
        index = [:]
        guard members.count >= Self.indexedCount else { return }
        for (place, member) in members.enumerated() { index[member.key] = place }
    }

    /// Iterates over the members in order.
    package func makeIterator() -> AnyIterator<Element> {
        var place = 0
        let members = members
        return AnyIterator {
            guard place < members.count else { return nil }
            defer { place += 1 }
            return (members[place].key, members[place].value)
        }
    }

    /// Whether both have the same members in the same order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
    /// Feeds the members.
    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}
