/// How state and plans are encrypted at rest: what an `encryption` block says, checked and put together.
package struct EncryptionSettings: Hashable, Sendable {
    /// For the state; nil when it is not encrypted.
    package var state: Target?
    /// For saved plans; nil when they are not encrypted.
    package var plan: Target?

    /// Makes settings.
    package init(state: Target? = nil, plan: Target? = nil) {
        self.state = state
        self.plan = plan
    }

    /// How one kind of file is encrypted.
    package struct Target: Hashable, Sendable {
        /// The method that writes, then those that files may still be written with; never empty.
        package var methods: [Method]

        /// Makes a target.
        package init(methods: [Method]) { self.methods = methods }
    }

    /// A way to encrypt.
    package enum Method: Hashable, Sendable {
        /// AES in Galois/Counter Mode with a key of that provider.
        case aesGCM(KeyProvider)
        /// Not at all.
        case unencrypted
    }

    /// Makes keys from a passphrase, by PBKDF2.
    package struct KeyProvider: Hashable, Sendable {
        /// What the salt is written under in an encrypted file: `key_provider.pbkdf2.NAME`, or an alias.
        package var metadataKey: String
        /// The passphrase.
        package var passphrase: Passphrase
        /// The length of the key, in bytes: 16, 24 or 32.
        package var keyLength = 32
        /// How often the hash function is applied.
        package var iterations = 600_000
        /// The length of the salt, in bytes.
        package var saltLength = 32
        /// The hash function.
        package var hashFunction = HashFunction.sha512

        /// Makes a provider with OpenTofu's defaults.
        package init(metadataKey: String, passphrase: Passphrase) {
            self.metadataKey = metadataKey
            self.passphrase = passphrase
        }
    }

    /// A hash function that PBKDF2 can use.
    package enum HashFunction: String, Hashable, Sendable {
        /// SHA-512.
        case sha512
        /// SHA-256.
        case sha256
    }

    /// A passphrase, which shows itself to nobody.
    package struct Passphrase: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        /// The text itself.
        package let text: String

        /// Makes a passphrase.
        package init(_ text: String) { self.text = text }

        /// Never the text.
        package var description: String { "(sensitive value)" }

        /// Nothing.
        package var customMirror: Mirror { Mirror(self, children: []) }
    }
}
