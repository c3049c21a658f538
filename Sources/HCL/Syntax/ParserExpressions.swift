import Diagnostics
import Values

/// Expressions. Long chains of operators, accesses and conditionals are read in loops; only brackets recurse.
extension Parser {
    /// Reads a text that is one expression and nothing else.
    mutating func parseWholeExpression() -> UInt32 {
        skipsNewlines = true
        let node = parseExpression()
        let rest = peek()
        if rest.kind != .end {
            report("Extra characters after expression", "The expression ends before this.", at: rest)
        }
        return node
    }

    /// Reads an expression: a chain of conditionals.
    mutating func parseExpression() -> UInt32 {
        var open: [(condition: UInt32, yes: UInt32)] = []
        var node = parseOperators()
        while take(.question) != nil {
            let yes = parseOperatorsOrConditional()
            let colon = peek()
            guard colon.kind == .colon else {
                report(
                    "Missing false expression in conditional",
                    "A conditional reads: condition ? value : value. Here the colon and the second value are missing.",
                    at: colon)
                return add(.invalid, start(node), colon.start)
            }
            take()
            open.append((node, yes))
            node = parseOperators()
        }
        while let (condition, yes) = open.popLast() {
            node = add(.conditional, start(condition), end(node), a: condition, b: yes, c: node)
        }
        return node
    }

    /// The middle of a conditional may be a conditional itself; that nests.
    private mutating func parseOperatorsOrConditional() -> UInt32 {
        let token = peek()
        guard enter(at: token) else {
            leave()
            isAbandoned = true
            return add(.invalid, token.start, token.end)
        }
        defer { leave() }
        return parseExpression()
    }

    private static func precedence(_ kind: TokenKind) -> Int? {
        switch kind {
        case .or: 1
        case .and: 2
        case .equal, .notEqual: 3
        case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
        case .plus, .minus: 5
        case .star, .slash, .percent: 6
        default: nil
        }
    }

    /// Reads terms and binary operators by their precedence, on a stack of its own.
    private mutating func parseOperators() -> UInt32 {
        let first = parseUnary()
        // Where no value starts, an operator is no operator either.
        if nodes[Int(first)].kind == .invalid { return first }
        var operands = [first]
        var operators: [(kind: TokenKind, precedence: Int)] = []
        func reduce(_ parser: inout Parser) {
            guard let last = operators.popLast(), let right = operands.popLast(), let left = operands.popLast() else {
                return
            }
            operands.append(
                parser.add(
                    .binary, parser.start(left), parser.end(right), a: left, b: right, c: UInt32(last.kind.rawValue)))
        }
        while let precedence = Self.precedence(peek().kind) {
            while let last = operators.last, last.precedence >= precedence { reduce(&self) }
            operators.append((take().kind, precedence))
            let next = parseUnary()
            if nodes[Int(next)].kind == .invalid { return add(.invalid, start(first), end(next)) }
            operands.append(next)
        }
        while !operators.isEmpty { reduce(&self) }
        return operands.last ?? add(.invalid, offset, offset)
    }

    private mutating func parseUnary() -> UInt32 {
        var operators: [Token] = []
        while peek().kind == .minus || peek().kind == .not { operators.append(take()) }
        var node = parseChain()
        while let last = operators.popLast() {
            node = add(.unary, last.start, end(node), a: node, c: UInt32(last.kind.rawValue))
        }
        return node
    }

    // MARK: - Chains

    /// Reads a term and the accesses behind it.
    private mutating func parseChain() -> UInt32 {
        let base = parseTerm()
        var steps: [UInt32] = []
        loop: while true {
            let token = peek()
            switch token.kind {
            case .dot:
                take()
                guard let step = parseDotStep(token) else { break loop }
                steps += step
            case .openBracket:
                guard let step = parseBracketStep(token) else { break loop }
                steps.append(step)
            default: break loop
            }
        }
        guard let last = steps.last else { return base }
        let end = end(last)
        let (first, count) = addList(steps)
        return add(.chain, start(base), end, a: base, b: first, c: count)
    }

