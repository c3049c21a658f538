import Diagnostics
import Emulator
import EngineSupport
import Glibc
import JSON
import Storage
import Synchronization
import Testing

/// A kind of backend to try, with a place of its own for each trial.
struct TriedBackend: Sendable, CustomTestStringConvertible {
    let kind: BackendKind
    /// The arguments for a fresh place.
    let arguments: @Sendable () -> [String: String]
    var testDescription: String { kind.rawValue }

    /// Those whose servers the environment names.
    static let all: [TriedBackend] = [postgres, bucket, address].compactMap { $0 }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static var address: TriedBackend? {
        variable("FLINKFORM_TEST_HTTP").map { server in
            TriedBackend(kind: .http) {
                let address = "\(server)/lost\(UInt64.random(in: 0 ... .max))"
                return [
                    "address": address, "lock_address": address + "/lock", "unlock_address": address + "/lock",
                    "lock_method": "POST", "unlock_method": "DELETE", "username": "user",
                    "password": "canary-password",
                ]
            }
        }
    }

    private static var bucket: TriedBackend? {
        variable("FLINKFORM_TEST_S3").map { server in
            TriedBackend(kind: .s3) {
                [
                    "bucket": "flinkform-tests", "key": "lost\(UInt64.random(in: 0 ... .max))", "region": "us-east-1",
                    "endpoints.s3": server, "use_path_style": "true", "use_lockfile": "true", "access_key": "test",
                    "secret_key": "test",
                ]
            }
        }
    }

    private static var postgres: TriedBackend? {
        variable("FLINKFORM_TEST_POSTGRES").map { server in
            TriedBackend(kind: .pg) {
                ["conn_str": server, "schema_name": "lost\(UInt64.random(in: 0 ... .max))"]
            }
        }
    }
}

/// A machine that stops at every change in turn and is lost with its disk: another one goes on from what the backend has.
@Suite(.serialized) struct LostMachineTests {
    private static let configuration =
        "terraform {\n  backend \"pg\" {}\n}\n" + Configurations.provider + Configurations.key("a")
        + Configurations.key("b") + Configurations.key("c", lifecycle: "create_before_destroy = true")

    /// The ids of the keys in the state, by their names.
    private static func managed(_ place: Workplace) async throws -> [String: String] {
        let pulled = await place.run("state", "pull")
        guard pulled.status == 0, let json = try? JSONValue(parsing: Array(pulled.output.utf8)) else { return [:] }
        var result: [String: String] = [:]
        for resource in json["resources"]?.array ?? [] where resource["mode"]?.string == "managed" {
            for instance in resource["instances"]?.array ?? [] {
                let deposed = instance["deposed"] == nil ? "" : " (deposed)"
                result[(resource["name"]?.string ?? "") + deposed] = instance["attributes"]?["id"]?.string ?? ""
            }
        }
        return result
    }

