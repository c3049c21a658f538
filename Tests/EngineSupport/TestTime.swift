package import Applying
import Synchronization

/// A clock that stands still, except that sleeping moves it on at once.
package final class TestTime: Clock, Sendable {
    /// A moment: the time since the clock was made.
    package struct Instant: InstantProtocol {
        /// The time since the clock was made.
        package var offset: Duration

        /// A later or earlier moment.
        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// The time from this moment to another.
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether a moment is before another.
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Passed {
        var now = Instant(offset: .zero)
        var sleeps: [Duration] = []
    }

    private let passed = Mutex(Passed())
    private let onSleep: @Sendable (Duration) -> Void

    /// Makes a clock.
    ///
    /// - Parameter onSleep: Called whenever someone sleeps, with the time that has passed then.
    package init(onSleep: @escaping @Sendable (Duration) -> Void = { _ in }) { self.onSleep = onSleep }

    /// Now.
    package var now: Instant { passed.withLock { $0.now } }
    /// Nothing is smaller.
    package var minimumResolution: Duration { .nanoseconds(1) }
    /// How long was slept each time.
    package var sleeps: [Duration] { passed.withLock { $0.sleeps } }

    /// Moves the clock on and returns.
    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        passed.withLock { passed in
            passed.sleeps.append(deadline.offset - passed.now.offset)
            passed.now = max(passed.now, deadline)
        }
        onSleep(deadline.offset)
        await Task.yield()
    }

    /// Surroundings with this clock; chance counts up from a number.
    package func surroundings(seed: UInt64 = 1) -> Surroundings {
        let counter = Counter(seed)
        return Surroundings(
            now: { (seconds: 1_795_400_000 + Int(self.now.offset.components.seconds), nanoseconds: 0) }, clock: self,
            elapsed: { self.now.offset }, random: { counter.next() })
    }

    private final class Counter: Sendable {
        private let value: Mutex<UInt64>
        init(_ start: UInt64) { value = Mutex(start) }

        func next() -> UInt64 {
            value.withLock { value in
                value &+= 1
                return value &* 0x9E37_79B9_7F4A_7C15
            }
        }
    }
}
