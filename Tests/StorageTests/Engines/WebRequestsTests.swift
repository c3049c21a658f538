import EngineSupport
import Networking
import Storage
import Synchronization
import Testing

struct WebRequestsTests {
    /// Answers in order; the last one for good.
    private final class Script: Transport {
        private let outcomes: Mutex<[TransportOutcome]>
        private let count = Mutex(0)
        var sent: Int { count.withLock { $0 } }

        init(_ outcomes: TransportOutcome...) { self.outcomes = Mutex(outcomes) }

        func send(_ request: OutgoingRequest) async -> TransportOutcome {
            count.withLock { $0 += 1 }
            return outcomes.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }

        func shutdown() async {}
    }

    private static func answer(_ status: Int, _ headers: [(name: String, value: String)] = []) -> TransportOutcome {
        .answer(Answer(status: status, headers: headers))
    }

    private static func failure(wasSent: Bool = true, isPermanent: Bool = false) -> TransportOutcome {
        .failure(TransportFailure(reason: "the connection was cut", wasSent: wasSent, isPermanent: isPermanent))
    }

    private func ask(
        _ script: Script, _ time: TestTime = TestTime(), isRepeatable: Bool = true
    ) async throws(WebFailure) -> WebAnswer {
        let endpoint: Endpoint
        do { endpoint = try Endpoint("http://localhost:1") } catch {
            throw WebFailure("\(error)", mayHaveWorked: false)
        }
        let requests = WebRequests(over: script, surroundings: time.surroundings(), patience: .init(retries: 3))
        return try await requests.answer(isRepeatable: isRepeatable) {
            OutgoingRequest("GET", url: "http://localhost:1/", endpoint: endpoint)
        }
    }

    @Test func troubleThatPassesIsWaitedFor() async throws {
        let (script, time) = (Script(Self.answer(503), Self.failure(), Self.answer(404)), TestTime())
        let answer = try await ask(script, time)
        #expect(answer.answer.status == 404 && answer.followsUnclearAttempt)
        #expect(script.sent == 3)
        let (first, second) = (time.sleeps[0], time.sleeps[1])
        #expect((.milliseconds(250)...Duration.milliseconds(500)).contains(first))
        #expect((.milliseconds(500)...Duration.milliseconds(1_000)).contains(second))
    }

    @Test func patienceEnds() async throws {
        let script = Script(Self.answer(500))
        #expect(try await ask(script).answer.status == 500)
        #expect(script.sent == 4)
        let cut = Script(Self.failure())
        let failure = await #expect(throws: WebFailure.self) { _ = try await ask(cut) }
        #expect(failure == WebFailure("the connection was cut", mayHaveWorked: true))
        #expect(cut.sent == 4)
    }

    @Test func theServerSaysHowLong() async throws {
        let time = TestTime()
        let answer = try await ask(Script(Self.answer(429, [("Retry-After", "7")]), Self.answer(200)), time)
        #expect(time.sleeps == [.seconds(7)])
        #expect(!answer.followsUnclearAttempt, "who is told to come back later has done nothing")
    }

    @Test func whatIsNotRepeatableIsSentOnceUnlessNothingWasDone() async throws {
        let unclear = Script(Self.failure(), Self.answer(200))
        await #expect(throws: WebFailure.self) { _ = try await ask(unclear, isRepeatable: false) }
        #expect(unclear.sent == 1)
        let broken = Script(Self.answer(500), Self.answer(200))
        #expect(try await ask(broken, isRepeatable: false).answer.status == 500)
        let unsent = Script(Self.failure(wasSent: false), Self.answer(429), Self.answer(200))
        let answer = try await ask(unsent, isRepeatable: false)
        #expect(answer.answer.status == 200 && !answer.followsUnclearAttempt)
    }

    @Test func whatCannotGetBetterIsNotTriedAgain() async throws {
        let script = Script(Self.failure(isPermanent: true), Self.answer(200))
        await #expect(throws: WebFailure.self) { _ = try await ask(script) }
        #expect(script.sent == 1)
        #expect(try await ask(Script(Self.answer(501), Self.answer(200))).answer.status == 501)
    }

    @Test func anAnswerThatWasCutIsAskedForAgain() async throws {
        let problem = AnswerProblem("the connection was cut", isPermanent: false)
        let script = Script(.answer(Answer(status: 200, problem: problem)), Self.answer(200))
        #expect(try await ask(script).followsUnclearAttempt)
        let long = Script(.answer(Answer(status: 200, problem: AnswerProblem("it is too long", isPermanent: true))))
        await #expect(throws: WebFailure.self) { _ = try await ask(long) }
        #expect(long.sent == 1)
    }
}
