import Synchronization
import Testing

@testable import ConfluentClient

/// How many requests may be under way, decided from what the server says.
@Suite struct RequestBudgetTests {
    private func throttled(_ seconds: Int) -> RequestBudget.Ending {
        RequestBudget.Ending(isThrottled: true, pause: .seconds(seconds))
    }

    @Test("Too many requests at once halve the number in flight once, and nothing starts before it may")
    func throttling() {
        var budget = RequestBudget()
        for _ in 0..<40 { budget.start() }
        for _ in 0..<10 { budget.finish(startedAt: .zero, throttled(3), at: .seconds(1)) }
        #expect(budget.window == 20)
        #expect(budget.verdict(at: .seconds(1)) == .wait(.seconds(3)))
        // Thirty are still under way.
        #expect(budget.running == 30)
        #expect(budget.verdict(at: .seconds(4)) == .full)
        for _ in 0..<30 { budget.finish(startedAt: .zero, RequestBudget.Ending(), at: .seconds(5)) }
        #expect(budget.verdict(at: .seconds(5)) == .start)
        // What started after that and is refused halves it again.
        budget.start()
        budget.finish(startedAt: .seconds(5), throttled(1), at: .seconds(6))
        #expect(budget.window < 1.1)
        #expect(budget.verdict(at: .seconds(7)) == .start)
    }

    @Test("What the server's window has left is used and not more, until it is over")
    func allowance() {
        var budget = RequestBudget()
        budget.start()
        budget.finish(
            startedAt: .zero, RequestBudget.Ending(remaining: (count: 2, reset: .seconds(10))), at: .seconds(1))
        budget.start()
        budget.start()
        // An answer that is still to come may tell of more.
        #expect(budget.verdict(at: .seconds(2)) == .full)
        for _ in 0..<2 { budget.finish(startedAt: .seconds(1), RequestBudget.Ending(), at: .seconds(2)) }
        #expect(budget.verdict(at: .seconds(2)) == .wait(.seconds(9)))
        #expect(budget.verdict(at: .seconds(11)) == .start)
    }

    /// A server that lets so many requests through in each second, and says so or not.
    private struct Server {
        let limit: Int
        let tells: Bool
        var second = 0
        var taken = 0

        mutating func answer(at now: Duration) -> RequestBudget.Ending {
            let current = Int(now.components.seconds)
            if current != second { (second, taken) = (current, 0) }
            let reset = Duration.seconds(current + 1) - now
            guard taken < limit else { return RequestBudget.Ending(isThrottled: true, pause: reset) }
            taken += 1
            return RequestBudget.Ending(remaining: tells ? (count: limit - taken, reset: reset) : nil)
        }
    }

    @Test(
        "A server's limit is used well, with few refusals, whether the server tells of it or not",
        arguments: [(50, true), (50, false), (10, true), (10, false), (200, false)])
    func simulation(limit: Int, tells: Bool) {
        var budget = RequestBudget()
        var server = Server(limit: limit, tells: tells)
        var (now, served, refused) = (Duration.zero, 0, 0)
        var inFlight: [(started: Duration, ends: Duration)] = []
        // Each request takes 100 ms; time goes on by steps of 10 ms, for 60 s.
        while now < .seconds(60) {
            while let first = inFlight.first, first.ends <= now {
                inFlight.removeFirst()
                let ending = server.answer(at: first.ends)
                if ending.isThrottled { refused += 1 } else { served += 1 }
                budget.finish(startedAt: first.started, ending, at: now)
            }
            while budget.verdict(at: now) == .start {
                budget.start()
                inFlight.append((now, now + .milliseconds(100)))
            }
            now += .milliseconds(10)
        }
        // A limit that is told is used up without being run into, but for the beginning.
        #expect(served * 100 >= limit * 60 * (tells ? 95 : 65), "\(served) served, \(refused) refused")
        #expect(refused <= (tells ? 100 : served / 2), "\(served) served, \(refused) refused")
    }
}

/// What happened, in its order.
private final class Notes<Note: Sendable>: Sendable {
    private let notes = Mutex<[Note]>([])
    var all: [Note] { notes.withLock { $0 } }
    func add(_ note: Note) { notes.withLock { $0.append(note) } }
}

/// The gate that waits for what the budget decides.
@Suite struct LimiterTests {
    @Test("Whoever comes first goes first, and a pause holds everybody")
    func order() async throws {
        let time = FakeTime()
        let limiter = Limiter(timing: time.timing())
        let start = try await limiter.enter()
        await limiter.leave(startedAt: start, RequestBudget.Ending(isThrottled: true, pause: .seconds(7)))
        let order = Notes<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let start = try await limiter.enter()
                    order.add(number)
                    await limiter.leave(startedAt: start, RequestBudget.Ending())
                }
            }
            try await group.waitForAll()
        }
        #expect(order.all.sorted() == Array(0..<20))
        #expect(time.waits.first == .seconds(7))
        #expect(time.waits.count == 1)
    }

    @Test("A long pause is told once; a short one is not")
    func announcing() async throws {
        let told = Notes<Duration>()
        let time = FakeTime()
        let limiter = Limiter(timing: time.timing(), announce: { told.add($0) })
        for pause in [4, 30, 20] {
            let start = try await limiter.enter()
            await limiter.leave(startedAt: start, RequestBudget.Ending(isThrottled: true, pause: .seconds(pause)))
            if pause == 30 {
                // Another one of the same time.
                await limiter.leave(startedAt: start, RequestBudget.Ending(isThrottled: true, pause: .seconds(30)))
            }
        }
        #expect(told.all == [.seconds(30), .seconds(20)])
    }

    @Test("Who is cancelled in the line leaves it, and nobody waits for him")
    func cancellation() async throws {
        let limiter = Limiter(timing: FakeTime().timing())
        // The gate is full: after a refusal one request alone may be under way.
        for _ in 0..<10 {
            let start = try await limiter.enter()
            await limiter.leave(startedAt: start, RequestBudget.Ending(isThrottled: true, pause: .milliseconds(1)))
        }
        let running = try await limiter.enter()
        let impatient = Task { try await limiter.enter() }
        let patient = Task { try await limiter.enter() }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        await limiter.leave(startedAt: running, RequestBudget.Ending())
        let start = try await patient.value
        await limiter.leave(startedAt: start, RequestBudget.Ending())
    }
}
