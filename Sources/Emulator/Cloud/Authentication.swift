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
    /// Who asks, if a key of one of the kinds is shown that works; the seeded key is a Cloud key.
    func caller(withKeyOf kinds: Set<KeyKind>) throws -> Caller {
        guard let credentials = Credentials(authorization: request.authorization) else {
            throw Problem.unauthenticated
        }
        if credentials == organization.credentials {
            guard kinds.contains(.cloud) else { throw Problem.wrongKind(status: switches.wrongKindStatus) }
            return .unlimited
        }
        let key = try presentedKey(credentials)
        guard kinds.contains(key.kind) else { throw Problem.wrongKind(status: switches.wrongKindStatus) }
        guard isReady(key) else { throw Problem.unauthenticated }
        return try caller(for: key)
    }

    /// Whom a key speaks for.
    func caller(for key: StoredKey) throws -> Caller {
        switches.enforcesRoles ? try Caller(account: key.owner, in: database) : .unlimited
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
