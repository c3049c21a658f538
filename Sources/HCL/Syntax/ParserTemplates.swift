@_spi(_Unicode) import Swift

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
            offset = endOfString(quote.start)
            return add(.invalid, quote.start, quote.end)
        }
        defer { leave() }
        guard let parts = parseParts(Form(limit: lexer.limit, isQuoted: true), opener: quote) else {
            if !isAbandoned { offset = endOfString(quote.start) }
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
            if let end = endOfHeredoc(at: offset) { offset = end } else { isAbandoned = true }
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
            report(
                "Unterminated template string",
                "No line with the closing marker \(text(nameEnd - name.count, nameEnd)) was found for this heredoc.",
                opener.start, nameEnd)
            offset = lexer.limit
            return add(.invalid, opener.start, lexer.limit)
        }
        offset = start
        let outer = lexer
        lexer = Lexer(bytes: outer.bytes, limit: end)
        var parts = parseParts(Form(limit: end, isQuoted: false), opener: opener)
        lexer = outer
        offset = behind
        if isFlush, let read = parts { parts = flushed(read) }
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
        let depthBefore = depth
        defer { depth = depthBefore }
        func flush(_ parser: Parser, _ trimsBefore: Bool) {
            if !bytes.isEmpty {
                var text = String(decoding: bytes, as: UTF8.self)
                if trimsNext { text = String(text.unicodeScalars.drop { $0.properties.isWhitespace }) }
                // A text of which nothing is left still counts as one.
                parts.append(.text(text, start: start, end: parser.offset))
                trimsNext = false
                bytes = []
            }
            if trimsBefore { Self.trimLast(&parts) }
        }
        while offset < form.limit {
            let byte = lexer.bytes[offset]
            if form.isQuoted, byte == UInt8(ascii: "\"") {
                flush(self, false)
                offset += 1
                return parts
            }
            if form.isQuoted, byte == 0x0A {
                reportSplit(opener)
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
                    guard nest(part, depthBefore) else { return nil }
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
            // Each line of a heredoc is a text of its own: stripping goes no further.
            if byte == 0x0A {
                flush(self, false)
                start = offset
                trimsNext = false
            }
        }
        guard !form.isQuoted else {
            report(
                "Unterminated template string", "No closing quote was found for this string.", opener.start, opener.end)
            return nil
        }
        flush(self, false)
        return parts
    }

    private mutating func reportSplit(_ opener: Token) {
        report(
            "Invalid multi-line string",
            "Quoted strings may not be split over multiple lines. To produce a multi-line string, write \\n for newlines or use a heredoc.",
            opener.start, offset)
    }

    /// Takes white space off the end of a text that stands right before `${~` or `%{~`.
    private static func trimLast(_ parts: inout [Part]) {
        guard case .text(let text, let start, let end) = parts.last else { return }
        var scalars = Substring(text).unicodeScalars
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        parts[parts.count - 1] = .text(String(scalars), start: start, end: end)
    }

    /// Goes a level deeper or higher with a directive; false, with a report, when that is too deep.
    private mutating func nest(_ part: Part, _ lowest: Int) -> Bool {
        switch part {
        case .condition(_, let start), .loop(_, let start):
            return enter(at: Token(kind: .openBrace, start: start, end: start + 2))
        case .endCondition, .endLoop: if depth > lowest { leave() }
        default: break
        }
        return true
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
            guard digits.utf8.count == count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
            else {
                report(
                    "Invalid escape sequence",
                    "The \\\(Character(Unicode.Scalar(byte))) escape must be followed by \(count) hexadecimal digits that name a character.",
                    start, end)
                return nil
            }
            offset = end
            return Array(String(Character(scalar)).utf8)
        default:
            report(
                "Invalid escape sequence",
                "The symbol after the backslash is not a valid escape: \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN are. To write a backslash, double it.",
                start, offset)
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
            return nil
        }
        defer { leave() }
        openers.append((opener, diagnostics.count))
        defer { if !openers.isEmpty { openers.removeLast() } }
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
            if let opener = openers.last, diagnostics.count == opener.problems {
                report(
                    "Extra characters after \(what)", "A closing brace is expected here, to end the \(what).", at: token
                )
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
        openers.append((opener, diagnostics.count))
        defer { if !openers.isEmpty { openers.removeLast() } }
        let word = peek()
        guard word.kind == .identifier else {
            report(
                "Invalid template directive", "A directive keyword is expected: if, else, endif, for or endfor.",
                at: word)
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
            report(
                "Invalid template directive", "\(shown(word)) is not a directive: if, else, endif, for and endfor are.",
                at: word)
            return nil
        }
        guard let trimsAfter = endSequence(opener, "template directive") else { return nil }
        return (part, trimsAfter)
    }

    // MARK: - Flush heredocs

    /// Takes the white space that all lines begin with off each of them.
    ///
    /// Lines of nothing else do not count.
    private func flushed(_ parts: [Part]) -> [Part] {
        var indentation = Int.max
        var starts: [Int] = []
        var isLineStart = true
        for (position, part) in parts.enumerated() {
            guard case .text(let text, _, _) = part else {
                if isLineStart { indentation = 0 }
                isLineStart = false
                continue
            }
            let scalars = text.unicodeScalars
            if isLineStart {
                let spaces = scalars.prefix { $0.properties.isWhitespace }.count
                if spaces < scalars.count || scalars.last != "\n" {
                    indentation = min(indentation, spaces)
                    starts.append(position)
                }
            }
            isLineStart = scalars.last == "\n"
        }
        var parts = parts
        for position in starts where indentation > 0 {
            guard case .text(let text, let start, let end) = parts[position] else { continue }
            parts[position] = .text(String(text.unicodeScalars.dropFirst(indentation)), start: start, end: end)
        }
        return parts
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
            report(
                "Unclosed template directive",
                "There is no %{\(open.loop == nil ? "endif" : "endfor")} for this directive.", open.start,
                open.start + 2)
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
            levels.append(Level(condition: node, start: start))
        case .loop(let loop, let start):
            levels.append(Level(loop: loop, start: start))
        case .alternative(let start):
            guard top > 0, levels[top].loop == nil, levels[top].yes == nil else {
                report(
                    "Unexpected template directive", "There is no %{if} that this %{else} could belong to.", start,
                    start + 2)
                return false
            }
            levels[top].yes = levels[top].parts
            levels[top].parts = []
        case .endCondition(let end):
            guard top > 0, levels[top].loop == nil, let level = levels.popLast() else {
                report(
                    "Unexpected template directive", "There is no %{if} that this %{endif} could close.", end - 5, end)
                return false
            }
            let yes = template(level.yes ?? level.parts, level.start, end, keepsType: false)
            let no = level.yes == nil ? Node.none : template(level.parts, level.start, end, keepsType: false)
            levels[top - 1].parts.append(add(.templateIf, level.start, end, a: level.condition, b: yes, c: no))
        case .endLoop(let end):
            guard top > 0, var loop = levels[top].loop, let level = levels.popLast() else {
                report(
                    "Unexpected template directive", "There is no %{for} that this %{endfor} could close.", end - 6, end
                )
                return false
            }
            loop.value = template(level.parts, level.start, end, keepsType: false)
            loops.append(loop)
            levels[top - 1].parts.append(add(.templateFor, level.start, end, a: UInt32(loops.count - 1)))
        }
        return true
    }

    /// A node of parts: text alone is a constant, and one interpolation alone keeps its type.
    private mutating func template(_ parts: [UInt32], _ start: Int, _ end: Int, keepsType: Bool) -> UInt32 {
        if parts.count == 1, keepsType, let part = parts.first, string(part) == nil {
            let kind = nodes[Int(part)].kind
            if kind != .templateIf, kind != .templateFor { return add(.wrap, start, end, a: part) }
        }
        // Texts that stand next to each other become one.
        var merged: [UInt32] = []
        var place = 0
        while place < parts.count {
            guard var text = string(parts[place]) else {
                merged.append(parts[place])
                place += 1
                continue
            }
            let (first, from) = (parts[place], place)
            place += 1
            while place < parts.count, let next = string(parts[place]) {
                text += next
                place += 1
            }
            if text.isEmpty { continue }
            let last = parts[place - 1]
            merged.append(
                place - from == 1 && text.utf8.allSatisfy { $0 < 0x80 }
                    ? first : addConstant(.string(normalized(text)), self.start(first), self.end(last)))
        }
        if merged.isEmpty { return addConstant(.string(""), start, end) }
        if merged.count == 1, let text = string(merged[0]) { return addConstant(.string(text), start, end) }
        let (first, count) = addList(merged)
        return add(.template, start, end, a: first, b: count)
    }

    /// The text in the form in which the language keeps strings, NFC.
    private func normalized(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text._nfc)
        return String(scalars)
    }

    private func string(_ node: UInt32) -> String? {
        let node = nodes[Int(node)]
        return node.kind == .constant ? constants[Int(node.a)].string : nil
    }

    // MARK: - Ends

    /// The offset behind a quoted string; the end of its line when it is not closed there.
    func endOfString(_ quote: Int) -> Int {
        // -1 stands for the inside of quotes, any other number for that of a template with so many braces open.
        var modes = [-1]
        var place = quote + 1
        while place < lexer.limit, let mode = modes.last {
            let byte = lexer.bytes[place]
            let next = place + 1 < lexer.limit ? lexer.bytes[place + 1] : 0
            place += 1
            switch byte {
            case 0x0A where mode < 0: return place - 1
            case UInt8(ascii: "\\") where mode < 0: if next != 0x0A { place += 1 }
            case UInt8(ascii: "\""): if mode < 0 { modes.removeLast() } else { modes.append(-1) }
            case UInt8(ascii: "$"), UInt8(ascii: "%"):
                guard mode < 0 else { continue }
                if next == UInt8(ascii: "{") {
                    modes.append(0)
                    place += 1
                } else if next == byte, place + 1 < lexer.limit, lexer.bytes[place + 1] == UInt8(ascii: "{") {
                    place += 2
                }
            case UInt8(ascii: "{") where mode >= 0: modes[modes.count - 1] += 1
            case UInt8(ascii: "}") where mode == 0: modes.removeLast()
            case UInt8(ascii: "}") where mode > 0: modes[modes.count - 1] -= 1
            default: continue
            }
            if modes.isEmpty { return place }
        }
        return min(place, lexer.limit)
    }

    /// The offset behind a heredoc whose `<<` was passed; nil when it is not closed.
    func endOfHeredoc(at start: Int) -> Int? {
        var name = start
        if name < lexer.limit, lexer.bytes[name] == UInt8(ascii: "-") { name += 1 }
        let end = lexer.identifier(at: name)
        return endOfHeredoc(Array(lexer.bytes[name..<end]), from: lexer.endOfLine(end) + 1)?.behind
    }
}
