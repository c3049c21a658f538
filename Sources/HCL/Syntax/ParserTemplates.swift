import Diagnostics
import Values

/// Templates: quoted strings, heredocs, and whole files. Here the parser reads the bytes itself.
extension Parser {
    /// A part of a template as it was read.
    private enum Part {
        /// Text; whether it starts a line of a heredoc.
        case text(String, start: Int, end: Int)
        /// An interpolation.
        case value(UInt32)
        /// `%{if}`, `%{else}`, `%{endif}`, `%{for}`, `%{endfor}`.
        case condition(UInt32, start: Int)
        case alternative(start: Int)
        case endCondition(end: Int)
        case loop(Loop, start: Int)
        case endLoop(end: Int)
    }

    /// How the text of a template ends and is read.
    private struct Form {
        /// Behind the last byte that may belong to it.
        var limit: Int
        /// Whether it ends with a quote, and has escapes with backslashes.
        var isQuoted: Bool
    }

    /// Reads a quoted template; the opening quote was taken.
    mutating func parseQuoted(_ quote: Token) -> UInt32 {
        guard enter(at: quote) else {
            leave()
            offset = lexer.limit
            return add(.invalid, quote.start, quote.end)
        }
        defer { leave() }
        guard let parts = parseParts(Form(limit: lexer.limit, isQuoted: true), opener: quote) else {
            return add(.invalid, quote.start, offset)
        }
        return build(parts, quote.start, offset)
    }

    /// Reads a text that is one template.
    mutating func parseWholeTemplate() -> UInt32 {
        let start = offset
        let opener = Token(kind: .quote, start: start, end: start)
        guard let parts = parseParts(Form(limit: lexer.limit, isQuoted: false), opener: opener) else {
            return add(.invalid, start, lexer.limit)
        }
        return build(parts, start, lexer.limit)
    }

    /// Reads a heredoc; `<<` was taken.
    mutating func parseHeredoc(_ opener: Token) -> UInt32 {
        guard enter(at: opener) else {
            leave()
            offset = lexer.limit
            return add(.invalid, opener.start, opener.end)
        }
        defer { leave() }
        let isFlush = lexer.bytes[offset] == UInt8(ascii: "-")
        if isFlush { offset += 1 }
        let nameEnd = lexer.identifier(at: offset)
        let name = Array(lexer.bytes[offset..<nameEnd])
        var line = nameEnd
        if line < lexer.limit, lexer.bytes[line] == 0x0D { line += 1 }
        guard line < lexer.limit, lexer.bytes[line] == 0x0A else {
            report("Invalid heredoc", "The heredoc's marker must be followed by a newline.", opener.start, nameEnd)
            offset = lexer.endOfLine(nameEnd)
            return add(.invalid, opener.start, offset)
        }
        let start = line + 1
        guard let (end, behind) = endOfHeredoc(name, from: start) else {
            report("Unterminated template string", "No line with the closing marker \(text(nameEnd - name.count, nameEnd)) was found for this heredoc.", opener.start, nameEnd)
            offset = lexer.limit
            return add(.invalid, opener.start, lexer.limit)
        }
        offset = start
        let outer = lexer
        lexer = Lexer(bytes: outer.bytes, limit: end)
        var parts = parseParts(Form(limit: end, isQuoted: false), opener: opener)
        lexer = outer
        offset = behind
        if isFlush, let read = parts { parts = flushed(read, start: start) }
        guard let parts else { return add(.invalid, opener.start, behind) }
        return build(parts, opener.start, behind)
    }

    /// Where the text of a heredoc ends, and where its closing marker does.
    private func endOfHeredoc(_ name: [UInt8], from start: Int) -> (end: Int, behind: Int)? {
        var line = start
        while line < lexer.limit {
            let end = lexer.endOfLine(line)
            var first = line
            while first < end, lexer.bytes[first] == 0x20 || lexer.bytes[first] == 0x09 { first += 1 }
            var last = end
            while last > first, [0x20, 0x09, 0x0D].contains(lexer.bytes[last - 1]) { last -= 1 }
            if lexer.bytes[first..<last].elementsEqual(name) { return (line, last) }
            line = end + 1
        }
        return nil
    }

    // MARK: - Parts

