import Diagnostics
package import Planning
package import Values

/// Output values as text, as `output` and the end of an apply print them: each with its type, so that it can be read back.
package enum OutputText {
    /// One output a line, or more for a value of several lines; sensitive ones hidden.
    package static func lines(_ outputs: [String: OutputState]) -> [String] {
        outputs.sorted { $0.key < $1.key }.map { key, output in
            let name = VisibleText.escaped(key)
            return output.isSensitive ? "\(name) = <sensitive>" : "\(name) = \(text(output))"
        }
    }

    /// One value, sensitive or not.
    package static func text(_ output: OutputState) -> String {
        text(OutputCoding.value(output).withoutMarks(.sensitive), indentation: 0)
    }

    /// One value; what is sensitive in it is hidden.
    package static func text(_ value: Value) -> String { text(value, indentation: 0) }

    private static func text(_ value: Value, indentation: Int) -> String {
        if !value.marks.isEmpty { return ValueText.sensitive }
        switch value.content {
        case .null(let type): return null(of: type)
        case .unknown: return ValueText.unknown
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return number.description
        case .string(let text): return string(text, indentation)
        case .list(_, let items): return sequence(items, "tolist([", "])", indentation)
        case .set(_, let items): return sequence(items, "toset([", "])", indentation)
        case .tuple(let items): return sequence(items, "[", "]", indentation)
        case .map(_, let fields): return members(fields, "tomap({", "})", indentation)
        case .object(let fields): return members(fields, "{", "}", indentation)
        }
    }

    private static func null(of type: ValueType) -> String {
        switch type {
        case .dynamic: "null"
        case .string: "tostring(null)"
        case .number: "tonumber(null)"
        case .bool: "tobool(null)"
        default: "null /* \(type.friendlyName) */"
        }
    }

    private static func string(_ text: String, _ indentation: Int) -> String {
        guard text.utf8.contains(UInt8(ascii: "\n")) else { return ValueText.literal(text) }
        let spaces = String(repeating: " ", count: indentation)
        // By scalars, because a carriage return and a line feed are one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        var delimiter = "EOT"
        while lines.contains(delimiter) { delimiter += "_" }
        let shown = lines.map { "\(spaces)\(ValueText.visible($0))\n" }.joined()
        return "\(indentation > 0 ? "<<-" : "<<")\(delimiter)\n\(shown)\(spaces)\(delimiter)"
    }

    private static func sequence(_ items: [Value], _ open: String, _ close: String, _ indentation: Int) -> String {
        guard !items.isEmpty else { return open + close }
        let spaces = String(repeating: " ", count: indentation)
        let lines = items.map { "\(spaces)  \(text($0, indentation: indentation + 2)),\n" }
        return "\(open)\n\(lines.joined())\(spaces)\(close)"
    }

    private static func members(_ fields: Fields, _ open: String, _ close: String, _ indentation: Int) -> String {
        guard !fields.names.isEmpty else { return open + close }
        let spaces = String(repeating: " ", count: indentation)
        let lines = zip(fields.names, fields.values).map { name, value in
            "\(spaces)  \(ValueText.literal(name)) = \(text(value, indentation: indentation + 2))\n"
        }
        return "\(open)\n\(lines.joined())\(spaces)\(close)"
    }
}
