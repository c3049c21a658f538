import Diagnostics
import HCL
import Testing
import Values

/// What can be said of an expression without evaluating it.
@Suite("Expressions without evaluation")
struct StaticAnalysisTests {
    private func expression(_ text: String) -> Expression {
        SyntaxTree.parseExpression(Array(text.utf8), file: Source.file).0
    }

    @Test(
        "All references are found, those to names of loops are not",
        arguments: [
            ("var.a + local.b", ["var.a", "local.b"]),
            ("a ? b : c", ["a", "b", "c"]),
            ("\"x${var.a}y${var.b}\"", ["var.a", "var.b"]),
            ("[var.a, { k = var.b, (var.c) = 1 }]", ["var.a", "var.b", "var.c"]),
            ("upper(var.a, -var.b, !(var.c))", ["var.a", "var.b", "var.c"]),
            ("var.m[var.k].x", ["var.m[var.k].x", "var.k"]),
            ("[for v in var.l : v.x + var.y]", ["var.l", "var.y"]),
            ("{for k, v in var.l : k => v if k != var.z}", ["var.l", "var.z"]),
            ("[for v in v : v]", ["v"]),
            ("[for v in var.a : [for w in v : w + v]]", ["var.a"]),
            ("\"%{ for v in var.l }${v}${var.x}%{ endfor }%{ if var.f }a%{ endif }\"", ["var.l", "var.x", "var.f"]),
            ("upper(x).y[var.i]", ["x", "var.i"]),
            ("a.*.b", ["a.*.b"]),
            ("a[*].b[var.i]", ["a[*].b[var.i]", "var.i"]),
            ("1 + true", []),
        ])
    func references(_ text: String, _ expected: [String]) {
        let traversals = expression(text).traversals
        let written = traversals.map {
            String(decoding: Array(text.utf8)[$0.range.start..<$0.range.end], as: UTF8.self)
        }
        #expect(Set(written) == Set(expected))
        #expect(written.count == expected.count)
    }

    @Test("A reference is taken apart")
    func parts() throws {
        let traversal = try #require(expression(" data.t.n[\"k\"].list[0].id ").asTraversal)
        #expect(traversal.root == "data")
        #expect(traversal.attributes == ["t", "n"])
        #expect(
            traversal.steps == [
                .attribute("t"), .attribute("n"), .index(.string("k")), .attribute("list"), .index(.number(0)),
                .attribute("id"),
            ])
        #expect(traversal.rootRange.start == 1 && traversal.rootRange.end == 5)
    }

    @Test("What is more than a reference is none", arguments: ["a + b", "a[b]", "a[*]", "\"a\"", "f(a)", "1", "a.*.b"])
    func noReference(_ text: String) {
        #expect(expression(text).asTraversal == nil)
    }

    @Test("Words, lists, objects and calls")
    func shapes() throws {
        #expect(expression("string").asKeyword == "string")
        #expect(expression("a.b").asKeyword == nil)
        #expect(expression("[a, b.c, 1]").staticItems?.map(\.text) == ["a", "b.c", "1"])
        #expect(expression("a").staticItems == nil)
        let pairs = try #require(expression("{ a = string, \"b\" : list(number) }").staticPairs)
        #expect(pairs.map(\.key.text) == ["a", "\"b\""])
        #expect(pairs.map(\.value.text) == ["string", "list(number)"])
        let call = try #require(expression("optional(map(string), {})").staticCall)
        #expect(call.name == "optional")
        #expect(call.arguments.map(\.text) == ["map(string)", "{}"])
        #expect(expression("a::b::c(1)").staticCall?.name == "a::b::c")
        #expect(expression("\"plain\"").literal == .string("plain"))
        #expect(expression("<<EOT\na\nb\nEOT\n").literal == .string("a\nb\n"))
        #expect(expression("\"${a}\"").literal == nil)
    }

    @Test("Bodies say where everything stands")
    func ranges() throws {
        let text = "x = 1\nresource \"t\" \"n\" {\n  a = [1]\n}\n"
        let (tree, problems) = SyntaxTree.parse(Array(text.utf8), file: Source.file)
        func part(_ range: SourceRange) -> String {
            String(decoding: Array(text.utf8)[range.start..<range.end], as: UTF8.self)
        }
        #expect(problems.isEmpty)
        let attribute = try #require(tree.body.attributes.first)
        #expect(part(attribute.range) == "x = 1" && part(attribute.nameRange) == "x")
        let block = try #require(tree.body.blocks.first)
        #expect(block.type == "resource" && part(block.typeRange) == "resource")
        #expect(block.labels.map(\.text) == ["t", "n"])
        #expect(block.labels.map { part($0.range) } == ["\"t\"", "\"n\""])
        #expect(part(block.headerRange) == "resource \"t\" \"n\"")
        #expect(part(block.range) == "resource \"t\" \"n\" {\n  a = [1]\n}")
        #expect(block.body.attributes.map { part($0.expression.range) } == ["[1]"])
    }
}
