import Emulator
import EngineSupport
import JSON
import TestSupport
import Testing

/// Taking a Terraform state over, and giving it back, with the whole program.
@Suite(.serialized) struct AdoptionTests {
    private static let lineage = "954b1594-43d9-1f60-728f-c691202ab279"

    private static let configuration =
        Configurations.provider + Configurations.key("a") + Configurations.key("b") + Configurations.secretOutput("a")

    /// Makes keys, gives the state out as Terraform's, and lets nothing of flinkform's stay.
    ///
    /// Returns what Terraform would have.
    private static func terraformState(_ place: Workplace, _ text: String = configuration) async throws -> [UInt8] {
        try place.configure(text)
        let applied = await place.run("apply", "-auto-approve")
        #expect(applied.status == 0, "\(applied.text)")
        place.expectSecrets(in: "terraform.tfstate")
        let pulled = await place.run(
            "state", "pull", "-with-secrets", "-auto-approve", "-out=terraform.tfstate")
        #expect(pulled.status == 0, "\(pulled.text)")
        for path in place.files.paths where path.contains("flinkform.tfstate") { place.files.takeAway(path) }
        return try #require(place.files.bytes(place.path("terraform.tfstate")))
    }

    // MARK: - There and back

    @Test("What the real provider recorded comes back in its very bytes, with the next serial")
    func realProvider() async throws {
        try await Workplace.with { place in
            let original = try Fixtures.text("state/confluent/provider.tfstate")
            let secret = try #require(
                try JSONValue(parsing: original)["resources"]?.array?.first?["instances"]?.array?.first?["attributes"]?[
                    "secret"]?.string)
            try place.configure(Configurations.provider + Configurations.key("k", displayName: "\"d\"", owner: "sa-1"))
            place.files.put(Array(original.utf8), at: place.path("terraform.tfstate"), isOpenToOthers: true)
            let adopted = await place.run("adopt", "-auto-approve", "-refresh=false")
            #expect(adopted.status == 0, "\(adopted.text)")
            #expect(Leaks.find(secret, in: adopted.text).isEmpty)
            #expect(Leaks.find(secret, in: place.text("flinkform.tfstate") ?? "").isEmpty)
            #expect(place.text("terraform.tfstate") == original)
            let id = try #require(try place.managed()["confluent_api_key.k"])
            #expect(await place.secret(of: id) == secret)
            let pulled = await place.run("state", "pull", "-with-secrets", "-auto-approve")
            #expect(pulled.output == original.replacing("\"serial\": 1,", with: "\"serial\": 2,"))
        }
    }

    @Test(
        "terraform_data beside a key comes back in its very bytes, with the next serial, whatever was planned between")
    func mixed() async throws {
        try await Workplace.with { place in
            var content = try #require(
                try JSONValue(parsing: Fixtures.bytes("state/terraform/mixed.tfstate")).object)
            let key = try JSONValue(parsing: Fixtures.bytes("state/confluent/provider.tfstate"))
            content["resources"] = .array((key["resources"]?.array ?? []) + (content["resources"]?.array ?? []))
            let original = JSONValue.object(content).text(.indented) + "\n"
            try place.configure(
                Configurations.provider + Configurations.key("k", displayName: "\"d\"", owner: "sa-1")
                    + (try Fixtures.text("state/mixed.tf")))
            place.files.put(Array(original.utf8), at: place.path("terraform.tfstate"), isOpenToOthers: true)
            let adopted = await place.run("adopt", "-auto-approve", "-refresh=false")
            #expect(adopted.status == 0, "\(adopted.text)")
            let plan = await place.run(
                "plan", "-detailed-exitcode", "-target=terraform_data.one", "-target=terraform_data.each")
            #expect(plan.status == 0, "\(plan.text)")
            let pulled = await place.run("state", "pull", "-with-secrets", "-auto-approve")
            #expect(pulled.output == original.replacing("\"serial\": 7,", with: "\"serial\": 8,"))
        }
    }

    @Test("After an adoption the plan is empty, outputs included, and the way back is what it was")
    func emptyPlan() async throws {
        try await Workplace.with { place in
            let text =
                Self.configuration
                + Configurations.key("each", displayName: "each.key", more: "for_each = toset([\"x\", \"y\"])")
                + Configurations.key(
                    "counted", displayName: "\"c\"", more: "count = 1\n  depends_on = [confluent_api_key.a]")
            let original = try await Self.terraformState(place, text)
            let before = await place.run("plan")
            #expect(before.status == 1 && before.errors.contains("adopt terraform.tfstate"), "\(before.text)")
            let adopted = await place.run("adopt", "-auto-approve")
            #expect(adopted.status == 0, "\(adopted.text)")
            #expect(place.files.bytes(place.path("terraform.tfstate")) == original)
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
            for key in try await place.emulator.keys() { #expect(await place.secret(of: key.id) == key.secret) }
            #expect(try await place.leaks(before, adopted, plan) == [])
            place.expectSecrets(in: "back.tfstate")
            let pulled = await place.run("state", "pull", "-with-secrets", "-auto-approve", "-out=back.tfstate")
            #expect(pulled.status == 0, "\(pulled.text)")
            var wanted = try #require(try JSONValue(parsing: original).object)
            wanted["serial"] = wanted["serial"]?.int.map { .number(JSONNumber($0 + 1)) }
            let back = try JSONValue(parsing: try #require(place.files.bytes(place.path("back.tfstate"))))
            #expect(back == .object(wanted))
            #expect(!place.files.isOpenToOthers(place.path("back.tfstate")))
        }
    }

    @Test("The documentation's full example is taken over whole")
    func neighbours() async throws {
        try await Workplace.with { place in
            _ = try await Self.terraformState(place, try Fixtures.text("cli/neighbours/main.tf"))
            let adopted = await place.run("adopt", "-auto-approve")
            #expect(adopted.status == 0, "\(adopted.text)")
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
            #expect(try await place.leaks(adopted, plan) == [])
        }
    }

    @Test("Outputs that hold a secret in any form do not bring it into the state")
    func outputs() async throws {
        try await Workplace.with { place in
            let text =
                Configurations.provider + Configurations.key("a")
                    + """
                    output "header" {
                      value     = base64encode("${confluent_api_key.a.id}:${confluent_api_key.a.secret}")
                      sensitive = true
                    }

                    output "name" {
                      value = confluent_api_key.a.display_name
                    }

                    """
            let original = try await Self.terraformState(place, text)
            // A Terraform that was configured otherwise, once, and did not think it sensitive.
            let key = try #require(try await place.emulator.keys().first)
            var json = try #require(try JSONValue(parsing: original).object)
            json["outputs"] = ["name": ["value": .string("name \(key.secret)"), "type": "string"]]
            place.files.put(JSONValue.object(json).bytes(.indented), at: place.path("other.tfstate"))
            place.expectSecrets(in: "other.tfstate")
            for file in ["other.tfstate", "terraform.tfstate"] {
                let adopted = await place.run("adopt", "-auto-approve", file)
                #expect(adopted.status == 0, "\(adopted.text)")
                #expect(try await place.leaks(adopted) == [], "\(file)")
            }
            let scrubbed = await place.run("adopt", "-auto-approve", "-scrub")
            #expect(scrubbed.status == 0, "\(scrubbed.text)")
            place.expectSecrets(in: "terraform.tfstate", false)
            #expect(try await place.leaks(scrubbed) == [])
        }
    }

    // MARK: - Faults

    @Test("Adoption goes on after a stop at any effect", arguments: ForgetfulFileSystem.Fault.allCases)
    func adopting(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await CrashTests.everyEffect(fault, seeds: 7_000) { place in
            _ = try await Self.terraformState(place)
        } _: { place in
            await place.run("adopt", "-auto-approve")
        } after: { place, text in
            let original = place.text("terraform.tfstate")
            // Either nothing is adopted, or everything is: what the state has, the secret store has, too.
            for id in try place.managed().values { #expect(await place.secret(of: id) != nil, "\(text)") }
            #expect([0, 2].contains(try place.managed().count), "\(text)")
            let again = await place.run("adopt", "-auto-approve")
            #expect(again.status == 0, "\(text)\n--- then:\n\(again.text)")
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(text)\n--- then:\n\(plan.text)")
            for key in try await place.emulator.keys() {
                #expect(await place.secret(of: key.id) == key.secret, "\(text): \(key.name)")
            }
            #expect(place.text("terraform.tfstate") == original, "\(text)")
            #expect(try await place.leaks(again, plan) == [], "\(text)")
        }
        #expect(effects > 8 && effects < 1_000)
    }

    @Test("Scrubbing goes on after a stop at any effect", arguments: ForgetfulFileSystem.Fault.allCases)
    func scrubbing(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await CrashTests.everyEffect(fault, seeds: 9_000) { place in
            let original = try await Self.terraformState(place)
            place.expectSecrets(in: "terraform.tfstate.backup")
            place.expectSecrets(in: "terraform.tfstate.tmp")
            place.files.put(original, at: place.path("terraform.tfstate.backup"), isOpenToOthers: true)
            let adopted = await place.run("adopt", "-auto-approve")
            #expect(adopted.status == 0, "\(adopted.text)")
        } _: { place in
            await place.run("adopt", "-scrub", "-auto-approve")
        } after: { place, text in
            // The file is the old one or the new one, whole.
            let bytes = try #require(place.files.bytes(place.path("terraform.tfstate")), "\(text)")
            #expect(try JSONValue(parsing: bytes)["resources"]?.array?.count == 2, "\(text)")
            let again = await place.run("adopt", "-scrub", "-auto-approve")
            #expect(again.status == 0, "\(text)\n--- then:\n\(again.text)")
            for name in ["terraform.tfstate", "terraform.tfstate.backup"] { place.expectSecrets(in: name, false) }
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(text)\n--- then:\n\(plan.text)")
            for key in try await place.emulator.keys() {
                #expect(await place.secret(of: key.id) == key.secret, "\(text): \(key.name)")
            }
            #expect(try await place.leaks(again, plan) == [], "\(text)")
        }
        #expect(effects > 8 && effects < 1_000)
    }

    // MARK: - Another organisation

    @Test("Without one object in sight nothing is adopted; an adoption unseen is not taken for gone")
    func nothingSeen() async throws {
        try await Workplace.with { place in
            _ = try await Self.terraformState(place)
            await place.emulator.setSwitches { $0.goneStatus = 404 }
            for key in try await place.emulator.keys() { try await place.emulator.removeKey(key.id) }
            let adopted = await place.run("adopt", "-auto-approve")
            #expect(adopted.status == 1 && adopted.errors.contains("No object found at the cloud"), "\(adopted.text)")
            #expect(try place.managed().isEmpty)
            let unseen = await place.run("adopt", "-auto-approve", "-refresh=false")
            #expect(unseen.status == 0, "\(unseen.text)")
            let plan = await place.run("apply", "-auto-approve")
            #expect(plan.status == 1 && plan.errors.contains("Object not found in this organization"), "\(plan.text)")
            #expect(try await place.emulator.keys().isEmpty)
        }
    }
}
