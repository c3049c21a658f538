import Configuring
import Diagnostics
import Values
import Testing

struct VariableTests {
    private func file(_ text: String, _ name: String = "a.tfvars") -> VariableSource {
        .file(name: name, bytes: Array(text.utf8))
    }

    @Test func laterSourcesGoFirst() {
        var loaded = Loaded(
            "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" { default = \"d\" }\nvariable \"m\" {}")
        let values = loaded.resolve([
            .environment(name: "a", text: "1"), .environment(name: "b", text: "env"),
            .environment(name: "zz", text: "ignored"),
            file("a = 2"), file("{\"a\": \"3\"}", "b.tfvars.json"), .argument(name: "a", text: "4"),
        ])
        #expect(values.values["a"] == .string("4"))
        #expect(values.values["b"] == .string("env"))
        #expect(values.values["c"] == .string("d"))
        #expect(values.set == ["a", "b"])
        #expect(values.missing == ["m"])
        #expect(values.values["m"]?.isUnknown == true)
        #expect(loaded.summaries == [])
        #expect(loaded.configuration.missingVariable("m").subject == loaded.configuration.variables["m"]?.range)
    }

    /// As Terraform: texts are strings where no type is said, and expressions for `any` and all that is not primitive.
    @Test func textsAreReadByType() {
        var loaded = Loaded(
            """
            variable "none" {}
            variable "any" { type = any }
            variable "string" { type = string }
            variable "number" { type = number }
            variable "flag" { type = bool }
            variable "list" { type = list(string) }
            variable "object" { type = object({ a = string, b = optional(number, 7) }) }
            """)
        let texts = [
            "none": "{a=1}", "any": "{a=1}", "string": "[\"x\"]", "number": "5", "flag": "true", "list": "[\"x\", 1]",
            "object": "{ a = 1 }",
        ]
        let values = loaded.resolve(texts.sorted { $0.key < $1.key }.map { .environment(name: $0.key, text: $0.value) })
            .values
        #expect(loaded.summaries == [])
        #expect(values["none"] == .string("{a=1}"))
        #expect(values["any"] == .object(["a": .number(1)]))
        #expect(values["string"] == .string("[\"x\"]"))
        #expect(values["number"] == .number(5))
        #expect(values["flag"] == .bool(true))
        #expect(values["list"] == .list(.string, [.string("x"), .string("1")]))
        #expect(values["object"] == .object(["a": .string("1"), "b": .number(7)]))
    }

    @Test func undeclaredOnTheCommandLineIsAnError() {
        var loaded = Loaded("variable \"region\" {\n  default = 1\n}")
        _ = loaded.resolve([.argument(name: "regoin", text: "x")])
        #expect(loaded.summaries == ["Value for undeclared variable"])
        #expect(loaded.diagnostics.first?.severity == .error)
        #expect(loaded.shown().contains("Did you mean \"region\"?"))
    }

    @Test func nullTakesTheDefaultWhereNullIsNoValue() {
        var loaded = Loaded(
            "variable \"a\" {\n  default = 1\n  nullable = false\n}\nvariable \"b\" {\n  default = 1\n}")
        let values = loaded.resolve([file("a = null\nb = null")]).values
        #expect(values["a"] == .number(1))
        #expect(values["b"]?.isNull == true)
        #expect(loaded.summaries == [])
    }

    @Test func sensitiveValuesAreMarkedAndNeverShown() {
        let canary = "hunter2-canary"
        let declaration = "{\n  type = map(number)\n  sensitive = true\n}\n"
        var loaded = Loaded(
            "variable \"a\" \(declaration)variable \"b\" \(declaration)variable \"c\" \(declaration)variable \"d\" \(declaration)"
                + "variable \"e\" {\n  default = \"\(canary.prefix(3))\"\n  sensitive = true\n  validation {\n    condition = length(var.e) > 99\n    error_message = \"${var.e} is bad\"\n  }\n}"
        )
        let values = loaded.resolve([
            .environment(name: "a", text: "{ \"\(canary)\" = \"x\" }"), .argument(name: "b", text: "{ \(canary) = "),
            file("c = { \(canary) = \"x\" }\nundeclared = \"\(canary)\""),
            file("{\"d\": {\"\(canary)\": \"\(canary)\"}}", "d.tfvars.json"),
            .argument(name: "e", text: canary),
        ])
        #expect(!loaded.shown().contains("hunter2"), "\(loaded.shown())")
        #expect(loaded.diagnostics.filter { $0.severity == .error }.count == 5, "\(loaded.shown())")
        #expect(values.values.values.allSatisfy { $0.marks.contains(.sensitive) })
    }

    @Test func brokenFilesAreReported() {
        var loaded = Loaded("variable \"a\" {\n  default = 1\n}")
        _ = loaded.resolve([
            file("{", "a.tfvars.json"), file("[]", "b.tfvars.json"), file("a = ["),
            file("{\"a\": 1, \"a\": 2}", "c.tfvars.json"),
        ])
        #expect(loaded.diagnostics.count == 4, "\(loaded.shown())")
        #expect(loaded.diagnostics.allSatisfy { $0.severity == .error })
    }

    @Test func validationWaitsForValues() {
        var loaded = Loaded(
            "variable \"a\" {\n  validation {\n    condition = var.a > 3\n    error_message = \"x\"\n  }\n}")
        #expect(loaded.resolve().missing == ["a"])
        #expect(loaded.summaries == [])
        _ = loaded.resolve([.argument(name: "a", text: "4")])
        #expect(loaded.summaries == [])
        _ = loaded.resolve([.argument(name: "a", text: "3")])
        #expect(loaded.summaries == ["Invalid value for variable"])
    }

    /// What Terraform 1.11.4 makes of the same declarations.
    @Test(arguments: [
        (
            "object({a=optional(string,\"d\"), b=optional(object({c=optional(number,1)}),{})})", "{a=null}",
            Value.object(["a": .string("d"), "b": .object(["c": .number(1)])])
        ),
        (
            "list(object({a=string,b=optional(bool,true)}))", "[{a=1},{a=\"x\",b=null,c=5}]",
            .list(
                .object(ObjectType(["a": .string, "b": .bool])),
                [
                    .object(["a": .string("1"), "b": .bool(true)]), .object(["a": .string("x"), "b": .bool(true)]),
                ])
        ),
        ("map(any)", "{a=1,b=\"x\"}", .map(.string, ["a": .string("1"), "b": .string("x")])),
        (
            "object({a=optional(string,\"d\")})", "null", .null(.object(ObjectType(["a": .string])))
        ),
        (
            "set(object({a=optional(number,3)}))", "[{},{a=3},{a=\"4\"}]",
            .set(.object(ObjectType(["a": .number])), [.object(["a": .number(3)]), .object(["a": .number(4)])])
        ),
        (
            "tuple([string,object({q=optional(list(string),[\"z\"])})])", "[1,{}]",
            .tuple([.string("1"), .object(["q": .list(.string, [.string("z")])])])
        ),
    ]) func optionalAttributesHaveDefaults(_ type: String, _ text: String, _ expected: Value) {
        var byDefault = Loaded("variable \"v\" {\n  type = \(type)\n  default = \(text)\n}")
        #expect(byDefault.resolve().values["v"] == expected, "\(byDefault.shown())")
        var given = Loaded("variable \"v\" {\n  type = \(type)\n}")
        #expect(given.resolve([.environment(name: "v", text: text)]).values["v"] == expected, "\(given.shown())")
    }
}
