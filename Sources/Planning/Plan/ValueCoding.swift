import JSON
import Values

/// Values in plan files: with types, unknown parts and marks, and never with a secret.
///
/// Strings, numbers and booleans without marks stand for themselves; everything else is an object whose one-letter members say
/// what it is: `n` null, `u` unknown, `l` list, `s` set, `m` map, `o` object, `t` tuple, `v` a marked scalar; `x` are the marks.
enum ValueCoding {
    static func json(_ value: Value) -> JSONValue {
        // Whatever came before, no known secret is written.
        if value.marks.contains(.secret), !value.isNull, !value.isUnknown {
            return json(Value(.null(value.type), marks: value.marks))
        }
        var object = JSONObject()
        switch value.content {
        case .null(let type): object["n"] = type.json
        case .unknown(let type, let refinement):
            object["u"] = type.json
            if refinement != .none { object["f"] = json(refinement) }
        case .bool(let flag):
            if value.marks.isEmpty { return .bool(flag) }
            object["v"] = .bool(flag)
        case .number(let number):
            let literal = JSONNumber(literal: number.description).map { JSONValue.number($0) }
            if value.marks.isEmpty, let literal { return literal }
            // What JSON has no number for, such as infinity, is spelled out.
            if let literal { object["v"] = literal } else { object["i"] = .string(number.description) }
        case .string(let text):
            if value.marks.isEmpty { return .string(text) }
            object["v"] = .string(text)
        case .list(let type, let items):
            object["l"] = .array(items.map(json))
            object["e"] = type.json
        case .set(let type, let items):
            object["s"] = .array(items.map(json))
            object["e"] = type.json
        case .map(let type, let fields):
            object["m"] = members(fields)
            object["e"] = type.json
        case .object(let fields): object["o"] = members(fields)
        case .tuple(let items): object["t"] = .array(items.map(json))
        }
        if !value.marks.isEmpty { object["x"] = .number(JSONNumber(Int(value.marks.rawValue))) }
        return .object(object)
    }

    private static func json(_ refinement: Refinement) -> JSONValue {
        var object = JSONObject()
        if refinement.isNotNull { object["n"] = true }
        if !refinement.prefix.isEmpty { object["p"] = .string(refinement.prefix) }
        if refinement.minimumLength > 0 { object["l"] = .number(JSONNumber(refinement.minimumLength)) }
        if let length = refinement.maximumLength { object["m"] = .number(JSONNumber(length)) }
        if let number = refinement.minimum { object["g"] = .string(number.description) }
        if let number = refinement.maximum { object["s"] = .string(number.description) }
        return .object(object)
    }

    private static func refinement(_ json: JSONValue) -> Refinement {
        Refinement(
            isNotNull: json["n"]?.bool ?? false, prefix: json["p"]?.string ?? "",
            minimumLength: json["l"]?.int ?? 0, maximumLength: json["m"]?.int,
            minimum: json["g"]?.string.flatMap(Number.init(literal:)),
            maximum: json["s"]?.string.flatMap(Number.init(literal:)))
    }

    private static func members(_ fields: Fields) -> JSONValue {
        .object(JSONObject(zip(fields.names, fields.values).map { ($0, json($1)) }))
    }

    /// Reads what `json` writes; nil when it is not that.
    static func value(_ json: JSONValue) -> Value? {
        switch json {
        case .bool(let flag): return .bool(flag)
        case .string(let text): return .string(text)
        case .number(let number): return Number(literal: number.literal).map { .number($0) }
        case .object(let object):
            guard let content = content(object) else { return nil }
            return Value(content, marks: Marks(rawValue: UInt8(truncatingIfNeeded: object["x"]?.int ?? 0)))
        default: return nil
        }
    }

    private static func content(_ object: JSONObject) -> Value.Content? {
        func element() -> ValueType? { object["e"].flatMap { try? ValueType(json: $0) } }
        if let type = object["n"] { return (try? ValueType(json: type)).map { .null($0) } }
        if let type = object["u"] {
            return (try? ValueType(json: type)).map { .unknown($0, object["f"].map(refinement) ?? .none) }
        }
        if let literal = object["i"]?.string { return Number(literal: literal).map { .number($0) } }
        if let scalar = object["v"] { return value(scalar)?.content }
        if let items = object["l"]?.array, let element = element() { return values(items).map { .list(element, $0) } }
        if let items = object["s"]?.array, let element = element() { return values(items).map { .set(element, $0) } }
        if let items = object["t"]?.array { return values(items).map { .tuple($0) } }
        if let fields = object["m"]?.object, let element = element() {
            return members(fields).map { .map(element, $0) }
        }
        if let fields = object["o"]?.object { return members(fields).map { .object($0) } }
        return nil
    }

    private static func values(_ items: [JSONValue]) -> [Value]? {
        let result = items.compactMap(value)
        return result.count == items.count ? result : nil
    }

    private static func members(_ object: JSONObject) -> Fields? {
        var result: [String: Value] = [:]
        for (name, member) in object {
            guard let value = value(member) else { return nil }
            result[name] = value
        }
        return Fields(result)
    }
}
