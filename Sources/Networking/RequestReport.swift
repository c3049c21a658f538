/// What came of one attempt of a request, for whoever follows what a run does; nothing secret is in it.
package struct RequestReport: Sendable {
    /// The method.
    package let method: String
    /// Scheme, host, port and path: no credentials, and of the query the names alone.
    package let address: String
    /// The status of the answer; nil when none came.
    package let status: Int?
    /// Why no answer came; nil when one did.
    package let failure: String?
    /// The length of the body that was sent, and of the one that came.
    package let bytes: (sent: Int, received: Int)
    /// What the server calls the request; nil when it does not say.
    package let requestID: String?
    /// How long it took.
    package let elapsed: Duration

    init(_ request: OutgoingRequest, _ outcome: TransportOutcome, _ elapsed: Duration) {
        method = request.method
        address = Self.shown(request.url)
        self.elapsed = elapsed
        let sent = request.body?.count ?? 0
        switch outcome {
        case .answer(let answer):
            (status, failure) = (answer.status, nil)
            bytes = (sent, answer.body.count)
            requestID = answer.header("x-request-id") ?? answer.header("x-amz-request-id")
        case .failure(let problem):
            (status, failure) = (nil, problem.reason)
            bytes = (sent, 0)
            requestID = nil
        }
    }

    /// An address without what may be secret: who asks, and the values of its query.
    static func shown(_ url: String) -> String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var address = String(parts[0])
        if let scheme = address.firstRange(of: "://") {
            let authority = address[scheme.upperBound...].prefix { $0 != "/" }
            if let at = authority.lastIndex(of: "@") { address.removeSubrange(authority.startIndex...at) }
        }
        guard parts.count == 2 else { return address }
        let names = parts[1].split(separator: "&").map { $0.prefix { $0 != "=" } }
        return address + "?" + names.joined(separator: "&")
    }
}

/// Whoever follows the requests of a run.
///
/// A type of its own: optimised, the program does not find the type of a task-local function.
package struct RequestObserver: Sendable {
    /// Is told of every attempt that is made in a task, and in those below it; nil when nobody follows.
    @TaskLocal package static var current: RequestObserver?

    /// Takes what came of an attempt.
    package let take: @Sendable (RequestReport) -> Void

    /// Makes one of a function that takes what came of each attempt.
    package init(_ take: @escaping @Sendable (RequestReport) -> Void) { self.take = take }
}
