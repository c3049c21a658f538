/// Where an API lives: scheme, host, port and an optional path prefix.
///
/// Plain HTTP is accepted for loopback addresses only, since every request carries credentials.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// `https`, or `http` for a loopback address.
    package let scheme: String
    /// The host in lower case; an IPv6 address without its brackets.
    package let host: String
    /// The port, the scheme's own one when none was written.
    package let port: Int
    /// A path that every request starts with, without a slash at its end; usually empty.
    package let prefix: String

    /// Reads an endpoint such as `https://api.confluent.cloud`.
    ///
    /// Throws when the text is no absolute URL of HTTPS, holds a user name, a query or a fragment, or is plain HTTP to
    /// another machine.
    package init(_ text: String) throws(ClientError) {
        let shown = ServerText.visible(text, limit: 200)
        guard let url = PlainURL(text) else {
            throw ClientError(
                "The endpoint \"\(shown)\" is not a URL such as https://api.confluent.cloud.")
        }
        if url.userInfo != nil {
            throw ClientError("An endpoint must not hold a user name or password; set the API key and secret instead.")
        }
        if url.query != nil || url.fragment != nil {
            throw ClientError("The endpoint \"\(shown)\" must not hold a query or a fragment.")
        }
        guard url.scheme == "https" || url.scheme == "http" else {
            throw ClientError("The endpoint \"\(shown)\" must start with https://.")
        }
        if url.scheme == "http" && !Self.isLoopback(url.host) {
            throw ClientError(
                "The endpoint \"\(shown)\" would send the API secret without encryption; use https://. "
                    + "Plain HTTP is accepted for this machine's own address only.")
        }
        scheme = url.scheme
        host = url.host
        port = url.port ?? (url.scheme == "https" ? 443 : 80)
        prefix = String(url.path.reversed().drop { $0 == "/" }.reversed())
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { Self.isLoopback(host) }

    /// The URL, without the scheme's own port.
    package var description: String { origin + prefix }

    /// Scheme, host and port: what two URLs must share for credentials to travel between them.
    package var origin: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        let isUsual = port == (scheme == "https" ? 443 : 80)
        return isUsual ? "\(scheme)://\(shownHost)" : "\(scheme)://\(shownHost):\(port)"
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        return IPAddress(host)?.isLoopback ?? false
    }
}
