/// A Swift file with its tokens, comments and string literals told apart.
///
/// This is no parser: it knows enough of the language not to take words in comments and strings for code.
struct SwiftSource: Sendable {
    struct Token: Hashable, Sendable {
        /// An identifier or keyword, or one character of punctuation.
        var text: String

        /// Counted from one.
        var line: Int

        /// Whether it follows the one before at once, without space or line end.
        var isGlued: Bool
    }

    var path: String

    /// The lines as written.
    var lines: [String]

    /// Words and punctuation outside comments and strings, line ends left out.
    var tokens: [Token] = []

    /// The text between the quotes of each string literal, interpolations included as written.
    var literals: [String] = []

    init(_ file: TextFile) {
        path = file.path
        lines = file.lines
        if lines.last == "" { lines.removeLast() }
        var scanner = Scanner(bytes: file.bytes)
        scanner.scanCode(until: nil)
        tokens = scanner.tokens
        literals = scanner.literals
    }

    /// `Values` for a file below `Sources/Values`; nil for files that are not below `Sources`.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

extension SwiftSource {
    /// One pass over the bytes.
    private struct Scanner {
        let bytes: [UInt8]
        var position = 0
        var line = 1
        var tokens: [Token] = []
        var literals: [String] = []

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// Reads code up to a closing parenthesis that was not opened here, or to the end if `until` is nil.
        mutating func scanCode(until end: UInt8?) {
            var depth = 0
            while position < bytes.count {
                let byte = bytes[position]
                if let end, byte == end, depth == 0 { return }
                if isWord(byte) {
                    scanWord()
                } else if byte == UInt8(ascii: "/"), scanComment() {
                    continue
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#"), scanString() {
                    continue
                } else {
                    if byte == UInt8(ascii: "(") { depth += 1 }
                    if byte == UInt8(ascii: ")") { depth -= 1 }
                    if !isSpace(byte) { append(from: position, to: position + 1) }
                    advance()
                }
            }
        }

        private mutating func scanWord() {
            let start = position
            while position < bytes.count, isWord(bytes[position]) { position += 1 }
            append(from: start, to: position)
        }

        private mutating func append(from start: Int, to end: Int) {
            let isGlued = start > 0 && !isSpace(bytes[start - 1])
            let text = String(decoding: bytes[start..<end], as: UTF8.self)
            tokens.append(Token(text: text, line: line, isGlued: isGlued))
        }

        /// Passes a comment, nested ones included; false if none starts here.
        private mutating func scanComment() -> Bool {
            if starts(with: "//") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
                return true
            }
            guard starts(with: "/*") else { return false }
            var depth = 0
            repeat {
                if starts(with: "/*") {
                    depth += 1
                    position += 2
                } else if starts(with: "*/") {
                    depth -= 1
                    position += 2
                } else {
                    advance()
                }
            } while depth > 0 && position < bytes.count
            return true
        }

        /// Passes a string literal of any kind and keeps its text; false if none starts here.
        private mutating func scanString() -> Bool {
            var open = position
            while open < bytes.count, bytes[open] == UInt8(ascii: "#") { open += 1 }
            let hashes = open - position
            guard open < bytes.count, bytes[open] == UInt8(ascii: "\"") else { return false }
            position = open
            let quotes = starts(with: "\"\"\"") ? 3 : 1
            position += quotes
            let start = position
            while position < bytes.count {
                if isClosing(quotes: quotes, hashes: hashes) { break }
                if quotes == 1, bytes[position] == UInt8(ascii: "\n") { break }
                passCharacter(hashes: hashes)
            }
            literals.append(String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self))
            position = min(position + quotes + hashes, bytes.count)
            return true
        }

        private func isClosing(quotes: Int, hashes: Int) -> Bool {
            guard position + quotes + hashes <= bytes.count else { return false }
            return bytes[position..<position + quotes].allSatisfy { $0 == UInt8(ascii: "\"") }
                && bytes[position + quotes..<position + quotes + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
        }

        /// One character, escape or interpolation; the code of an interpolation gives tokens as code elsewhere does.
        private mutating func passCharacter(hashes: Int) {
            guard bytes[position] == UInt8(ascii: "\\") else { return advance() }
            let after = position + 1 + hashes
            guard after < bytes.count, bytes[position + 1..<after].allSatisfy({ $0 == UInt8(ascii: "#") }) else {
                return advance()
            }
            position = after
            guard bytes[position] == UInt8(ascii: "(") else { return advance() }
            position += 1
            scanCode(until: UInt8(ascii: ")"))
            if position < bytes.count { position += 1 }
        }

        private mutating func advance() {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }

        private func starts(with text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard position + count <= bytes.count else { return false }
            for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
            return true
        }

        private func isSpace(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
                || byte == UInt8(ascii: "\r")
        }

        private func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default:
                false
            }
        }
    }
}
