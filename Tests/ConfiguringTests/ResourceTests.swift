import Configuring
import Diagnostics
import Testing
import Values

struct ResourceTests {
    @Test func argumentsBecomeAnObjectOfTheSchemasType() throws {
        var loaded = Loaded(
            """
            variable "ports" { default = [1, 2] }
            resource "test_thing" "t" {
              for_each = { a = "x", b = null }
              name     = each.value
              sizes    = ["1", 2]
              tags     = { "${each.key}" = 1 }
              rule { port = "7" }
              dynamic "rule" {
                for_each = var.ports
                iterator = it
                content { port = it.value * 10 + it.key }
              }
            }
            """)
        let values = loaded.evaluate()
        #expect(loaded.summaries == [], "\(loaded.shown())")
        let object = try #require(values["test_thing.t[\"a\"]"]?.fields)
        #expect(object["name"] == .string("x"))
        #expect(object["id"] == .null(.string))
        #expect(object["input"]?.isNull == true)
        #expect(object["sizes"] == .list(.number, [.number(1), .number(2)]))
        #expect(object["tags"] == .map(.string, ["a": .string("1")]))
        #expect(object["rule"]?.elements?.compactMap { $0.fields?["port"]?.number?.int } == [7, 10, 21])
        #expect(values["test_thing.t[\"b\"]"]?.fields?["name"] == .null(.string))
        let schema = try #require(loaded.configuration.resources.first?.schema)
        #expect(values["test_thing.t[\"a\"]"]?.type == schema.type)
    }

    @Test func defaultsStandForWhatIsNotSet() {
        let owner = "owner {\n    id = \"u-1\"\n    kind = \"User\"\n    api_version = \"iam/v2\"\n  }\n"
        var loaded = Loaded(
            "resource \"confluent_api_key\" \"k\" {\n  \(owner)}\nresource \"confluent_api_key\" \"n\" {\n  disable_wait_for_ready = null\n  \(owner)}"
        )
        let values = loaded.evaluate()
        #expect(loaded.summaries == [])
        for name in ["k", "n"] {
            #expect(values["confluent_api_key.\(name)"]?.fields?["disable_wait_for_ready"] == .bool(false))
        }
    }

    @Test func providerCredentialsAreSecret() {
        var loaded = Loaded("provider \"confluent\" {\n  cloud_api_secret = \"s\"\n}")
        let fields = loaded.evaluate()["provider.confluent"]?.fields
        #expect(fields?["cloud_api_secret"] == Value(.string("s"), marks: [.sensitive, .secret]))
        #expect(fields?["cloud_api_key"] == .null(.string))
    }

    /// A secret is refused wherever it hides: in collections, templates, conditions, and where marks alone are left of it.
    @Test(arguments: [
        "input = secret(\"x\")", "input = { a = [secret(\"x\")] }", "name = \"a${secret(\"x\")}\"",
        "name = secret(true) ? \"a\" : \"b\"", "tags = { (secret(\"k\")) = \"v\" }",
        "sizes = [length(secret(\"abc\"))]",
        "rule {\n    port = secret(1)\n  }", "input = secret(null)", "name = confluent_api_key.k.secret",
        "dynamic \"rule\" {\n    for_each = secret({ a = 1 })\n    content {\n      port = length(rule.key)\n    }\n  }",
    ]) func secretsAreNoArguments(_ argument: String) {
        let key =
            "resource \"confluent_api_key\" \"k\" {\n  owner {\n    id = \"u-1\"\n    kind = \"User\"\n    api_version = \"v\"\n  }\n}\n"
        var loaded = Loaded(key + "resource \"test_thing\" \"t\" {\n  \(argument)\n}")
        let values = loaded.evaluate()
        #expect(loaded.summaries == ["Secret value in argument"], "\(loaded.shown())")
        #expect(values["test_thing.t"]?.allMarks.contains(.secret) == false)
    }

    @Test func namesOfInstances() throws {
        var loaded = Loaded(
            "resource \"test_thing\" \"e\" {\n  for_each = { a = 1, b = 2 }\n}\nresource \"test_thing\" \"c\" {\n  count = 2\n}\nresource \"test_thing\" \"s\" {}"
        )
        func expansion(_ name: String) throws -> Expansion {
            let address = ResourceAddress(mode: .managed, type: "test_thing", name: name)
            let resource = try #require(loaded.configuration.resource(address))
            return resource.repetition.expansion(
                in: Loaded.scope([:]), of: resource.construct, diagnostics: &loaded.diagnostics)
        }
        let each = try expansion("e")
        #expect(each.names(of: .key("b"))?["each"] == .object(["key": .string("b"), "value": .number(2)]))
        #expect(each.names(of: .key("c")) == nil && each.names(of: .index(0)) == nil && each.names(of: .none) == nil)
        let counted = try expansion("c")
        #expect(counted.names(of: .index(1))?["count"] == .object(["index": .number(1)]))
        #expect(counted.names(of: .index(2)) == nil && counted.names(of: .index(-1)) == nil)
        #expect(try expansion("s").names(of: .none) == [:])
        #expect(loaded.summaries == [])
    }

    @Test func ignoredPaths() throws {
        let loaded = Loaded(
            "resource \"test_thing\" \"t\" {\n  lifecycle {\n    ignore_changes = [name, rule[0].port]\n  }\n}\nresource \"test_thing\" \"u\" {\n  lifecycle {\n    ignore_changes = all\n  }\n}"
        )
        #expect(loaded.summaries == [])
        let ignored = try #require(loaded.configuration.resources.first?.lifecycle.ignored)
        let rule = ignored.inside(.attribute("rule"))
        #expect(
            ignored
                == IgnoredChanges(paths: [[.attribute("name")], [.attribute("rule"), .index(0), .attribute("port")]]))
        #expect(ignored.inside(.attribute("name")).isWhole && !rule.isWhole)
        #expect(rule.insideBlock.inside(.attribute("port")).isWhole)
        #expect(loaded.configuration.resources.last?.lifecycle.ignored.inside(.attribute("anything")).isWhole == true)
    }
}
