import Diagnostics
import HCL
import TestSupport
import Values

#if canImport(Glibc)
    import Glibc
#endif

/// Shortcuts from a text to what it means.
enum Source {
    static let file = SourceFileID(index: 0)

    /// The value of an expression and all that is reported about it.
    static func evaluate(_ text: String, _ scope: Scope = TestScope.full) -> (value: Value, problems: [Diagnostic]) {
        let (expression, problems) = SyntaxTree.parseExpression(Array(text.utf8), file: file)
        var all = problems
        let value = expression.evaluate(in: scope, diagnostics: &all)
        return (value, all)
    }

    /// Reads a body and evaluates all of it.
    static func evaluateBody(_ bytes: [UInt8], _ scope: Scope = TestScope.full) -> (
        body: Body, values: [Value], problems: [Diagnostic]
    ) {
        let (tree, problems) = SyntaxTree.parse(bytes, file: file)
        var all = problems
        var values: [Value] = []
        var bodies = [tree.body]
        var isTop = true
        while let body = bodies.popLast() {
            for attribute in body.attributes {
                let value = attribute.expression.evaluate(in: scope, diagnostics: &all)
                if isTop { values.append(value) }
            }
            isTop = false
            bodies += body.blocks.reversed().map(\.body)
        }
        return (tree.body, values, all)
    }

    /// A file below `fixtures`.
    static func fixture(_ path: String) -> String {
        guard let file = fopen("\(Fixtures.path)/\(path)", "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
