/// An element of an XML document, as far as stores use XML in their answers: elements, text, no more than that.
///
/// Attributes are read over; a document type, whose entities could do harm, makes a text unreadable.
struct XMLElement: Hashable {
    /// The name, without a prefix.
    var name: String
    /// The elements in it, in order.
    var children: [XMLElement] = []
    /// The text in it, without that of its elements.
    var text = ""

    /// The first element of a name.
    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first element of a name.
    func text(_ name: String) -> String? { first(name)?.text }

    /// Reads a document; nil when it is none of this kind.
    init?(_ bytes: [UInt8]) {
        var reader = XMLReader(bytes)
        guard let element = reader.document() else { return nil }
        self = element
    }

    /// An element without content.
    fileprivate init(name: String) { self.name = name }
}

private struct XMLReader {
    private let bytes: [UInt8]
    private var place = 0
    private static let depthMaximum = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() -> XMLElement? {
        skipSpace()
        if starts(with: "<?xml"), !skip(through: "?>") { return nil }
        skipSpace()
        guard let root = element(depth: 0) else { return nil }
        skipSpace()
        return place == bytes.count ? root : nil
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth < Self.depthMaximum, take("<"), let name = name() else { return nil }
        var element = XMLElement(name: Self.withoutPrefix(name))
        guard let isEmpty = endOfTag() else { return nil }
        if isEmpty { return element }
        while place < bytes.count {
            if take("</") {
                guard self.name() == name else { return nil }
                skipSpace()
                return take(">") ? element : nil
            }
            if starts(with: "<!--") {
                guard skip(through: "-->") else { return nil }
            } else if bytes[place] == UInt8(ascii: "<") {
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.children.append(child)
            } else {
                guard let text = text() else { return nil }
                element.text += text
            }
        }
        return nil
    }

    /// Passes attributes; tells whether the element is empty.
    private mutating func endOfTag() -> Bool? {
        while true {
            skipSpace()
            if take("/>") { return true }
            if take(">") { return false }
            guard name() != nil else { return nil }
            skipSpace()
            guard take("="),
                !{
                    skipSpace(); return place >= bytes.count
                }()
            else { return nil }
            let quote = bytes[place]
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let end = bytes[(place + 1)...].firstIndex(of: quote)
            else { return nil }
            place = end + 1
        }
    }

    private mutating func text() -> String? {
        var result: [UInt8] = []
        while place < bytes.count, bytes[place] != UInt8(ascii: "<") {
            if bytes[place] == UInt8(ascii: "&") {
                guard let end = bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                    let scalar = Self.entity(String(decoding: bytes[(place + 1)..<end], as: UTF8.self))
                else { return nil }
                result += Array(String(scalar).utf8)
                place = end + 1
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { Unicode.Scalar($0) }
        }
    }

    private mutating func name() -> String? {
        let start = place
        while place < bytes.count, Self.isName(bytes[place]) { place += 1 }
        return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20) || (48...58).contains(byte) || byte == 45 || byte == 46 || byte == 95
            || byte >= 0x80
    }

    private static func withoutPrefix(_ name: String) -> String {
        name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

    private mutating func take(_ text: String) -> Bool {
        guard starts(with: text) else { return false }
        place += text.utf8.count
        return true
    }

    private mutating func skip(through text: String) -> Bool {
        guard let range = bytes[place...].firstRange(of: Array(text.utf8)) else { return false }
        place = range.upperBound
        return true
    }
}
