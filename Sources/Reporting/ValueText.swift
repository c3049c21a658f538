import Diagnostics
import JSON
package import Values

/// Values as people read them: in the syntax of the language, without anything sensitive, laid out as Terraform does.
package enum ValueText {
    /// What stands for a sensitive value.
    package static let sensitive = "(sensitive value)"
    /// What stands for a value that is not known yet.
    package static let unknown = "(known after apply)"

    /// The value on one or more lines; the first without indentation, the others by `indentation` spaces.
    ///
    /// A string of several lines is a heredoc, one that holds an object or an array of JSON is shown as what it was made of.
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
        case .string(let text): return string(text, indentation, mark)
        case .list(_, let items), .tuple(let items), .set(_, let items): return sequence(items, indentation, mark)
        case .map(_, let fields): return members(fields, indentation, mark, quotesKeys: true)
        case .object(let fields): return members(fields, indentation, mark, quotesKeys: false)
        }
    }

    private static func string(_ text: String, _ indentation: Int, _ mark: String) -> String {
        let inner = String(repeating: " ", count: indentation + 4)
        let outer = String(repeating: " ", count: indentation)
        if let value = jsonContainer(text) {
            return "jsonencode(\n\(inner)\(Self.text(value, indentation: indentation + 4, mark: mark))\n\(outer))"
        }
        guard let lines = lines(of: text) else { return literal(text) }
        return "<<-EOT\n" + lines.map { "\(inner)\($0)\n" }.joined() + "\(outer)EOT"
    }

    /// The lines of a text as they can be shown, without the empty one behind a final newline; nil when it is one line.
    static func lines(of text: String) -> [String]? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            VisibleText.escaped(String($0))
        }
        guard lines.count > 1 else { return nil }
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The object or the array that a string holds as JSON; nil for any other string.
    static func jsonContainer(_ text: String) -> Value? {
        guard let first = text.utf8.first(where: { !" \t\r\n".utf8.contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let json = try? JSONValue(parsing: Array(text.utf8))
        else { return nil }
        return try? Value(impliedFrom: json)
    }

    private static func sequence(_ items: [Value], _ indentation: Int, _ mark: String) -> String {
        guard !items.isEmpty else { return "[]" }
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: inner - mark.count)
        let lines = items.map { "\(spaces)\(mark)\(text($0, indentation: inner, mark: mark))," }
        return (["["] + lines + [String(repeating: " ", count: indentation) + "]"]).joined(separator: "\n")
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

    /// A string in quotes, with nothing in it that a terminal would obey.
    static func literal(_ text: String) -> String {
        "\"\(VisibleText.escaped(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")))\""
    }

    /// A string as a literal of the language: in quotes, and no template.
    package static func quoted(_ text: String) -> String {
        literal(text.replacing("${", with: "$${").replacing("%{", with: "%%{"))
    }
}

extension Value {
    /// The value as values of no particular type are shown: its lists and sets as sequences, its maps as objects.
    var withoutCollections: Value {
        let content: Content
        switch self.content {
        case .list(_, let items), .set(_, let items), .tuple(let items):
            content = .tuple(items.map(\.withoutCollections))
        case .map(_, let fields), .object(let fields):
            content = .object(Fields(names: fields.keyTable, values: fields.values.map(\.withoutCollections)))
        case .null, .unknown, .bool, .number, .string: return self
        }
        return Value(content, marks: marks)
    }
}
