/// A strict check of a JSON text, in one pass over its bytes: RFC 8259 to the letter.
///
/// json-c is lenient in ways that would change data in silence; what passes here, it reads as it stands. The scanner
/// notes the numbers that json-c would not keep.
struct JSONScanner {
    private let bytes: [UInt8]
    private let repeatedKeys: RepeatedKeys
    private let maximumDepth: Int
    private var offset = 0
    /// The byte ranges of number literals that json-c would change: integers beyond 64 bits, `-0`, and those that end like
    /// the mark that stands in for these.
    private(set) var marked: [Range<Int>] = []
    /// Large containers: where each begins, and where it ends.
    private(set) var large: [Int: Int] = [:]
    /// The keys of the open containers, without their quotes, as they are written.
    private var keys: [Range<Int>] = []
    /// The keys of each open container that has too many to compare them, or one that is not written as it is; nil for others.
    private var keySets: [Set<[UInt8]>?] = []

    /// How many keys are compared one by one.
    private static let comparedMaximum = 16
    /// From this length on, a container is large, if its members are not tiny.
    private static let largeMinimum = 1 << 16
    private static let memberMinimum = 128

    init(_ bytes: [UInt8], repeatedKeys: RepeatedKeys, maximumDepth: Int) {
        self.bytes = bytes
        self.repeatedKeys = repeatedKeys
        self.maximumDepth = maximumDepth
    }

    /// One container that is open.
    private struct Open {
        var isObject: Bool
        var start: Int
        /// How many keys the containers around it have.
        var firstKey: Int
        /// How many members it has so far.
        var count = 0
        var end: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
    }

    /// Checks the whole text.
    mutating func check() throws(JSONError) {
        var open: [Open] = []
        skipSpace()
        while true {
            // A value starts here.
            if try beginValue(&open) {
                skipSpace()
                if try !beginMember(&open, isFirst: true) { continue }
            }
            // A value has ended: close containers until another value is due.
            var isDone = false
            while !isDone {
                skipSpace()
                guard let last = open.last else {
                    guard offset == bytes.count else { throw error("Something follows the end of the value") }
                    return
                }
                isDone = try afterValue(last, &open)
            }
        }
    }

