import Diagnostics
import HCL
import Testing
import Values

/// What the evaluator does for functions, so that they need not.
@Suite("Function calls")
struct CallTests {
    private func evaluate(_ text: String, _ functions: [Function]) -> (value: Value, problems: [Diagnostic]) {
        let scope = Scope(functions: FunctionTable(functions)) { _, attributes in
            attributes.first.flatMap { TestScope.variables[$0] }.map { .value($0, consumed: 1) } ?? .reported
        }
        return Source.evaluate(text, scope)
    }

    /// Gives back what it was given, as text.
    private func echo(_ parameter: Function.Parameter) -> Function {
        Function("echo", [parameter], result: .string) { .string(ValueText.line($0[0])) }
    }

    @Test("Arguments are converted")
    func conversion() {
        #expect(evaluate("echo(5)", [echo(.init("v", .string))]).value == .string("\"5\""))
        #expect(evaluate("echo([1])", [echo(.init("v", .list(.string)))]).value == .string("tolist([\"1\"])"))
    }

    @Test("Null is an error unless it is allowed")
    func null() {
        #expect(evaluate("echo(null)", [echo(.init("v", .string))]).problems.count == 1)
        #expect(
            evaluate("echo(null)", [echo(.init("v", .string, allowsNull: true))]).value == .string("tostring(null)"))
    }

    @Test("What is not known gives a result that is not, unless it is allowed")
    func unknown() {
        #expect(evaluate("echo(var.open_text)", [echo(.init("v", .string))]).value.isUnknown)
        #expect(evaluate("echo([var.open_text])", [echo(.init("v", .dynamic))]).value.isUnknown)
        #expect(!evaluate("echo(var.open_text)", [echo(.init("v", .string, allowsUnknown: true))]).value.isUnknown)
    }

    @Test("Marks are taken off and put on the result, unless they are allowed")
    func marks() {
        let bare = evaluate("echo(var.password)", [echo(.init("v", .string))]).value
        #expect(bare == Value(.string("\"hunter2\""), marks: .sensitive))
        let inner = evaluate("echo([var.key, var.password])", [echo(.init("v", .dynamic))]).value
        #expect(inner.marks == [.secret, .sensitive])
        let kept = evaluate("echo(var.password)", [echo(.init("v", .string, allowsMarks: true))]).value
        #expect(kept == .string("sensitive(\"hunter2\")"))
        let unknown = evaluate("echo([var.open_text, var.key])", [echo(.init("v", .dynamic))]).value
        #expect(unknown.isUnknown && unknown.marks == .secret)
    }

    @Test("An expanded argument gives its marks on")
    func expansion() {
        let count = Function("count", [], variadic: .init("v", .string), result: .number) {
            Value.number($0.count as Int)
        }
        #expect(evaluate("count(1, [2, 3]...)", [count]).value == .number(3))
        #expect(evaluate("count(var.passwords...)", [count]).value == Value.number(1).withMarks(.sensitive))
        #expect(evaluate("count(var.set...)", [count]).value == .number(1))
    }

    @Test("Errors stand at the argument that causes them")
    func places() throws {
        let fail = Function("fail", [.init("a", .string), .init("b", .string)]) { (_) throws(FunctionError) in
            throw FunctionError("it does not fit", argument: 1)
        }
        let problem = try #require(evaluate("fail(\"x\", \"yy\")", [fail]).problems.first)
        #expect(problem.subject?.start == 10 && problem.subject?.end == 14)
        #expect(problem.detail.contains("it does not fit."))
        let all = Function("fail", []) { (_) throws(FunctionError) in throw FunctionError("it failed") }
        #expect(evaluate(" fail()", [all]).problems.first?.subject?.start == 1)
    }

    @Test("What failed in an argument is reported once, and not by the function")
    func once() {
        #expect(evaluate("echo(echo([]))", [echo(.init("v", .string))]).problems.count == 1)
    }

    @Test("try and can see what fails, and nothing of it is reported")
    func lazy() {
        #expect(Source.evaluate("try(var.object.x, var.nothing.y, \"z\")").value == .string("z"))
        #expect(Source.evaluate("can(var.object.x)").value == .bool(false))
        #expect(Source.evaluate("can(var.object.id)").value == .bool(true))
        #expect(Source.evaluate("try([for v in [1] : v.x], 5)").problems.isEmpty)
        #expect(Source.evaluate("[for v in var.list : try(v.x, v)]").value == .tuple([.string("a"), .string("b")]))
    }

    @Test("A template text is evaluated in a scope of its own")
    func template() {
        let (template, problems) = SyntaxTree.parseTemplate(
            Array("a \"${x}\"\n%{ for v in l ~}\n- ${v}\n%{ endfor ~}\n".utf8), file: Source.file)
        var all = problems
        let scope = Scope(functions: TestScope.functions) { _, _ in .problem(summary: "No", detail: "No.") }
            .with(["x": .string("b\\n"), "l": .tuple([.number(1), .number(2)])])
        #expect(template.evaluate(in: scope, diagnostics: &all) == .string("a \"b\\n\"\n- 1\n- 2\n"))
        #expect(all.isEmpty)
    }

    @Test("Facts say what names stand for, and hide what is marked")
    func facts() {
        #expect(
            Source.evaluate("var.text + var.number").problems.first?.facts.sorted() == [
                "var.number is 3", "var.text is \"hello\"",
            ])
        #expect(
            Source.evaluate("var.password + var.open_number").problems.first?.facts == ["var.open_number is a number"])
        #expect(Source.evaluate("[for v in var.passwords : v + 1]").problems.first?.facts == [])
    }

    @Test("A constant scope has no names and no functions")
    func constant() {
        #expect(Source.evaluate("1 + 2", .constant).value == .number(3))
        #expect(Source.evaluate("var.x", .constant).problems.map(\.summary) == ["Variables not allowed"])
        #expect(Source.evaluate("upper(\"x\")", .constant).problems.count == 1)
    }

    @Test("Indexing a shared collection many times rebuilds nothing")
    func sharing() {
        let names = Value.list(.string, (0..<20_000).map { .string("n\($0)") })
        let scope = Scope(functions: TestScope.functions) { _, _ in .value(names, consumed: 1) }
        let (expression, _) = SyntaxTree.parseExpression(Array("var.l[19999]".utf8), file: Source.file)
        var problems: [Diagnostic] = []
        // Quadratic work would be 400 million steps here.
        for _ in 0..<20_000 { _ = expression.evaluate(in: scope, diagnostics: &problems) }
        #expect(problems.isEmpty)
    }
}
