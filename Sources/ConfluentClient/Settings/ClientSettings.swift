package import Networking

/// What a client needs to know before it is made.
package struct ClientSettings: Sendable {
    /// The API's base URL; HTTPS, or HTTP to a loopback address.
    package var endpoint: String
    /// The Cloud API key that every request is made with.
    package var credentials: Credentials
    /// How often a request is repeated after its first attempt; 0 means never.
    package var maximumRetries: Int
    /// The text of the `User-Agent` header.
    package var userAgent: String
    /// How long one attempt may take, from asking for a connection to the last byte of the answer.
    package var requestTimeout: Duration
    /// How long making a connection may take.
    package var connectTimeout: Duration
    /// The proxy to use, `.none` for direct connections.
    package var proxy: ProxySettings
    /// Told how long the server asks everybody to wait, when that is five seconds or more.
    package var announceWait: @Sendable (Duration) -> Void

    /// The endpoint of Confluent Cloud itself.
    package static let defaultEndpoint = "https://api.confluent.cloud"

    /// States every setting; all but the credentials have a default.
    package init(
        endpoint: String = ClientSettings.defaultEndpoint,
        credentials: Credentials,
        maximumRetries: Int = 4,
        userAgent: String = "flinkform",
        requestTimeout: Duration = .seconds(60),
        connectTimeout: Duration = .seconds(10),
        proxy: ProxySettings = .none,
        announceWait: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.maximumRetries = maximumRetries
        self.userAgent = userAgent
        self.requestTimeout = requestTimeout
        self.connectTimeout = connectTimeout
        self.proxy = proxy
        self.announceWait = announceWait
    }

    /// Real connections, as these settings want them.
    var transport: HTTPTransport {
        HTTPTransport(proxy: proxy, connectTimeout: connectTimeout, readTimeout: requestTimeout)
    }

    /// Throws unless everything but the endpoint, which is read apart, makes sense.
    func check() throws(ClientError) {
        try credentials.check()
        guard (0...100).contains(maximumRetries) else {
            throw ClientError("The number of retries must be between 0 and 100, not \(maximumRetries).")
        }
        guard requestTimeout > .zero, connectTimeout > .zero else {
            throw ClientError("The time that a request or a connection may take must be more than zero.")
        }
        guard userAgent.utf8.allSatisfy({ (0x20...0x7e).contains($0) }), userAgent.utf8.count <= 512 else {
            throw ClientError("The user agent must be at most 512 printable ASCII characters.")
        }
    }
}

extension Credentials {
    /// Throws unless both parts are there and can be sent: a colon in the key or a line break would change their
    /// meaning.
    func check() throws(ClientError) {
        if key.isEmpty || secret.revealed.isEmpty {
            throw ClientError(
                "The Confluent Cloud API key and its secret must both be given; "
                    + (key.isEmpty ? "the key is empty." : "the secret is empty."))
        }
        let isOdd: (UInt8) -> Bool = { $0 <= 0x20 || $0 >= 0x7f }
        if key.utf8.contains(where: isOdd) || key.utf8.contains(UInt8(ascii: ":")) {
            throw ClientError("The Confluent Cloud API key holds a character that no key has; is it cut or quoted?")
        }
        if secret.revealed.utf8.contains(where: isOdd) {
            throw ClientError(
                "The Confluent Cloud API secret holds a character that no secret has; is it cut or quoted?")
        }
    }
}
