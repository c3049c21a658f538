/// Whether a new key works yet.
package enum ProbeAnswer: Hashable, Sendable {
    /// What was asked for was shown.
    case ready
    /// The key has not spread yet, or its owner lacks a role: 400, 401, 403 or 404.
    ///
    /// The status is nil when no answer's code but the object itself says so.
    case notYet(status: Int?, detail: String)
    /// The service is busy: 429 or 5xx. `wait` is what it asks for, nil when it did not say.
    case busy(status: Int, wait: Duration?)
    /// No connection, as with private networks; says nothing about the key.
    case unreachable(reason: String)
    /// An answer that says nothing about the key, such as a web page of a proxy.
    case unclear(reason: String)
}
