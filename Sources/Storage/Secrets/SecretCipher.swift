import Crypto
import CryptoExtras
import JSON

/// How the entries of a store are encrypted, and with which key: written in clear at the head of the store.
struct CipherHeader: Hashable, Sendable {
    /// How the key is made of what the user gives.
    enum Derivation: Hashable, Sendable {
        /// By scrypt (RFC 7914) of a passphrase; the cost is its N, the block size 8 and the parallelism 1.
        case scrypt(cost: Int)
        /// By HKDF with SHA-256 (RFC 5869) of 32 random bytes.
        case hkdf
    }

    /// The random id of the key: another one after every rotation.
    var key: String
    /// How the key is made.
    var derivation: Derivation
    /// Random bytes that make keys differ although the same is given.
    var salt: [UInt8]
    /// Nothing, sealed: what only the right key opens.
    var proof: [UInt8]

    /// 128 MiB of memory, half a second or less: what a passphrase for long-lived secrets should cost.
    static let usualCost = 1 << 17
    private static let costMaximum = 1 << 22

    /// The header as the file has it.
    var json: JSONValue {
        var object: JSONObject = ["method": "aes-256-gcm", "key": .string(key)]
        switch derivation {
        case .scrypt(let cost):
            object["derivation"] = "scrypt"
            object["cost"] = .number(JSONNumber(cost))
        case .hkdf: object["derivation"] = "hkdf-sha256"
        }
        object["salt"] = .string(Base64.encoded(salt))
        object["proof"] = .string(Base64.encoded(proof))
        return .object(object)
    }

    init(key: String, derivation: Derivation, salt: [UInt8], proof: [UInt8]) {
        (self.key, self.derivation, self.salt, self.proof) = (key, derivation, salt, proof)
    }

    /// Reads what `json` writes; nil when it is not that.
    init?(json: JSONValue) {
        guard json["method"]?.string == "aes-256-gcm", let key = json["key"]?.string,
            let salt = json["salt"]?.string.flatMap(Base64.decoded), salt.count >= 16,
            let proof = json["proof"]?.string.flatMap(Base64.decoded)
        else { return nil }
        let derivation: Derivation
        switch json["derivation"]?.string {
        case "scrypt":
            guard let cost = json["cost"]?.int, (2...Self.costMaximum).contains(cost), cost & (cost - 1) == 0 else {
                return nil
            }
            derivation = .scrypt(cost: cost)
        case "hkdf-sha256": derivation = .hkdf
        default: return nil
        }
        self.init(key: key, derivation: derivation, salt: salt, proof: proof)
    }
}

/// Seals and opens entries with one key: AES-256 in Galois/counter mode, a random nonce each.
///
/// What is sealed is bound to the store, the key's id and the entry's own name, so that none can take another's place.
struct SecretCipher: Sendable {
    /// Why something could not be opened.
    enum Failure: Error, Hashable {
        /// What is given makes another key than the one that was used.
        case otherKey
        /// It was changed, or belongs elsewhere.
        case damaged
    }

    /// What the store's head says.
    let header: CipherHeader
    private let key: SymmetricKey
    private let store: String

    /// Makes a new key for a store.
    ///
    /// `cost` is that of scrypt, a power of two.
    init(new store: String, _ material: SecretKeySource.Material, cost: Int) throws(Failure) {
        let derivation: CipherHeader.Derivation
        switch material {
        case .passphrase: derivation = .scrypt(cost: cost)
        case .random: derivation = .hkdf
        }
        var header = CipherHeader(
            key: Self.random(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(),
            derivation: derivation, salt: Self.random(32), proof: [])
        (self.store, key) = (store, try Self.key(material, header))
        header.proof = try Self.sealed([], Self.bound(store, header.key, ""), key)
        self.header = header
    }

    /// Makes the key that a store's head speaks of; throws `otherKey` when it is not that one.
    init(_ header: CipherHeader, of store: String, _ material: SecretKeySource.Material) throws(Failure) {
        (self.header, self.store, key) = (header, store, try Self.key(material, header))
        guard (try? Self.opened(header.proof, Self.bound(store, header.key, ""), key)) == [] else {
            throw .otherKey
        }
    }

    /// Seals the bytes of an entry.
    func seal(_ bytes: [UInt8], as name: String) throws(Failure) -> [UInt8] {
        try Self.sealed(bytes, Self.bound(store, header.key, name), key)
    }

    /// Opens what was sealed for an entry of that name.
    func open(_ sealed: [UInt8], as name: String) throws(Failure) -> [UInt8] {
        try Self.opened(sealed, Self.bound(store, header.key, name), key)
    }

    // MARK: - The library

    private static func random(_ count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }

    /// The associated data: each part with its length before it, so that no two lists of parts are alike.
    private static func bound(_ parts: String...) -> [UInt8] {
        (["flinkform secrets 2"] + parts).flatMap { part in
            let bytes = Array(part.utf8)
            return Array("\(bytes.count):".utf8) + bytes
        }
    }

    private static func key(_ material: SecretKeySource.Material, _ header: CipherHeader) throws(Failure)
        -> SymmetricKey
    {
        switch (material, header.derivation) {
        case (.passphrase(let passphrase), .scrypt(let cost)):
            let key = try? KDF.Scrypt.deriveKey(
                from: passphrase, salt: header.salt, outputByteCount: 32, rounds: cost, blockSize: 8, parallelism: 1)
            guard let key else { throw .otherKey }
            return key
        case (.random(let bytes), .hkdf):
            return HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), salt: header.salt, info: Array("flinkform secrets 2".utf8),
                outputByteCount: 32)
        default: throw .otherKey
        }
    }

    private static func sealed(_ bytes: [UInt8], _ bound: [UInt8], _ key: SymmetricKey) throws(Failure) -> [UInt8] {
        guard let combined = try? AES.GCM.seal(bytes, using: key, authenticating: bound).combined else {
            throw .damaged
        }
        return Array(combined)
    }

    private static func opened(_ sealed: [UInt8], _ bound: [UInt8], _ key: SymmetricKey) throws(Failure) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: bound)
        else { throw .damaged }
        return Array(bytes)
    }
}
