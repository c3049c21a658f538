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
            $0.readLag = .seconds(10_000)
            $0.listLag = .seconds(100_000)
        }
        try await withEmulator(settings) { emulator, client async throws in
            let created = try await client.createKey()
            let path = "/iam/v2/api-keys/\(try #require(created.json["id"]?.string))"
            #expect(try await client.send("GET", path).status == 403)
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            await emulator.setSwitches { $0.clockOffset = .seconds(20_000) }
            #expect(try await client.send("GET", path).status == 200)
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            await emulator.setSwitches { $0.clockOffset = .seconds(200_000) }
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids.count == 1)
        }
    }

    @Test(
        "Objects of other types lag, too",
        arguments: [
            ("/iam/v2/service-accounts", "", #"{"display_name":"x"}"#, 404),
            ("/org/v2/environments", "", #"{"display_name":"x"}"#, 404),
            (
                "/fcpm/v2/compute-pools", "?environment=env-demo1",
                """
                {"spec":{"display_name":"x","cloud":"AWS","region":"us-east-1","environment":{"id":"env-demo1"}}}
                """, 403
            ),
            (
                "/iam/v2/role-bindings", "?crn_pattern=crn://x",
                #"{"principal":"User:sa-demo1","role_name":"FlinkAdmin","crn_pattern":"crn://x"}"#, 403
            ),
        ])
    func otherLags(path: String, query: String, body: String, status: Int) async throws {
        let settings = switched {
            $0.readLag = .seconds(10_000)
            $0.listLag = .seconds(100_000)
        }
        try await withEmulator(settings) { emulator, client async throws in
            let before = try await client.send("GET", path + query).ids
            let created = try await client.send("POST", path, text: body)
            #expect((201...202).contains(created.status))
            let id = try #require(created.json["id"]?.string)
            #expect(try await client.send("GET", "\(path)/\(id)\(query)").status == status)
            #expect(try await client.send("GET", path + query).ids == before)
            await emulator.setSwitches { $0.clockOffset = .seconds(20_000) }
            #expect(try await client.send("GET", "\(path)/\(id)\(query)").status == 200)
            #expect(try await client.send("GET", path + query).ids == before)
            await emulator.setSwitches { $0.clockOffset = .seconds(200_000) }
            #expect(try await client.send("GET", path + query).ids.contains(id))
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

    @Test(
        "One object more than a quota allows is refused with 402",
        arguments: [
            (Quota.cloudKeys, "/iam/v2/api-keys", #"{"spec":{"owner":{"id":"sa-demo1"}}}"#, 0),
            (.serviceAccounts, "/iam/v2/service-accounts", #"{"display_name":"N"}"#, 1),
            (.environments, "/org/v2/environments", #"{"display_name":"N"}"#, 1),
            (
                .computePoolsPerEnvironment, "/fcpm/v2/compute-pools",
                """
                {"spec":{"display_name":"N","cloud":"AWS","region":"us-east-1","environment":{"id":"env-demo1"}}}
                """, 0
            ),
        ])
    func quotas(quota: Quota, path: String, body: String, seeded: Int) async throws {
        try await withEmulator(switched { $0.quotas = [quota: seeded + 1] }) { _, client async throws in
            let first = try await client.send("POST", path, text: body.replacing("N", with: "a"))
            #expect((201...202).contains(first.status))
            let second = try await client.send("POST", path, text: body.replacing("N", with: "b"))
            #expect(second.status == 402)
            #expect(second.error["detail"]?.string?.contains("is currently limited to \(seeded + 1) ") == true)
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

    @Test("More requests at once than allowed are throttled, and have no effect")
    func concurrencyLimit() async throws {
        let settings = switched {
            $0.concurrencyLimit = 2
            $0.latency = .milliseconds(100)
        }
        try await withEmulator(settings) { emulator, client async throws in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await client.createKey().status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(Set(statuses).isSubset(of: [202, 429]))
            #expect(try await emulator.keys().count == statuses.filter { $0 == 202 }.count)
            #expect(statuses.contains(202))
            #expect(statuses.contains(429) == (await emulator.concurrencyMax() > 2))
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
