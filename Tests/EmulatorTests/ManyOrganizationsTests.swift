import Emulator
import FoundationEssentials
import JSON
import Testing

@Suite("Several organizations")
struct ManyOrganizationsTests {
    private static let second = SeedOrganization(
        id: "22222222-2222-4222-8222-222222222222", cloudAPIKey: "SECONDKEY", cloudAPISecret: "second")

    private static var settings: EmulatorSettings {
        var settings = EmulatorSettings()
        settings.otherOrganizations = [second]
        return settings
    }

    @Test("The credentials of each see its own objects")
    func separate() async throws {
        try await withEmulator(ManyOrganizationsTests.settings) { emulator, client async throws in
            let other = client.with(user: "SECONDKEY", password: "second")
            #expect(try await client.send("GET", "/org/v2/environments").ids == ["env-demo1"])
            #expect(try await other.send("GET", "/org/v2/environments").ids == ["env-org2-1"])
            #expect(try await other.send("GET", "/org/v2/organizations").ids == [ManyOrganizationsTests.second.id])
            #expect(try await other.send("GET", "/cmk/v2/clusters?environment=env-org2-1").ids == ["lkc-org2-1"])

            let made = try await other.createKey(owner: "sa-org2-1", environment: "env-org2-1")
            #expect(made.status == 202)
            let id = try #require(made.json["id"]?.string)
            #expect(try await client.send("GET", "/iam/v2/api-keys/\(id)").status == 403)
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            #expect(try await client.createKey(owner: "sa-org2-1").status == 403)
            #expect(try await emulator.keys() == [])
            #expect(try await emulator.keys(organization: 1).map(\.id) == [id])

            // A name that is taken in one is free in the other.
            let account: JSONValue = ["display_name": "app"]
            #expect(try await client.send("POST", "/iam/v2/service-accounts", account).status == 201)
            #expect(try await other.send("POST", "/iam/v2/service-accounts", account).status == 201)
        }
    }

    @Test("A key works in its organization only")
    func keys() async throws {
        try await withEmulator(ManyOrganizationsTests.settings) { emulator, client async throws in
            let other = client.with(user: "SECONDKEY", password: "second")
            let made = try await other.createKey(owner: "sa-org2-1", environment: "env-org2-1")
            let key = client.with(
                user: made.json["id"]?.string, password: made.json["spec"]?["secret"]?.string ?? "")
            func probe(_ organization: String, _ environment: String) async throws -> Int {
                let place = "organizations/\(organization)/environments/\(environment)/statements"
                return try await key.send("GET", "/flink/aws.us-east-1/sql/v1/\(place)").status
            }
            #expect(try await probe(ManyOrganizationsTests.second.id, "env-org2-1") == 200)
            #expect(try await probe(await emulator.organization(), "env-demo1") == 403)
            #expect(
                try await client.with(user: "SECONDKEY", password: "wrong").send("GET", "/iam/v2/users").status == 401)
        }
    }

    @Test("Each has a file of its own, which survives a restart")
    func files() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).sqlite"
        defer {
            for end in ["", "-wal", "-shm"] {
                for file in [path, path + ".org2"] { try? FileManager.default.removeItem(atPath: file + end) }
            }
        }
        var settings = ManyOrganizationsTests.settings
        settings.database = path
        try await withEmulator(settings) { _, client async throws in
            let other = client.with(user: "SECONDKEY", password: "second")
            #expect(try await other.createKey(owner: "sa-org2-1", environment: "env-org2-1").status == 202)
        }
        try await withEmulator(settings) { emulator, _ async throws in
            #expect(try await emulator.keys().isEmpty)
            #expect(try await emulator.keys(organization: 1).count == 1)
        }
    }

    @Test("Two of them cannot have the same id or key")
    func alike() async throws {
        var settings = EmulatorSettings()
        settings.otherOrganizations = [settings.organization]
        await #expect(throws: EmulatorError.organizationsAlike(settings.organization.id)) {
            try await RunningEmulator.start(settings)
        }
        settings.otherOrganizations[0].id = "other"
        await #expect(throws: EmulatorError.organizationsAlike(settings.organization.cloudAPIKey)) {
            try await RunningEmulator.start(settings)
        }
    }

    @Test("An organization is read from the command line, or refused", arguments: ["", "a,b", "a,,c", "a,b,c,d"])
    func misnamed(text: String) throws {
        #expect(throws: EmulatorError.organizationMisnamed) { try SeedOrganization(parsing: text) }
        let organization = try SeedOrganization(parsing: "a,b,c")
        #expect(organization == SeedOrganization(id: "a", cloudAPIKey: "b", cloudAPISecret: "c"))
    }
}
