/// What a token is.
enum TokenKind: UInt8, Sendable {
    case identifier, number, quote, heredoc
    case openBrace, closeBrace, openBracket, closeBracket, openParenthesis, closeParenthesis
    case assign, comma, dot, ellipsis, colon, doubleColon, question, arrow
    case plus, minus, star, slash, percent, not, and, or
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case newline, end, invalid
}

/// A token: its kind and its bytes; no text of its own.
struct Token: Sendable {
    var kind: TokenKind
    var start: Int
    var end: Int
}

/// Finds tokens in UTF-8 bytes, one at a time, wherever the parser asks.
///
/// Inside templates the parser reads the bytes itself; that keeps the lexer without modes.
struct Lexer {
    let bytes: [UInt8]
    /// The bytes behind are not looked at.
    let limit: Int

    /// The token at or after an offset.
    ///
    /// - Parameter skipsNewlines: Whether newlines are white space, as inside brackets.
    func token(at offset: Int, skipsNewlines: Bool) -> Token {
        let start = space(at: offset, skipsNewlines: skipsNewlines)
        guard start < limit else { return Token(kind: .end, start: limit, end: limit) }
        let byte = bytes[start]
        switch byte {
        case 0x0A: return Token(kind: .newline, start: start, end: start + 1)
        case UInt8(ascii: "\""): return Token(kind: .quote, start: start, end: start + 1)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return Token(kind: .number, start: start, end: number(at: start))
        default:
            let end = identifier(at: start)
            if end > start { return Token(kind: .identifier, start: start, end: end) }
            return symbol(at: start)
        }
    }

    /// The offset behind white space and comments.
    private func space(at offset: Int, skipsNewlines: Bool) -> Int {
        var offset = offset
        while offset < limit {
            switch bytes[offset] {
            case 0x20, 0x09: offset += 1
            case 0x0D where next(offset) == 0x0A: offset += 1
            case 0x0A where skipsNewlines: offset += 1
            case UInt8(ascii: "#"): offset = endOfLine(offset)
            case UInt8(ascii: "/") where next(offset) == UInt8(ascii: "/"): offset = endOfLine(offset)
            case UInt8(ascii: "/") where next(offset) == UInt8(ascii: "*"):
                guard let end = endOfComment(offset) else { return offset }
                offset = end
            default: return offset
            }
        }
        return offset
    }

    private func next(_ offset: Int) -> UInt8? { offset + 1 < limit ? bytes[offset + 1] : nil }

    func endOfLine(_ offset: Int) -> Int {
        var offset = offset
        while offset < limit, bytes[offset] != 0x0A { offset += 1 }
        return offset
    }

    /// The offset behind a comment that may go over lines; nil when it does not end.
    private func endOfComment(_ start: Int) -> Int? {
        var offset = start + 2
        while offset + 1 < limit {
            if bytes[offset] == UInt8(ascii: "*"), bytes[offset + 1] == UInt8(ascii: "/") { return offset + 2 }
            offset += 1
        }
        return nil
    }

    private func number(at start: Int) -> Int {
        var offset = start
        func digits() { while offset < limit, (0x30...0x39).contains(bytes[offset]) { offset += 1 } }
        digits()
        if offset + 1 < limit, bytes[offset] == UInt8(ascii: "."), (0x30...0x39).contains(bytes[offset + 1]) {
            offset += 1
            digits()
        }
        if offset < limit, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            var ahead = offset + 1
            if ahead < limit, bytes[ahead] == UInt8(ascii: "+") || bytes[ahead] == UInt8(ascii: "-") { ahead += 1 }
            if ahead < limit, (0x30...0x39).contains(bytes[ahead]) {
                offset = ahead
                digits()
            }
        }
        return offset
    }

    /// The offset behind the identifier that starts here; the same offset when none does.
    func identifier(at start: Int) -> Int {
        var offset = start
        while offset < limit {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                offset += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                guard offset > start else { return start }
                offset += 1
            case 0x80...:
                guard let (scalar, length) = scalar(at: offset) else { return offset }
                let properties = scalar.properties
                guard offset > start ? properties.isIDContinue : properties.isIDStart else { return offset }
                offset += length
            default: return offset
            }
        }
        return offset
    }

    /// The character at an offset and its length in bytes; nil where the bytes are not UTF-8.
    func scalar(at offset: Int) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8()
        var iterator = bytes[offset..<min(limit, offset + 4)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, UTF8.width(scalar))
    }

    private func symbol(at start: Int) -> Token {
        func token(_ kind: TokenKind, _ length: Int = 1) -> Token {
            Token(kind: kind, start: start, end: start + length)
        }
        let second = next(start)
        switch bytes[start] {
        case UInt8(ascii: "{"): return token(.openBrace)
        case UInt8(ascii: "}"): return token(.closeBrace)
        case UInt8(ascii: "["): return token(.openBracket)
        case UInt8(ascii: "]"): return token(.closeBracket)
        case UInt8(ascii: "("): return token(.openParenthesis)
        case UInt8(ascii: ")"): return token(.closeParenthesis)
        case UInt8(ascii: ","): return token(.comma)
        case UInt8(ascii: "?"): return token(.question)
        case UInt8(ascii: "+"): return token(.plus)
        case UInt8(ascii: "-"): return token(.minus)
        case UInt8(ascii: "*"): return token(.star)
        // A comment that ends is white space, and was passed over.
        case UInt8(ascii: "/"): return second == UInt8(ascii: "*") ? token(.invalid, limit - start) : token(.slash)
        case UInt8(ascii: "%"): return token(.percent)
        case UInt8(ascii: ":"): return second == UInt8(ascii: ":") ? token(.doubleColon, 2) : token(.colon)
        case UInt8(ascii: "."):
            let isEllipsis = start + 2 < limit && second == UInt8(ascii: ".") && bytes[start + 2] == UInt8(ascii: ".")
            return isEllipsis ? token(.ellipsis, 3) : token(.dot)
        case UInt8(ascii: "="):
            if second == UInt8(ascii: "=") { return token(.equal, 2) }
            return second == UInt8(ascii: ">") ? token(.arrow, 2) : token(.assign)
        case UInt8(ascii: "!"): return second == UInt8(ascii: "=") ? token(.notEqual, 2) : token(.not)
        case UInt8(ascii: "<"):
            if second == UInt8(ascii: "<"), isHeredoc(at: start + 2) { return token(.heredoc, 2) }
            return second == UInt8(ascii: "=") ? token(.lessOrEqual, 2) : token(.less)
        case UInt8(ascii: ">"): return second == UInt8(ascii: "=") ? token(.greaterOrEqual, 2) : token(.greater)
        case UInt8(ascii: "&") where second == UInt8(ascii: "&"): return token(.and, 2)
        case UInt8(ascii: "|") where second == UInt8(ascii: "|"): return token(.or, 2)
        default: return token(.invalid, scalar(at: start)?.1 ?? 1)
        }
    }

    private func isHeredoc(at offset: Int) -> Bool {
        guard offset < limit else { return false }
        let name = bytes[offset] == UInt8(ascii: "-") ? offset + 1 : offset
        return name < limit && identifier(at: name) > name
    }
}
