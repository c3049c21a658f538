import JSON
package import Values

/// Paths to the sensitive parts of an object, as state files spell them: an array of steps.
package enum SensitivePath {
    /// The paths to all sensitive parts, those inside of others included.
    ///
    /// The elements of a set have no paths, so that a set with a sensitive element is sensitive as a whole.
    static func all(in value: Value) -> [JSONValue] {
        var result: [JSONValue] = []
        collect(value, [], &result)
        return result
    }

    /// Whether two values of the same shape differ in what of them is sensitive.
    package static func differ(_ first: Value, _ second: Value) -> Bool {
        let hasAny = first.allMarks.contains(.sensitive) || second.allMarks.contains(.sensitive)
        return hasAny && all(in: first) != all(in: second)
    }

    private static func collect(_ value: Value, _ path: [JSONValue], _ result: inout [JSONValue]) {
        guard value.allMarks.contains(.sensitive) else { return }
        let isWhole = value.marks.contains(.sensitive)
        if isWhole { result.append(.array(path)) }
        switch value.content {
        case .object(let fields):
            for (name, inner) in zip(fields.names, fields.values) {
                collect(inner, path + [["type": "get_attr", "value": .string(name)]], &result)
            }
        case .map(_, let fields):
            for (name, inner) in zip(fields.names, fields.values) {
                collect(inner, path + [index(.string(name), "string")], &result)
            }
        case .list(_, let items), .tuple(let items):
            for (place, inner) in items.enumerated() {
                collect(inner, path + [index(.number(JSONNumber(place)), "number")], &result)
            }
        case .set, .null, .unknown, .bool, .number, .string: if !isWhole { result.append(.array(path)) }
        }
    }

    private static func index(_ key: JSONValue, _ type: JSONValue) -> JSONValue {
        ["type": "index", "value": ["value": key, "type": type]]
    }

    /// The value with the part at a path marked as sensitive; where the path leads nowhere, what it got to.
    static func marked(_ value: Value, at path: ArraySlice<JSONValue>) -> Value {
        guard let step = path.first else { return value.withMarks(.sensitive) }
        let rest = path.dropFirst()
        let key = step["type"]?.string == "index" ? step["value"]?["value"] : step["value"]
        let content: Value.Content
        switch (value.content, key) {
        case (.object(let fields), .string(let name)):
            guard let inner = fields[name] else { return value }
            content = .object(fields.replacing(name, with: marked(inner, at: rest)))
        case (.map(let type, let fields), .string(let name)):
            guard let inner = fields[name] else { return value }
            content = .map(type, fields.replacing(name, with: marked(inner, at: rest)))
        case (.list(let type, var items), .number(let number)):
            guard let place = number.int, items.indices.contains(place) else { return value }
            items[place] = marked(items[place], at: rest)
            content = .list(type, items)
        case (.tuple(var items), .number(let number)):
            guard let place = number.int, items.indices.contains(place) else { return value }
            items[place] = marked(items[place], at: rest)
            content = .tuple(items)
        default: return value.withMarks(.sensitive)
        }
        return Value(content, marks: value.marks)
    }
}
