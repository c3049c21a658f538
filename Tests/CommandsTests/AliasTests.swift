import EngineSupport
import Emulator
import Foundation
import Testing

/// Several provider blocks: several organisations in one run.
@Suite struct AliasTests {
    /// A place with two clouds: the default provider is the first, `confluent.second` the other.
    private func with(_ work: (Workplace, RunningEmulator) async throws -> Void) async throws {
        var settings = EmulatorSettings()
        settings.organization.id = "2222bbbb-22bb-22bb-22bb-222222bbbbbb"
        let other = try await RunningEmulator.start(settings)
        do {
            try await Workplace.with { try await work($0, other) }
        } catch {
            await other.stop()
            throw error
        }
        await other.stop()
    }

    private func second(_ emulator: RunningEmulator) -> String {
        """
        variable "second_secret" {
          sensitive = true
        }

        provider "confluent" {
          alias            = "second"
          endpoint         = "\(emulator.url)"
          cloud_api_key    = "\(emulator.cloudAPIKey)"
          cloud_api_secret = var.second_secret
        }


        """
    }

    private let here = Configurations.key("here")
    private func there(_ provider: String = "confluent.second") -> String {
        Configurations.key("there", more: "provider = \(provider)")
    }
    private let region = """
        data "confluent_organization" "there" {
          provider = confluent.second
        }

        output "organization" {
          value = data.confluent_organization.there.id
        }
        """

    /// Runs a command with the secret of the second provider's key in the environment.
    private func run(_ place: Workplace, _ other: RunningEmulator, _ arguments: String...) async -> Workplace.Transcript
    {
        await place.run(arguments, environment: ["TF_VAR_second_secret": other.cloudAPISecret])
    }

    @Test("Each resource is made, read and destroyed by the provider that it names")
    func twoOrganizations() async throws {
        try await with { place, other in
            try place.configure(Configurations.provider + second(other) + here + there() + region)
            let applied = await run(place, other, "apply", "-auto-approve")
            #expect(applied.status == 0, "\(applied.text)")
            #expect(try await place.emulator.keys().map(\.name) == ["here"])
            #expect(try await other.keys().map(\.name) == ["there"])
            #expect(applied.output.contains(#"organization = "2222bbbb"#))
            let state = place.text("flinkform.tfstate") ?? ""
            #expect(state.contains(#"provider[\"registry.terraform.io/confluentinc/confluent\"].second"#))
            let plan = await run(place, other, "plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
            // A resource that went from the configuration is destroyed where it is.
            try place.configure(Configurations.provider + second(other) + here)
            let shrunk = await run(place, other, "apply", "-auto-approve")
            #expect(shrunk.status == 0, "\(shrunk.text)")
            #expect(try await other.keys().isEmpty)
            let destroyed = await run(place, other, "destroy", "-auto-approve")
            #expect(destroyed.status == 0, "\(destroyed.text)")
            #expect(try await place.emulator.keys().isEmpty)
        }
    }

    @Test("A saved plan is applied where it was made, each part by its provider")
    func savedPlan() async throws {
        try await with { place, other in
            try place.configure(Configurations.provider + second(other) + here + there())
            let planned = await run(place, other, "plan", "-out=plan")
            #expect(planned.status == 0, "\(planned.text)")
            let applied = await run(place, other, "apply", "plan")
            #expect(applied.status == 0, "\(applied.text)")
            #expect(try await place.emulator.keys().count == 1)
            #expect(try await other.keys().count == 1)
        }
    }

    @Test("An object stays with its organisation: another alias is an error, and nothing is taken for gone")
    func moved() async throws {
        try await with { place, other in
            try place.configure(Configurations.provider + second(other) + here + there())
            _ = await run(place, other, "apply", "-auto-approve")
            try place.configure(Configurations.provider + second(other) + here + there("confluent"))
            let moved = await run(place, other, "plan")
            #expect(moved.status == 1)
            #expect(moved.errors.contains("Objects of another organization"), "\(moved.text)")
            #expect(moved.errors.contains("confluent_api_key.there"))
            // The block is gone, and the object is still there.
            try place.configure(Configurations.provider + here)
            let gone = await run(place, other, "plan")
            #expect(gone.status == 1)
            #expect(gone.errors.contains("Provider configuration not present"), "\(gone.text)")
            #expect(try await other.keys().count == 1)
        }
    }

    @Test(
        "A create that was interrupted in one organisation is settled there",
        arguments: ["drop,when=after", "500,when=after"])
    func settling(fault: String) async throws {
        try await with { place, other in
            try place.configure(Configurations.provider + second(other) + here + there())
            let parsed = try Fault(parsing: fault + ",on=1")
            await other.setSwitches { $0.faults = [parsed] }
            place.files.arrange(.crashBefore, atEffect: 30)
            _ = await run(place, other, "apply", "-auto-approve", "-parallelism=1")
            place.files.restart(.everything)
            await other.setSwitches { $0.faults = [] }
            let again = await run(place, other, "apply", "-auto-approve", "-parallelism=1")
            #expect(again.status == 0, "\(again.text)")
            #expect(try await place.emulator.keys().count == 1)
            #expect(try await other.keys().count == 1)
            let plan = await run(place, other, "plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
        }
    }
}
