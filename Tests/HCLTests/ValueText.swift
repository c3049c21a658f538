import Values

/// Values as text: as `terraform console` shows them, or on one line for annotations.
struct ValueText {
    /// Whether the members of a collection are on lines of their own.
    let hasLines: Bool

    /// The text of the console.
    static func console(_ value: Value) -> String { ValueText(hasLines: true).text(value, 0) }

    /// The text of an annotation: on one line, and with what the console does not show.
    static func line(_ value: Value) -> String { ValueText(hasLines: false).text(value, 0) }

    private func text(_ value: Value, _ depth: Int) -> String {
        if !value.marks.isEmpty {
            if hasLines { return "(sensitive value)" }
            let word = value.marks.contains(.secret) ? "secret" : "sensitive"
            return "\(word)(\(text(Value(value.content), depth)))"
        }
        switch value.content {
        case .null(.bool): return "tobool(null)"
        case .null(.number): return "tonumber(null)"
        case .null(.string): return "tostring(null)"
        case .null(let type): return type == .dynamic || hasLines ? "null" : "null \(type.friendlyName)"
        case .unknown(let type, let refinement): return unknown(type, refinement)
        case .bool(let flag): return "\(flag)"
        case .number(let number): return number.description
        case .string(let text): return quoted(text)
        case .list(_, let items): return "tolist(\(list(items, depth)))"
        case .set(_, let items): return "toset(\(list(items, depth)))"
        case .tuple(let items): return list(items, depth)
        case .map(_, let fields): return "tomap(\(members(fields, depth)))"
        case .object(let fields): return members(fields, depth)
        }
    }

    private func unknown(_ type: ValueType, _ refinement: Refinement) -> String {
        var words = ["unknown \(type.friendlyName)"]
        if !refinement.prefix.isEmpty { words.append("prefix \(quoted(refinement.prefix))") }
        if refinement.isNotNull { words.append("not null") }
        if let minimum = refinement.minimum { words.append("from \(minimum)") }
        if let maximum = refinement.maximum { words.append("to \(maximum)") }
        return "(\(words.joined(separator: ", ")))"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func list(_ items: [Value], _ depth: Int) -> String {
        if items.isEmpty { return "[]" }
        guard hasLines else { return "[\(items.map { text($0, 0) }.joined(separator: ", "))]" }
        let inner = String(repeating: "  ", count: depth + 1)
        let lines = items.map { "\(inner)\(text($0, depth + 1)),\n" }.joined()
        return "[\n\(lines)\(String(repeating: "  ", count: depth))]"
    }

    private func members(_ fields: Fields, _ depth: Int) -> String {
        if fields.names.isEmpty { return "{}" }
        let pairs = zip(fields.names, fields.values)
        guard hasLines else {
            return "{\(pairs.map { "\(quoted($0)) = \(text($1, 0))" }.joined(separator: ", "))}"
        }
        let inner = String(repeating: "  ", count: depth + 1)
        let lines = pairs.map { "\(inner)\(quoted($0)) = \(text($1, depth + 1))\n" }.joined()
        return "{\n\(lines)\(String(repeating: "  ", count: depth))}"
    }
}
