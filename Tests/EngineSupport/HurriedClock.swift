package import Applying
import Glibc
import Synchronization
import TestSupport

/// A clock on which time passes a hundred times as fast as it does.
///
/// For whole runs against a server: who waits for an answer that takes real time must not see hours go by meanwhile, and who
/// pauses a second must not hold up the tests.
package struct HurriedClock: Clock {
    /// A moment: the hurried time since the clock was made.
    package struct Instant: InstantProtocol {
        /// The hurried time since the clock was made.
        package var offset: Duration

        /// A later or earlier moment.
        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// The time from this moment to another.
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether a moment is before another.
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private static let speed = 100
    private let start = ContinuousClock.now

    /// Starts a clock.
    package init() {}

    /// Now.
    package var now: Instant { Instant(offset: start.duration(to: .now) * Self.speed) }
    /// Nothing is smaller.
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// Waits a hundredth of the time; throws when the task is cancelled.
    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await Task.sleep(for: (deadline.offset - now.offset) / Self.speed, tolerance: .zero)
    }

    /// Surroundings with this clock, the machine's date, and chance that a seed decides.
    package func surroundings(seed: UInt64) -> Surroundings {
        let generator = Generator(seed)
        return Surroundings(
            now: { (seconds: time(nil), nanoseconds: 0) }, clock: self, elapsed: { self.now.offset },
            random: { generator.next() })
    }

    private final class Generator: Sendable {
        private let generator: Mutex<SeededGenerator>
        init(_ seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }
        func next() -> UInt64 { generator.withLock { $0.next() } }
    }
}
