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
            // An empty one stays on the line.
            if value.isEmptyContainer { return "jsonencode(\(Self.text(value, indentation: 0)))" }
            return "jsonencode(\n\(inner)\(Self.text(value, indentation: indentation + 4, mark: mark))\n\(outer))"
        }
        guard let lines = lines(of: text) else { return literal(text) }
        return "<<-EOT\n" + lines.map { "\(inner)\($0)\n" }.joined() + "\(outer)EOT"
    }

    /// The lines of a text as they can be shown, white space at both ends left out, as Terraform does; nil when it is one line.
    static func lines(of text: String) -> [String]? {
        text.utf8.contains(UInt8(ascii: "\n")) ? shownLines(of: text) : nil
    }

    /// The lines of a text, white space at both ends left out; what a terminal would obey is escaped.
    static func shownLines(of text: String) -> [String] {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        var scalars = Substring(text).unicodeScalars.drop(while: isSpace)
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        // By scalars, because a carriage return and a line feed are one character.
        return scalars.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }
    }

    /// A line without anything that a terminal would obey; tabs keep their look, and so does a carriage return at its end.
    static func visible(_ line: String) -> String {
        let isReturned = line.unicodeScalars.last == "\r"
        let shown = (isReturned ? String(line.unicodeScalars.dropLast()) : line)
            .split(separator: "\t", omittingEmptySubsequences: false).map { VisibleText.escaped(String($0)) }
            .joined(separator: "\t")
        return isReturned ? shown + "\r" : shown
    }

    /// What stands behind a value that goes; nothing behind an empty container in JSON, as Terraform has it.
    static func end(of value: Value, _ paint: Paint) -> String {
        value.marks.isEmpty && value.string.flatMap(jsonContainer)?.isEmptyContainer == true
            ? "" : paint.faint(" -> null")
    }

    /// The object or the array that a string holds as JSON; nil for any other string.
    static func jsonContainer(_ text: String) -> Value? {
        guard let first = text.utf8.first,
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let json = try? JSONValue(parsing: text, repeatedKeys: .lastWins)
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
        let names = fields.names.map { quotesKeys || !isName($0) ? literal($0) : $0 }
        let width = width(of: names)
        let lines = zip(names, fields.values).map { name, value in
            "\(spaces)\(mark)\(padded(name, to: width)) = \(text(value, indentation: inner, mark: mark))"
        }
        return (["{"] + lines + [String(repeating: " ", count: indentation) + "}"]).joined(separator: "\n")
    }

    /// The column that names are filled up to: as Terraform does, that of the most bytes.
    static func width(of names: some Sequence<String>) -> Int { names.map(\.utf8.count).max() ?? 0 }

    /// A name filled up with spaces.
    static func padded(_ name: String, to width: Int) -> String {
        name + String(repeating: " ", count: max(0, width - name.unicodeScalars.count))
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
    /// Whether it is an object, a map, or a sequence without anything in it.
    var isEmptyContainer: Bool { fields.map(\.names.isEmpty) ?? elements?.isEmpty ?? false }

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
