import Diagnostics
import Testing
import Values

@Suite("Functions, marks and what is not known")
struct MarkTests {
    private let secret = Value.string("canary-of-a-secret").withMarks([.sensitive, .secret])

    @Test(
        "A secret stays one, whatever is done with it",
        arguments: [
            "nonsensitive(s)", "upper(s)", "jsonencode({a = s})", "base64encode(s)", "[s][0]", "join(\",\", [s])",
            "format(\"%s\", s)", "substr(s, 0, 4)", "\"${s}!\"", "s == \"x\"", "length(s)", "split(\"-\", s)",
            "try(s, \"x\")", "coalesce(s, \"x\")", "s != \"\" ? \"a\" : \"b\"", "{for k in [s] : k => 1}",
            "tostring(s)",
            "templatefile(\"hello.tftpl\", {name = s, numbers = []})", "merge({}, {a = s})", "lookup({a = s}, \"a\")",
            "replace(s, \"c\", \"k\")", "toset([s])", "reverse([s])", "element([s], 0)", "urlencode(s)",
            "regex(\"[a-z]+\", s)", "regexall(\"a\", s)", "textencodebase64(s, \"UTF-16LE\")", "base64gzip(s)",
            "templatestring(s, {})",
            "templatestring(t, {x = s})", "ephemeralasnull(s)", "pathexpand(s)", "yamlencode({a = s})",
            "yamldecode(s)", "replace(s, \"/a/\", \"b\")",
        ])
    func secretsStay(expression: String) {
        let (value, problems) = Language.evaluate(expression, ["s": secret, "t": .string("${x}")])
        #expect(problems.isEmpty)
        #expect(value.allMarks.contains(.secret))
    }

    @Test(
        "No message shows a secret",
        arguments: [
            "tonumber(s)", "jsondecode(s)", "s + 1", "s.a", "base64decode(s)", "{a=1}[s]", "regex(\"(\", s)",
            "regex(s, \"\")",
            "replace(s, \"/(/\", \"\")", "cidrhost(s, 1)", "yamldecode(\"[${s}\")", "timecmp(s, s)",
            "formatdate(s, \"2018-01-02T23:05:00Z\")",
        ])
    func messagesHide(expression: String) {
        let (_, problems) = Language.evaluate(expression, ["s": secret])
        #expect(problems.hasErrors)
        for problem in problems {
            #expect(!"\(problem.summary) \(problem.detail) \(problem.facts)".contains("canary"))
        }
    }

    @Test("The sensitive mark alone can be taken off")
    func nonsensitive() {
        let value = Value.string("x").withMarks(.sensitive)
        #expect(Language.evaluate("nonsensitive(v)", ["v": value]).value == .string("x"))
    }

    @Test(
        "What is not known makes the result unknown, of the right type",
        arguments: [
            ("upper(u)", ValueType.string), ("length(u)", .number), ("contains([\"a\"], u)", .bool), ("can(u)", .bool),
            ("regex(\"a\", u)", .string), ("regex(\"(a)(b)\", u)", .tuple([.string, .string])),
            ("regex(\"(?P<a>a)\", u)", .object(ObjectType(["a": .string]))), ("regex(u, \"a\")", .dynamic),
            ("regexall(\"(a)\", u)", .list(.tuple([.string]))), ("cidrsubnets(u, 1)", .list(.string)),
        ])
    func unknown(expression: String, type: ValueType) {
        let (value, problems) = Language.evaluate(expression, ["u": .unknown(.string)])
        #expect(problems.isEmpty)
        #expect(value.type == type)
    }

    @Test("The length of what is not known can be known")
    func lengths() {
        let names = ["u": Value.unknown(.string)]
        #expect(Language.evaluate("length([u, u])", names).value == .number(2))
        #expect(Language.evaluate("length(toset([u, \"a\"])) > 0", names).value.bool == true)
    }

    @Test("Files are read, and templates evaluated with the given names only")
    func templates() {
        let template = Language.evaluate("templatefile(\"hello.tftpl\", {name = \"you\", numbers = [1, 2]})").value
        #expect(template == .string("Hello, you! 1 2"))
        #expect(Language.evaluate("fileexists(\"hello.tftpl\")").value == .bool(true))
        #expect(Language.evaluate("abspath(\"a/../b\")").value == .string("/here/b"))
        #expect(Language.evaluate("file(\"none\")").problems.hasErrors)
        #expect(Language.evaluate("templatefile(\"hello.tftpl\", {name = \"you\"})").problems.hasErrors)
    }

    @Test("A template from elsewhere reads no files, calls itself not, and shows no secret")
    func templateStrings() {
        func problem(_ template: Value, _ variables: String = "{}") -> String {
            Language.evaluate("templatestring(t, \(variables))", ["t": template]).problems.map(\.detail).joined()
        }
        #expect(
            problem(.string("${file(\"hello.tftpl\")}")).contains("cannot use filesystem access functions like file"))
        #expect(problem(.string("${templatestring(x, {})}"), "{x = \"a\"}").contains("cannot recursively call"))
        #expect(problem(.string("a ${canary}")).contains("\"canary\", referenced at <templatestring argument>:1,5-11"))
        #expect(!problem(.string("a ${canary}").withMarks([.secret, .sensitive])).contains("canary"))
    }

    @Test("A text that stands for too much is refused")
    func yamlBounds() {
        func reason(_ text: String) -> String {
            Language.evaluate("yamldecode(t)", ["t": .string(text)]).problems.map(\.detail).joined()
        }
        let doubled = (1...40).map { "k\($0): &k\($0) [*k\($0 - 1), *k\($0 - 1)]" }.joined(separator: "\n")
        #expect(reason("k0: &k0 x\n" + doubled).contains("stands for more than 1000000 values"))
        #expect(reason(String(repeating: "[", count: 300) + String(repeating: "]", count: 300)).contains("too deeply"))
        #expect(reason(String(repeating: "- ", count: 100_000)).contains("too deeply"))
    }

    @Test("Moments and chance are not known while planning, but for the moment of the plan")
    func moments() {
        #expect(Language.evaluate("timestamp()").value == .unknown(.string, .notNull))
        #expect(Language.evaluate("uuid()").value == .unknown(.string, .notNull))
        #expect(Language.evaluate("plantimestamp()").value == .string("2026-11-30T12:00:00Z"))
    }

    @Test("A function of Terraform that is missing says so", arguments: ["rsadecrypt(\"a\", \"b\")", "bcrypt(\"a\")"])
    func later(expression: String) {
        let problems = Language.evaluate(expression).problems
        #expect(problems.contains { $0.detail.contains("not supported by this version") })
    }
}
