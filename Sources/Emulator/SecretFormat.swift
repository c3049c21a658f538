import CZlib

/// The two shapes that a key's secret can have: 64 characters of the base64 alphabet, with or without a checksum.
package enum SecretFormat: String, CaseIterable, Sendable {
    /// `cflt`, 54 random characters, and six characters of checksum over those 54.
    case cflt
    /// 64 random characters, as keys had them before the checksum was introduced.
    case legacy

    /// A new secret of this format.
    package func secret(using generator: inout some RandomNumberGenerator) -> String {
        switch self {
        case .cflt: SecretFormat.secret(body: randomText(54, of: base64Alphabet, using: &generator))
        case .legacy: randomText(64, of: base64Alphabet, using: &generator)
        }
    }

    /// The `cflt` secret around the given 54 characters.
    package static func secret(body: String) -> String {
        "cflt" + body + checksum(of: body)
    }

    /// Six characters: the CRC-32 of the text, as four bytes with the lowest first, in base64 without padding.
    package static func checksum(of body: String) -> String {
        let bytes = Array(body.utf8)
        let sum = UInt64(crc32(0, bytes, UInt32(bytes.count)))
        // Four bytes are five groups of six bits and two bits more, which base64 fills up with zeros.
        let stream = UInt64(UInt32(truncatingIfNeeded: sum).byteSwapped) << 4
        return String((0..<6).map { base64Alphabet[Int(stream >> (30 - 6 * UInt64($0)) & 63)] })
    }
}

/// Makes the ids that the service gives to new objects.
enum Identifier {
    /// The id of a new API key: sixteen capital letters and digits.
    static func key(using generator: inout some RandomNumberGenerator) -> String {
        randomText(16, of: capitals, using: &generator)
    }

    /// An id such as `sa-1jjv26`: the prefix, a dash, and six small letters and digits.
    static func object(_ prefix: String, using generator: inout some RandomNumberGenerator) -> String {
        "\(prefix)-" + randomText(6, of: smalls, using: &generator)
    }

    /// The id of one request: 32 hexadecimal digits.
    static func request(using generator: inout some RandomNumberGenerator) -> String {
        randomText(32, of: hexadecimals, using: &generator)
    }
}

private let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
private let capitals = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
private let smalls = Array("0123456789abcdefghijklmnopqrstuvwxyz")
private let hexadecimals = Array("0123456789abcdef")

private func randomText(_ count: Int, of alphabet: [Character], using generator: inout some RandomNumberGenerator)
    -> String
{
    String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
}
