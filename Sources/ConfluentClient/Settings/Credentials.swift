/// An API key and its secret, as HTTP Basic authentication takes them.
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

    /// Every spelling in which an answer could repeat the secret; such text is cut out of what users see.
    var spellings: [String] {
        let plain = secret.revealed
        guard !plain.isEmpty else { return [] }
        let token = Base64.encoded(Array("\(key):\(plain)".utf8))
        let all = [plain, token, Base64.encoded(Array(plain.utf8)), PercentEncoding.encoded(plain)]
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
