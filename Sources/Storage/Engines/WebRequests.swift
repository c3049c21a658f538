package import Applying
package import Networking

/// Requests to a server of somebody's team, each tried again as far as that is safe.
///
/// Whether it is safe only the caller knows: a request that is sent a second time must be one that changes nothing more then,
/// or whose second answer tells what became of the first.
package struct WebRequests: Sendable {
    /// How often a request is repeated, and how long the pauses are.
    package struct Patience: Hashable, Sendable {
        /// How often a request is repeated after its first attempt.
        package var retries: Int
        /// The first pause at most; each further one may be twice as long.
        package var shortest: Duration
        /// The longest pause.
        package var longest: Duration

        /// States all parts.
        package init(retries: Int = 4, shortest: Duration = .milliseconds(500), longest: Duration = .seconds(8)) {
            self.retries = retries
            self.shortest = shortest
            self.longest = longest
        }
    }

    private let transport: any Transport
    private let surroundings: Surroundings
    private let patience: Patience

    /// Makes requests over a transport; nothing is sent yet.
    package init(over transport: any Transport, surroundings: Surroundings, patience: Patience = Patience()) {
        self.transport = transport
        self.surroundings = surroundings
        self.patience = patience
    }

    /// Sends a request until there is an answer that another attempt would not change, or patience ends.
    ///
    /// - Parameters:
    ///   - isRepeatable: Whether it may be sent again when it is not known what became of it; without that it is sent again only
    ///     when the server said 429, or saw nothing of its body.
    ///   - make: Makes the request, anew for each attempt, since signatures have a time.
    /// - Returns: The last answer, whatever its status.
    /// - Throws: Why there was none.
    package func answer(
        isRepeatable: Bool = true, _ make: () -> OutgoingRequest
    ) async throws(WebFailure) -> WebAnswer {
        var mayHaveWorked = false
        for attempt in 1... {
            switch await transport.send(make()) {
            case .answer(let answer):
                let isWhole = answer.problem == nil
                let isWanted = isWhole ? Self.isPassing(answer.status) : answer.problem?.isPermanent == false
                let isSafe = isRepeatable || answer.status == 429
                if isWanted, isSafe, attempt <= patience.retries, await pause(attempt, answer.requestedPause) {
                    if answer.status != 429 { mayHaveWorked = true }
                    continue
                }
                if let problem = answer.problem {
                    throw WebFailure("the answer cannot be used: \(problem.reason)", mayHaveWorked: true)
                }
                return WebAnswer(answer, followsUnclearAttempt: mayHaveWorked)
            case .failure(let failure):
                let isSafe = isRepeatable || !failure.wasSent
                mayHaveWorked = mayHaveWorked || failure.wasSent
                let isFinal = failure.isPermanent || failure.isCancelled || !isSafe
                if !isFinal, attempt <= patience.retries, await pause(attempt, nil) { continue }
                throw WebFailure(failure.reason, mayHaveWorked: mayHaveWorked)
            }
        }
        throw WebFailure("no attempt was made", mayHaveWorked: false)
    }

    /// Closes all connections; further requests fail.
    package func shutdown() async { await transport.shutdown() }

    /// Whether a status speaks of a trouble that may pass.
    package static func isPassing(_ status: Int) -> Bool {
        status == 429 || (500...599).contains(status) && status != 501
    }

    /// Waits before the next attempt, for a part of the pause that chance decides, so that many who failed together do not come
    /// back together; false when the run was stopped meanwhile.
    private func pause(_ attempt: Int, _ requested: Duration?) async -> Bool {
        let ceiling = min(patience.longest, patience.shortest * (1 << min(attempt - 1, 20)))
        let chance = Double(surroundings.random() >> 11) / Double(1 << 53)
        let wait = requested.map { min($0, Self.longestRequested) } ?? ceiling / 2 + ceiling / 2 * chance
        do {
            try await surroundings.clock.sleep(for: wait)
            return true
        } catch {
            return false
        }
    }

    /// The longest pause that a server may ask for.
    private static let longestRequested = Duration.seconds(60)
}

extension Answer {
    /// What `Retry-After` asks for, in seconds; nil without one, or when it is a date.
    fileprivate var requestedPause: Duration? {
        header("retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
    }

    /// Whether the request did what it was to do.
    package var isSuccess: Bool { (200...299).contains(status) }
}

/// An answer, and what is not known about the attempts before it.
package struct WebAnswer: Sendable {
    /// The last attempt's answer.
    package var answer: Answer
    /// Whether an attempt before may have done what was asked: an answer that says "there already" may speak of that.
    package var followsUnclearAttempt: Bool

    /// Makes an answer.
    package init(_ answer: Answer, followsUnclearAttempt: Bool) {
        self.answer = answer
        self.followsUnclearAttempt = followsUnclearAttempt
    }
}

/// Why a request has no answer.
package struct WebFailure: Error, Hashable, Sendable {
    /// The end of a sentence such as "It failed: …"; no credentials.
    package var reason: String
    /// Whether it may have done what was asked nevertheless.
    package var mayHaveWorked: Bool

    /// Makes a failure.
    package init(_ reason: String, mayHaveWorked: Bool) {
        self.reason = reason
        self.mayHaveWorked = mayHaveWorked
    }
}

extension EngineError {
    /// What was tried, and that no answer came.
    package init(_ failure: WebFailure, _ what: String) {
        self.init(.away, "\(what): \(failure.reason).")
    }
}
