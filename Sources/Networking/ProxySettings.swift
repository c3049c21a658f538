/// Which requests go through a proxy, as the usual environment variables say.
///
/// `HTTPS_PROXY` (or `https_proxy`) names the proxy, `NO_PROXY` (or `no_proxy`) what is reached without it: a list,
/// parted by commas, of host names (with their subdomains), `.suffixes`, addresses, address ranges (`10.0.0.0/8`),
/// each with an optional port, or `*` for everything. This machine's own addresses are always reached directly.
package struct ProxySettings: Hashable, Sendable {
    /// No proxy for anything.
    package static let none = ProxySettings(server: nil, exceptions: [], isOff: false)

    let server: Server?
    let exceptions: [Exception]
    let isOff: Bool

    /// A proxy that tunnels connections.
    struct Server: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case http, socks5 }
        let kind: Kind
        let host: String
        let port: Int
        /// User name and password, nil when the proxy asks for none.
        let credentials: Credentials?
    }

    enum Exception: Hashable, Sendable {
        case host(String, port: Int?)
        /// Subdomains only: written with a leading dot.
        case subdomains(String, port: Int?)
        case network(IPAddress, length: Int, port: Int?)
    }

    private init(server: Server?, exceptions: [Exception], isOff: Bool) {
        self.server = server
        self.exceptions = exceptions
        self.isOff = isOff
    }

    /// Reads the variables out of `environment`; the environment of the process itself is never read here.
    ///
    /// Throws when the proxy's URL cannot be read or its kind is not supported. Entries of `NO_PROXY` that make no
    /// sense are skipped, as other tools do.
    package init(environment: [String: String]) throws(ClientError) {
        func value(_ name: String) -> String {
            for spelling in [name, name.lowercased()] {
                if let text = environment[spelling], !text.isEmpty { return Self.trimmed(text) }
            }
            return ""
        }
        let proxy = value("HTTPS_PROXY")
        var exceptions: [Exception] = []
        var isOff = false
        for part in value("NO_PROXY").split(separator: ",").prefix(1000) {
            let entry = Self.trimmed(String(part)).lowercased()
            if entry == "*" { isOff = true }
            if let exception = Self.exception(entry) { exceptions.append(exception) }
        }
        self.init(server: proxy.isEmpty ? nil : try Self.server(proxy), exceptions: exceptions, isOff: isOff)
    }

    /// The proxy to reach `host` through, nil for a direct connection.
    func server(host: String, port: Int) -> Server? {
        guard let server, !isOff else { return nil }
        let name = host.lowercased()
        let address = IPAddress(name)
        if name == "localhost" || address?.isLoopback == true { return nil }
        for exception in exceptions {
            switch exception {
            case .host(let host, let wanted):
                if wanted ?? port == port, name == host || name.hasSuffix(".\(host)") { return nil }
            case .subdomains(let suffix, let wanted):
                if wanted ?? port == port, name.hasSuffix(".\(suffix)") { return nil }
            case .network(let network, let length, let wanted):
                if wanted ?? port == port, let address, address.isWithin(network, length: length) { return nil }
            }
        }
        return server
    }

    private static func server(_ text: String) throws(ClientError) -> Server {
        let full = text.contains("://") ? text : "http://\(text)"
        guard let url = PlainURL(full), url.query == nil, url.fragment == nil, url.path.isEmpty || url.path == "/"
        else {
            // The text may hold a password, so it is not shown.
            throw ClientError("HTTPS_PROXY cannot be read; it must look like http://proxy.example.com:3128.")
        }
        let kind: Server.Kind
        switch url.scheme {
        case "http": kind = .http
        case "socks5", "socks5h": kind = .socks5
        default:
            throw ClientError(
                "HTTPS_PROXY names a proxy of kind \(url.scheme)://, which is not supported; "
                    + "use http:// or socks5://.")
        }
        var credentials: Credentials?
        if let user = url.userInfo {
            guard kind == .http else {
                throw ClientError("HTTPS_PROXY holds a user name, which is not supported for socks5:// proxies.")
            }
            let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decoded(String(parts[0])),
                let password = PercentEncoding.decoded(parts.count > 1 ? String(parts[1]) : "")
            else { throw ClientError("The user name or password in HTTPS_PROXY is not percent-encoded as it must be.") }
            credentials = Credentials(key: name, secret: password)
        }
        return Server(
            kind: kind, host: url.host, port: url.port ?? (kind == .http ? 80 : 1080), credentials: credentials)
    }

    private static func exception(_ entry: String) -> Exception? {
        if entry.isEmpty || entry == "*" { return nil }
        if let slash = entry.firstIndex(of: "/") {
            guard let network = IPAddress(String(entry[..<slash])),
                let length = Int(entry[entry.index(after: slash)...]), (0...network.bytes.count * 8).contains(length)
            else { return nil }
            return .network(network, length: length, port: nil)
        }
        if let address = IPAddress(entry) {
            return .network(address, length: address.bytes.count * 8, port: nil)
        }
        // `.example.com` and `*.example.com` are the same: the subdomains only.
        let isSuffix = entry.hasPrefix("*.") || entry.hasPrefix(".")
        guard let (host, port) = PlainURL.authority(isSuffix ? entry.drop { $0 == "*" || $0 == "." } : entry[...])
        else { return nil }
        if isSuffix { return .subdomains(host, port: port) }
        if let address = IPAddress(host) {
            return .network(address, length: address.bytes.count * 8, port: port)
        }
        return .host(host, port: port)
    }

    private static func trimmed(_ text: String) -> String {
        let head = text.drop { $0 == " " || $0 == "\t" }
        return String(head.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
