/// Whatever crosses a module's wall says what it is.
enum DocumentationRule {
    private static let keywords: Set<String> = [
        "func", "var", "let", "init", "subscript", "struct", "enum", "class", "protocol", "actor", "typealias",
    ]

    static func check(_ repository: Repository) -> [Violation] {
        repository.sources.filter { $0.module != nil }.flatMap { source in
            declarations(of: source).compactMap { declaration in
                guard !isDocumented(declaration.firstLine, in: source.lines) else { return nil }
                return Violation(source.path, declaration.line, "\(declaration.name) has no doc comment")
            }
        }
    }

    struct Declaration: Hashable {
        var name: String

        /// The line of its access level, counted from one.
        var line: Int

        /// The line of its first attribute or modifier.
        var firstLine: Int
    }

    /// Declarations that say `package` or `public`, imports and extensions left out.
    static func declarations(of source: SwiftSource) -> [Declaration] {
        var found: [Declaration] = []
        let tokens = source.tokens
        for index in tokens.indices where tokens[index].text == "package" || tokens[index].text == "public" {
            guard let keyword = keyword(after: index, in: tokens) else { continue }
            let next = keyword + 1 < tokens.count ? tokens[keyword + 1].text : ""
            let isNamed = !["init", "subscript"].contains(tokens[keyword].text)
            let name = isNamed ? "\(tokens[keyword].text) \(next)" : tokens[keyword].text
            let firstLine = tokens[start(of: index, in: tokens)].line
            found.append(Declaration(name: name, line: tokens[index].line, firstLine: firstLine))
        }
        return found
    }

    private static let modifiers: Set<String> = [
        "static", "final", "mutating", "nonmutating", "indirect", "lazy", "weak", "unowned", "override", "convenience",
        "required", "nonisolated", "isolated", "dynamic", "optional", "prefix", "postfix", "infix", "distributed",
        "borrowing", "consuming", "private", "fileprivate", "internal", "package", "public", "open", "set",
    ]

    /// The keyword that the modifiers from `index` on belong to, or nil if this is no declaration of ours.
    private static func keyword(after index: Int, in tokens: [SwiftSource.Token]) -> Int? {
        var next = index + 1
        while next < tokens.count {
            let text = tokens[next].text
            let isClassMember = text == "class" && next + 1 < tokens.count && keywords.contains(tokens[next + 1].text)
            if keywords.contains(text), !isClassMember { return next }
            guard isClassMember || modifiers.contains(text) || text == "(" || text == ")" else { return nil }
            next += 1
        }
        return nil
    }

    /// Goes back over modifiers and attributes, with their arguments, to where the declaration starts.
    private static func start(of index: Int, in tokens: [SwiftSource.Token]) -> Int {
        var start = index
        while start > 0 {
            let before = tokens[start - 1].text
            if modifiers.contains(before) {
                start -= 1
                continue
            }
            var name = start - 1
            if before == ")", let opening = opening(of: start - 1, in: tokens) { name = opening - 1 }
            guard name > 0, tokens[name - 1].text == "@" else { return start }
            start = name - 1
        }
        return start
    }

    /// The parenthesis that the one at `closing` closes.
    private static func opening(of closing: Int, in tokens: [SwiftSource.Token]) -> Int? {
        var depth = 0
        for index in (0...closing).reversed() {
            if tokens[index].text == ")" { depth += 1 }
            if tokens[index].text == "(" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Whether the line above, counted from one, is part of a doc comment.
    private static func isDocumented(_ line: Int, in lines: [String]) -> Bool {
        guard line >= 2, line - 2 < lines.count else { return false }
        return lines[line - 2].trimmingPrefix(while: { $0 == " " }).hasPrefix("///")
    }
}
