import Emulator
import JSON
import Testing

@Suite("Accounts, users, environments, the organization, regions")
struct OrganizationTests {
    @Test("A service account lives from creation to deletion, and takes its keys with it")
    func serviceAccount() async throws {
        try await withEmulator { emulator, client async throws in
            let path = "/iam/v2/service-accounts"
            let created = try await client.send("POST", path, ["display_name": "app", "description": "d"])
            #expect(created.status == 201)
            let id = try #require(created.json["id"]?.string)
            #expect(id.hasPrefix("sa-"))
            #expect(created.header("Location") == "\(emulator.url)\(path)/\(id)")
            #expect(try await client.send("GET", "\(path)/\(id)").json == created.json)

            let taken = try await client.send("POST", path, ["display_name": "app"])
            #expect(taken.status == 409)
            #expect(taken.header("Location") == "\(emulator.url)\(path)/\(id)")
            #expect(taken.error["code"] == "resource_already_exists")

            let updated = try await client.send("PATCH", "\(path)/\(id)", ["description": "e"])
            #expect(updated.json["description"] == "e")
            #expect(updated.json["display_name"] == "app")
            let clash = try await client.send("PATCH", "\(path)/\(id)", ["display_name": "demo-1"])
            #expect(clash.status == 409)

            let listed = try await client.send("GET", "\(path)?display_name=app&display_name=none")
            #expect(listed.ids == [id])

            _ = try await client.createKey(owner: id)
            let kept = try await emulator.addKey(owner: "sa-demo1")
            #expect(try await client.send("DELETE", "\(path)/\(id)").status == 204)
            #expect(try await emulator.keys() == [kept])
            let gone = try await client.send("GET", "\(path)/\(id)")
            #expect(gone.status == 404)
            #expect(gone.error["code"] == "service_account_not_found")
        }
    }

