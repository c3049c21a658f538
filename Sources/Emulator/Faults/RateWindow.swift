/// A fixed window in which a number of requests is allowed.
struct RateWindow: Sendable {
    /// What the rate-limit headers say after one request.
    struct Reading: Sendable {
        /// How many requests a window allows.
        var limit: Int
        /// How many more requests this window allows; never negative.
        var remaining: Int
        /// Whole seconds until the next window, at least one.
        var resetSeconds: Int
        /// Whether this request was one too many.
        var isExceeded: Bool
    }

    private var start = Timestamp(microseconds: 0)
    private var used = 0

    /// Counts a request and reads the window.
    mutating func take(at now: Timestamp, limit: Int, window: Duration) -> Reading {
        let length = max(1, window.wholeMicroseconds)
        if now.microseconds - start.microseconds >= length || now < start {
            start = now
            used = 0
        }
        used += 1
        let left = length - (now.microseconds - start.microseconds)
        return Reading(
            limit: limit, remaining: max(0, limit - used), resetSeconds: Int((left + 999_999) / 1_000_000),
            isExceeded: used > limit)
    }
}
