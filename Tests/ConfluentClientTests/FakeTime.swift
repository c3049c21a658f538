import Networking
import Synchronization

@testable import ConfluentClient

/// A clock that moves only when somebody waits, and chance that is always the same.
final class FakeTime: Sendable {
    private struct State {
        var now = Duration.zero
        var waits: [Duration] = []
    }

    private let state = Mutex(State())

    /// Every wait so far, in order.
    var waits: [Duration] { state.withLock { $0.waits } }

    func timing(random: Double = 0) -> Timing {
        Timing(
            now: { self.state.withLock { $0.now } },
            sleep: { wait in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.now += wait
                    state.waits.append(wait)
                }
            },
            random: { random })
    }
}

/// A transport that plays back outcomes and remembers what it was asked.
final class FakeTransport: Transport {
    private struct State {
        var outcomes: [TransportOutcome]
        var requests: [OutgoingRequest] = []
    }

    private let state: Mutex<State>

    init(_ outcomes: TransportOutcome...) {
        state = Mutex(State(outcomes: outcomes))
    }

    init(_ outcomes: [TransportOutcome]) {
        state = Mutex(State(outcomes: outcomes))
    }

    var requests: [OutgoingRequest] { state.withLock { $0.requests } }
    var targets: [String] { requests.map { String($0.url.dropFirst($0.endpoint.description.count)) } }

    func send(_ request: OutgoingRequest) async -> TransportOutcome {
        state.withLock { state in
            state.requests.append(request)
            if state.outcomes.isEmpty {
                return .failure(TransportFailure(reason: "nothing left to play", wasSent: true, isPermanent: true))
            }
            return state.outcomes.removeFirst()
        }
    }

    func shutdown() async {}
}

extension TransportOutcome {
    static func answer(_ status: Int, _ body: String = "", headers: [String: String] = [:]) -> TransportOutcome {
        .answer(
            Answer(status: status, headers: headers.map { (name: $0.key, value: $0.value) }, body: Array(body.utf8)))
    }
}

/// A secret in the form that Confluent has, which must never be seen.
let canary = "cflt0123456789+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPq6HuTw"

func client(
    _ transport: FakeTransport, time: FakeTime = FakeTime(), retries: Int = 4, random: Double = 0
) throws -> ConfluentClient {
    try ConfluentClient(
        ClientSettings(credentials: Credentials(key: "CLOUDKEY", secret: canary), maximumRetries: retries),
        transport: transport, timing: time.timing(random: random))
}

func client(
    _ server: LoopbackServer, time: FakeTime = FakeTime(), retries: Int = 4, timeout: Duration = .seconds(100)
) throws -> ConfluentClient {
    try ConfluentClient(
        ClientSettings(
            endpoint: server.url, credentials: Credentials(key: "CLOUDKEY", secret: canary), maximumRetries: retries,
            requestTimeout: timeout),
        timing: time.timing())
}

extension KeyRequest {
    static let flink = KeyRequest(
        displayName: "flink-dev", description: "", ownerID: "sa-12mgdv", ownerKind: "ServiceAccount",
        scope: .flinkRegion(cloud: "aws", region: "us-east-1", environment: "env-3732nw"))
}
