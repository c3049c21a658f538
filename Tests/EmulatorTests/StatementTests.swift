import Emulator
import JSON
import Testing

@Suite("The statements endpoint as a probe for readiness")
struct StatementTests {
    private func probe(
        _ client: CloudClient, _ key: StoredKey, region: String = "aws.us-east-1", environment: String = "env-demo1",
        organization: String = EmulatorSettings.defaultOrganization, secret: String? = nil
    ) async throws -> CloudClient.Answer {
        try await client.with(user: key.id, password: secret ?? key.secret).send(
            "GET",
            "/flink/\(region)/sql/v1/organizations/\(organization)/environments/\(environment)/statements?page_size=1")
    }

    @Test("A key works from its readiness on, at the endpoint that its region names")
    func readiness() async throws {
        try await withEmulator(switched { $0.readinessDelay = .seconds(3600) }) { emulator, client async throws in
            let key = try await emulator.addKey()
            #expect(try await probe(client, key).status == 401)
            await emulator.setSwitches { $0.clockOffset = .seconds(3000) }
            #expect(try await probe(client, key).status == 401)
            await emulator.setSwitches { $0.clockOffset = .seconds(3700) }
            let regions = try await client.send("GET", "/fcpm/v2/regions?cloud=aws&region_name=us-east-1")
            let endpoint = try #require(regions.data.first?["http_endpoint"]?.string)
            let path = "/sql/v1/organizations/\(await emulator.organization())/environments/env-demo1/statements"
            let user = client.with(user: key.id, password: key.secret)
            let answer = try await user.send("GET", endpoint + path)
            #expect(answer.status == 200)
            #expect(answer.json["kind"] == "StatementList")
            #expect(answer.data.isEmpty)
        }
    }

    @Test("Before that the answer is the switched status", arguments: [400, 401, 403, 404, 503])
    func notReady(status: Int) async throws {
        let settings = switched {
            $0.readinessDelay = .seconds(3600)
            $0.notReadyStatus = status
        }
        try await withEmulator(settings) { emulator, client async throws in
            #expect(try await probe(client, try await emulator.addKey()).status == status)
        }
    }

    @Test("A key works with its secret, in its region and environment, and nowhere else")
    func elsewhere() async throws {
        try await withEmulator { emulator, client async throws in
            try await emulator.addEnvironment("env-other", name: "other")
            let key = try await emulator.addKey()
            #expect(try await probe(client, key).status == 200)
            #expect(try await probe(client, key, secret: "wrong").status == 401)
            #expect(try await probe(client, key, region: "gcp.us-east1").status == 401)
            #expect(try await probe(client, key, environment: "env-other").status == 403)
            #expect(try await probe(client, key, organization: "other").status == 403)
            #expect(try await probe(client, key, region: "aws.mars-1").status == 404)
            #expect(try await client.with(user: nil).send("GET", "/flink/x").status == 404)
            try await emulator.removeKey(key.id)
            #expect(try await probe(client, key).status == 401)
        }
    }

    @Test("A Cloud key does not work, a Global key does")
    func otherKinds() async throws {
        try await withEmulator { emulator, client async throws in
            for id in ["cloud", "global"] {
                let body: JSONValue = ["spec": ["owner": ["id": "u-demo1"], "resource": ["id": .string(id)]]]
                #expect(try await client.send("POST", "/iam/v2/api-keys", body).status == 202)
            }
            for key in try await emulator.keys() {
                #expect(try await probe(client, key).status == (key.kind == .global ? 200 : 401))
            }
        }
    }

    @Test("A key of an environment that is gone is of no use")
    func environmentGone() async throws {
        try await withEmulator { emulator, client async throws in
            let key = try await emulator.addKey()
            #expect(try await client.send("DELETE", "/org/v2/environments/env-demo1").status == 204)
            #expect(try await probe(client, key).status == 403)
        }
    }
}
