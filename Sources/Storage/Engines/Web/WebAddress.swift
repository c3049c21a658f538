import Networking

/// An address that requests go to as it is written, with a path and a query.
struct WebAddress: Hashable, Sendable {
    /// Scheme, host and port.
    let endpoint: Endpoint
    /// Percent-encoded, as written; begins with a slash.
    let path: String
    /// What stands behind the question mark, as written; nil when there is none.
    let query: String?

    /// Reads an address; throws when it is no URL that credentials may be sent to.
    init(_ text: String) throws(ClientError) {
        guard let url = PlainURL(text), url.fragment == nil else {
            throw ClientError(
                "It is not a URL such as https://gitlab.example.com/api/v4/projects/1/terraform/state/NAME.")
        }
        guard url.userInfo == nil else {
            throw ClientError("It must not hold a user name or password; set username and password instead.")
        }
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        endpoint = try Endpoint("\(url.scheme)://\(host)\(url.port.map { ":\($0)" } ?? "")")
        path = url.path.isEmpty ? "/" : url.path
        query = url.query
    }

    private init(_ endpoint: Endpoint, _ path: String, _ query: String?) {
        (self.endpoint, self.path, self.query) = (endpoint, path, query)
    }

    /// The whole address, with one more parameter if there is one.
    func url(adding parameter: (name: String, value: String)? = nil) -> String {
        let added = parameter.map { "\($0.name)=\(PercentEncoding.encoded($0.value))" }
        let query = [query, added].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
        return endpoint.origin + path + (query.isEmpty ? "" : "?" + query)
    }

    /// The address beside this one whose last part ends in `ending`; the query is kept.
    func beside(_ ending: String) -> WebAddress {
        let hasSlash = path.count > 1 && path.hasSuffix("/")
        return WebAddress(endpoint, (hasSlash ? String(path.dropLast()) : path) + ending + (hasSlash ? "/" : ""), query)
    }

    /// The address that is to `other` what `derived` is to this one, where `derived` only has a longer path, or is the same.
    func address(like derived: WebAddress, for other: WebAddress) -> WebAddress? {
        guard derived.endpoint == endpoint, derived.query == query, derived.path.hasPrefix(path) else { return nil }
        return WebAddress(endpoint, other.path + derived.path.dropFirst(path.count), query)
    }

    /// What is shown: without the query, which may hold a token.
    var shown: String { ServerText.visible(endpoint.origin + path, limit: 300) }
}
