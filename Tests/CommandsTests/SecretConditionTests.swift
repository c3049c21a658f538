import EngineSupport
import Testing

/// Conditions that ask for a secret: no plan has one, so none could ever be decided.
@Suite struct SecretConditionTests {
    private static let key = "confluent_api_key.k"

    private static func rule(_ name: String, _ condition: String) -> String {
        "\(name) {\n condition = \(condition)\n error_message = \"wrong\"\n}\n"
    }

    private static func holder(_ rule: String) -> String {
        "resource \"terraform_data\" \"t\" {\n lifecycle {\n \(rule) }\n}\n"
    }

    @Test(
        "They are errors, before a key is made and afterwards",
        arguments: [
            holder(rule("precondition", "\(key).secret != \"\"")),
            holder(rule("precondition", "length(nonsensitive(\(key).secret)) > 8")),
            "output \"o\" {\n value = 1\n \(rule("precondition", "\(key).secret == null")) }\n",
        ])
    func errors(_ block: String) async throws {
        let base = Configurations.provider + Configurations.key("k")
        try await Workplace.with { place in
            try place.configure(base + block)
            for command in ["validate", "plan"] {
                let run = await place.run(command)
                #expect(run.status == 1 && run.errors.contains("Error: Secret value in condition"), "\(run.text)")
            }
            try place.configure(base)
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(base + block)
            let run = await place.run("plan")
            #expect(run.status == 1 && run.errors.contains("Error: Secret value in condition"), "\(run.text)")
        }
    }

    @Test("In a check it is a warning; what else of a key is known may be asked for")
    func others() async throws {
        try await Workplace.with { place in
            let check = "check \"c\" {\n \(Self.rule("assert", "\(Self.key).secret != null")) }\n"
            try place.configure(
                Configurations.provider
                    + Configurations.key("k", lifecycle: Self.rule("postcondition", "self.id != \"\""))
                    + Self.holder(Self.rule("precondition", "\(Self.key).id != \"\"")) + check)
            let run = await place.run("apply", "-auto-approve")
            #expect(run.status == 0, "\(run.text)")
            #expect(run.output.contains("Warning: Secret value in condition"), "\(run.text)")
            #expect(try await place.leaks(run) == [])
        }
    }
}
