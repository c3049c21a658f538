import Networking

/// Decides whether a request is tried again, and after how long.
///
/// A pure function of what happened.
struct Retry: Hashable, Sendable {
    /// How often a request is repeated after its first attempt.
    let maximumRetries: Int

    /// The longest wait that the client chooses by itself.
    static let longestBackoff = Duration.seconds(30)
    /// The longest wait that a server may ask for; a longer one is cut to this.
    static let longestRequested = Duration.seconds(120)

    /// How an attempt ended.
    enum Outcome: Hashable, Sendable {
        /// The server answered with a status; `wait` is what its headers ask for.
        case answered(status: Int, wait: Duration?)
        /// No answer came; `wasSent` is false only when it is certain that the server saw nothing of the request's
        /// body.
        case failed(wasSent: Bool, isPermanent: Bool)
    }

    /// The time to wait before the next attempt, nil when there is to be none.
    ///
    /// A POST is repeated only when nothing can have been made: 429, or nothing was sent.
    ///
    /// - Parameters:
    ///   - attempts: how many attempts were made, at least one.
    ///   - random: from 0 up to 1, for the jitter.
    func wait(method: Method, attempts: Int, outcome: Outcome, random: Double) -> Duration? {
        guard attempts <= maximumRetries else { return nil }
        switch outcome {
        case .failed(let wasSent, let isPermanent):
            if isPermanent || (method == .post && wasSent) { return nil }
            return backoff(attempts: attempts, random: random)
        case .answered(let status, let wanted):
            guard isRetryable(status), status == 429 || method != .post else { return nil }
            guard let wanted else { return backoff(attempts: attempts, random: random) }
            // Up to a second more, so that requests that were refused together do not come back together.
            return min(max(wanted, .zero), Self.longestRequested) + .seconds(random)
        }
    }

    private func isRetryable(_ status: Int) -> Bool {
        status == 429 || (500...599).contains(status) && status != 501
    }

    /// Full jitter: anything from nothing to one, two, four … seconds.
    private func backoff(attempts: Int, random: Double) -> Duration {
        let ceiling = min(Self.longestBackoff, .seconds(1 << min(attempts - 1, 10)))
        return ceiling * random
    }

    /// What the headers of an answer ask for: `Retry-After` in seconds or as a date, else, for 429,
    /// `X-RateLimit-Reset`, which counts seconds from now.
    ///
    /// A date is measured against the answer's own `Date`, since clocks differ.
    static func requestedWait(_ answer: Answer) -> Duration? {
        if let text = answer.header("retry-after") {
            if let wait = seconds(text) { return wait }
            if let moment = CloudTime(httpDate: text), let now = answer.date {
                return .microseconds(max(0, moment.microseconds - now.microseconds))
            }
        }
        guard answer.status == 429, let text = answer.header("x-ratelimit-reset") else { return nil }
        return seconds(text)
    }

    /// How many requests the window of `X-RateLimit-Remaining` has left, and how long it still is by `X-RateLimit-Reset`,
    /// which counts seconds from now; nil when one of them is missing or makes no sense.
    static func remaining(_ answer: Answer) -> (count: Int, reset: Duration)? {
        guard let count = answer.header("x-ratelimit-remaining").flatMap({ Int($0) }), count >= 0,
            let reset = answer.header("x-ratelimit-reset").flatMap(seconds)
        else { return nil }
        return (count, min(reset, longestRequested))
    }

    /// Whole or decimal seconds; nil for anything else.
    ///
    /// Numbers beyond a day are a day.
    private static func seconds(_ text: String) -> Duration? {
        guard !text.isEmpty, text.utf8.count <= 32,
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), let number = Double(text)
        else { return nil }
        return .seconds(min(number, 86_400))
    }
}
