/// How JSON is laid out.
package enum JSONLayout: Sendable {
    /// On one line, without spaces.
    case compact
    /// Two spaces a level, empty containers on one line, no final newline: as Terraform writes its state files.
    case indented
}

extension JSONValue {
    /// The value as UTF-8.
    package func bytes(_ layout: JSONLayout) -> [UInt8] {
        var writer = JSONWriter(layout)
        writer.value(self)
        return writer.bytes
    }

    /// The value as text.
    package func text(_ layout: JSONLayout) -> String { String(decoding: bytes(layout), as: UTF8.self) }
}

/// Writes JSON piece by piece, so that a large document needs no tree.
///
/// The caller opens and closes containers in order and writes a key before each member's value.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private let layout: JSONLayout
    /// For each open container, whether it has something in it.
    private var open: [Bool] = []
    private var isAfterKey = false

    /// Starts an empty document.
    package init(_ layout: JSONLayout) { self.layout = layout }

    /// Opens an object.
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    /// Closes the object opened last.
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Opens an array.
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    /// Closes the array opened last.
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a key; its value follows.
    package mutating func key(_ key: String) {
        separate()
        quoted(key)
        bytes.append(UInt8(ascii: ":"))
        if layout == .indented { bytes.append(UInt8(ascii: " ")) }
        isAfterKey = true
    }

    /// Writes a string.
    package mutating func string(_ text: String) {
        separate()
        quoted(text)
    }

    /// Writes a whole number.
    package mutating func int(_ value: Int) {
        separate()
        bytes += String(value).utf8
    }

    /// Writes a boolean.
    package mutating func bool(_ value: Bool) {
        separate()
        bytes += (value ? "true" : "false").utf8
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        bytes += "null".utf8
    }

    /// Writes a value with everything in it.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let number):
            separate()
            bytes += number.literal.utf8
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for (name, member) in object {
                key(name)
                self.value(member)
            }
            endObject()
        }
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        open.append(false)
    }

    private mutating func end(_ bracket: UInt8) {
        if open.popLast() == true { newLine() }
        bytes.append(bracket)
    }

    /// Writes what stands between the last thing and the next.
    private mutating func separate() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        guard let last = open.last else { return }
        if last { bytes.append(UInt8(ascii: ",")) }
        open[open.count - 1] = true
        newLine()
    }

    private mutating func newLine() {
        guard layout == .indented else { return }
        bytes.append(0x0A)
        for _ in 0..<open.count { bytes += [0x20, 0x20] }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Writes a string in quotes with the escapes of Go's encoder, which Terraform uses.
    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var index = 0
            while index < utf8.count {
                let byte = utf8[index]
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
                case 0x08: bytes += "\\b".utf8
                case 0x09: bytes += "\\t".utf8
                case 0x0A: bytes += "\\n".utf8
                case 0x0C: bytes += "\\f".utf8
                case 0x0D: bytes += "\\r".utf8
                case 0x00..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                    bytes += "\\u00".utf8
                    bytes += [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
                case 0xE2 where index + 2 < utf8.count && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8:
                    // U+2028 and U+2029.
                    bytes += "\\u202".utf8
                    bytes.append(Self.digits[Int(utf8[index + 2] & 0x0F)])
                    index += 2
                default: bytes.append(byte)
                }
                index += 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
