/// An IPv4 or IPv6 address as its bytes: 4 or 16.
package struct IPAddress: Hashable, Sendable {
    let bytes: [UInt8]

    /// Reads the strict textual forms: four decimal numbers, or RFC 4291's groups with at most one `::`.
    init?(_ text: String) {
        if text.utf8.count > 45 { return nil }
        if let four = Self.four(text) {
            bytes = four
        } else if let sixteen = Self.sixteen(text) {
            bytes = sixteen
        } else {
            return nil
        }
    }

    var isLoopback: Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Whether the first `length` bits are those of `network`, an address of the same kind.
    func isWithin(_ network: IPAddress, length: Int) -> Bool {
        guard network.bytes.count == bytes.count, length >= 0, length <= bytes.count * 8 else { return false }
        for bit in 0..<length {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if bytes[bit / 8] & mask != network.bytes[bit / 8] & mask { return false }
        }
        return true
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            let isDecimal = !part.isEmpty && part.utf8.count <= 3 && part.utf8.allSatisfy { (48...57).contains($0) }
            // A leading zero means octal to some resolvers; such text is no address here.
            guard isDecimal, part.utf8.count == 1 || part.utf8.first != 48, let byte = UInt8(part) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func sixteen(_ text: String) -> [UInt8]? {
        var halves: [[UInt8]] = []
        guard text.contains(":") else { return nil }
        let pieces = split(text)
        guard pieces.count <= 2 else { return nil }
        for (index, piece) in pieces.enumerated() {
            guard let half = groups(piece, mayEndInFour: index == pieces.count - 1) else { return nil }
            halves.append(half)
        }
        if halves.count == 1 { return halves[0].count == 16 ? halves[0] : nil }
        let missing = 16 - halves[0].count - halves[1].count
        guard missing >= 2 else { return nil }
        return halves[0] + [UInt8](repeating: 0, count: missing) + halves[1]
    }

    /// The text before and after `::`; more than two pieces mean that it occurs twice.
    private static func split(_ text: String) -> [Substring] {
        let bytes = Array(text.utf8)
        var pieces: [Substring] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 58, index + 1 < bytes.count, bytes[index + 1] == 58 {
                pieces.append(Substring(String(decoding: bytes[start..<index], as: UTF8.self)))
                start = index + 2
                index = start
            } else {
                index += 1
            }
        }
        pieces.append(Substring(String(decoding: bytes[start...], as: UTF8.self)))
        return pieces
    }

    private static func groups(_ text: Substring, mayEndInFour: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if mayEndInFour, index == parts.count - 1, part.contains(".") {
                guard let last = four(String(part)) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16), part.first != "+" else {
                    return nil
                }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
