import Emulator
import JSON
import Testing

@Suite("Credentials of a narrower role")
struct RoleTests {
    /// Runs a test where roles count, with two environments, three accounts, and a Cloud key of the first account.
    private func withRoles(
        _ roles: [(name: String, on: String)],
        _ body: (RunningEmulator, _ admin: CloudClient, _ narrow: CloudClient) async throws -> Void
    ) async throws {
        var settings = switched { $0.enforcesRoles = true }
        settings.environments = 2
        settings.serviceAccounts = 3
        try await withEmulator(settings) { emulator, admin async throws in
            let organization = "crn://confluent.cloud/organization=\(await emulator.organization())"
            for role in roles {
                let binding: JSONValue = [
                    "principal": "User:sa-demo1", "role_name": .string(role.name),
                    "crn_pattern": .string(organization + role.on),
                ]
                #expect(try await admin.send("POST", "/iam/v2/role-bindings", binding).status == 201)
            }
            let key = try await emulator.addCloudKey(owner: "sa-demo1")
            try await body(emulator, admin, admin.with(user: key.id, password: key.secret))
        }
    }

    @Test("Without a role an account sees itself and its keys, and nothing else")
    func none() async throws {
        try await withRoles([]) { emulator, _, narrow async throws in
            let other = try await emulator.addKey(owner: "sa-demo2")
            let own = try await emulator.addKey(owner: "sa-demo1")
            #expect(try await narrow.send("GET", "/org/v2/environments").ids == [])
            #expect(try await narrow.send("GET", "/iam/v2/service-accounts").ids == ["sa-demo1"])
            #expect(try await narrow.send("GET", "/iam/v2/users").ids == [])
            #expect(
                try await narrow.send("GET", "/iam/v2/api-keys").ids
                    == [own.id, narrow.user].compactMap(\.self).sorted())
            for path in ["/iam/v2/api-keys/\(other.id)", "/org/v2/environments/env-demo1", "/iam/v2/users/u-demo1"] {
                #expect(try await narrow.send("GET", path).status == 403)
                #expect(try await narrow.send("DELETE", path).status == 403)
            }
            #expect(try await narrow.createKey(owner: "sa-demo2").status == 403)
            #expect(try await narrow.send("POST", "/org/v2/environments", ["display_name": "x"]).status == 403)
            #expect(try await narrow.send("POST", "/iam/v2/service-accounts", ["display_name": "x"]).status == 403)
            #expect(try await emulator.keys().count == 3)
        }
    }

    @Test("An EnvironmentAdmin makes and sees keys of the environment for anybody, and of no other")
    func environmentAdmin() async throws {
        try await withRoles([("EnvironmentAdmin", "/environment=env-demo1")]) { emulator, _, narrow async throws in
            let elsewhere = try await emulator.addKey(owner: "sa-demo2", environment: "env-demo2")
            #expect(try await narrow.send("GET", "/org/v2/environments").ids == ["env-demo1"])
            #expect(try await narrow.createKey(owner: "sa-demo2").status == 202)
            let refused = try await narrow.createKey(owner: "sa-demo2", environment: "env-demo2")
            #expect(refused.status == 403)
            #expect(refused.error["code"] == "user_unauthorized")
            let listed = try await narrow.send("GET", "/iam/v2/api-keys?spec.owner=sa-demo2")
            #expect(listed.ids.count == 1)
            #expect(!listed.ids.contains(elsewhere.id))
            let cloud: JSONValue = ["spec": ["owner": ["id": "sa-demo2"]]]
            #expect(try await narrow.send("POST", "/iam/v2/api-keys", cloud).status == 403)
        }
    }

    @Test(
        "Who may make a Flink key and a Cloud key for another account",
        arguments: [
            ("OrganizationAdmin", "", true, true), ("ResourceOwner", "/service-account=sa-demo2", true, true),
            ("ResourceOwner", "/service-account=sa-demo3", false, false),
            ("FlinkAdmin", "/environment=env-demo1", true, false),
            ("FlinkAdmin", "/environment=env-demo2", false, false), ("FlinkAdmin", "", true, false),
            ("ResourceKeyAdmin", "", false, false), ("FlinkDeveloper", "/environment=env-demo1", false, false),
            ("EnvironmentAdmin", "/environment=env-demo1/*", true, false),
        ])
    func makers(role: String, place: String, flink: Bool, cloud: Bool) async throws {
        try await withRoles([(role, place)]) { _, _, narrow async throws in
            #expect(try await narrow.createKey(owner: "sa-demo2").status == (flink ? 202 : 403))
            let body: JSONValue = ["spec": ["owner": ["id": "sa-demo2"]]]
            #expect(try await narrow.send("POST", "/iam/v2/api-keys", body).status == (cloud ? 202 : 403))
        }
    }

    @Test("A Flink key opens statements only if its owner may use Flink there")
    func statements() async throws {
        try await withRoles([("FlinkDeveloper", "/environment=env-demo1")]) { emulator, admin, _ async throws in
            let organization = await emulator.organization()
            let path = "/flink/aws.us-east-1/sql/v1/organizations/\(organization)/environments/env-demo1/statements"
            for (owner, status) in [("sa-demo1", 200), ("sa-demo2", 403)] {
                let key = try await emulator.addKey(owner: owner)
                #expect(try await admin.with(user: key.id, password: key.secret).send("GET", path).status == status)
            }
        }
    }

    @Test("A role that is taken away is gone at once, and a key that is deleted opens nothing")
    func revoked() async throws {
        try await withRoles([("OrganizationAdmin", "")]) { emulator, admin, narrow async throws in
            #expect(try await narrow.send("GET", "/org/v2/environments").ids == ["env-demo1", "env-demo2"])
            let pattern = "crn://confluent.cloud/organization=\(await emulator.organization())"
            let bindings = try await admin.send("GET", "/iam/v2/role-bindings?crn_pattern=\(pattern)").ids
            #expect(try await admin.send("DELETE", "/iam/v2/role-bindings/\(bindings[0])").status == 200)
            #expect(try await narrow.send("GET", "/org/v2/environments").ids == [])
            try await emulator.removeKey(try #require(narrow.user))
            #expect(try await narrow.send("GET", "/org/v2/environments").status == 401)
        }
    }
}
