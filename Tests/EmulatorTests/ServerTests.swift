import Emulator
import FoundationEssentials
import JSON
import Testing

@Suite("The server")
struct ServerTests {
    @Test("Only loopback addresses are listened on", arguments: ["0.0.0.0", "localhost", "::", "192.168.0.1", ""])
    func loopbackOnly(host: String) async {
        var settings = EmulatorSettings()
        settings.host = host
        await #expect(throws: EmulatorError.hostNotLoopback(host)) { try await RunningEmulator.start(settings) }
    }

    @Test("A port that is taken is an error")
    func portTaken() async throws {
        try await withEmulator { emulator, _ in
            var settings = EmulatorSettings()
            settings.port = emulator.port
            await #expect(throws: (any Error).self) { try await RunningEmulator.start(settings) }
        }
    }

    @Test("Every answer has a date, a request id of its own, and rate-limit headers")
    func headers() async throws {
        try await withEmulator { _, client async throws in
            var ids: Set<String> = []
            for (method, path) in [("GET", "/iam/v2/users"), ("GET", "/none"), ("PUT", "/iam/v2/api-keys")] {
                let answer = try await client.send(method, path)
                #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
                let id = try #require(answer.header("X-Request-Id"))
                #expect(id.utf8.count == 32)
                ids.insert(id)
                for name in ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] {
                    #expect(answer.header(name).flatMap { Int($0) } != nil)
                }
            }
            #expect(ids.count == 3)
        }
    }

    @Test("Unknown paths and methods are refused in the envelope")
    func unknown() async throws {
        try await withEmulator { _, client async throws in
            for path in ["/", "/iam", "/iam/v2/none", "/iam/v2/api-keys/a/b", "/iam/v3/api-keys"] {
                let answer = try await client.send("GET", path)
                #expect(answer.status == 404)
                #expect(answer.error["status"] == "404")
            }
            let answer = try await client.send("PUT", "/iam/v2/api-keys")
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "GET, POST")
            #expect(try await client.send("GET", "/iam/v2/api-keys?spec.owner=%ff").status == 400)
        }
    }

    @Test("A body that is too large is refused")
    func largeBody() async throws {
        try await withEmulator { emulator, client async throws in
            let name = String(repeating: "x", count: 1 << 20)
            let answer = try? await client.createKey(name: name)
            // The answer may be lost when the connection closes on a client that is still sending.
            #expect(answer == nil || answer?.status == 413)
            #expect(try await emulator.keys().isEmpty)
        }
    }

    @Test("Addresses in answers are those that the caller used, if they are the emulator's")
    func origins() async throws {
        try await withEmulator { emulator, client async throws in
            func origin(_ host: String?) async throws -> String? {
                let answer = try await client.send(
                    "GET", "/fcpm/v2/regions?page_size=1", headers: host.map { [("Host", $0)] } ?? [])
                return answer.data.first?["http_endpoint"]?.string
            }
            #expect(try await origin(nil) == "\(emulator.url)/flink/aws.ap-east-1")
            let local = "localhost:\(emulator.port)"
            #expect(try await origin(local) == "http://\(local)/flink/aws.ap-east-1")
            #expect(try await origin("example.com") == "\(emulator.url)/flink/aws.ap-east-1")
        }
    }

    @Test("Requests are remembered in their order, as many as asked for")
    func requests() async throws {
        var settings = EmulatorSettings()
        settings.requestsRemembered = 3
        try await withEmulator(settings) { emulator, client async throws in
            _ = try await client.send("GET", "/iam/v2/users?page_size=5")
            let first = try #require(await emulator.requests().first)
            #expect(first.method == "GET" && first.path == "/iam/v2/users" && first.query == "page_size=5")
            #expect(first.status == 200 && first.isCommitted)
            for number in 0..<20 { _ = try await client.send("GET", "/none/\(number)") }
            let requests = await emulator.requests()
            #expect((3...6).contains(requests.count))
            #expect(requests.last?.path == "/none/19")
            #expect(requests.allSatisfy { $0.status == 404 && !$0.isCommitted })
            await emulator.forgetRequests()
            #expect(await emulator.requests().isEmpty)
        }
    }

    @Test("A file keeps everything over a restart, lets nothing be seeded twice")
    func persistence() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        var settings = EmulatorSettings()
        settings.database = path
        var keys: [StoredKey] = []
        try await withEmulator(settings) { emulator, client async throws in
            for number in 0..<5 { #expect(try await client.createKey(name: "\(number)").status == 202) }
            #expect(try await client.send("DELETE", "/iam/v2/users/u-demo1").status == 204)
            keys = try await emulator.keys()
        }
        #expect(keys.count == 5)
        settings.organization.id = "22222222-2222-4222-8222-222222222222"
        try await withEmulator(settings) { emulator, client async throws in
            #expect(try await emulator.keys() == keys)
            #expect(try await client.send("GET", "/iam/v2/users").ids == [])
            #expect(await emulator.organization() == EmulatorSettings.defaultOrganization)
        }
    }

    @Test("What was answered is in the file at once, as after a kill")
    func durability() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).sqlite"
        let copy = path + ".copy"
        defer {
            for file in [path, copy] {
                for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
            }
        }
        var settings = EmulatorSettings()
        settings.database = path
        try await withEmulator(settings) { emulator, client async throws in
            let id = try #require(try await client.createKey().json["id"]?.string)
            // What a killed process leaves is what the files hold while it runs.
            for end in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + end, toPath: copy + end) }
            var others = settings
            others.database = copy
            try await withEmulator(others) { restarted, _ async throws in
                #expect(try await restarted.keys().map(\.id) == [id])
            }
        }
    }

    @Test("A file of something else is left alone")
    func foreignFile() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = Data("This is no database, and it is long enough to be told from an empty file.\n".utf8)
        try content.write(to: URL(filePath: path))
        var settings = EmulatorSettings()
        settings.database = path
        await #expect(throws: (any Error).self) { try await RunningEmulator.start(settings) }
        #expect(try Data(contentsOf: URL(filePath: path)) == content)
    }
}
