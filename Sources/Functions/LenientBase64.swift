/// Base64 as Go reads it: ends of lines are passed over, and padding is required.
enum LenientBase64 {
    /// Where it is wrong.
    struct Problem: Error {
        let offset: Int
    }

    static func bytes(of text: String) throws(Problem) -> [UInt8] {
        let source = Array(text.utf8)
        func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        var result: [UInt8] = []
        var (group, count): (UInt32, Int) = (0, 0)
        var place = 0
        func skipLineEnds() { while place < source.count, isLineEnd(source[place]) { place += 1 } }
        while place < source.count {
            let byte = source[place]
            if let value = value(of: byte) {
                (group, count) = (group << 6 | value, count + 1)
                place += 1
                guard count == 4 else { continue }
                result += [16, 8, 0].map { UInt8(truncatingIfNeeded: group >> $0) }
                (group, count) = (0, 0)
                continue
            }
            if isLineEnd(byte) {
                place += 1
                continue
            }
            guard byte == UInt8(ascii: "="), count >= 2 else { throw Problem(offset: place) }
            place += 1
            if count == 2 {
                skipLineEnds()
                guard place < source.count else { throw Problem(offset: place) }
                guard source[place] == UInt8(ascii: "=") else { throw Problem(offset: place - 1) }
                place += 1
            }
            skipLineEnds()
            guard place == source.count else { throw Problem(offset: place) }
            group <<= 6 * UInt32(4 - count)
            return result + [16, 8].prefix(count - 1).map { UInt8(truncatingIfNeeded: group >> $0) }
        }
        guard count == 0 else { throw Problem(offset: place - count) }
        return result
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
