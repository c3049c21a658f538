import Diagnostics
import Values

/// Reads tokens into a tree. Never fails: what is wrong is reported once and skipped up to the next line of the same body.
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
    /// The start of the last token that was reported, so that each is reported once.
    private var reported = -1
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
        if let peeked, peeked.offset == offset, peeked.skipsNewlines == skipsNewlines { return peeked.token }
        let token = lexer.token(at: offset, skipsNewlines: skipsNewlines)
        peeked = (offset, skipsNewlines, token)
        return token
    }

    @discardableResult
    mutating func take() -> Token {
        let token = peek()
        offset = token.end
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
        guard start != reported else { return }
        reported = start
        diagnostics.append(
            .error(summary, detail, at: SourceRange(file: file, start: start, end: max(end, start))))
    }

    mutating func report(_ summary: String, _ detail: String, at token: Token) {
        report(summary, detail, token.start, token.kind == .newline ? token.start : token.end)
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
                report("Invalid character encoding", "All input must be UTF-8. These bytes are not.", offset, offset + 1)
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
                if let opener { report("Unclosed configuration block", "There is no closing brace for this block before the end of the file.", at: opener) }
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
                report("Argument or block definition required", "An argument or block definition is required here.", at: token)
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
            let node = parseExpression()
            let text = text(name)
            if let first = names[text] {
                let line = lexer.bytes[..<first.start].count { $0 == 0x0A } + 1
                report("Attribute redefined", "The argument \"\(text)\" was already set on line \(line). Each argument may be set only once.", at: name)
            } else {
                names[text] = name
                body.attributes.append(
                    RawAttribute(name: text, nameStart: name.start, nameEnd: name.end, node: node, end: max(end(node), next.end)))
            }
            endItem("argument")
        case .openBrace, .quote, .identifier: parseBlock(name, into: &body)
        case .colon:
            report("Invalid argument name", "Arguments are set with an equals sign: \(text(name)) = …", at: next)
            recover()
        case .dot:
            report("Invalid argument name", "Argument names must be single names; a dot cannot be part of one.", at: next)
            recover()
        default:
            report("Invalid block definition", "Either an equals sign, to set an argument, or a block's labels and braces are expected after \"\(text(name))\".", at: next)
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
                report("Invalid block definition", "A block has a type, labels in quotes, and a brace on the same line: \(text(type)) \"…\" {", at: token)
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
                report("Invalid block label", "A block label must be a plain string: templates are not evaluated there.", quote.start, Int(read.end))
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
            offset = lexer.limit
            return
        }
        let inner = parseBody(opener: opener)
        var end = offset
        if let close = take(.closeBrace) { end = close.end }
        body.blocks.append(
            RawBlock(
                type: text(type), typeStart: type.start, typeEnd: type.end, labels: labels, headerEnd: headerEnd,
                body: inner, end: end))
        endItem("block")
    }

    /// Goes on at the next line of this body, behind whatever brackets open before.
    mutating func recover() {
        skipsNewlines = false
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
                skipString()
                continue
            default: break
            }
            take()
        }
    }

    /// Skips a quoted string without reading it; to the end of the line when it is not closed there.
    private mutating func skipString() {
        var place = take().end
        while place < lexer.limit, lexer.bytes[place] != 0x0A {
            if lexer.bytes[place] == UInt8(ascii: "\\") {
                place += 1
            } else if lexer.bytes[place] == UInt8(ascii: "\"") {
                offset = place + 1
                return
            }
            place += 1
        }
        offset = min(place, lexer.limit)
    }
}
