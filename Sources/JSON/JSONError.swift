/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong: a sentence, without a full stop and without anything of the text itself, which may be secret.
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
