/// A JSON number: its literal, exactly as written.
package struct JSONNumber: Hashable, Sendable {
    /// The literal.
    package let literal: String

    /// Makes a whole number.
    package init(_ value: Int) { literal = String(value) }

    /// Makes a number of a literal; nil when it is not one by RFC 8259.
    package init?(literal: String) {
        var scanner = JSONScanner(Array(literal.utf8), repeatedKeys: .lastWins, maximumDepth: 1)
        guard scanner.isNumber() else { return nil }
        self.literal = literal
    }

    /// Makes a number of a literal that was checked already.
    init(checked literal: String) { self.literal = literal }

    /// Its value as an integer; nil unless it fits and has neither fraction nor exponent.
    package var int: Int? { Int(literal) }
}
