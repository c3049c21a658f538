/// How many requests may be under way, and when the next one may start: learnt from what the server says.
///
/// The number in flight grows by one for each round of good answers, and half of it goes with "too many requests" (additive
/// increase, multiplicative decrease). `X-RateLimit-Remaining` and `-Reset` tell how many may still start in the server's window, and
/// `Retry-After` when anything may start again. It knows no clock: moments are given to it, as times since some zero.
struct RequestBudget: Sendable {
    /// What a request that wants to start is told.
    enum Verdict: Hashable, Sendable {
        /// It may start.
        case start
        /// It may ask again after this time.
        case wait(Duration)
        /// It may ask again when another request has ended.
        case full
    }

    /// How a request ended, as far as it says something about the pace.
    struct Ending: Sendable {
        /// Whether the answer was "too many requests".
        var isThrottled = false
        /// How long nothing shall start, when it was.
        var pause = Duration.zero
        /// How many requests the server's window has left, and when it is over; nil when the server does not say.
        var remaining: (count: Int, reset: Duration)?
    }

    /// As many requests start at once before anything is known; the engine's parallelism is usually lower.
    private static let initialWindow = 64.0
    /// What a refusal leaves of the window.
    private static let decrease = 0.5
    /// More are never under way.
    private static let maximumWindow = 256.0

    /// How many requests may be under way.
    private(set) var window = initialWindow
    /// How many are.
    private(set) var running = 0
    /// Nothing starts before.
    private var resumption = Duration.zero
    /// When the window was last made smaller: requests from before say nothing new.
    private var decreasedAt = Duration.seconds(-1)
    /// How many requests may start before `allowanceEnd`; nil when the server did not say.
    private var allowance: Int?
    private var allowanceEnd = Duration.zero

    /// Whether a request may start now.
    func verdict(at now: Duration) -> Verdict {
        if now < resumption { return .wait(resumption - now) }
        if Double(running) >= max(1, window.rounded(.down)) { return .full }
        if let allowance, allowance <= 0, now < allowanceEnd {
            // The next answer may say that there are more.
            return running > 0 ? .full : .wait(allowanceEnd - now)
        }
        return .start
    }

    /// A request starts.
    mutating func start() {
        running += 1
        if let left = allowance { allowance = left - 1 }
    }

    /// A request that started at a moment has ended.
    mutating func finish(startedAt start: Duration, _ ending: Ending, at now: Duration) {
        running -= 1
        if ending.isThrottled {
            resumption = max(resumption, now + ending.pause)
            allowance = nil
            // Those that were under way together are refused together, and count once.
            guard start > decreasedAt else { return }
            window = max(1, min(window, Double(running + 1)) * Self.decrease)
            decreasedAt = now
            return
        }
        // A window that is not used proves nothing.
        if Double(running + 1) * 2 >= window { window = min(Self.maximumWindow, window + 1 / window) }
        if let remaining = ending.remaining {
            // The server may not have counted those that are under way.
            allowance = remaining.count - running
            allowanceEnd = now + remaining.reset
        }
    }
}
