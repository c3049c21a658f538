import Configuring
import Crypto
import CryptoExtras
import JSON
import Synchronization

/// The keys of a run, each derived once, when it is first needed: deriving one takes a good part of a second.
///
/// What is written is sealed with the key that the file was read with, as long as the settings are the same: a nonce is never
/// used twice, and one key is good for far more than a run writes.
final class KeyRing: Sendable {
    typealias KeyProvider = EncryptionSettings.KeyProvider

    /// What a key is made with, beside the passphrase.
    struct Derivation: Hashable, Sendable {
        var salt: [UInt8]
        var iterations: Int
        var hashFunction: EncryptionSettings.HashFunction
        var keyLength: Int

        init(salt: [UInt8], _ provider: KeyProvider) {
            self.salt = salt
            iterations = provider.iterations
            hashFunction = provider.hashFunction
            keyLength = provider.keyLength
        }

        /// Reads what an envelope has for a key provider; nil when it is damaged, or would take for ever.
        init?(metadata: [UInt8]) {
            guard let json = try? JSONValue(parsing: metadata),
                let salt = json["salt"]?.string.flatMap(Base64.decoded), !salt.isEmpty,
                let iterations = json["iterations"]?.int, (1...100_000_000).contains(iterations),
                let hashFunction = json["hash_function"]?.string.flatMap(EncryptionSettings.HashFunction.init),
                let keyLength = json["key_length"]?.int, [16, 24, 32].contains(keyLength)
            else { return nil }
            self.salt = salt
            self.iterations = iterations
            self.hashFunction = hashFunction
            self.keyLength = keyLength
        }

        /// What an envelope has for a key provider.
        var metadata: [UInt8] {
            let json: JSONValue = [
                "salt": .string(Base64.encoded(salt)), "iterations": .number(JSONNumber(iterations)),
                "hash_function": .string(hashFunction.rawValue), "key_length": .number(JSONNumber(keyLength)),
            ]
            return json.bytes(.compact)
        }
    }

    private struct Name: Hashable {
        var passphrase: EncryptionSettings.Passphrase
        var derivation: Derivation
    }

    private struct Kept {
        var keys: [Name: SymmetricKey] = [:]
        /// What is sealed with, by provider.
        var sealing: [KeyProvider: Derivation] = [:]
    }

    private let kept = Mutex(Kept())

    /// The key that some metadata and a provider's passphrase make.
    func key(_ provider: KeyProvider, _ derivation: Derivation) throws -> SymmetricKey {
        try kept.withLock { kept throws in
            if Derivation(salt: derivation.salt, provider) == derivation, derivation.salt.count == provider.saltLength,
                kept.sealing[provider] == nil
            {
                kept.sealing[provider] = derivation
            }
            return try Self.key(provider, derivation, &kept)
        }
    }

    /// The key to seal with, and what it was made with.
    func sealingKey(_ provider: KeyProvider) throws -> (key: SymmetricKey, derivation: Derivation) {
        try kept.withLock { kept throws in
            let derivation: Derivation
            if let known = kept.sealing[provider] {
                derivation = known
            } else {
                derivation = Derivation(
                    salt: (0..<provider.saltLength).map { _ in UInt8.random(in: .min ... .max) }, provider)
                kept.sealing[provider] = derivation
            }
            return (try Self.key(provider, derivation, &kept), derivation)
        }
    }

    private static func key(
        _ provider: KeyProvider, _ derivation: Derivation, _ kept: inout Kept
    ) throws -> SymmetricKey {
        let name = Name(passphrase: provider.passphrase, derivation: derivation)
        if let known = kept.keys[name] { return known }
        let key = try KDF.Insecure.PBKDF2.deriveKey(
            from: Array(provider.passphrase.text.utf8), salt: derivation.salt,
            using: derivation.hashFunction == .sha512 ? .sha512 : .sha256, outputByteCount: derivation.keyLength,
            unsafeUncheckedRounds: derivation.iterations)
        kept.keys[name] = key
        return key
    }
}
