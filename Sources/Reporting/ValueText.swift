import Diagnostics
package import Values

/// Values as people read them: in the syntax of the language, without anything sensitive.
package enum ValueText {
    /// What stands for a sensitive value.
    package static let sensitive = "(sensitive value)"
    /// What stands for a value that is not known yet.
    package static let unknown = "(known after apply)"

    /// The value on one or more lines; the first without indentation, the others by `indentation` spaces.
    ///
    /// - Parameters:
    ///   - value: The value; marked parts are hidden.
    ///   - indentation: How far the line is indented that the value stands on.
    ///   - mark: Put before each element, such as `+ `; empty where nothing changes.
    package static func text(_ value: Value, indentation: Int, mark: String = "") -> String {
        if !value.marks.isEmpty { return sensitive }
        switch value.content {
        case .null: return "null"
        case .unknown: return unknown
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return number.description
        case .string(let text): return quoted(text)
        case .list(_, let items), .tuple(let items): return sequence(items, "[", "]", indentation, mark)
        case .set(_, let items): return sequence(items, "[", "]", indentation, mark)
        case .map(_, let fields): return members(fields, indentation, mark, quotesKeys: true)
        case .object(let fields): return members(fields, indentation, mark, quotesKeys: false)
        }
    }

    private static func sequence(
        _ items: [Value], _ open: String, _ close: String, _ indentation: Int, _ mark: String
    ) -> String {
        guard !items.isEmpty else { return open + close }
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: inner - mark.count)
        let lines = items.map { "\(spaces)\(mark)\(text($0, indentation: inner, mark: mark))," }
        return ([open] + lines + [String(repeating: " ", count: indentation) + close]).joined(separator: "\n")
    }

    private static func members(_ fields: Fields, _ indentation: Int, _ mark: String, quotesKeys: Bool) -> String {
        guard !fields.names.isEmpty else { return "{}" }
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: inner - mark.count)
        let names = fields.names.map { quotesKeys || !isName($0) ? quoted($0) : $0 }
        let width = names.map(\.count).max() ?? 0
        let lines = zip(names, fields.values).map { name, value in
            let padded = name + String(repeating: " ", count: width - name.count)
            return "\(spaces)\(mark)\(padded) = \(text(value, indentation: inner, mark: mark))"
        }
        return (["{"] + lines + [String(repeating: " ", count: indentation) + "}"]).joined(separator: "\n")
    }

    /// Whether a text can stand as a name, without quotes.
    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isIDStart || first == "_" else { return false }
        return text.unicodeScalars.allSatisfy { $0.properties.isIDContinue || $0 == "-" }
    }

    /// A string as a literal, with nothing in it that a terminal would obey.
    package static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("${", with: "$${").replacing("%{", with: "%%{")
        return "\"\(VisibleText.escaped(escaped))\""
    }
}
