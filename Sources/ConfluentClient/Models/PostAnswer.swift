package import Networking

/// What came of asking for a new object.
///
/// The three cases are what a caller has to tell apart to never lose a secret and never make a second object by accident.
package enum PostAnswer<Object: Sendable>: Sendable {
    /// The object exists. A key's secret is shown this once; it must be stored before anything else happens. It is nil
    /// for objects without one. `serverDate` is the server's clock, nil when it did not say.
    case created(Object, secret: Secret?, serverDate: CloudTime?)
    /// Definitive: nothing was made. The server refused, or the request never left this machine.
    case refused(APIError)
    /// An object may have been made: the connection was cut, time ran out, the server failed, or its answer cannot be
    /// read. The request must not be repeated before that is settled by looking.
    case ambiguous(APIError)

    /// The same answer about an object in another form.
    package func map<Other: Sendable>(_ transform: (Object) -> Other) -> PostAnswer<Other> {
        switch self {
        case .created(let object, let secret, let date): .created(transform(object), secret: secret, serverDate: date)
        case .refused(let error): .refused(error)
        case .ambiguous(let error): .ambiguous(error)
        }
    }
}
