import Diagnostics
import Values

/// Reads tokens into a tree.
///
/// Never fails: what is wrong is reported once and skipped up to the next line of the same body.
struct Parser {
    let file: SourceFileID
    var lexer: Lexer
    var nodes: [Node] = []
    var lists: [UInt32] = []
    var texts: [String] = []
    var constants: [Value] = []
    var loops: [Loop] = []
    var calls: [Call] = []
    var diagnostics: [Diagnostic] = []
    /// Behind the last token that was taken.
    var offset = 0
    /// How deep brackets, braces, templates and blocks are nested.
    var depth = 0
    /// Whether newlines are white space here.
    var skipsNewlines = false
    /// Where problems were reported, so that there is one in each place.
    private var reported: Set<Int> = []
    /// The brackets that are open in the expression being read, innermost last, and how many problems there were
    /// before each.
    var openers: [(token: Token, problems: Int)] = []
    /// Whether the argument being read is given up: it looks as if the text ended, and nothing more is reported.
    var isAbandoned = false
    /// Whether the end of the text was reached because of nesting.
    private var isCutShort = false
    private var peeked: (offset: Int, skipsNewlines: Bool, token: Token)?

    /// How deep a text may be nested.
    static let depthMaximum = 200

    init(_ bytes: [UInt8], file: SourceFileID) {
        self.file = file
        lexer = Lexer(bytes: bytes, limit: bytes.count)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    // MARK: - Tokens

    mutating func peek() -> Token {
        if isAbandoned { return Token(kind: .end, start: lexer.limit, end: lexer.limit) }
        if let peeked, peeked.offset == offset, peeked.skipsNewlines == skipsNewlines { return peeked.token }
        let token = lexer.token(at: offset, skipsNewlines: skipsNewlines)
        peeked = (offset, skipsNewlines, token)
        return token
    }

    @discardableResult
    mutating func take() -> Token {
        let token = peek()
        if !isAbandoned { offset = token.end }
        return token
    }

    mutating func take(_ kind: TokenKind) -> Token? { peek().kind == kind ? take() : nil }

    func text(_ token: Token) -> String { text(token.start, token.end) }

    func text(_ start: Int, _ end: Int) -> String { String(decoding: lexer.bytes[start..<end], as: UTF8.self) }

    mutating func isWord(_ word: StaticString) -> Bool {
        let token = peek()
        guard token.kind == .identifier, token.end - token.start == word.utf8CodeUnitCount else { return false }
        return (0..<word.utf8CodeUnitCount).allSatisfy { lexer.bytes[token.start + $0] == word.utf8Start[$0] }
    }

    // MARK: - Nodes

    mutating func add(
        _ kind: Node.Kind, _ start: Int, _ end: Int, a: UInt32 = Node.none, b: UInt32 = Node.none,
        c: UInt32 = Node.none
    ) -> UInt32 {
        nodes.append(Node(kind: kind, start: UInt32(clamping: start), end: UInt32(clamping: end), a: a, b: b, c: c))
        return UInt32(nodes.count - 1)
    }

    mutating func addText(_ text: String) -> UInt32 {
        texts.append(text)
        return UInt32(texts.count - 1)
    }

    mutating func addConstant(_ value: Value, _ start: Int, _ end: Int) -> UInt32 {
        constants.append(value)
        return add(.constant, start, end, a: UInt32(constants.count - 1))
    }

    mutating func addList(_ items: [UInt32]) -> (first: UInt32, count: UInt32) {
        lists += items
        return (UInt32(lists.count - items.count), UInt32(items.count))
    }

    func start(_ node: UInt32) -> Int { Int(nodes[Int(node)].start) }
    func end(_ node: UInt32) -> Int { Int(nodes[Int(node)].end) }

    // MARK: - Reporting

    /// Reports a problem at a place, unless the same place was reported already.
    mutating func report(_ summary: String, _ detail: String, _ start: Int, _ end: Int) {
        guard !isAbandoned, reported.insert(start).inserted else { return }
        diagnostics.append(
            .error(summary, detail, at: SourceRange(file: file, start: start, end: max(end, start))))
    }

    mutating func report(_ summary: String, _ detail: String, at token: Token) {
        if let opener = openers.last, closing(opener.token) == nil {
            abandon(opener.token)
        } else if token.kind == .invalid, lexer.bytes[token.start] == UInt8(ascii: "/") {
            report("Unclosed comment", "There is no */ to end this comment.", token.start, token.start + 2)
        } else if token.kind == .invalid {
            report("Invalid character", character(token), token.start, token.end)
        } else {
            report(summary, detail, token.start, token.kind == .newline ? token.start : token.end)
        }
    }

    /// Goes one level deeper; false, with a report, when that is too deep.
    mutating func enter(at token: Token) -> Bool {
        depth += 1
        guard depth > Self.depthMaximum else { return true }
        report(
            "Nested too deeply",
            "Brackets, blocks and templates may be nested \(Self.depthMaximum) levels deep. Use local values to take this apart.",
            at: token)
        return false
    }

    mutating func leave() { depth -= 1 }

    // MARK: - Bodies

    mutating func parseFile() -> RawBody {
        checkEncoding()
        var body = parseBody(opener: nil)
        body.end = lexer.limit
        return body
    }

    private mutating func checkEncoding() {
        var offset = offset
        while offset < lexer.limit {
            if lexer.bytes[offset] < 0x80 {
                offset += 1
            } else if let (_, length) = lexer.scalar(at: offset) {
                offset += length
            } else {
                report(
                    "Invalid character encoding", "All input must be UTF-8. These bytes are not.", offset, offset + 1)
                return
            }
        }
    }

    /// Reads arguments and blocks up to the closing brace, or to the end of the file.
    private mutating func parseBody(opener: Token?) -> RawBody {
        var body = RawBody()
        body.start = offset
        var names: [String: Token] = [:]
        while true {
            let token = peek()
            body.end = token.start
            switch token.kind {
            case .newline: take()
            case .end:
                if let opener, !isCutShort {
                    report(
                        "Unclosed configuration block",
                        "There is no closing brace for this block before the end of the file.", at: opener)
                }
                return body
            case .closeBrace:
                if opener != nil { return body }
                report("Unexpected closing brace", "There is no open block that this brace could close.", at: token)
                take()
            case .identifier: parseItem(into: &body, &names)
            case .quote:
                report("Invalid argument name", "Argument names must not be quoted.", at: token)
                recover()
            default:
                report(
                    "Argument or block definition required", "An argument or block definition is required here.",
                    at: token)
                recover()
            }
        }
    }

    private mutating func parseItem(into body: inout RawBody, _ names: inout [String: Token]) {
        let name = take()
        let next = peek()
        switch next.kind {
        case .assign:
            take()
            let problems = diagnostics.count
            var node = parseExpression()
            let text = text(name)
            if diagnostics.count > problems {
                recover()
            } else {
                endItem("argument")
                // What follows where nothing may belongs to the value somehow: nothing is said about the rest of it.
                if diagnostics.count > problems { node = add(.invalid, start(node), end(node)) }
            }
            if let first = names[text] {
                let line = lexer.bytes[..<first.start].count { $0 == 0x0A } + 1
                report(
                    "Attribute redefined",
                    "The argument \"\(text)\" was already set on line \(line). Each argument may be set only once.",
                    at: name)
            } else {
                names[text] = name
                body.attributes.append(
                    RawAttribute(
                        name: text, nameStart: name.start, nameEnd: name.end, node: node, end: max(end(node), next.end))
                )
            }
        case .openBrace, .quote, .identifier: parseBlock(name, into: &body)
        case .colon:
            report("Invalid argument name", "Arguments are set with an equals sign: \(text(name)) = …", at: next)
            recover()
        case .dot:
            report(
                "Invalid argument name", "Argument names must be single names; a dot cannot be part of one.", at: next)
            recover()
        default:
            report(
                "Invalid block definition",
                "Either an equals sign, to set an argument, or a block's labels and braces are expected after \"\(text(name))\".",
                at: next)
            recover()
        }
    }

    /// Makes sure that an argument or a block ends with its line.
    private mutating func endItem(_ what: String) {
        let token = peek()
        switch token.kind {
        case .newline: take()
        case .end, .closeBrace: return
        case .comma:
            report("Unexpected comma after argument", "Arguments are separated by newlines, not by commas.", at: token)
            recover()
        default:
            report(
                "Missing newline after \(what)",
                "The definition of \(what == "block" ? "a block" : "an argument") must end with its line.", at: token)
            recover()
        }
    }

    private mutating func parseBlock(_ type: Token, into body: inout RawBody) {
        var labels: [(text: String, start: Int, end: Int)] = []
        var headerEnd = type.end
        while true {
            let token = peek()
            switch token.kind {
            case .identifier:
                take()
                labels.append((text(token), token.start, token.end))
                headerEnd = token.end
            case .quote:
                guard let label = parseLabel() else {
                    recover()
                    return
                }
                labels.append(label)
                headerEnd = label.end
            case .openBrace:
                take()
                finishBlock(type, labels, headerEnd, opener: token, into: &body)
                return
            default:
                report(
                    "Invalid block definition",
                    "A block has a type, labels in quotes, and a brace on the same line: \(text(type)) \"…\" {",
                    at: token)
                recover()
                return
            }
        }
    }

    private mutating func parseLabel() -> (text: String, start: Int, end: Int)? {
        let quote = take()
        let node = parseQuoted(quote)
        let read = nodes[Int(node)]
        guard read.kind == .constant, let text = constants[Int(read.a)].string else {
            if read.kind != .invalid {
                report(
                    "Invalid block label", "A block label must be a plain string: templates are not evaluated there.",
                    quote.start, Int(read.end))
            }
            return nil
        }
        return (text, quote.start, Int(read.end))
    }

    private mutating func finishBlock(
        _ type: Token, _ labels: [(text: String, start: Int, end: Int)], _ headerEnd: Int, opener: Token,
        into body: inout RawBody
    ) {
        let isDeep = !enter(at: opener)
        defer { leave() }
        if isDeep {
            isCutShort = closing(opener, endsWithItem: false) == nil
            offset = closing(opener, endsWithItem: false)?.end ?? lexer.limit
            return
        }
        let isOneLine = peek().kind != .newline
        let inner = parseBody(opener: opener)
        if isOneLine { checkOneLine(inner) }
        var end = offset
        if let close = take(.closeBrace) { end = close.end }
        body.blocks.append(
            RawBlock(
                type: text(type), typeStart: type.start, typeEnd: type.end, labels: labels, headerEnd: headerEnd,
                body: inner, end: end))
        endItem("block")
    }

    /// Makes sure that a block whose content begins on the line of its brace is one argument at most, and ends on that line.
    private mutating func checkOneLine(_ body: RawBody) {
        if let block = body.blocks.first, block.typeStart < (body.attributes.first?.nameStart ?? .max) {
            report(
                "Argument definition required",
                "A block on a single line may hold only a single argument. To set the argument \"\(block.type)\", use an equals sign; to define a nested block, place it on a line of its own.",
                block.typeStart, block.typeEnd)
        } else if let only = body.attributes.first, lexer.bytes[only.end..<body.end].contains(UInt8(ascii: "\n")) {
            report(
                "Invalid single-argument block definition",
                "A block that begins on the line of its brace must end right behind its single argument. To set more, begin each on a line of its own.",
                only.nameStart, only.end)
        }
    }

    /// Goes on at the next line of this body, behind whatever brackets open before.
    mutating func recover() {
        skipsNewlines = false
        openers = []
        isAbandoned = false
        var open = 0
        while true {
            let token = peek()
            switch token.kind {
            case .end: return
            case .newline where open <= 0:
                take()
                return
            case .closeBrace where open <= 0: return
            case .openBrace, .openBracket, .openParenthesis: open += 1
            case .closeBrace, .closeBracket, .closeParenthesis: open -= 1
            case .quote:
                skipString(token)
                continue
            case .heredoc:
                skipHeredoc(token)
                continue
            default: break
            }
            take()
        }
    }

    /// Skips a quoted string without reading it; to the end of the line when it is not closed there.
    mutating func skipString(_ quote: Token) { offset = endOfString(quote.start) }

    /// Skips a heredoc without reading it; only its `<<` when it is not closed.
    private mutating func skipHeredoc(_ opener: Token) { offset = endOfHeredoc(at: opener.end) ?? opener.end }

    /// Goes behind the bracket that closes what another opens; gives up on the argument where there is none.
    mutating func skip(_ open: Token) {
        guard !isAbandoned else { return }
        if let close = closing(open) { offset = max(offset, close.end) } else { abandon(open) }
    }

    /// Goes behind a bracket that is nested too deeply; gives up on the argument where that has no end.
    mutating func skipDeep(_ open: Token) {
        guard !isAbandoned else { return }
        if let close = closing(open) { offset = max(offset, close.end) } else { isAbandoned = true }
    }

    /// Reports a bracket that is never closed, and gives up on the argument that it is in.
    private mutating func abandon(_ open: Token) {
        let what: String
        switch (open.kind, lexer.bytes[open.start]) {
        case (.openBracket, _): what = "bracket"
        case (.openParenthesis, _): what = "parenthesis"
        case (_, UInt8(ascii: "$")): what = "template interpolation"
        case (_, UInt8(ascii: "%")): what = "template directive"
        default: what = "brace"
        }
        report(
            "Unclosed \(what)", "What opens here is closed nowhere. Add what closes it where it ends.", open.start,
            open.end)
        offset = resumption(behind: open)
        isAbandoned = true
    }

    /// The token that closes what a bracket opens; nil when there is none before the end of what is around it.
    ///
    /// - Parameter endsWithItem: Whether a line that starts an argument or a block, and is indented no deeper, ends it.
    func closing(_ open: Token, endsWithItem: Bool = true) -> Token? {
        var stack = [Self.closer(of: open.kind)]
        let indentation = indentation(at: open.start)
        var place = open.end
        while true {
            let token = lexer.token(at: place, skipsNewlines: false)
            place = token.end
            switch token.kind {
            case .end: return nil
            case .openBrace, .openBracket, .openParenthesis: stack.append(Self.closer(of: token.kind))
            case .closeBrace, .closeBracket, .closeParenthesis:
                guard let position = stack.lastIndex(of: token.kind) else { return nil }
                stack.removeSubrange(position...)
                if stack.isEmpty { return token }
            case .quote: place = endOfString(token.start)
            case .heredoc: place = endOfHeredoc(at: token.end) ?? token.end
            case .newline where endsWithItem && startsItem(token.end, indentation): return nil
            default: break
            }
        }
    }

    private static func closer(of kind: TokenKind) -> TokenKind {
        switch kind {
        case .openBracket: .closeBracket
        case .openParenthesis: .closeParenthesis
        default: .closeBrace
        }
    }

    /// Where reading goes on behind a bracket that is never closed: the newline before the first line that is indented
    /// no deeper and starts an argument or a block, or ends the block.
    private func resumption(behind open: Token) -> Int {
        let indentation = indentation(at: open.start)
        var place = open.end
        while true {
            let token = lexer.token(at: place, skipsNewlines: false)
            place = token.end
            switch token.kind {
            case .end: return lexer.limit
            case .quote: place = endOfString(token.start)
            case .heredoc: place = endOfHeredoc(at: token.end) ?? token.end
            case .newline:
                let next = lexer.token(at: token.end, skipsNewlines: false)
                let endsBlock = next.kind == .closeBrace && next.start - token.end < indentation
                if endsBlock || startsItem(token.end, indentation) { return token.start }
            default: break
            }
        }
    }

    /// Whether a line is indented no deeper than so much, and starts an argument or a block.
    private func startsItem(_ line: Int, _ indentation: Int) -> Bool {
        let name = lexer.token(at: line, skipsNewlines: false)
        guard name.kind == .identifier, self.indentation(at: name.start) <= indentation else { return false }
        switch lexer.token(at: name.end, skipsNewlines: false).kind {
        case .assign, .openBrace, .quote: return true
        default: return false
        }
    }

    /// How many bytes of white space the line of a place begins with.
    private func indentation(at place: Int) -> Int {
        var start = place
        while start > 0, lexer.bytes[start - 1] != 0x0A { start -= 1 }
        var first = start
        while first < lexer.limit, lexer.bytes[first] == 0x20 || lexer.bytes[first] == 0x09 { first += 1 }
        return first - start
    }

    /// What was probably meant by a character that the language does not have.
    private func character(_ token: Token) -> String {
        switch text(token) {
        case "“", "”", "„", "«", "»":
            "Typographic quotes are not quotes of the language. Use the straight double quote (\")."
        case "'", "‘", "’": "Single quotes are not valid. Use double quotes (\") to enclose a string."
        case "`": "The backtick is not valid. For a text of several lines, use a heredoc: <<EOT"
        case ";": "The semicolon is not valid. Separate arguments with newlines, and elements with commas."
        case "&": "A single \"&\" is not an operator. Did you mean \"&&\"?"
        case "|": "A single \"|\" is not an operator. Did you mean \"||\"?"
        case "^": "\"^\" is not an operator. For powers there is the function pow."
        case "\u{A0}", "\u{202F}", "\u{2003}", "\u{3000}":
            "This is a special space that only looks like one. Replace it with an ordinary space."
        case "\u{FEFF}": "A byte-order mark is only valid at the very beginning of a file. Remove it."
        default: "The character \(shown(token)) is not used in the language."
        }
    }
}