    private mutating func parseDotStep(_ dot: Token) -> [UInt32]? {
        let token = peek()
        switch token.kind {
        case .identifier:
            take()
            let name = addText(text(token))
            return [add(.attribute, dot.start, token.end, a: name)]
        case .star:
            take()
            return [add(.attributeSplat, dot.start, token.end)]
        case .number:
            // `.0` is an old spelling of `[0]`; `.0.1` reads as one number.
            take()
            var result: [UInt32] = []
            var place = token.start
            for part in text(token).split(separator: ".", omittingEmptySubsequences: false) {
                let end = place + part.utf8.count
                guard let index = Int(part) else {
                    report("Invalid legacy index syntax", "An index after a dot must be a whole number.", at: token)
                    return nil
                }
                let constant = addConstant(.number(index), place, end)
                result.append(add(.index, place - 1, end, a: constant, b: 0))
                place = end + 1
            }
            return result
        default:
            report(
                "Invalid attribute name", "An attribute name is required after a dot.",
                at: token.kind == .end ? dot : token)
            return nil
        }
    }

    private mutating func parseBracketStep(_ open: Token) -> UInt32? {
        inside(open) { parser in
            if parser.take(.star) != nil {
                guard let close = parser.close(.closeBracket, open, "splat") else { return nil }
                return parser.add(.fullSplat, open.start, close.end)
            }
            let index = parser.parseExpression()
            guard let close = parser.close(.closeBracket, open, "index") else {
                parser.skip(open)
                return nil
            }
            return parser.add(.index, open.start, close.end, a: index)
        }
    }

    /// Takes a closing bracket, or reports at the opening one that it is missing.
    ///
    /// Newlines count again, as they did before the opening bracket, for what follows.
    mutating func close(_ kind: TokenKind, _ open: Token, _ what: String) -> Token? {
        let token = peek()
        if token.kind == kind {
            offset = token.end
            return token
        }
        // What was reported inside is why this is not where it should be.
        if let opener = openers.last, diagnostics.count > opener.problems { return nil }
        if token.kind == .assign {
            report(
                "Unexpected symbol in \(what)",
                "An equals sign does not fit here. To compare two values, write \"==\".", at: token)
        } else {
            report(
                "Unexpected symbol in \(what)",
                "\(shown(token)) does not fit here: the closing bracket of the \(what) is expected, or a separator before it.",
                at: token)
        }
        return nil
    }

    func shown(_ token: Token) -> String {
        token.kind == .end ? "The end of the text" : "\"\(VisibleText.escaped(String(text(token).prefix(20))))\""
    }

    // MARK: - Terms

    private mutating func parseTerm() -> UInt32 {
        let token = peek()
        switch token.kind {
        case .number:
            take()
            guard let number = Number(literal: text(token)) else {
                report("Invalid number literal", "This number is beyond what can be represented.", at: token)
                return add(.invalid, token.start, token.end)
            }
            return addConstant(.number(number), token.start, token.end)
        case .identifier: return parseName(take())
        case .quote: return parseQuoted(take())
        case .heredoc: return parseHeredoc(take())
        case .openParenthesis, .openBracket, .openBrace: return parseBracketed(token)
        case .end:
            report("Missing expression", "The text ends where a value is expected.", at: token)
        case .newline:
            report("Missing expression", "A value is expected here, before the end of the line.", at: token)
        case .assign:
            report(
                "Invalid expression", "An equals sign does not fit here. To compare two values, write \"==\".",
                at: token)
            take()
        default:
            report(
                "Invalid expression",
                "\(shown(token)) does not start a value. A literal, a name, a bracket or a quote is expected.",
                at: token)
            if token.kind == .invalid { take() }
        }
        return add(.invalid, token.start, token.start)
    }

    private mutating func parseName(_ name: Token) -> UInt32 {
        if peek().kind == .openParenthesis || peek().kind == .doubleColon { return parseCall(name) }
        switch text(name) {
        case "true": return addConstant(.bool(true), name.start, name.end)
        case "false": return addConstant(.bool(false), name.start, name.end)
        case "null": return addConstant(.null(.dynamic), name.start, name.end)
        default:
            let text = addText(text(name))
            return add(.variable, name.start, name.end, a: text)
        }
    }

