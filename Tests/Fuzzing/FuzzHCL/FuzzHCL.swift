import Diagnostics
import HCL

/// Any bytes give a tree and diagnostics whose ranges lie in the text; evaluation of any expression ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var files = SourceFiles()
    let file = files.add(name: "main.tf", bytes: bytes)
    let (tree, problems) = SyntaxTree.parse(bytes, file: file)
    check(problems, count)
    evaluate(tree.body, depth: 0, count)
    for (expression, problems) in [
        SyntaxTree.parseExpression(bytes, file: file), SyntaxTree.parseTemplate(bytes, file: file),
    ] {
        check(problems, count)
        evaluate(expression, count)
    }
    _ = DiagnosticRenderer(files: files, width: 78, isColored: false).text(problems)
    return 0
}

private func evaluate(_ body: Body, depth: Int, _ count: Int) {
    precondition(depth < 10_000, "blocks are nested without bound")
    for attribute in body.attributes { evaluate(attribute.expression, count) }
    for block in body.blocks { evaluate(block.body, depth: depth + 1, count) }
}

private func evaluate(_ expression: Expression, _ count: Int) {
    var problems: [Diagnostic] = []
    _ = expression.evaluate(in: .constant, diagnostics: &problems)
    check(problems, count)
}

private func check(_ problems: [Diagnostic], _ count: Int) {
    for problem in problems {
        guard let range = problem.subject else { continue }
        precondition(0 <= range.start && range.start <= range.end && range.end <= count, "a range outside the text")
    }
}
