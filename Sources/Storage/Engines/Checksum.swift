import Crypto
import JSON

/// Checksums that HTTP headers carry, in Base64.
enum Checksum {
    /// MD5, which guards against accidents alone.
    static func md5(_ bytes: [UInt8]) -> String { Base64.encoded(Array(Insecure.MD5.hash(data: bytes))) }

    /// SHA-256.
    static func sha256(_ bytes: [UInt8]) -> String { Base64.encoded(Array(SHA256.hash(data: bytes))) }
}
