import Applying
import Diagnostics
import EngineSupport
import Glibc
import Networking
import Storage
import Synchronization

/// A place of its own in the bucket of a server for tests.
struct Store: Sendable {
    /// Where the server is; nil when there is none.
    static let address = variable("FLINKFORM_TEST_S3")
    /// Where it is with TLS, and the certificate of its authority.
    static let secureAddress = variable("FLINKFORM_TEST_S3_TLS")
    static let authority = variable("FLINKFORM_TEST_S3_AUTHORITY")

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private let name = "test-\(UInt64.random(in: 0 ... .max))"

    /// What a backend there is made of.
    var arguments: [String: String] {
        [
            "bucket": "flinkform-tests", "key": "\(name)/a & b.tfstate", "region": "us-east-1", "access_key": "test",
            "secret_key": "canary-secret", "use_lockfile": "true", "use_path_style": "true",
            "workspace_key_prefix": "\(name)/env:", "endpoints.s3": Store.address ?? "",
        ]
    }

    func backend(
        _ more: [String: String] = [:], overTLS: Bool = false, transport: (any Transport)? = nil
    ) throws(Diagnostic) -> S3Backend {
        var arguments = arguments.merging(more) { $1 }
        if more["workspace_key_prefix"] != nil { arguments["workspace_key_prefix"] = "\(name)/ws" }
        var environment: [String: String] = [:]
        if overTLS {
            arguments["endpoints.s3"] = nil
            environment = ["AWS_ENDPOINT_URL_S3": Store.secureAddress ?? "", "AWS_CA_BUNDLE": Store.authority ?? ""]
        }
        return try S3Backend(
            arguments: arguments, environment: environment, files: POSIXFileSystem(),
            surroundings: HurriedClock().surroundings(seed: 1), transport: transport)
    }

    /// Writes an object whose key is that of the state with an ending, as somebody else does.
    func put(_ ending: String, _ bytes: [UInt8]) async throws {
        let backend = try S3Backend(
            arguments: arguments.merging(["key": (arguments["key"] ?? "") + ending]) { $1 }, environment: [:],
            files: POSIXFileSystem(), surroundings: HurriedClock().surroundings(seed: 1))
        _ = try await backend.engine(workspace: "default").write(bytes, replacing: nil)
        await backend.close()
    }
}

/// The way to a server, on which something is changed.
private let direct = HTTPTransport(proxy: .none, connectTimeout: .seconds(10), readTimeout: .seconds(120))

/// A server on which time has passed since what was seen so far was written.
final class LateClock: Transport {
    private struct Memory {
        /// How old each tag has become, in seconds.
        var ages: [String: Int] = [:]
    }

    private let memory = Mutex(Memory())

    /// Lets time pass for everything that was seen.
    func pass(seconds: Int) { memory.withLock { $0.ages = $0.ages.mapValues { $0 + seconds } } }

    func send(_ request: OutgoingRequest) async -> TransportOutcome {
        let outcome = await direct.send(request)
        guard case .answer(var answer) = outcome, let tag = answer.header("etag"),
            let written = answer.header("last-modified").flatMap(HTTPDate.seconds)
        else { return outcome }
        let age = memory.withLock { memory in
            if memory.ages[tag] == nil { memory.ages[tag] = 0 }
            return memory.ages[tag] ?? 0
        }
        answer.headers.removeAll { $0.name == "date" }
        answer.headers.append((name: "date", value: HTTPTime.text(CivilTime(secondsSince1970: written + age).text)))
        return .answer(answer)
    }

    func shutdown() async {}
}

/// Dates of HTTP, as far as these tests make them.
private enum HTTPTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `1994-11-06T08:49:37Z` as a header has it.
    static func text(_ civil: String) -> String {
        let parts = civil.split { "-T:Z".contains($0) }
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "Sun, \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}

/// A store that does not look at a condition.
struct CarelessStore: Transport {
    private let name: String
    private let answers = S3Answers()

    init(ignoring name: String) { self.name = name }

    func send(_ request: OutgoingRequest) async -> TransportOutcome {
        let outcome = await direct.send(request)
        guard case .answer(let answer) = outcome, answer.status == 412,
            request.headers.contains(where: { $0.name == name })
        else { return outcome }
        return .answer(Answer(status: 200, headers: [(name: "etag", value: answers.tag)]))
    }

    func shutdown() async {}

    private struct S3Answers { let tag = "\"0123456789abcdef0123456789abcdef\"" }
}

/// A way on which answers get lost after the server did what it was asked.
final class LossyWay: Transport {
    private struct Memory {
        var lost: Set<String> = []
        var methods: [String] = []
    }

    private let memory = Mutex(Memory())

    /// The methods of all requests since `forget`.
    var methods: [String] { memory.withLock { $0.methods } }

    func forget() { memory.withLock { $0.methods = [] } }

    /// Loses the next answer to a request of this method.
    func lose(_ method: String) { memory.withLock { _ = $0.lost.insert(method) } }

    func send(_ request: OutgoingRequest) async -> TransportOutcome {
        memory.withLock { $0.methods.append(request.method) }
        let outcome = await direct.send(request)
        let isLost = memory.withLock { $0.lost.remove(request.method) != nil }
        return isLost ? .failure(TransportFailure(reason: "the connection was cut", wasSent: true)) : outcome
    }

    func shutdown() async {}
}
