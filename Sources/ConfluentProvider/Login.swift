import ConfluentClient
import Networking

/// A Cloud API key that `login` checked and remembered.
package struct Login: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The key's id.
    package var key: String
    /// The key's secret.
    package var secret: String
    /// The base URL of the API that it was checked with.
    package var endpoint: String
    /// The id of the organization that it belongs to.
    package var organization: String

    /// Makes a login of its parts.
    package init(key: String, secret: String, endpoint: String, organization: String) {
        self.key = key
        self.secret = secret
        self.endpoint = endpoint
        self.organization = organization
    }

    /// Whether an endpoint, however it is written, is the one of this login.
    func isFor(_ text: String) -> Bool {
        guard let own = try? Endpoint(endpoint), let other = try? Endpoint(text) else { return endpoint == text }
        return own == other
    }

    /// Everything but the secret.
    package var description: String { "\(key) of organization \(organization) at \(endpoint)" }
    /// Nothing of the secret, so that no dump shows it.
    package var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}