    private mutating func parseCall(_ first: Token) -> UInt32 {
        var name = text(first)
        var nameEnd = first.end
        while take(.doubleColon) != nil {
            guard let next = take(.identifier) else {
                report("Missing function name", "A function name is required after \"::\".", at: peek())
                return add(.invalid, first.start, offset)
            }
            name += "::" + text(next)
            nameEnd = next.end
        }
        let open = peek()
        guard open.kind == .openParenthesis else {
            report("Missing open parenthesis", "A function call needs its arguments in parentheses.", at: open)
            return add(.invalid, first.start, offset)
        }
        var call = Call(
            name: name, nameStart: UInt32(first.start), nameEnd: UInt32(nameEnd), arguments: [], isExpanding: false)
        guard let end = parseArguments(of: &call, open) else { return add(.invalid, first.start, offset) }
        calls.append(call)
        return add(.call, first.start, end, a: UInt32(calls.count - 1))
    }

    private mutating func parseArguments(of call: inout Call, _ open: Token) -> Int? {
        inside(open) { parser in
            while parser.peek().kind != .closeParenthesis {
                let before = parser.offset
                call.arguments.append(parser.parseExpression())
                if parser.take(.ellipsis) != nil {
                    call.isExpanding = true
                    guard parser.take(.comma) == nil || parser.peek().kind == .closeParenthesis else {
                        parser.report(
                            "Argument after expansion", "The argument that \"...\" expands must be the last one.",
                            at: parser.peek())
                        parser.skip(open)
                        return nil
                    }
                    break
                }
                guard parser.take(.comma) != nil, parser.offset > before else { break }
            }
            guard let close = parser.close(.closeParenthesis, open, "function call") else {
                parser.skip(open)
                return nil
            }
            return close.end
        }
    }

    // MARK: - Brackets

    /// Does something inside of brackets, where newlines do not count; nil when they nest too deep, or as `read` says.
    private mutating func inside<Result>(_ open: Token, _ read: (inout Parser) -> Result?) -> Result? {
        guard enter(at: open) else {
            leave()
            skipDeep(open)
            return nil
        }
        defer { leave() }
        let outer = skipsNewlines
        skipsNewlines = true
        defer { skipsNewlines = outer }
        take()
        openers.append((open, diagnostics.count))
        defer { if !openers.isEmpty { openers.removeLast() } }
        return read(&self)
    }

    private mutating func parseBracketed(_ open: Token) -> UInt32 {
        let node = inside(open) { parser in
            let node = parser.parseContent(open)
            if parser.nodes[Int(node)].kind == .invalid { parser.skip(open) }
            return node
        }
        return node ?? add(.invalid, open.start, open.end)
    }

    /// Reads what is in brackets, and the closing one; an invalid node when they cannot be read, wherever that ends.
    private mutating func parseContent(_ open: Token) -> UInt32 {
        switch open.kind {
        case .openParenthesis:
            let inner = parseExpression()
            guard let close = close(.closeParenthesis, open, "parentheses") else {
                return add(.invalid, open.start, offset)
            }
            return add(.parentheses, open.start, close.end, a: inner)
        case .openBracket:
            return isWord("for") && isLoop() ? parseLoop(open) : parseTuple(open)
        default:
            if isWord("for"), isLoop() { return parseLoop(open) }
            skipsNewlines = false
            return parseObject(open)
        }
    }

    /// Whether the word `for` here starts a for expression: a name follows it, so that `for` may be a name, too.
    private mutating func isLoop() -> Bool {
        let after = lexer.token(at: peek().end, skipsNewlines: true)
        return after.kind == .identifier
    }

