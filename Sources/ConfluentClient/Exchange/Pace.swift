import Synchronization

/// One pause that all requests of a client share after the cloud said "too many requests".
///
/// Without it every concurrent request would have to be refused by itself before it slows down.
final class Pace: Sendable {
    private let resumption = Mutex<Duration>(.zero)

    /// Holds all requests back until `moment`, unless they are held longer already.
    func pause(until moment: Duration) {
        resumption.withLock { $0 = max($0, moment) }
    }

    /// How long a request that wants to start at `moment` has to wait; zero when it may start.
    func wait(at moment: Duration) -> Duration {
        max(.zero, resumption.withLock { $0 } - moment)
    }
}
