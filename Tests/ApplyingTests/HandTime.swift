import Applying
import Synchronization

/// A clock that only the test moves.
final class HandTime: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Passed {
        var now = Instant(offset: .zero)
        var next = 0
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var asked: [Duration] = []
        var watchers: [(wanted: Duration, times: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let passed = Mutex(Passed())

    var now: Instant { passed.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }
    /// How long someone wanted to sleep, each time, cancelled or not.
    var asked: [Duration] { passed.withLock { $0.asked } }

    /// Moves on, and wakes whose time has come.
    func pass(_ duration: Duration) {
        let woken = passed.withLock { passed in
            passed.now = passed.now.advanced(by: duration)
            let due = passed.sleepers.filter { $0.value.deadline <= passed.now }
            for number in due.keys { passed.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns once someone has wanted to sleep that long so many times.
    func isAsked(_ duration: Duration, times: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isOver = passed.withLock { passed in
                if passed.asked.count(where: { $0 == duration }) >= times { return true }
                passed.watchers.append((duration, times, continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = passed.withLock { passed in
            passed.next += 1
            return passed.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, isOver, told) = passed.withLock { passed in
                    let duration = passed.now.duration(to: deadline)
                    passed.asked.append(duration)
                    let isCancelled = Task.isCancelled
                    let isOver = deadline <= passed.now
                    if !isCancelled && !isOver { passed.sleepers[number] = (deadline, continuation) }
                    let count = passed.asked.count { $0 == duration }
                    let told = passed.watchers.filter { $0.wanted == duration && $0.times <= count }
                    passed.watchers.removeAll { $0.wanted == duration && $0.times <= count }
                    return (isCancelled, isOver, told.map(\.continuation))
                }
                for watcher in told { watcher.resume() }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else if isOver {
                    continuation.resume()
                }
            }
        } onCancel: {
            passed.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    /// Surroundings with this clock; chance counts up.
    func surroundings() -> Surroundings {
        let counter = Counter()
        return Surroundings(
            now: { (seconds: 1_795_400_000 + Int(self.now.offset.components.seconds), nanoseconds: 0) }, clock: self,
            elapsed: { self.now.offset }, random: { counter.next() })
    }

    private final class Counter: Sendable {
        private let value = Mutex<UInt64>(0)
        func next() -> UInt64 {
            value.withLock { value in
                value += 1
                return value &* 0x9E37_79B9_7F4A_7C15
            }
        }
    }
}
