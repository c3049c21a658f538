import FoundationEssentials

/// A user name and a password, such as an API key and its secret, as HTTP Basic authentication takes them.
package struct Credentials: Hashable, Sendable {
    /// The key's id; not secret.
    package let key: String
    /// The key's secret.
    package let secret: Secret

    /// Makes credentials of both parts; they are checked when a client is made of them.
    package init(key: String, secret: String) {
        self.key = key
        self.secret = Secret(secret)
    }

    /// Every spelling in which an answer could repeat the secret; such text is cut out of what users see.
    package var spellings: [String] {
        let plain = secret.revealed
        guard !plain.isEmpty else { return [] }
        let token = Data("\(key):\(plain)".utf8).base64EncodedString()
        let all = [plain, token, Data(plain.utf8).base64EncodedString(), PercentEncoding.encoded(plain)]
        return all.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key's id, without its secret.
    package var description: String { "\(ServerText.visible(key)):\(secret)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror that shows the key's id only.
    package var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}
