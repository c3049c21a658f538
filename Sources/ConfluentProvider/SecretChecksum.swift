import CZlib

/// The checksum in a Confluent secret that begins with `cflt`.
///
/// Such a secret is `cflt`, 54 characters, and 6 more: the CRC-32 of the 54 as four bytes, least significant first, in Base64
/// without padding (Confluent's announcement of July 2025; checked on published examples).
package enum SecretChecksum {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Whether a secret is of an older form without a checksum, or has the right one.
    package static func isPlausible(_ secret: String) -> Bool {
        let bytes = Array(secret.utf8)
        guard bytes.starts(with: Array("cflt".utf8)) else { return !bytes.isEmpty }
        guard bytes.count == 64 else { return false }
        let body = Array(bytes[4..<58])
        let sum = body.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, uInt($0.count))) }
        return Array(bytes[58...]) == encoded(sum)
    }

    /// Four bytes as six characters of Base64.
    private static func encoded(_ sum: UInt32) -> [UInt8] {
        // 32 bits, and four zero bits that fill the last character.
        let bits = UInt64(sum.byteSwapped) << 4
        return (0..<6).map { alphabet[Int(bits >> (30 - 6 * UInt64($0)) & 63)] }
    }
}
