import Applying
import ConfluentProvider
import Configuring
import Diagnostics
import Emulator
import Testing
import Values

/// Role bindings, of which the cloud says neither that one is there already nor that one is gone.
@Suite struct RoleBindingTests {
    private static let type = "confluent_role_binding"

    private func planned(_ role: String = "FlinkDeveloper", on pattern: String) -> Value {
        .object([
            "id": .string(""), "principal": .string("User:sa-demo1"), "role_name": .string(role),
            "crn_pattern": .string(pattern), "disable_wait_for_ready": .bool(false),
        ])
    }

    private func organization(_ cloud: Cloud) -> String {
        "crn://confluent.cloud/organization=\(cloud.provider.place?.organization ?? "")"
    }

    private func create(_ planned: Value, _ cloud: Cloud) async throws -> Value {
        switch await cloud.provider.create(type: Self.type, planned: planned) {
        case .created(let object, secret: nil): return object
        case .created: throw Diagnostic.error("A secret", "A role binding came with a secret.")
        case .refused(let diagnostic), .ambiguous(let diagnostic): throw diagnostic
        }
    }

    @Test(
        "A binding that is there already, or whose answer was lost, is found; there is never a second",
        arguments: ["drop,when=after", "500,when=after", "empty:202,when=after"])
    func found(fault: String) async throws {
        try await Cloud.with { cloud in
            let wanted = planned(on: organization(cloud) + "/environment=env-demo1")
            let parsed = try Fault(parsing: fault + ",on=1")
            await cloud.emulator.setSwitches { $0.faults = [parsed] }
            let first = try await create(wanted, cloud)
            await cloud.emulator.setSwitches { $0.faults = [] }
            let second = try await create(wanted, cloud)
            #expect(first == second)
            #expect(first.fields?["id"]?.string?.hasPrefix("rb-") == true)
        }
    }

    enum Witness: CaseIterable { case samePattern, organization, accountGone, none }

    @Test("A binding that answers 403 is gone only if something proves it", arguments: Witness.allCases)
    func gone(_ witness: Witness) async throws {
        try await Cloud.with { cloud in
            let pattern = organization(cloud) + "/environment=env-demo1"
            let binding = try await create(planned(on: pattern), cloud)
            switch witness {
            case .samePattern: _ = try await create(planned("FlinkAdmin", on: pattern), cloud)
            case .organization: _ = try await create(planned("OrganizationAdmin", on: organization(cloud)), cloud)
            case .accountGone, .none: break
            }
            try await cloud.provider.delete(type: Self.type, prior: binding)
            if witness == .accountGone {
                try await cloud.provider.delete(
                    type: "confluent_service_account",
                    prior: .object(["id": .string("sa-demo1")]))
            }
            switch await cloud.provider.read([ReadRequest(type: Self.type, prior: binding)])[0] {
            case .gone: #expect(witness != .none)
            case .failed(let diagnostic):
                #expect(witness == .none)
                #expect(diagnostic.summary == "Role binding not visible to these credentials")
            case .object: Issue.record("it is there")
            }
        }
    }
}