    /// Reads up to the end of a template; nil when it is not closed or an interpolation cannot be read.
    private mutating func parseParts(_ form: Form, opener: Token) -> [Part]? {
        var parts: [Part] = []
        var bytes: [UInt8] = []
        var start = offset
        var trimsNext = false
        func flush(_ parser: Parser, _ trimsBefore: Bool) {
            var text = String(decoding: bytes, as: UTF8.self)
            if trimsNext { text = String(text.drop { $0.isWhitespace }) }
            if trimsBefore { while text.last?.isWhitespace == true { text.removeLast() } }
            // Lines are apart, so that each knows whether it starts one.
            if !text.isEmpty { parts.append(.text(text, start: start, end: parser.offset)) }
            bytes = []
        }
        while offset < form.limit {
            let byte = lexer.bytes[offset]
            if form.isQuoted, byte == UInt8(ascii: "\"") {
                flush(self, false)
                offset += 1
                return parts
            }
            if form.isQuoted, byte == 0x0A {
                report("Invalid multi-line string", "Quoted strings may not be split over multiple lines. To produce a multi-line string, write \\n for newlines or use a heredoc.", opener.start, offset)
                return nil
            }
            if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "%") {
                if isSequence(byte, byte, UInt8(ascii: "{"), form) {
                    bytes += [byte, UInt8(ascii: "{")]
                    offset += 3
                    continue
                }
                if offset + 1 < form.limit, lexer.bytes[offset + 1] == UInt8(ascii: "{") {
                    let trims = offset + 2 < form.limit && lexer.bytes[offset + 2] == UInt8(ascii: "~")
                    flush(self, trims)
                    let part = byte == UInt8(ascii: "$") ? parseInterpolation(trims) : parseDirective(trims)
                    guard let (part, trimsAfter) = part else { return nil }
                    parts.append(part)
                    trimsNext = trimsAfter
                    start = offset
                    continue
                }
            }
            if form.isQuoted, byte == UInt8(ascii: "\\") {
                guard let escaped = parseEscape() else { return nil }
                bytes += escaped
                continue
            }
            bytes.append(byte)
            offset += 1
        }
        guard !form.isQuoted else {
            report("Unterminated template string", "No closing quote was found for this string.", opener.start, opener.end)
            return nil
        }
        flush(self, false)
        return parts
    }

    private func isSequence(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ form: Form) -> Bool {
        offset + 2 < form.limit && lexer.bytes[offset] == first && lexer.bytes[offset + 1] == second
            && lexer.bytes[offset + 2] == third
    }

    private mutating func parseEscape() -> [UInt8]? {
        let start = offset
        guard offset + 1 < lexer.limit else {
            offset = lexer.limit
            return []
        }
        let byte = lexer.bytes[offset + 1]
        offset += 2
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            let end = min(lexer.limit, offset + count)
            let digits = text(offset, end)
            guard digits.utf8.count == count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
                report("Invalid escape sequence", "The \\\(Character(Unicode.Scalar(byte))) escape must be followed by \(count) hexadecimal digits that name a character.", start, end)
                return nil
            }
            offset = end
            return Array(String(Character(scalar)).utf8)
        default:
            report("Invalid escape sequence", "The symbol after the backslash is not a valid escape: \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN are. To write a backslash, double it.", start, offset)
            return nil
        }
    }

    /// Reads `${ … }`.
    private mutating func parseInterpolation(_ trims: Bool) -> (Part, Bool)? {
        let opener = Token(kind: .openBrace, start: offset, end: offset + 2)
        offset += trims ? 3 : 2
        let outer = skipsNewlines
        skipsNewlines = true
        defer { skipsNewlines = outer }
        guard enter(at: opener) else {
            leave()
            offset = lexer.limit
            return nil
        }
        defer { leave() }
        let node = parseExpression()
        guard let trimsAfter = endSequence(opener, "template interpolation") else { return nil }
        return (.value(node), trimsAfter)
    }

    /// Takes `}` or `~}`.
    private mutating func endSequence(_ opener: Token, _ what: String) -> Bool? {
        let token = peek()
        if token.kind == .invalid, lexer.bytes[token.start] == UInt8(ascii: "~"), token.end < lexer.limit,
            lexer.bytes[token.end] == UInt8(ascii: "}")
        {
            offset = token.end + 1
            return true
        }
        guard token.kind == .closeBrace else {
            if token.kind == .end {
                report("Unclosed \(what)", "There is no closing brace for this.", at: opener)
            } else {
                report("Extra characters after \(what)", "A closing brace is expected here, to end the \(what).", at: token)
            }
            return nil
        }
        offset = token.end
        return false
    }

    /// Reads `%{ … }`.
    private mutating func parseDirective(_ trims: Bool) -> (Part, Bool)? {
        let opener = Token(kind: .openBrace, start: offset, end: offset + 2)
        offset += trims ? 3 : 2
        let outer = skipsNewlines
        skipsNewlines = true
        defer { skipsNewlines = outer }
        let word = peek()
        guard word.kind == .identifier else {
            report("Invalid template directive", "A directive keyword is expected: if, else, endif, for or endfor.", at: word)
            return nil
        }
        take()
        let part: Part
        switch text(word) {
        case "if": part = .condition(parseExpression(), start: opener.start)
        case "else": part = .alternative(start: opener.start)
        case "endif": part = .endCondition(end: word.end)
        case "endfor": part = .endLoop(end: word.end)
        case "for":
            guard let loop = parseLoopHeader(opener) else { return nil }
            part = .loop(loop, start: opener.start)
        default:
            report("Invalid template directive", "\(shown(word)) is not a directive: if, else, endif, for and endfor are.", at: word)
            return nil
        }
        guard let trimsAfter = endSequence(opener, "template directive") else { return nil }
        return (part, trimsAfter)
    }

    // MARK: - Flush heredocs

    /// Takes the indentation that all lines share from each line.
    private func flushed(_ parts: [Part], start: Int) -> [Part] {
        var indentation = Int.max
        forEachLine(parts, start) { line, isComplete in
            let spaces = line.prefix { $0 == " " || $0 == "\t" }.count
            // A line of nothing but white space does not count.
            if !(isComplete && line.allSatisfy { $0.isWhitespace }) { indentation = min(indentation, spaces) }
        }
        guard indentation > 0, indentation < Int.max else { return parts }
        var isLineStart = true
        return parts.map { part in
            guard case .text(let text, let start, let end) = part else {
                isLineStart = false
                return part
            }
            var result = ""
            for line in Self.lines(of: text) {
                let isBlank = line.hasSuffix("\n") && line.allSatisfy { $0.isWhitespace }
                result += isLineStart && !isBlank ? String(line.dropFirst(indentation)) : line
                isLineStart = line.hasSuffix("\n") || line.hasSuffix("\r\n")
            }
            return .text(result, start: start, end: end)
        }
    }

    private func forEachLine(_ parts: [Part], _ start: Int, _ body: (_ line: String, _ isComplete: Bool) -> Void) {
        var isLineStart = true
        for part in parts {
            guard case .text(let text, _, _) = part else {
                if isLineStart { body("", false) }
                isLineStart = false
                continue
            }
            for line in Self.lines(of: text) {
                let isComplete = line.hasSuffix("\n") || line.hasSuffix("\r\n")
                if isLineStart { body(line, isComplete) }
                isLineStart = isComplete
            }
        }
    }

    /// The lines of a text, each with its end.
    private static func lines(of text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for character in text {
            line.append(character)
            if character == "\n" || character == "\r\n" {
                lines.append(line)
                line = ""
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    // MARK: - Nodes

    /// One level of directives while parts become nodes.
    private struct Level {
        var parts: [UInt32] = []
        var condition = Node.none
        var yes: [UInt32]?
        var loop: Loop?
        var start = 0
    }

    private mutating func build(_ parts: [Part], _ start: Int, _ end: Int) -> UInt32 {
        var levels = [Level(start: start)]
        for part in parts where !place(part, in: &levels) { return add(.invalid, start, end) }
        guard levels.count == 1 else {
            let open = levels[levels.count - 1]
            report("Unclosed template directive", "There is no %{\(open.loop == nil ? "endif" : "endfor")} for this directive.", open.start, open.start + 2)
            return add(.invalid, start, end)
        }
        return template(levels[0].parts, start, end, keepsType: true)
    }

    private mutating func place(_ part: Part, in levels: inout [Level]) -> Bool {
        let top = levels.count - 1
        switch part {
        case .text(let text, let start, let end):
            levels[top].parts.append(addConstant(.string(text), start, end))
        case .value(let node): levels[top].parts.append(node)
        case .condition(let node, let start):
            guard levels.count <= Self.depthMaximum else { return false }
            levels.append(Level(condition: node, start: start))
        case .loop(let loop, let start):
            guard levels.count <= Self.depthMaximum else { return false }
            levels.append(Level(loop: loop, start: start))
        case .alternative(let start):
            guard top > 0, levels[top].loop == nil, levels[top].yes == nil else {
                report("Unexpected template directive", "There is no %{if} that this %{else} could belong to.", start, start + 2)
                return false
            }
            levels[top].yes = levels[top].parts
            levels[top].parts = []
        case .endCondition(let end):
            guard top > 0, levels[top].loop == nil, let level = levels.popLast() else {
                report("Unexpected template directive", "There is no %{if} that this %{endif} could close.", end - 5, end)
                return false
            }
            let yes = template(level.yes ?? level.parts, level.start, end, keepsType: false)
            let no = level.yes == nil ? Node.none : template(level.parts, level.start, end, keepsType: false)
            levels[top - 1].parts.append(add(.templateIf, level.start, end, a: level.condition, b: yes, c: no))
        case .endLoop(let end):
            guard top > 0, var loop = levels[top].loop, let level = levels.popLast() else {
                report("Unexpected template directive", "There is no %{for} that this %{endfor} could close.", end - 6, end)
                return false
            }
            loop.value = template(level.parts, level.start, end, keepsType: false)
            loops.append(loop)
            levels[top - 1].parts.append(add(.templateFor, level.start, end, a: UInt32(loops.count - 1)))
        }
        return true
    }

    /// A node of parts: one text is a constant, and one interpolation alone keeps its type.
    private mutating func template(_ parts: [UInt32], _ start: Int, _ end: Int, keepsType: Bool) -> UInt32 {
        if parts.isEmpty { return addConstant(.string(""), start, end) }
        if parts.count == 1, let part = parts.first {
            let node = nodes[Int(part)]
            let isText = node.kind == .constant && constants[Int(node.a)].string != nil
            if isText, let text = constants[Int(node.a)].string { return addConstant(.string(text), start, end) }
            if keepsType, node.kind != .templateIf, node.kind != .templateFor { return add(.wrap, start, end, a: part) }
        }
        let (first, count) = addList(parts)
        return add(.template, start, end, a: first, b: count)
    }
}
