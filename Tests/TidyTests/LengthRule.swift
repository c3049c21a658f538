/// Files and functions stay short enough to be read in one go.
enum LengthRule {
    static let fileLinesMax = 600
    static let functionLinesMax = 70

    static func checkFiles(_ repository: Repository) -> [Violation] {
        repository.sources.compactMap { source in
            guard source.lines.count > fileLinesMax else { return nil }
            return Violation(source.path, nil, "\(source.lines.count) lines, of at most \(fileLinesMax)")
        }
    }

    static func checkFunctions(_ repository: Repository) -> [Violation] {
        repository.sources.flatMap { source in
            functions(of: source).compactMap { function in
                guard function.lines > functionLinesMax else { return nil }
                return Violation(
                    source.path, function.line,
                    "\(function.name) has \(function.lines) lines, of at most \(functionLinesMax)")
            }
        }
    }

    struct Function: Hashable {
        var name: String

        /// Where its signature starts, counted from one.
        var line: Int

        /// From the signature to the closing brace, both included.
        var lines: Int
    }

    /// Functions, initialisers, subscripts and computed properties that have a body, inner ones included.
    static func functions(of source: SwiftSource) -> [Function] {
        struct Opening {
            var name: String
            var line: Int
            var parentheses: Int
        }
        var found: [Function] = []
        var pending: Opening?
        var braces: [Opening?] = []
        var parentheses = 0
        for index in source.tokens.indices {
            let token = source.tokens[index]
            switch token.text {
            case "(", "[": parentheses += 1
            case ")", "]":
                parentheses -= 1
                if let opening = pending, parentheses < opening.parentheses { pending = nil }
            case "{":
                let isBody = pending?.parentheses == parentheses
                braces.append(isBody ? pending : nil)
                if isBody { pending = nil }
            case "}":
                // One inside a default argument ends no declaration.
                if pending?.parentheses == parentheses { pending = nil }
                guard let opening = braces.popLast() ?? nil else { continue }
                found.append(
                    Function(name: opening.name, line: opening.line, lines: token.line - opening.line + 1))
            case "=":
                // A stored property; the name of an operator follows `func` at once.
                if let opening = pending, opening.name.hasPrefix("var "), opening.parentheses == parentheses {
                    pending = nil
                }
            case "func", "init", "deinit", "subscript", "var":
                guard index == 0 || ![".", "`"].contains(source.tokens[index - 1].text) else { continue }
                let next = index + 1 < source.tokens.count ? source.tokens[index + 1].text : ""
                let name = token.text == "func" || token.text == "var" ? "\(token.text) \(next)" : token.text
                pending = Opening(name: name, line: token.line, parentheses: parentheses)
            case "let", "case", "struct", "enum", "class", "extension", "protocol", "if", "for", "while", "switch":
                if pending?.parentheses == parentheses { pending = nil }
            default: break
            }
        }
        return found
    }
}
