/// Percent-encoding of path segments and query items (RFC 3986).
package enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Encodes everything but the unreserved characters, so that the text is safe in any part of a URL.
    package static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 { append(byte, to: &bytes, isKept: isUnreserved(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Keeps a text that is encoded already as it is, and encodes only what no query item may hold.
    package static func mended(_ text: String) -> String {
        var bytes: [UInt8] = []
        let kept = Set("%!$'()*+,;:@/?=".utf8)
        for byte in text.utf8 { append(byte, to: &bytes, isKept: isUnreserved(byte) || kept.contains(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text that was encoded; nil when a `%` is not followed by two hexadecimal digits or the bytes are no UTF-8.
    package static func decoded(_ text: String) -> String? {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%") {
                guard index + 2 < source.count, let high = value(source[index + 1]), let low = value(source[index + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8], isKept: Bool) {
        if isKept {
            bytes.append(byte)
        } else {
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20) && byte >= 65 || (48...57).contains(byte)
            || byte == 45 || byte == 46 || byte == 95 || byte == 126
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}
