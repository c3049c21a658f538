import EngineSupport
import TestSupport
import Testing

/// Expressions that are asked about.
@Suite struct ConsoleCommandTests {
    private static let configuration = """
        variable "v" { default = "d" }
        locals { l = { a = 1, b = ["x"] } }
        resource "terraform_data" "made" { input = "x" }
        module "m" { source = "./m" }
        """

    @Test(
        "An expression is evaluated against configuration and state",
        arguments: [
            ("1 + 2", "3"), ("upper(var.v)", "\"D\""), ("local.l", "{\n  \"a\" = 1\n  \"b\" = [\n    \"x\",\n  ]\n}"),
            ("terraform_data.made.output", "\"x\""), ("terraform_data.later.id", "(known after apply)"),
            ("toset([\"a\"])", "toset([\n  \"a\",\n])"), ("[\n1,\n2]", "[\n  1,\n  2,\n]"), ("null", "null"),
            ("sensitive(1)", "(sensitive value)"), ("module.m.o", "\"d-m\""), ("\"[\"", "\"[\""),
            ("\"a ${upper(\"(\")}\"", "\"a (\""),
            ("timestamp() != \"\"", "true"),
        ])
    func values(_ expression: String, _ text: String) async throws {
        try await Workplace.with { place in
            try place.configure("output \"o\" { value = \"d-m\" }", as: "m/main.tf")
            try place.configure(Self.configuration)
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(Self.configuration + "\nresource \"terraform_data\" \"later\" {}")
            let run = await place.run(["console"], input: expression + "\n")
            #expect(run.status == 0 && run.output == text + "\n" && run.errors.isEmpty, "\(run.text)")
        }
    }

    @Test(
        "What is wrong is told, and ends a script",
        arguments: [
            ("1 +", "Error: Missing expression"), ("nothing.here", "Error: Reference to undeclared resource"),
            ("local.l.c", "Error: Unsupported attribute"), ("nope()", "Error: Call to unknown function"),
            ("each.key", "Error: "), ("self.id", "Error: "),
        ])
    func faults(_ expression: String, _ summary: String) async throws {
        try await Workplace.with { place in
            try place.configure("output \"o\" { value = 1 }", as: "m/main.tf")
            try place.configure(Self.configuration)
            let run = await place.run(["console"], input: "1\n\n\(expression)\n2\n")
            #expect(run.status == 1 && run.output == "1\n", "\(run.text)")
            #expect(run.errors.contains(summary) && run.errors.contains("on <console-input> line 1"), "\(run.text)")
        }
    }

    @Test("A secret is not told, whatever is done with it")
    func secrets() async throws {
        try await Workplace.with { place in
            try place.configure(Configurations.provider + Configurations.key("k"))
            #expect(await place.run("apply", "-auto-approve").status == 0)
            let run = await place.run(
                ["console"],
                input:
                    "confluent_api_key.k.secret\nnonsensitive(\"x${confluent_api_key.k.secret}\")\nconfluent_api_key.k\nexit\n9\n"
            )
            #expect(run.status == 0 && !run.output.contains("9\n"), "\(run.text)")
            #expect(try await place.leaks(run) == [])
        }
    }
}