    private mutating func parseTuple(_ open: Token) -> UInt32 {
        var items: [UInt32] = []
        while peek().kind != .closeBracket {
            let before = offset
            items.append(parseExpression())
            guard take(.comma) != nil, offset > before else { break }
        }
        guard let close = close(.closeBracket, open, "tuple") else { return add(.invalid, open.start, offset) }
        let (first, count) = addList(items)
        return add(.tuple, open.start, close.end, a: first, b: count)
    }

    private mutating func parseObject(_ open: Token) -> UInt32 {
        var items: [UInt32] = []
        while true {
            while take(.newline) != nil {}
            if peek().kind == .closeBrace { break }
            let before = offset
            let key = parseExpression()
            let separator = peek()
            guard separator.kind == .assign || separator.kind == .colon else {
                if let opener = openers.last, diagnostics.count > opener.problems {
                    return add(.invalid, open.start, offset)
                }
                report(
                    "Missing attribute value",
                    "An object's item reads: key = value. Here an equals sign is expected after the key.", at: separator
                )
                return add(.invalid, open.start, offset)
            }
            take()
            items += [objectKey(key), parseExpression()]
            let next = peek()
            if next.kind == .comma || next.kind == .newline {
                take()
            } else if next.kind != .closeBrace {
                if next.kind == .end { break }
                if let opener = openers.last, diagnostics.count == opener.problems {
                    report(
                        "Missing attribute separator",
                        "A comma or a newline is expected before the next item of an object.", at: next)
                }
                return add(.invalid, open.start, offset)
            }
            if offset == before { break }
        }
        guard let close = close(.closeBrace, open, "object") else { return add(.invalid, open.start, offset) }
        let (first, count) = addList(items)
        return add(.object, open.start, close.end, a: first, b: count)
    }

    /// A bare name as a key stands for itself; so do the words null, true and false.
    private mutating func objectKey(_ key: UInt32) -> UInt32 {
        let node = nodes[Int(key)]
        if node.kind == .constant, constants[Int(node.a)].isNull || constants[Int(node.a)].bool != nil {
            return addConstant(.string(text(Int(node.start), Int(node.end))), Int(node.start), Int(node.end))
        }
        guard node.kind == .variable else { return key }
        return addConstant(.string(texts[Int(node.a)]), Int(node.start), Int(node.end))
    }

    private mutating func parseLoop(_ open: Token) -> UInt32 {
        take()
        let closing: TokenKind = open.kind == .openBracket ? .closeBracket : .closeBrace
        guard var loop = parseLoopHeader(open) else { return add(.invalid, open.start, offset) }
        guard take(.colon) != nil else {
            report("Invalid 'for' expression", "A colon is expected after the collection.", at: peek())
            return add(.invalid, open.start, offset)
        }
        loop.value = parseExpression()
        if closing == .closeBrace {
            guard take(.arrow) != nil else {
                report(
                    "Invalid 'for' expression",
                    "A for expression for an object reads: { for value in collection : key => value }.", at: peek())
                return add(.invalid, open.start, offset)
            }
            loop.key = loop.value
            loop.value = parseExpression()
            if take(.ellipsis) != nil { loop.isGrouping = true }
        }
        if isWord("if") {
            take()
            loop.condition = parseExpression()
        }
        guard let close = close(closing, open, "'for' expression") else { return add(.invalid, open.start, offset) }
        loops.append(loop)
        return add(.loop, open.start, close.end, a: UInt32(loops.count - 1))
    }

    /// Reads `k, v in collection`.
    mutating func parseLoopHeader(_ open: Token) -> Loop? {
        func problem(_ parser: inout Parser) {
            parser.report(
                "Invalid 'for' expression",
                "One or two names and the word \"in\" are expected: for value in collection, or for key, value in collection.",
                at: parser.peek())
        }
        guard let first = take(.identifier) else {
            problem(&self)
            return nil
        }
        var second: Token?
        if take(.comma) != nil {
            second = take(.identifier)
            if second == nil {
                problem(&self)
                return nil
            }
        }
        guard isWord("in") else {
            problem(&self)
            return nil
        }
        take()
        let collection = parseExpression()
        return Loop(
            keyName: second == nil ? nil : text(first), valueName: text(second ?? first), collection: collection)
    }
}
