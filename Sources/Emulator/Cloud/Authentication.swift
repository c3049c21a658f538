import FoundationEssentials
import GRDB

/// An id and a secret, as HTTP Basic carries them.
struct Credentials: Hashable, Sendable {
    /// The id of the key.
    var id: String
    /// Its secret.
    var secret: String

    /// Creates credentials.
    init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// Reads the value of an `Authorization` header; nil if it is missing or is not Basic.
    init?(authorization: String?) {
        guard let authorization, let space = authorization.firstIndex(of: " "),
            authorization[..<space].lowercased() == "basic",
            let bytes = Data(base64Encoded: String(authorization[authorization.index(after: space)...])),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        self.init(id: String(text[..<colon]), secret: String(text[text.index(after: colon)...]))
    }
}

extension Visit {
    /// Lets the caller pass if it shows the seeded key, or a key of one of the kinds that is old enough to be used.
    func authenticate(as kinds: Set<KeyKind>, seeded: Credentials) throws {
        guard let credentials = Credentials(authorization: request.authorization) else {
            throw Problem.unauthenticated
        }
        if credentials == seeded { return }
        let key = try presentedKey(credentials)
        guard kinds.contains(key.kind) else { throw Problem.wrongKind(status: switches.wrongKindStatus) }
        guard isReady(key) else { throw Problem.unauthenticated }
    }

    /// The key whose id and secret these are; a wrong secret looks like no key at all.
    func presentedKey(_ credentials: Credentials) throws -> StoredKey {
        guard let key = try StoredKey.find(credentials.id, in: database), key.secret == credentials.secret else {
            throw Problem.unauthenticated
        }
        return key
    }

    /// Whether the service has spread the key to where it is used.
    func isReady(_ key: StoredKey) -> Bool {
        key.created.advanced(by: switches.readinessDelay) <= now
    }
}