    @Test("Role bindings go with their account and with what they are on; pools and clusters with their environment")
    func cascades() async throws {
        try await withEmulator { emulator, client async throws in
            let organization = "crn://confluent.cloud/organization=\(await emulator.organization())"
            func bind(_ account: String, _ place: String) async throws -> String {
                let binding: JSONValue = [
                    "principal": .string("User:\(account)"), "role_name": "FlinkAdmin",
                    "crn_pattern": .string(organization + place),
                ]
                return try #require(try await client.send("POST", "/iam/v2/role-bindings", binding).json["id"]?.string)
            }
            let other = try #require(
                try await client.send("POST", "/org/v2/environments", ["display_name": "o"]).json["id"]?.string)
            let kept = [try await bind("u-demo1", ""), try await bind("u-demo1", "/environment=\(other)")]
            _ = try await bind("u-demo1", "/environment=env-demo1")
            _ = try await bind("u-demo1", "/environment=env-demo1/flink-region=aws.us-east-1")
            _ = try await bind("sa-demo1", "")
            let pool: JSONValue = [
                "spec": [
                    "display_name": "p", "cloud": "AWS", "region": "us-east-1", "environment": ["id": "env-demo1"],
                ]
            ]
            #expect(try await client.send("POST", "/fcpm/v2/compute-pools", pool).status == 202)

            #expect(try await client.send("DELETE", "/iam/v2/service-accounts/sa-demo1").status == 204)
            #expect(try await client.send("DELETE", "/org/v2/environments/env-demo1").status == 204)
            let left = try await emulator.objectIDs()
            #expect(left == Set(kept + [other, "u-demo1", await emulator.organization()]))
        }
    }

    @Test(
        "A service account needs a name of at most 64 characters",
        arguments: [
            ("{}", "/display_name"), (#"{"display_name":""}"#, "/display_name"),
            (#"{"display_name":"\#(String(repeating: "x", count: 65))"}"#, "/display_name"),
            (#"{"display_name":"y","description":"\#(String(repeating: "x", count: 129))"}"#, "/description"),
        ])
    func serviceAccountRefusals(body: String, pointer: String) async throws {
        try await withEmulator { _, client async throws in
            let answer = try await client.send("POST", "/iam/v2/service-accounts", text: body)
            #expect(answer.status == 400)
            #expect(answer.error["source"]?["pointer"]?.string == pointer)
        }
    }

    @Test("A user can be read, renamed and deleted with the keys, but not created")
    func user() async throws {
        try await withEmulator { emulator, client async throws in
            let path = "/iam/v2/users/u-demo1"
            #expect(try await client.send("GET", "/iam/v2/users").ids == ["u-demo1"])
            let renamed = try await client.send("PATCH", path, ["full_name": "Alex", "email": "x@example.com"])
            #expect(renamed.json["full_name"] == "Alex")
            #expect(renamed.json["email"] == "demo-1@example.com")
            #expect(try await client.send("POST", "/iam/v2/users", [:]).status == 405)
            try await emulator.addKey(owner: "u-demo1")
            #expect(try await client.send("DELETE", path).status == 204)
            #expect(try await client.send("GET", path).status == 404)
            #expect(try await emulator.keys().isEmpty)
        }
    }

    @Test("An environment lives from creation to deletion", arguments: [false, true])
    func environment(deletesKeys: Bool) async throws {
        try await withEmulator(switched { $0.environmentDeletesKeys = deletesKeys }) { emulator, client async throws in
            let path = "/org/v2/environments"
            let created = try await client.send("POST", path, ["display_name": "stag"])
            #expect(created.status == 201)
            #expect(created.json["stream_governance_config"]?["package"] == "ESSENTIALS")
            let id = try #require(created.json["id"]?.string)
            #expect(id.hasPrefix("env-"))
            #expect(created.header("Location") == "\(emulator.url)\(path)/\(id)")
            #expect(try await client.send("POST", path, ["display_name": "stag"]).status == 409)
            let change: JSONValue = ["stream_governance_config": ["package": "ADVANCED"], "display_name": "prod"]
            let updated = try await client.send("PATCH", "\(path)/\(id)", change)
            #expect(updated.json["stream_governance_config"]?["package"] == "ADVANCED")
            #expect(updated.json["display_name"] == "prod")
            #expect(try await client.send("GET", path).ids.contains(id))
            let wrong: JSONValue = ["display_name": "x", "stream_governance_config": ["package": "FREE"]]
            #expect(try await client.send("POST", path, wrong).status == 400)

            #expect(try await client.createKey(environment: id).status == 202)
            #expect(try await client.send("DELETE", "\(path)/\(id)").status == 204)
            #expect(try await client.send("GET", "\(path)/\(id)").error["code"] == "resource_not_found")
            #expect(try await emulator.keys().count == (deletesKeys ? 0 : 1))
        }
    }

    @Test("There is one organization, which can be renamed")
    func organization() async throws {
        try await withEmulator { emulator, client async throws in
            let id = await emulator.organization()
            #expect(try await client.send("GET", "/org/v2/organizations").ids == [id])
            let path = "/org/v2/organizations/\(id)"
            let renamed = try await client.send("PATCH", path, ["display_name": "Acme", "jit_enabled": false])
            #expect(renamed.json["display_name"] == "Acme" && renamed.json["jit_enabled"] == false)
            #expect(try await client.send("GET", path).json == renamed.json)
            #expect(try await client.send("PATCH", path, ["display_name": "<Acme>"]).status == 400)
            #expect(try await client.send("GET", "/org/v2/organizations/none").status == 404)
            #expect(try await client.send("DELETE", path).status == 405)
        }
    }

    @Test("Regions are filtered by cloud and name and lead back to the emulator")
    func regions() async throws {
        try await withEmulator { emulator, client async throws in
            let all = try await client.send("GET", "/fcpm/v2/regions?page_size=100")
            #expect(all.data.count == 33)
            let clouds = Set(all.data.compactMap { $0["cloud"]?.string })
            #expect(clouds == ["AWS", "AZURE", "GCP"])
            let one = try await client.send("GET", "/fcpm/v2/regions?cloud=AWS&region_name=us-east-1")
            #expect(one.ids == ["aws.us-east-1"])
            #expect(one.data.first?["display_name"] == "N. Virginia (us-east-1)")
            #expect(one.data.first?["http_endpoint"]?.string == "\(emulator.url)/flink/aws.us-east-1")
            #expect(try await client.send("GET", "/fcpm/v2/regions?cloud=MARS").ids == [])
            #expect(try await client.send("GET", "/fcpm/v2/regions/aws.us-east-1").status == 404)
        }
    }

    @Test("A new database holds as many accounts, users and environments as asked for")
    func seeds() async throws {
        var settings = EmulatorSettings()
        settings.serviceAccounts = 3
        settings.users = 0
        settings.environments = 2
        settings.organization.id = "22222222-2222-4222-8222-222222222222"
        try await withEmulator(settings) { _, client async throws in
            let accounts = try await client.send("GET", "/iam/v2/service-accounts")
            #expect(accounts.ids == ["sa-demo1", "sa-demo2", "sa-demo3"])
            #expect(try await client.send("GET", "/iam/v2/users").ids == [])
            #expect(try await client.send("GET", "/org/v2/environments").ids == ["env-demo1", "env-demo2"])
            #expect(try await client.send("GET", "/org/v2/organizations").ids == [settings.organization.id])
        }
    }
}
