import AsyncHTTPClient
import NIOCore

/// Says in words why a connection failed.
///
/// Certainty about what was sent never comes from here; these texts are for people.
enum TransportReason {
    static func failure(_ error: any Error, wasSent: Bool) -> TransportFailure {
        if error is CancellationError {
            return TransportFailure(reason: "it was cancelled", wasSent: wasSent, isPermanent: true, isCancelled: true)
        }
        if let error = error as? HTTPClientError {
            return TransportFailure(
                reason: reason(error), wasSent: wasSent, isPermanent: permanent.contains { $0 == error })
        }
        // Errors of TLS and of the connection attempt come from modules that this one does not use; their texts are
        // enough.
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return TransportFailure(
                reason: "the server's TLS certificate could not be verified", wasSent: wasSent, isPermanent: true)
        }
        if text.contains("noName") || text.contains("cannotMatchULabel") || text.contains("failedToValidateHostname") {
            return TransportFailure(
                reason: "the server's TLS certificate is for another name", wasSent: wasSent, isPermanent: true)
        }
        if text.contains("handshakeFailed") || text.contains("SSL routines") {
            return TransportFailure(reason: "the TLS handshake with the server failed", wasSent: wasSent)
        }
        if text.contains("UnknownHost") || text.contains("dnsAError: Optional") {
            return TransportFailure(reason: "the host's name is not known (DNS)", wasSent: wasSent)
        }
        if text.contains("uncleanShutdown") {
            return TransportFailure(reason: "the connection was cut", wasSent: wasSent)
        }
        return TransportFailure(reason: systemReason(error) ?? fallback(text), wasSent: wasSent)
    }

    private static let permanent: [HTTPClientError] = [
        .alreadyShutdown, .invalidURL, .emptyHost, .emptyScheme, .proxyAuthenticationRequired,
    ]

    private static func reason(_ error: HTTPClientError) -> String {
        switch error {
        case .remoteConnectionClosed: "the server closed the connection without an answer"
        case .connectTimeout, .getConnectionFromPoolTimeout: "no connection could be made in time"
        case .deadlineExceeded, .readTimeout: "no answer came in time"
        case .writeTimeout: "the request could not be sent in time"
        case .tlsHandshakeTimeout: "the TLS handshake took too long"
        case .proxyAuthenticationRequired: "the proxy in HTTPS_PROXY asks for a user name and password"
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: "the proxy in HTTPS_PROXY did not answer in time"
        case .invalidProxyResponse: "the proxy in HTTPS_PROXY refused to connect to the server"
        case .uncleanShutdown: "the connection was cut"
        case .alreadyShutdown: "the client has been shut down"
        case .cancelled: "it was cancelled"
        default: error.shortDescription.lowercased()
        }
    }

    /// The operating system's own words for the first of its errors found inside `error`.
    private static func systemReason(_ error: any Error) -> String? {
        guard let number = errorNumber(error, depth: 0) else { return nil }
        return switch number {
        case 111, 61: "the connection was refused"
        case 104, 54: "the connection was reset"
        case 110, 60: "the connection timed out"
        case 32: "the connection was cut"
        case 101, 51: "the network cannot be reached"
        case 113, 65: "the host cannot be reached"
        default: "the connection failed (error \(number))"
        }
    }

    private static func errorNumber(_ value: Any, depth: Int) -> Int32? {
        if let error = value as? IOError { return error.errnoCode }
        guard depth < 4 else { return nil }
        for child in Mirror(reflecting: value).children {
            if let number = errorNumber(child.value, depth: depth + 1) { return number }
        }
        return nil
    }

    private static func fallback(_ text: String) -> String {
        "the connection failed (\(ServerText.visible(text, limit: 200)))"
    }
}
