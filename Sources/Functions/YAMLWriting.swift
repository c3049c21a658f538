import Values

/// Writes values as YAML, in the layout of libyaml, which is Terraform's: blocks, with strings between double quotes or, if they
/// have several lines, as literal blocks.
struct YAMLWriting {
    /// Where lines are broken.
    private static let width = 80

    private var text = ""
    private var column = 0

    /// The text of a value.
    static func text(_ value: Value) throws(ValueError) -> String {
        var writing = YAMLWriting()
        switch value.content {
        case .list, .set, .tuple, .map, .object: try writing.write(value, indent: 0, start: .document)
        case .string(let string): writing.scalar(string, indent: 0)
        default: writing.add(try plain(value))
        }
        writing.endLine()
        switch value.content {
        // A scalar without quotes might go on.
        case .null, .bool, .number: return writing.text + "...\n"
        default: return writing.text
        }
    }

    /// What a value follows on its line.
    private enum Start {
        case document, key, item
    }

    private mutating func add(_ part: String) {
        text += part
        column += part.unicodeScalars.count
    }

    private mutating func endLine() {
        text += "\n"
        column = 0
    }

    private mutating func indent(_ count: Int) { add(String(repeating: " ", count: max(0, count - column))) }

    private static func plain(_ value: Value) throws(ValueError) -> String {
        switch value.content {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return number.description
        case .unknown: throw ValueError("A value is not known yet.")
        default: return ""
        }
    }

    private mutating func write(_ value: Value, indent: Int, start: Start) throws(ValueError) {
        if let items = value.elements {
            try sequence(items, indent: indent, start: start)
        } else if let fields = value.fields {
            try mapping(fields, indent: indent, start: start)
        } else {
            if start != .document { add(" ") }
            if let string = value.string {
                scalar(string, indent: indent)
            } else {
                add(try Self.plain(value))
            }
        }
    }

    private mutating func sequence(_ items: [Value], indent: Int, start: Start) throws(ValueError) {
        guard !items.isEmpty else { return add(start == .document ? "[]" : " []") }
        // In a mapping, items begin below the key.
        let own = start == .key ? indent - 2 : indent
        if start == .key { endLine() } else if start == .item { add(" ") }
        for (place, item) in items.enumerated() {
            if place > 0 { endLine() }
            self.indent(own)
            add("-")
            try write(item, indent: own + 2, start: .item)
        }
    }

    private mutating func mapping(_ fields: Fields, indent: Int, start: Start) throws(ValueError) {
        guard !fields.names.isEmpty else { return add(start == .document ? "{}" : " {}") }
        if start == .key { endLine() } else if start == .item { add(" ") }
        for (place, (name, value)) in zip(fields.names, fields.values).enumerated() {
            if place > 0 { endLine() }
            self.indent(indent)
            let isSimple = Self.isSimpleKey(name)
            if isSimple {
                quoted(name, indent: indent, mayBreak: false)
            } else {
                add("? ")
                scalar(name, indent: indent + 2)
                endLine()
                self.indent(indent)
            }
            add(":")
            try write(value, indent: indent + 2, start: isSimple ? .key : .item)
        }
    }

    // MARK: - Strings

    private static func isSimpleKey(_ name: String) -> Bool {
        name.utf8.count <= 128 && !name.unicodeScalars.contains { isBreak($0) }
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    private mutating func scalar(_ string: String, indent: Int) {
        if Self.mayBeBlock(string) {
            block(string, indent: max(2, indent))
        } else {
            quoted(string, indent: max(2, indent), mayBreak: true)
        }
    }

    /// Whether a string is written as a literal block: it has several lines, and nothing that a block could not show.
    private static func mayBeBlock(_ string: String) -> Bool {
        let scalars = Array(string.unicodeScalars)
        guard scalars.contains("\n") else { return false }
        for (place, scalar) in scalars.enumerated() {
            if !isPrintable(scalar) { return false }
            let next = place + 1 < scalars.count ? scalars[place + 1] : nil
            // Spaces that end a line, and those of a first line with nothing else.
            if scalar == " ", next.map({ isBreak($0) }) ?? true { return false }
        }
        return true
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd: true
        default: false
        }
    }

    private mutating func block(_ string: String, indent: Int) {
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var head = "|"
        if let first = string.unicodeScalars.first, first == " " || Self.isBreak(first) { head += "2" }
        if lines.last != "" {
            head += "-"
        } else {
            lines.removeLast()
            if lines.last == "" { head += "+" }
        }
        add(head)
        for line in lines {
            endLine()
            var isStart = true
            for scalar in line.unicodeScalars {
                if isStart, !Self.isBreak(scalar) {
                    self.indent(indent)
                    isStart = false
                }
                add(String(scalar))
                // Unicode's other ends of lines stay what they are, and what follows is indented.
                if Self.isBreak(scalar) { (isStart, column) = (true, 0) }
            }
        }
    }

    private mutating func quoted(_ string: String, indent: Int, mayBreak: Bool) {
        add("\"")
        let scalars = Array(string.unicodeScalars)
        var wasSpace = false
        for (place, scalar) in scalars.enumerated() {
            if scalar == " ", mayBreak, !wasSpace, column > Self.width, place > 0, place < scalars.count - 1 {
                endLine()
                self.indent(indent)
                if scalars[place + 1] == " " { add("\\") }
                wasSpace = true
                continue
            }
            wasSpace = scalar == " "
            add(Self.escaped(scalar))
        }
        add("\"")
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\0": "\\0", "\u{7}": "\\a", "\u{8}": "\\b", "\t": "\\t", "\n": "\\n", "\u{b}": "\\v", "\u{c}": "\\f",
        "\r": "\\r", "\u{1b}": "\\e", "\"": "\\\"", "\\": "\\\\", "\u{85}": "\\N", "\u{a0}": "\\_",
        "\u{2028}": "\\L", "\u{2029}": "\\P",
    ]

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        if let escape = escapes[scalar], scalar != "\u{a0}" || !isPrintable(scalar) { return escape }
        if isPrintable(scalar) { return String(scalar) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
