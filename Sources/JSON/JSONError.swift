/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence without its full stop's place: what is wrong.
    package let message: String
    /// The line, from 1.
    package let line: Int
    /// The byte in the line, from 1.
    package let column: Int
    /// The byte in the text, from 0.
    package let offset: Int

    /// Makes an error for a place in a text.
    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        var line = 1
        var start = 0
        for (index, byte) in bytes.prefix(offset).enumerated() where byte == 0x0A {
            line += 1
            start = index + 1
        }
        self.message = message
        self.line = line
        self.column = offset - start + 1
        self.offset = offset
    }

    /// `line 3, column 7: …`.
    package var description: String { "line \(line), column \(column): \(message)" }
}

/// What repeated keys of an object mean.
package enum RepeatedKeys: Sendable {
    /// They are an error.
    case refused
    /// The last value counts, at the place of the first.
    case lastWins
}