    /// Frees the lock of the lost machine where it outlives it, as an operator does.
    private static func freeLock(_ place: Workplace, _ text: String) async {
        let status = await place.run("lock", "status")
        guard status.status == 2 else { return }
        let line = status.output.split(separator: "\n").first { $0.hasPrefix("  ID:") } ?? ""
        let id = line.split(separator: " ").last.map(String.init) ?? ""
        let freed = await place.run("force-unlock", "-force", id)
        // A lock that ends with its connection may have ended meanwhile.
        if freed.status != 0 { #expect(await place.run("lock", "status").status == 0, "\(text): \(freed.text)") }
    }

    /// Each key of the configuration is at the cloud once, in the state, with its secret; nothing is open.
    private static func expectWhole(_ place: Workplace, _ text: String) async throws {
        let there = try await place.emulator.keys()
        #expect(there.map(\.name).sorted() == ["a", "b", "c"], "\(text)")
        let wanted = Dictionary(there.map { ($0.name, $0.id) }, uniquingKeysWith: { "\($0), \($1)" })
        #expect(try await managed(place) == wanted, "\(text)")
        for key in there { #expect(await place.secret(of: key.id) == key.secret, "\(text): \(key.name)") }
        let plan = await place.run("plan", "-detailed-exitcode")
        #expect(plan.status == 0, "\(text)\n--- then:\n\(plan.text)")
        #expect(try await place.leaks(plan) == [], "\(text)")
    }

    private static func goOn(_ place: Workplace, _ text: String) async throws {
        await freeLock(place, text)
        let next = await place.run("apply", "-auto-approve")
        #expect(next.status == 0, "\(text)\n--- then:\n\(next.text)")
        try await expectWhole(place, text)
        #expect(try await place.leaks(next) == [], "\(text)")
    }

    /// Applies on a machine that stops at the n-th change at the backend; returns whether it came to its end.
    private static func isOver(
        _ number: Int, _ moment: LosableBackend.Moment, _ source: @escaping BackendSource
    ) async throws -> Bool {
        var isOver = false
        try await Workplace.with(seed: 7_000 + UInt64(number)) { place in
            try place.configure(configuration)
            let files = place.files
            let counter = Counter()
            place.keepState { kind, arguments, environment, surroundings throws(Diagnostic) in
                guard let inner = try source(kind, arguments, environment, surroundings) else { return nil }
                let backend = LosableBackend(inner, on: files, stopsAt: number, moment)
                counter.hold(backend)
                return backend
            }
            let run = await place.run("apply", "-auto-approve")
            isOver = counter.changes <= number
            let text = "stop \(moment) change \(number): \(run.text)"
            #expect(isOver ? run.status == 0 : true, "\(text)")
            await counter.close()
            place.loseMachine()
            place.keepState(with: source)
            try await goOn(place, text)
        }
        return isOver
    }

    private static func everyChange(_ moment: LosableBackend.Moment, _ source: () -> BackendSource) async throws {
        for number in 0..<200 where try await isOver(number, moment, source()) {
            // Lock, origin, intents, results, mark, state, journal, lock: more when less comes at once.
            #expect(number >= 8)
            return
        }
        Issue.record("There is no end to the changes.")
    }

    @Test("With state in memory", arguments: LosableBackend.Moment.allCases)
    func memory(_ moment: LosableBackend.Moment) async throws {
        try await Self.everyChange(moment) {
            let backend = MemoryBackend()
            return { _, _, _, _ throws(Diagnostic) in backend }
        }
    }

    @Test("With state at a real server", arguments: TriedBackend.all, LosableBackend.Moment.allCases)
    func server(_ tried: TriedBackend, _ moment: LosableBackend.Moment) async throws {
        try await Self.everyChange(moment) {
            let own = tried.arguments()
            return { _, _, environment, surroundings throws(Diagnostic) in
                try BackendKind.source(tried.kind, own, environment, surroundings)
            }
        }
    }

    @Test(
        "A disk that is lost at any of its own effects",
        arguments: [ForgetfulFileSystem.Fault.crashBefore, .crashAfter])
    func disk(_ fault: ForgetfulFileSystem.Fault) async throws {
        for number in 0..<200 {
            var isOver = false
            try await Workplace.with(seed: 9_000 + UInt64(number)) { place in
                try place.configure(Self.configuration)
                let backend = MemoryBackend()
                let files = place.files
                place.keepState { _, _, _, _ throws(Diagnostic) in LosableBackend(backend, on: files, stopsAt: nil) }
                place.files.arrange(fault, atEffect: number)
                let run = await place.run("apply", "-auto-approve")
                isOver = !place.files.isCrashed
                let text = "\(fault) at effect \(number): \(run.text)"
                #expect(isOver ? run.status == 0 : true, "\(text)")
                place.loseMachine()
                try await Self.goOn(place, text)
            }
            if isOver { return }
        }
        Issue.record("There is no end to the effects.")
    }
}

/// The backends of one run, counted together.
private final class Counter: Sendable {
    private let held = Mutex<[LosableBackend]>([])
    func hold(_ backend: LosableBackend) { held.withLock { $0.append(backend) } }
    var changes: Int { held.withLock { $0.reduce(0) { $0 + $1.changes } } }
    func close() async { for backend in held.withLock({ $0 }) { await backend.close() } }
}
