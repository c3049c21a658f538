/// Sends one request and brings back one answer; the only way out to the network.
///
/// Contract: exactly one attempt per call, no redirect followed, no retry. A failure says `wasSent == false` only when
/// it is certain that no byte of the request's body reached a connection. May be called concurrently. When the calling
/// task is cancelled, the attempt may be given up.
package protocol Transport: Sendable {
    /// Makes one attempt.
    func send(_ request: OutgoingRequest) async -> TransportOutcome
    /// Closes all connections; further requests may fail.
    func shutdown() async
}

/// A request with everything that goes on the wire, but for the connection.
package struct OutgoingRequest: Sendable {
    /// The method, in upper case; any that the server knows.
    package var method: String
    /// The absolute URL, percent-encoded.
    package var url: String
    /// The host and port that the URL names; decides about the proxy.
    package var endpoint: Endpoint
    /// Headers beside those that every request has, in order; `Host` and `Content-Length` are none of them.
    package var headers: [(name: String, value: String)]
    /// Sent as HTTP Basic authentication; nil for none.
    package var credentials: Credentials?
    /// The body, or nil for none.
    package var body: [UInt8]?
    /// How long the attempt may take.
    package var timeout: Duration
    /// The most of an answer's body that is read, in bytes.
    package var maximumBody: Int

    /// States all parts.
    package init(
        _ method: String, url: String, endpoint: Endpoint, headers: [(name: String, value: String)] = [],
        credentials: Credentials? = nil, body: [UInt8]? = nil, timeout: Duration = .seconds(60),
        maximumBody: Int = HTTPTransport.usualMaximumBody
    ) {
        self.method = method
        self.url = url
        self.endpoint = endpoint
        self.headers = headers
        self.credentials = credentials
        self.body = body
        self.timeout = timeout
        self.maximumBody = maximumBody
    }
}

/// What came of one attempt.
package enum TransportOutcome: Sendable {
    /// The head of an answer came, and its body as far as it could be read.
    case answer(Answer)
    /// No answer came.
    case failure(TransportFailure)
}

/// An answer with its body, read up to a bound.
package struct Answer: Sendable {
    /// The HTTP status.
    package var status: Int
    /// Names in lower case, in the order they came.
    package var headers: [(name: String, value: String)]
    /// The body, or its beginning when `problem` is not nil.
    package var body: [UInt8]
    /// Why the answer cannot be used as it is; nil when its body is whole.
    package var problem: AnswerProblem?

    /// States all parts.
    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], problem: AnswerProblem? = nil
    ) {
        self.status = status
        self.headers = headers.map { ($0.name.lowercased(), $0.value) }
        self.body = body
        self.problem = problem
    }

    /// The first header of that name (in lower case), without white space around it.
    package func header(_ name: String) -> String? {
        guard let value = headers.first(where: { $0.name == name })?.value else { return nil }
        let head = value.drop { $0 == " " || $0 == "\t" }
        return String(head.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// Why the body of an answer is incomplete, or the answer leads nowhere.
package struct AnswerProblem: Hashable, Sendable {
    /// The end of a sentence such as "the answer cannot be used: …".
    package var reason: String
    /// Asking again would bring the same.
    package var isPermanent: Bool

    /// States what is wrong.
    package init(_ reason: String, isPermanent: Bool) {
        self.reason = reason
        self.isPermanent = isPermanent
    }
}

/// Why an attempt brought no answer.
package struct TransportFailure: Error, Hashable, Sendable {
    /// The end of a sentence such as "failed: …", without credentials.
    package var reason: String
    /// False only when it is certain that the server saw nothing of the request's body.
    package var wasSent: Bool
    /// Trying again cannot help: the certificate is wrong, the client is shut down.
    package var isPermanent: Bool
    /// The caller's task was cancelled.
    package var isCancelled: Bool

    /// States what happened.
    package init(reason: String, wasSent: Bool, isPermanent: Bool = false, isCancelled: Bool = false) {
        self.reason = reason
        self.wasSent = wasSent
        self.isPermanent = isPermanent
        self.isCancelled = isCancelled
    }
}
