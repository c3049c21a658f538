import JSON
import Values

/// What the machine formats say of a value: what is known of it, where it is unknown, and where it is sensitive.
///
/// The last two have the shape of the value, with `true` where it is so. No secret is in any of them.
enum ValueMirror {
    /// What is known: unknown parts are left out of objects, and null in lists; nil when nothing is known.
    static func known(_ value: Value) -> JSONValue? {
        if value.marks.contains(.secret), !value.isUnknown { return .null }
        switch value.content {
        case .unknown: return nil
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number): return JSONNumber(literal: number.description).map { .number($0) } ?? .null
        case .string(let text): return .string(text)
        case .list(_, let items), .set(_, let items), .tuple(let items):
            return .array(items.map { known($0) ?? .null })
        case .map(_, let fields), .object(let fields): return members(fields, known)
        }
    }

    /// Where it is unknown; in a value that is known as a whole, what has no parts is `false`.
    static func unknown(_ value: Value) -> JSONValue {
        switch value.content {
        case .unknown: true
        case .null, .bool, .number, .string: false
        case .list(_, let items), .set(_, let items), .tuple(let items): .array(items.map(unknown))
        case .map(_, let fields), .object(let fields): members(fields) { trueOrShape(unknown($0)) }
        }
    }

    /// Where it is sensitive.
    static func sensitive(_ value: Value) -> JSONValue {
        if value.marks.contains(.sensitive) { return true }
        switch value.content {
        case .null, .bool, .number, .string: return false
        case .unknown(let type, _):
            switch type {
            case .list, .set, .tuple: return []
            case .map, .object: return [:]
            case .dynamic, .bool, .number, .string: return false
            }
        case .list(_, let items), .set(_, let items), .tuple(let items): return .array(items.map(sensitive))
        case .map(_, let fields), .object(let fields): return members(fields) { trueOrShape(sensitive($0)) }
        }
    }

    /// What an object's member is, unless it is `false`, which is not said.
    private static func trueOrShape(_ json: JSONValue) -> JSONValue? {
        // A conditional would take `nil` for JSON's null.
        if json.bool == false { return nil }
        return json
    }

    private static func members(_ fields: Fields, _ member: (Value) -> JSONValue?) -> JSONValue {
        var result: [(String, JSONValue)] = []
        result.reserveCapacity(fields.values.count)
        for (name, value) in zip(fields.names, fields.values) {
            if let json = member(value) { result.append((name, json)) }
        }
        return .object(JSONObject(result))
    }
}
