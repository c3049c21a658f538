package import Configuring
package import Diagnostics
import JSON

/// What the key of an encrypted store is made of, got from outside when it is needed.
package struct SecretKeySource: Sendable {
    /// What the key is made of.
    package enum Material: Sendable {
        /// A passphrase, which a person may have thought up.
        case passphrase([UInt8])
        /// 32 random bytes.
        case random([UInt8])
    }

    private let source: @Sendable () async throws(Diagnostic) -> Material

    /// Makes it of the means to get it.
    package init(_ source: @escaping @Sendable () async throws(Diagnostic) -> Material) { self.source = source }

    /// Gets it; throws what the user is to be told.
    package func material() async throws(Diagnostic) -> Material { try await source() }
}

extension SecretKeySource {
    private static let lengthMaximum = 1 << 12

    /// What the settings say.
    package init(_ settings: SecretStoreSettings.KeySource, _ place: SecretStorePlace) {
        self.init { () throws(Diagnostic) in
            switch settings {
            case .passphrase(let text):
                return .passphrase(Array(try text.text(place.environment).utf8))
            case .file(let setting):
                let path = place.path(try setting.text(place.environment))
                return .random(try Self.key(in: try place.privateFile(path, limit: Self.lengthMaximum), of: path))
            case .command(let words):
                let output = try await place.output(of: words)
                return .random(try Self.key(in: output, of: words[0]))
            }
        }
    }

    /// The 32 bytes of a key, given as they are, in hexadecimal or in Base64; white space around does not count.
    private static func key(in bytes: [UInt8], of place: String) throws(Diagnostic) -> [UInt8] {
        if bytes.count == 32 { return bytes }
        let text = String(decoding: bytes, as: UTF8.self).split {
            $0 == " " || $0 == "\n" || $0 == "\r\n" || $0 == "\t"
        }
        guard text.count == 1, let word = text.first else { throw .noKey(place) }
        if word.utf8.count == 64 {
            let pairs = stride(from: 0, to: 64, by: 2).compactMap { start in
                UInt8(String(decoding: Array(word.utf8)[start..<start + 2], as: UTF8.self), radix: 16)
            }
            if pairs.count == 32 { return pairs }
        }
        if let decoded = Base64.decoded(String(word)), decoded.count == 32 { return decoded }
        throw .noKey(place)
    }
}

extension Diagnostic {
    fileprivate static func noKey(_ place: String) -> Diagnostic {
        .error(
            "Encryption key cannot be used",
            "What \(VisibleText.escaped(place)) gives is no key: 32 random bytes are needed, as they are, in hexadecimal or in Base64. To make one: openssl rand -base64 32"
        )
    }
}
