/// A request that did not succeed, told so that a user can act on it.
///
/// All texts are fit to be shown: control characters are escaped, and no secret of ours is in them.
package struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; decides what callers do.
    package enum Kind: Hashable, Sendable {
        /// 404, or 410.
        case notFound
        /// 403. For one object this may also mean that it does not exist, or that these credentials do not see it.
        case forbidden
        /// 401, or a 403 that calls the API key invalid: the credentials are wrong.
        case unauthorized
        /// 402, or a 400 that names a limit.
        case quota
        /// 429, after all retries.
        case rateLimited
        /// 409.
        case conflict
        /// Another 4xx: what was sent makes no sense to the server.
        case invalid
        /// 5xx or 408, after all retries.
        case server
        /// No answer came: no connection, a timeout, a cut.
        case network
        /// An answer came that cannot be understood, or a redirect that must not be followed.
        case malformed
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of failure it is.
    package let kind: Kind
    /// The HTTP method.
    package let method: String
    /// The path, without the query.
    package let path: String
    /// The HTTP status; nil when no answer came.
    package let status: Int?
    /// The server's or the client's words, without a full stop at the end; may be empty.
    package let detail: String
    /// The id under which the server logged the request; nil when it told none.
    package let requestID: String?
    /// How many attempts were made; 0 when nothing was tried.
    package let attempts: Int

    /// States all parts.
    package init(
        kind: Kind, method: String, path: String, status: Int? = nil, detail: String, requestID: String? = nil,
        attempts: Int = 1
    ) {
        self.kind = kind
        self.method = method
        self.path = path
        self.status = status
        self.detail = detail
        self.requestID = requestID
        self.attempts = attempts
    }

    /// Method, path, status, detail, request id and attempts, as one sentence.
    package var description: String {
        var text = "\(method) \(path)"
        if let status {
            text += " was answered with \(status)"
            if let name = Self.name(ofStatus: status) { text += " \(name)" }
        } else {
            text += " failed"
        }
        if !detail.isEmpty { text += ": \(detail)" }
        var notes: [String] = []
        if let requestID { notes.append("request id \(requestID)") }
        if attempts > 1 { notes.append("after \(attempts) attempts") }
        if !notes.isEmpty { text += " (\(notes.joined(separator: ", ")))" }
        return text + "."
    }

    static func name(ofStatus status: Int) -> String? {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: nil
        }
    }

    static func kind(ofStatus status: Int, detail: String) -> Kind {
        let lowered = detail.lowercased()
        switch status {
        case 401: return .unauthorized
        case 402: return .quota
        case 403: return lowered.contains("invalid api key") ? .unauthorized : .forbidden
        case 404, 410: return .notFound
        case 408, 500...599: return .server
        case 409: return .conflict
        case 429: return .rateLimited
        case 400...499: return lowered.contains("is currently limited to") ? .quota : .invalid
        default: return .malformed
        }
    }
}
