/// The one gate that all requests of a run to one API go through, in the order in which they come.
///
/// `RequestBudget` decides; this waits. Whoever is first in line sleeps or waits for an ending, and everybody behind waits for
/// him, so nobody is passed and nobody polls.
actor Limiter {
    private let timing: Timing
    private let announce: @Sendable (Duration) -> Void
    private var budget = RequestBudget()
    private var line: [Int] = []
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextNumber = 0
    private var announcedUntil = Duration.zero

    /// Pauses from this length on are told.
    private static let announcedMinimum = Duration.seconds(5)

    /// Makes a gate; `announce` is told how long the server asks to wait, when that is long.
    init(timing: Timing, announce: @escaping @Sendable (Duration) -> Void = { _ in }) {
        self.timing = timing
        self.announce = announce
    }

    /// Waits until a request may start, and returns the moment; throws when the task is cancelled.
    func enter() async throws(CancellationError) -> Duration {
        let number = nextNumber
        nextNumber += 1
        line.append(number)
        defer {
            line.removeAll { $0 == number }
            wakeFirst()
        }
        while true {
            if Task.isCancelled { throw CancellationError() }
            guard line.first == number else {
                await suspend(number)
                continue
            }
            let now = timing.now()
            switch budget.verdict(at: now) {
            case .start:
                budget.start()
                return now
            case .wait(let time):
                do {
                    try await timing.sleep(time)
                } catch {
                    throw CancellationError()
                }
            case .full: await suspend(number)
            }
        }
    }

    /// A request that `enter` let through has ended.
    func leave(startedAt start: Duration, _ ending: RequestBudget.Ending) {
        let now = timing.now()
        budget.finish(startedAt: start, ending, at: now)
        if ending.isThrottled, ending.pause >= Self.announcedMinimum, now >= announcedUntil {
            announcedUntil = now + ending.pause
            announce(ending.pause)
        }
        wakeFirst()
    }

    /// Waits until it is woken, or the task is cancelled.
    private func suspend(_ number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { waiting[number] = continuation }
            }
        } onCancel: {
            Task { await self.wake(number) }
        }
    }

    private func wakeFirst() {
        if let first = line.first { wake(first) }
    }

    private func wake(_ number: Int) { waiting.removeValue(forKey: number)?.resume() }
}
