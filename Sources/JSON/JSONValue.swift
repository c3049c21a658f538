/// A JSON value.
///
/// Two values are equal when they are written alike: strings by their bytes, so that two spellings of `é` stay two; numbers
/// by their literals; objects with their members in the same order.
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

extension JSONValue {
    /// Whether both are written alike.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): ExactText(left) == ExactText(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Feeds what `==` compares.
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let number): hasher.combine(number)
        case .string(let text): hasher.combine(ExactText(text))
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        }
    }
}
