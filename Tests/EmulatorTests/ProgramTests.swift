import AsyncHTTPClient
import Emulator
import FoundationEssentials
import Glibc
import JSON
import Testing

@Suite("The program", .serialized, .timeLimit(.minutes(2)))
struct ProgramTests {
    /// A client of the emulator whose first line this is.
    private func client(of line: String) throws -> CloudClient {
        let origin = try #require(line.split(separator: "listening on ").first.map(String.init))
        #expect(line == "listening on \(origin)")
        return CloudClient(
            origin: origin, user: EmulatorSettings.defaultCloudAPIKey,
            password: EmulatorSettings.defaultCloudAPISecret)
    }

    @Test("It says where it listens, and ends at once and well when asked to", arguments: [SIGTERM, SIGINT])
    func signals(number: Int32) async throws {
        let process = try ChildProcess("confluent-emulator", ["--clock-offset", "-5", "--environments", "2"])
        let client = try await client(of: process.line())
        #expect(try await client.send("GET", "/org/v2/environments").ids == ["env-demo1", "env-demo2"])
        process.signal(number)
        #expect(await process.rest() == "")
        #expect(await process.end() == 0)
    }

    @Test("A file database loses nothing when the program is killed")
    func killed() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        var ids: Set<String> = []
        for _ in 0..<3 {
            let process = try ChildProcess("confluent-emulator", ["--database", path])
            let client = try await client(of: process.line())
            #expect(Set(try await client.send("GET", "/iam/v2/api-keys").ids) == ids)
            for _ in 0..<3 { ids.insert(try #require(try await client.createKey().json["id"]?.string)) }
            process.signal(SIGKILL)
            #expect(await process.end() == -SIGKILL)
        }
        #expect(ids.count == 9)
    }

    @Test("What a hundred clients were told is there after a kill, and nothing is there twice")
    func killedUnderLoad() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/emulator-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let process = try ChildProcess("confluent-emulator", ["--database", path])
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
        let http = HTTPClient(configuration: configuration)
        var first = try await self.client(of: process.line())
        first.http = http
        let client = first
        let told = try await withThrowingTaskGroup(of: [String].self) { group in
            for number in 0..<100 {
                group.addTask {
                    var ids: [String] = []
                    // Each goes on until the emulator is dead.
                    while let answer = try? await client.createKey(name: "client-\(number)"), answer.status == 202 {
                        if let id = answer.json["id"]?.string { ids.append(id) }
                        if number == 0 && ids.count == 5 { process.signal(SIGKILL) }
                    }
                    return ids
                }
            }
            return try await group.reduce(into: [String]()) { $0 += $1 }
        }
        try await http.shutdown()
        #expect(await process.end() == -SIGKILL)
        #expect(told.count >= 5)
        #expect(Set(told).count == told.count)

        var settings = EmulatorSettings()
        settings.database = path
        try await withEmulator(settings) { emulator, _ async throws in
            let there = try await emulator.keys().map(\.id)
            #expect(Set(told).subtracting(there).isEmpty)
            // Each client had one request under way at most.
            #expect(there.count <= told.count + 100)
        }
    }

    @Test("It ends with its standard input, if told to")
    func standardInput() async throws {
        let process = try ChildProcess("confluent-emulator", ["--until-input-closes"])
        #expect(await process.line().hasPrefix("listening on http://127.0.0.1:"))
        #expect(await process.end() == 0)
    }

    @Test(
        "What it cannot do it refuses before it listens",
        arguments: [
            ["--host", "0.0.0.0"], ["--port", "65536"], ["--fault", "nonsense"], ["--gone-status", "410"],
            ["--latency", "-1"], ["--end-of-list", "never"], ["--users", "-1"], ["--cluster", "lkc-a1"],
            ["--cluster", "env-none/lkc-a1"], ["--quota", "keys=1"], ["--quota", "environments=x"],
            ["--other-organization", "a,b"], ["--error-form", "none"], ["--concurrency-limit", "0"], ["--nonsense"],
        ])
    func refusals(arguments: [String]) async throws {
        let process = try ChildProcess("confluent-emulator", arguments)
        #expect(await process.rest() == "")
        #expect(await process.end() != 0)
    }

    @Test("Its help names every flag and says something about it")
    func help() async throws {
        let process = try ChildProcess("confluent-emulator", ["--help"])
        let text = await process.rest()
        #expect(await process.end() == 0)
        let flags = [
            "--host", "--port", "--database", "--until-input-closes", "--cloud-api-key", "--cloud-api-secret",
            "--organization", "--environments", "--cluster", "--service-accounts", "--users", "--latency",
            "--readiness-delay",
            "--not-ready-status", "--read-lag", "--list-lag", "--gone-status", "--create-status",
            "--unknown-owner-status", "--unknown-environment-status", "--unknown-cluster-status", "--wrong-kind-status",
            "--end-of-list",
            "--secret-on-read", "--secret-format", "--legacy-ids", "--refuse-immutable-changes",
            "--environment-deletes-keys", "--hide-keys-of", "--quota", "--enforce-roles", "--error-form",
            "--other-organization", "--rate-limit", "--rate-window", "--concurrency-limit",
            "--clock-offset", "--fault", "--fault-seed",
        ]
        for flag in flags { #expect(text.contains("  \(flag)"), "\(flag)") }
    }
}
