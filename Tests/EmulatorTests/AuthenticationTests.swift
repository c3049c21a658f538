import Emulator
import JSON
import Testing

@Suite("Authentication on the control plane")
struct AuthenticationTests {
    private static let paths = [
        "/iam/v2/api-keys", "/iam/v2/service-accounts", "/iam/v2/users", "/org/v2/environments",
        "/org/v2/organizations", "/fcpm/v2/regions",
    ]

    @Test("No endpoint answers without the credentials of a key", arguments: paths)
    func refused(path: String) async throws {
        try await withEmulator { emulator, client async throws in
            let strangers = [
                client.with(user: nil), client.with(user: "NOBODY", password: "x"),
                client.with(user: emulator.cloudAPIKey, password: "wrong"),
            ]
            for stranger in strangers {
                let answer = try await stranger.send("GET", path)
                #expect(answer.status == 401)
                #expect(answer.error["code"] == "user_unauthenticated")
                #expect(answer.header("WWW-Authenticate")?.hasPrefix("Basic error=\"invalid_key\"") == true)
            }
            #expect(try await client.send("GET", path).status == 200)
        }
    }

    @Test("What is not Basic is refused", arguments: ["Bearer abc", "Basic", "Basic !!!", "Basic YWJj"])
    func malformed(header: String) async throws {
        try await withEmulator { _, client async throws in
            let answer = try await client.with(user: nil).send(
                "GET", "/iam/v2/users", headers: [("Authorization", header)])
            #expect(answer.status == 401)
        }
    }

    @Test("A Cloud key that was created here works, as soon as it is old enough")
    func createdCloudKey() async throws {
        try await withEmulator(switched { $0.readinessDelay = .seconds(10_000) }) { emulator, client async throws in
            let created = try await client.send("POST", "/iam/v2/api-keys", ["spec": ["owner": ["id": "u-demo1"]]])
            let id = try #require(created.json["id"]?.string)
            let secret = try #require(created.json["spec"]?["secret"]?.string)
            let other = client.with(user: id, password: secret)
            #expect(try await other.send("GET", "/iam/v2/api-keys").status == 401)
            await emulator.setSwitches { $0.clockOffset = .seconds(20_000) }
            #expect(try await other.send("GET", "/iam/v2/api-keys").status == 200)
            #expect(try await client.send("DELETE", "/iam/v2/api-keys/\(id)").status == 204)
            #expect(try await other.send("GET", "/iam/v2/api-keys").status == 401)
        }
    }

    @Test("A Flink key is told that it is no Cloud key", arguments: [401, 403])
    func wrongKind(status: Int) async throws {
        try await withEmulator(switched { $0.wrongKindStatus = status }) { emulator, client async throws in
            let key = try await emulator.addKey()
            let answer = try await client.with(user: key.id, password: key.secret).send("GET", "/iam/v2/api-keys")
            #expect(answer.status == status)
            #expect(answer.error["detail"]?.string?.hasPrefix("invalid API key: make sure you're using") == true)
        }
    }

    @Test("A Global key reaches the organization, but not the keys")
    func globalKey() async throws {
        try await withEmulator { _, client async throws in
            let body: JSONValue = ["spec": ["owner": ["id": "u-demo1"], "resource": ["id": "global"]]]
            let created = try await client.send("POST", "/iam/v2/api-keys", body)
            let other = client.with(
                user: created.json["id"]?.string, password: try #require(created.json["spec"]?["secret"]?.string))
            #expect(try await other.send("GET", "/org/v2/organizations").status == 200)
            #expect(try await other.send("GET", "/iam/v2/api-keys").status == 401)
        }
    }

    @Test("The seeded key is what the settings say")
    func seeded() async throws {
        var settings = EmulatorSettings()
        settings.organization.cloudAPIKey = "MINE"
        settings.organization.cloudAPISecret = "mine:with:colons"
        try await withEmulator(settings) { emulator, client async throws in
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            let usual = client.with(
                user: EmulatorSettings.defaultCloudAPIKey, password: EmulatorSettings.defaultCloudAPISecret)
            #expect(try await usual.send("GET", "/iam/v2/api-keys").status == 401)
            #expect(try await emulator.keys().isEmpty)
        }
    }
}
