/// The mark by which a number travels through json-c unchanged.
///
/// json-c keeps the literal of a number with an exponent, and of no other. So an integer that it would change is given the
/// ending `E+000`, and a literal that ends in `E+000…` already gets one more zero.
enum NumberMark {
    private static let ending = Array("E+000".utf8)

    /// Whether a literal with a fraction or an exponent looks as if it were marked.
    static func isNeeded(_ literal: ArraySlice<UInt8>) -> Bool { endsInZeros(literal, atLeast: 3) }

    /// The literal as json-c is to see it.
    static func marked(_ literal: ArraySlice<UInt8>) -> [UInt8] {
        isNeeded(literal) ? literal + [UInt8(ascii: "0")] : literal + ending
    }

    /// The literal as it was written.
    static func unmarked(_ literal: String) -> String {
        let bytes = Array(literal.utf8)[...]
        if endsInZeros(bytes, atLeast: 4) { return String(literal.dropLast()) }
        if endsInZeros(bytes, atLeast: 3) { return String(literal.dropLast(ending.count)) }
        return literal
    }

    private static func endsInZeros(_ literal: ArraySlice<UInt8>, atLeast count: Int) -> Bool {
        let rest = literal.reversed().drop { $0 == UInt8(ascii: "0") }
        return literal.count - rest.count >= count && rest.starts(with: [UInt8(ascii: "+"), UInt8(ascii: "E")])
    }
}
