/// What came of asking for a new API key.
///
/// The three cases are what a caller has to tell apart to never lose a secret and never make a second key by accident.
package enum CreateAnswer: Sendable {
    /// The key exists. Its secret is shown this once; it must be stored before anything else happens. `serverDate` is
    /// the server's clock, nil when it did not say.
    case created(APIKey, secret: Secret, serverDate: CloudTime?)
    /// Definitive: nothing was made. The server refused, or the request never left this machine.
    case refused(APIError)
    /// A key may have been made: the connection was cut, time ran out, the server failed, or its answer cannot be read.
    /// The request must not be repeated before that is settled by looking.
    case ambiguous(APIError)
}
