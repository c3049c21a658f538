import CZlib

/// The checksum of what may be torn or damaged on disk; it guards against accidents, not against people.
enum CRC32 {
    /// How long its text is.
    static let length = 8

    /// The checksum of some bytes, as eight hexadecimal digits.
    static func text(of bytes: [UInt8]) -> String {
        let sum = bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, uInt($0.count)) }
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: length - digits.count) + digits
    }
}
