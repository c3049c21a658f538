import Emulator
import JSON
import Testing

@Suite("Switches")
struct SwitchTests {
    @Test("The status of a creation", arguments: [200, 201, 202])
    func createStatus(status: Int) async throws {
        try await withEmulator(switched { $0.createStatus = status }) { _, client async throws in
            #expect(try await client.createKey().status == status)
        }
    }

    @Test("The statuses of an unknown owner and environment", arguments: [400, 403, 404, 422])
    func unknownReferences(status: Int) async throws {
        let settings = switched {
            $0.unknownOwnerStatus = status
            $0.unknownEnvironmentStatus = status
        }
        try await withEmulator(settings) { _, client async throws in
            #expect(try await client.createKey(owner: "sa-none").status == status)
            #expect(try await client.createKey(environment: "env-none").status == status)
        }
    }

    @Test("A new key is found by its id only after the read lag, and listed only after the list lag")
    func lags() async throws {
        let settings = switched {
            $0.readLag = .seconds(5)
            $0.listLag = .seconds(20)
        }
        try await withEmulator(settings) { emulator, client async throws in
            let created = try await client.createKey()
            let path = "/iam/v2/api-keys/\(try #require(created.json["id"]?.string))"
            #expect(try await client.send("GET", path).status == 403)
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            await emulator.setSwitches { $0.clockOffset = .seconds(6) }
            #expect(try await client.send("GET", path).status == 200)
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            await emulator.setSwitches { $0.clockOffset = .seconds(21) }
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids.count == 1)
        }
    }

    @Test("The clock's offset moves the Date header and creation times alike")
    func clockOffset() async throws {
        try await withEmulator(switched { $0.clockOffset = .seconds(-1_000_000_000) }) { _, client async throws in
            let answer = try await client.createKey()
            let year = Timestamp.now().advanced(by: .seconds(-1_000_000_000)).rfc3339.prefix(4)
            #expect(answer.header("Date")?.contains(" \(year) ") == true)
            #expect(answer.json["metadata"]?["created_at"]?.string?.hasPrefix(year) == true)
        }
    }

    @Test("Secrets in reads are empty or missing", arguments: Switches.SecretOnRead.allCases)
    func secretOnRead(form: Switches.SecretOnRead) async throws {
        try await withEmulator(switched { $0.secretOnRead = form }) { emulator, client async throws in
            let key = try await emulator.addKey()
            let answer = try await client.send("GET", "/iam/v2/api-keys/\(key.id)")
            let spec = try #require(answer.json["spec"]?.object)
            #expect(spec.keys.contains("secret") == (form == .empty))
            #expect(spec["secret"]?.string == (form == .empty ? "" : String?.none))
        }
    }

    @Test("Secrets have the switched format", arguments: SecretFormat.allCases)
    func secretFormat(format: SecretFormat) async throws {
        try await withEmulator(switched { $0.secretFormat = format }) { _, client async throws in
            let secret = try #require(try await client.createKey().json["spec"]?["secret"]?.string)
            #expect(secret.utf8.count == 64)
            let isChecked = SecretFormat.secret(body: String(secret.dropFirst(4).dropLast(6))) == secret
            #expect(isChecked == (format == .cflt))
        }
    }

    @Test("Flink scopes are answered in three parts")
    func legacyIDs() async throws {
        try await withEmulator(switched { $0.answersLegacyIDs = true }) { _, client async throws in
            let resource = try #require(try await client.createKey().json["spec"]?["resource"]?.object)
            #expect(resource["id"] == "env-demo1.aws.us-east-1")
            #expect(!resource.keys.contains("environment"))
        }
    }

    @Test("Changes of owner and resource are refused", arguments: ["owner", "resource"])
    func immutableChanges(member: String) async throws {
        try await withEmulator(switched { $0.refusesImmutableChanges = true }) { emulator, client async throws in
            let key = try await emulator.addKey()
            let body = JSONValue.object(JSONObject([("spec", .object(JSONObject([(member, ["id": "x"])])))]))
            let answer = try await client.send("PATCH", "/iam/v2/api-keys/\(key.id)", body)
            #expect(answer.status == 422)
            #expect(answer.error["source"]?["pointer"]?.string == "/spec/\(member)")
        }
    }

    @Test("The keys of hidden owners look gone")
    func hiddenOwners() async throws {
        let settings = switched {
            $0.hiddenOwners = ["sa-demo1"]
            $0.goneStatus = 404
        }
        try await withEmulator(settings) { emulator, client async throws in
            let hidden = try await emulator.addKey(owner: "sa-demo1")
            let shown = try await emulator.addKey(owner: "u-demo1")
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [shown.id])
            #expect(try await client.send("GET", "/iam/v2/api-keys/\(hidden.id)").status == 403)
            #expect(try await client.send("DELETE", "/iam/v2/api-keys/\(hidden.id)").status == 403)
            #expect(try await client.send("GET", "/iam/v2/api-keys/NONE").status == 404)
            #expect(try await emulator.keys().count == 2)
        }
    }

    @Test("An owner's keys can be limited")
    func quota() async throws {
        try await withEmulator(switched { $0.quotas = [.keysPerOwner: 2] }) { _, client async throws in
            #expect(try await client.createKey().status == 202)
            #expect(try await client.createKey().status == 202)
            let answer = try await client.createKey()
            #expect(answer.status == 402)
            #expect(answer.error["code"] == "quota_exceeded")
            #expect(answer.error["detail"]?.string?.contains("is currently limited to 2 ") == true)
            #expect(try await client.createKey(owner: "u-demo1").status == 202)
        }
    }

    @Test("More requests than a window allows are throttled until the next one")
    func rateLimit() async throws {
        let settings = switched {
            $0.rateLimit = 2
            $0.rateWindow = .seconds(3_000)
        }
        try await withEmulator(settings) { emulator, client async throws in
            for remaining in ["1", "0"] {
                let answer = try await client.send("GET", "/iam/v2/users")
                #expect(answer.status == 200)
                #expect(answer.header("X-RateLimit-Limit") == "2")
                #expect(answer.header("X-RateLimit-Remaining") == remaining)
                #expect(answer.header("Retry-After") == nil)
            }
            let answer = try await client.createKey()
            #expect(answer.status == 429)
            let reset = try #require(answer.header("X-RateLimit-Reset").flatMap { Int($0) })
            #expect((1...3_000).contains(reset))
            #expect(answer.header("Retry-After") == String(reset))
            #expect(try await emulator.keys().isEmpty)
            await emulator.setSwitches { $0.clockOffset = .seconds(3_001) }
            #expect(try await client.createKey().status == 202)
        }
    }

    @Test("Latency delays each request, and many can wait at once")
    func latency() async throws {
        try await withEmulator(switched { $0.latency = .milliseconds(200) }) { emulator, client async throws in
            let clock = ContinuousClock()
            let time = try await clock.measure {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<40 { group.addTask { try await client.createKey().status } }
                    for try await status in group { #expect(status == 202) }
                }
            }
            #expect(time >= .milliseconds(200))
            #expect(await emulator.concurrencyMax() > 4)
            #expect(try await emulator.keys().count == 40)
        }
    }
}
