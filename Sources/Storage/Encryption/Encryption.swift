package import Configuring
import Crypto
import Diagnostics
import JSON

/// State and plans encrypted at rest, in OpenTofu's layout.
///
/// A value; copies share the keys that were derived. Without settings, files are written as they are, and encrypted ones refused.
package struct Encryption: Sendable {
    /// Which kind of file it is.
    package enum Kind: Hashable, Sendable {
        /// The state.
        case state
        /// A saved plan.
        case plan
    }

    private let settings: EncryptionSettings
    private let keys: KeyRing

    /// Makes an encryption; nil settings encrypt nothing.
    ///
    /// With another one at hand, what was derived for it is not derived again.
    package init(_ settings: EncryptionSettings? = nil, sharingKeysOf other: Encryption? = nil) {
        self.settings = settings ?? EncryptionSettings()
        keys = other?.keys ?? KeyRing()
    }

    /// What a file held.
    struct Opened: Sendable {
        /// The bytes that were sealed, or the file's own.
        var bytes: [UInt8]
        /// Whether the file is to be written anew, since it is not as it would be written now.
        var isOutdated: Bool
    }

    private func methods(_ kind: Kind) -> [EncryptionSettings.Method] {
        (kind == .state ? settings.state : settings.plan)?.methods ?? [.unencrypted]
    }

    private func sealingProvider(_ kind: Kind) -> EncryptionSettings.KeyProvider? {
        guard case .aesGCM(let provider)? = methods(kind).first else { return nil }
        return provider
    }

    // MARK: - Files

    /// The bytes of a file: sealed, where that kind of file is encrypted.
    ///
    /// - Parameters:
    ///   - bytes: What the file holds.
    ///   - kind: Which kind of file it is.
    ///   - identity: What of a state stays readable.
    func seal(_ bytes: [UInt8], _ kind: Kind, identity: Envelope.Identity? = nil) throws(Diagnostic) -> [UInt8] {
        guard let provider = sealingProvider(kind) else { return bytes }
        let (key, derivation) = try sealingKey(provider)
        return Envelope(
            identity: identity, metadata: [provider.metadataKey: derivation.metadata],
            sealed: try Self.sealed(bytes, key)
        ).bytes
    }

    /// What a file holds.
    ///
    /// - Parameters:
    ///   - bytes: The file's bytes.
    ///   - json: The same, read as JSON; nil when they are none.
    ///   - kind: Which kind of file it is.
    ///   - place: How users know the file.
    func open(_ bytes: [UInt8], _ json: JSONValue?, _ kind: Kind, _ place: String) throws(Diagnostic) -> Opened {
        let methods = methods(kind)
        guard let json, Envelope.isEnvelope(json) else {
            guard methods.contains(.unencrypted) else { throw .notEncrypted(place) }
            return Opened(bytes: bytes, isOutdated: methods[0] != .unencrypted)
        }
        guard let version = json["encryption_version"]?.string else { throw .damagedEnvelope(place) }
        guard version == Envelope.version else { throw .encryptionVersion(place, version) }
        guard let envelope = Envelope(json: json) else { throw .damagedEnvelope(place) }
        let (opened, method) = try open(envelope.sealed, envelope.metadata, methods, place)
        if let identity = envelope.identity {
            let inner = try? JSONValue(parsing: opened)
            guard inner?["serial"]?.int == identity.serial, inner?["lineage"]?.string == identity.lineage else {
                throw .foreignEnvelope(place)
            }
        }
        return Opened(bytes: opened, isOutdated: method != 0)
    }

    /// Opens sealed bytes with the first method that can; returns which it was.
    private func open(
        _ sealed: [UInt8], _ metadata: [String: [UInt8]], _ methods: [EncryptionSettings.Method], _ place: String,
        binding: [UInt8] = []
    ) throws(Diagnostic) -> (bytes: [UInt8], method: Int) {
        let providers = methods.enumerated().compactMap { place, method -> (Int, EncryptionSettings.KeyProvider)? in
            if case .aesGCM(let provider) = method { (place, provider) } else { nil }
        }
        guard !providers.isEmpty else { throw .noEncryption(place, metadata.keys.sorted()) }
        var isKnown = false
        for (number, provider) in providers {
            guard let text = metadata[provider.metadataKey] else { continue }
            guard let derivation = KeyRing.Derivation(metadata: text) else { throw .damagedEnvelope(place) }
            isKnown = true
            guard let key = try? keys.key(provider, derivation), let box = try? AES.GCM.SealedBox(combined: sealed),
                let bytes = try? AES.GCM.open(box, using: key, authenticating: binding)
            else { continue }
            return (Array(bytes), number)
        }
        throw isKnown
            ? .notOpened(place)
            : .otherKeyProvider(place, metadata.keys.sorted(), providers.map(\.1.metadataKey))
    }

    private func sealingKey(
        _ provider: EncryptionSettings.KeyProvider
    ) throws(Diagnostic) -> (key: SymmetricKey, derivation: KeyRing.Derivation) {
        do {
            return try keys.sealingKey(provider)
        } catch {
            throw .notSealed
        }
    }

    private static func sealed(
        _ bytes: [UInt8], _ key: SymmetricKey, binding: [UInt8] = []
    ) throws(Diagnostic) -> [UInt8] {
        guard let box = try? AES.GCM.seal(bytes, using: key, authenticating: binding), let combined = box.combined
        else {
            throw .notSealed
        }
        return Array(combined)
    }

    // MARK: - Journals

    /// The header of a journal: with what its records were sealed with, where the state is encrypted.
    func header(_ header: JSONObject) throws(Diagnostic) -> JSONObject {
        guard let provider = sealingProvider(.state) else { return header }
        var header = header
        let metadata = [provider.metadataKey: try sealingKey(provider).derivation.metadata]
        header["encryption"] = ["meta": Envelope.json(metadata), "encryption_version": .string(Envelope.version)]
        return header
    }

    /// A record of the journal of a state, sealed where the state is encrypted.
    ///
    /// It is bound to the state's lineage, so that it cannot be put into another state's journal.
    func seal(record: JSONValue, lineage: String) throws(Diagnostic) -> JSONValue {
        guard let provider = sealingProvider(.state) else { return record }
        let sealed = try Self.sealed(
            record.bytes(.compact), try sealingKey(provider).key, binding: Array(lineage.utf8))
        return ["sealed": .string(Base64.encoded(sealed))]
    }

    /// The records of a journal; nil for one that is damaged.
    func open(records: [JSONValue], header: JSONObject, _ place: String) throws(Diagnostic) -> [JSONValue?] {
        guard let encryption = header["encryption"] else {
            guard methods(.state).contains(.unencrypted) else { throw .notEncrypted(place) }
            return records
        }
        let version = encryption["encryption_version"]?.string ?? ""
        guard version == Envelope.version else { throw .encryptionVersion(place, version) }
        guard let metadata = Envelope.metadata(encryption) else { throw .damagedEnvelope(place) }
        let binding = Array((header["lineage"]?.string ?? "").utf8)
        var opened: [JSONValue?] = []
        for record in records {
            guard let sealed = record["sealed"]?.string.flatMap(Base64.decoded) else {
                opened.append(nil)
                continue
            }
            let bytes = try open(sealed, metadata, methods(.state), place, binding: binding).bytes
            opened.append(try? JSONValue(parsing: bytes))
        }
        return opened
    }
}