    /// Reads a scalar or opens a container; true when a container was opened.
    private mutating func beginValue(_ open: inout [Open]) throws(JSONError) -> Bool {
        guard offset < bytes.count else { throw error("The text ends where a value is expected") }
        switch bytes[offset] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard open.count < maximumDepth else {
                throw error("The text is nested deeper than \(maximumDepth) levels")
            }
            open.append(Open(isObject: bytes[offset] == UInt8(ascii: "{"), start: offset, firstKey: keys.count))
            keySets.append(nil)
            offset += 1
            return true
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "'"): throw error("Strings are written in double quotes")
        default: throw error("A value is expected here")
        }
        return false
    }

    /// After an opening bracket or a comma: closes an empty container, or reads a key; true when the container was closed.
    private mutating func beginMember(_ open: inout [Open], isFirst: Bool) throws(JSONError) -> Bool {
        guard let last = open.last else { return false }
        guard offset < bytes.count else { throw error("This is never closed", at: last.start) }
        if bytes[offset] == last.end {
            guard isFirst else { throw error("A comma must not come last") }
            close(&open)
            return true
        }
        open[open.count - 1].count += 1
        guard last.isObject else { return false }
        guard bytes[offset] == UInt8(ascii: "\"") else { throw error("A key in double quotes is expected here") }
        try key(after: last.firstKey)
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else {
            throw error("A colon is expected after a key")
        }
        offset += 1
        skipSpace()
        return false
    }

    /// After a value: a comma leads to the next one (true), a bracket closes the container (false).
    private mutating func afterValue(_ last: Open, _ open: inout [Open]) throws(JSONError) -> Bool {
        guard offset < bytes.count else { throw error("This is never closed", at: last.start) }
        if bytes[offset] == last.end {
            close(&open)
            return false
        }
        guard bytes[offset] == UInt8(ascii: ",") else {
            throw error("A comma or the end of the \(last.isObject ? "object" : "array") is expected here")
        }
        offset += 1
        skipSpace()
        _ = try beginMember(&open, isFirst: false)
        return true
    }

    /// Steps over the closing bracket of the container opened last.
    private mutating func close(_ open: inout [Open]) {
        offset += 1
        let closed = open.removeLast()
        let length = offset - closed.start
        if length >= Self.largeMinimum, closed.count > 0, length / closed.count >= Self.memberMinimum {
            large[closed.start] = offset
        }
        keys.removeSubrange(closed.firstKey...)
        keySets.removeLast()
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            guard offset + index < bytes.count, bytes[offset + index] == word.utf8Start[index] else {
                throw error("A value is expected here")
            }
        }
        offset += count
    }

    // MARK: - Numbers

    /// Whether the whole text is one number.
    mutating func isNumber() -> Bool {
        do {
            guard !bytes.isEmpty else { return false }
            try number()
            return offset == bytes.count
        } catch {
            return false
        }
    }

    private mutating func number() throws(JSONError) {
        let start = offset
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        let integerStart = offset
        try digits()
        if bytes[integerStart] == UInt8(ascii: "0"), offset - integerStart > 1 {
            throw error("A number must not start with 0", at: start)
        }
        let next = offset < bytes.count ? bytes[offset] : 0
        if next != UInt8(ascii: "."), next != UInt8(ascii: "e"), next != UInt8(ascii: "E") {
            // 18 digits fit surely; json-c itself keeps what fits in 64 bits.
            let isMinusZero = start < integerStart && bytes[integerStart] == UInt8(ascii: "0")
            if offset - integerStart > 18 || isMinusZero { marked.append(start..<offset) }
            return
        }
        if bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "e") || bytes[offset] == UInt8(ascii: "E") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try digits()
        }
        if NumberMark.isNeeded(bytes[start..<offset]) { marked.append(start..<offset) }
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        if offset == start { throw error("A digit is expected here") }
    }

    // MARK: - Strings

    /// Reads a key, and makes sure that its container does not have it yet, where that counts.
    ///
    /// - Parameter first: The first key of the container.
    private mutating func key(after first: Int) throws(JSONError) {
        let start = offset
        let isPlain = try string()
        if !isPlain, try decoded(start..<offset).contains(0) {
            throw error("A key must not contain \\u0000", at: start)
        }
        guard repeatedKeys == .refused else { return }
        let isNew: Bool
        if keySets[keySets.count - 1] == nil, isPlain, keys.count - first < Self.comparedMaximum {
            let key = bytes[start..<offset]
            isNew = !keys[first...].contains { $0.count == key.count && bytes[$0] == key }
        } else {
            var set = keySets[keySets.count - 1] ?? []
            if set.isEmpty { for range in keys[first...] { set.insert(try decoded(range)) } }
            // The set is one's own while it grows.
            keySets[keySets.count - 1] = nil
            isNew = set.insert(try decoded(start..<offset)).inserted
            keySets[keySets.count - 1] = set
        }
        guard isNew else { throw error("This key is there twice", at: start) }
        keys.append(start..<offset)
    }

    /// The bytes of a string that was read already, with escapes undone, so that two spellings of a key are one.
    private func decoded(_ range: Range<Int>) throws(JSONError) -> [UInt8] {
        var reader = self
        reader.offset = range.lowerBound + 1
        var result: [UInt8] = []
        while reader.offset < range.upperBound - 1 {
            guard bytes[reader.offset] == UInt8(ascii: "\\") else {
                result.append(bytes[reader.offset])
                reader.offset += 1
                continue
            }
            result += Array(String(Character(try reader.escape())).utf8)
        }
        return result
    }

    /// Steps over a string; returns whether it is written as it is, without escapes.
    @discardableResult
    private mutating func string() throws(JSONError) -> Bool {
        let start = offset
        var isPlain = true
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return isPlain
            case UInt8(ascii: "\\"):
                _ = try escape()
                isPlain = false
            case 0x00..<0x20: throw error("A control character in a string must be escaped")
            case 0x20..<0x80: offset += 1
            default: offset += try sequence()
            }
        }
        throw error("This string is never closed", at: start)
    }

    /// Reads an escape sequence, a surrogate pair as a whole.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard offset < bytes.count else { throw error("The text ends inside a string") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexadecimal()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard (0xD800..<0xDC00).contains(unit), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            else { throw error("Half a surrogate pair is no character", at: start) }
            offset += 2
            let second = try hexadecimal()
            guard (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
            else { throw error("Half a surrogate pair is no character", at: start) }
            return scalar
        default: throw error("There is no such escape sequence", at: start)
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var result: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
                throw error("Four hexadecimal digits are expected after \\u")
            }
            result = result << 4 + UInt32(digit)
            offset += 1
        }
        return result
    }

    /// The length of the UTF-8 sequence that starts here.
    private func sequence() throws(JSONError) -> Int {
        let first = bytes[offset]
        func continues(_ distance: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            offset + distance < bytes.count && range.contains(bytes[offset + distance])
        }
        switch first {
        case 0xC2...0xDF where continues(1): return 2
        case 0xE0 where continues(1, 0xA0...0xBF) && continues(2): return 3
        case 0xE1...0xEC where continues(1) && continues(2), 0xEE...0xEF where continues(1) && continues(2): return 3
        case 0xED where continues(1, 0x80...0x9F) && continues(2): return 3
        case 0xF0 where continues(1, 0x90...0xBF) && continues(2) && continues(3): return 4
        case 0xF1...0xF3 where continues(1) && continues(2) && continues(3): return 4
        case 0xF4 where continues(1, 0x80...0x8F) && continues(2) && continues(3): return 4
        default: throw error("This is not UTF-8")
        }
    }

    private func error(_ message: String, at place: Int? = nil) -> JSONError {
        JSONError(message, at: place ?? offset, in: bytes)
    }
}
