/// What is wrong with a regular expression, and with which part of it.
struct PatternError: Error, Hashable {
    let reason: String
    let part: String
}

/// A regular expression as a tree.
indirect enum PatternNode {
    case empty
    case character(UInt32)
    case set(CharacterClass)
    case assertion(PatternAssertion)
    /// A group whose text is kept, by its number from 1.
    case group(Int, PatternNode)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// Any number from the first to the second, which is unbounded when nil.
    case repetition(PatternNode, Int, Int?, isGreedy: Bool)

    /// Whether no repetitions in one another come to more than a number.
    fileprivate func repeats(atMost limit: Int) -> Bool {
        switch self {
        case .group(_, let inner): inner.repeats(atMost: limit)
        case .sequence(let nodes), .choice(let nodes): nodes.allSatisfy { $0.repeats(atMost: limit) }
        case .repetition(let inner, let least, let most, _):
            if most == 0 || (least, most) == (0, nil) || (least, most) == (1, nil) || (least, most) == (0, 1) {
                inner.repeats(atMost: limit)
            } else {
                (most ?? least) <= limit && inner.repeats(atMost: limit / max(1, most ?? least))
            }
        default: true
        }
    }
}

/// What must hold at a place.
enum PatternAssertion {
    case textStart, textEnd, lineStart, lineEnd, wordEdge, noWordEdge
}

/// Reads regular expressions of RE2's syntax, as Go has it, with Go's errors.
struct PatternParser {
    /// The switches that `(?imsU)` sets.
    private struct Flags: OptionSet {
        let rawValue: Int
        static let ignoresCase = Flags(rawValue: 1)
        static let manyLines = Flags(rawValue: 2)
        static let dotTakesNewline = Flags(rawValue: 4)
        static let isShy = Flags(rawValue: 8)
    }

    /// What is open: alternatives before the last bar, and what follows that.
    private struct Level {
        var choices: [PatternNode] = []
        var items: [PatternNode] = []
        /// The number of the group; nil when its text is not kept.
        var group: Int?
        /// The switches that hold again behind it.
        var outer: Flags

        var node: PatternNode {
            let last: PatternNode =
                items.isEmpty ? .empty : items.count == 1 ? items[0] : .sequence(items)
            return choices.isEmpty ? last : .choice(choices + [last])
        }
    }

    private static let maximumDepth = 1_000
    private static let maximumCount = 1_000

    private let text: [Unicode.Scalar]
    private var place = 0
    private var flags: Flags = []
    private var levels: [Level] = [Level(outer: [])]
    /// The names of the groups in order; nil for those without.
    private(set) var groups: [String?] = []

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    // MARK: - Text

    private var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private func follows(_ other: String, at start: Int) -> Bool {
        text[min(start, text.count)...].starts(with: other.unicodeScalars)
    }

    private func text(from start: Int, to end: Int? = nil) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[start..<(end ?? place)])
        return String(view)
    }

    private mutating func take() -> Unicode.Scalar? {
        defer { place = min(place + 1, text.count) }
        return next
    }

    private func position(of scalar: Unicode.Scalar, from start: Int) -> Int? {
        text[start...].firstIndex(of: scalar)
    }

    // MARK: - Expressions

    mutating func parse() throws(PatternError) -> PatternNode {
        // Where the repetition before began, which may not be repeated.
        var repetition: Int?
        while let scalar = next {
            let start = place
            var repeated: Int?
            switch scalar {
            case "(": try open()
            case "|":
                place += 1
                let last = levels.count - 1
                levels[last].choices.append(Level(items: levels[last].items, outer: []).node)
                levels[last].items = []
            case ")": try close()
            case "^":
                place += 1
                add(.assertion(flags.contains(.manyLines) ? .lineStart : .textStart))
            case "$":
                place += 1
                add(.assertion(flags.contains(.manyLines) ? .lineEnd : .textEnd))
            case ".":
                place += 1
                add(.set(flags.contains(.dotTakesNewline) ? .all : .allButNewline))
            case "[": add(.set(try characterClass()))
            case "*", "+", "?":
                place += 1
                try repeatLast(scalar == "+" ? 1 : 0, scalar == "?" ? 1 : nil, from: start, after: repetition)
                repeated = start
            case "{":
                if let (least, most) = counts() {
                    guard least <= Self.maximumCount, (most ?? 0) <= Self.maximumCount, least <= most ?? least else {
                        throw PatternError(reason: "invalid repeat count", part: text(from: start))
                    }
                    try repeatLast(least, most, from: start, after: repetition)
                    repeated = start
                } else {
                    place += 1
                    add(literal(scalar.value))
                }
            case "\\": try escape()
            default:
                place += 1
                add(literal(scalar.value))
            }
            repetition = repeated
        }
        guard levels.count == 1 else { throw PatternError(reason: "missing closing )", part: text(from: 0)) }
        return levels[0].node
    }

    private mutating func add(_ node: PatternNode) { levels[levels.count - 1].items.append(node) }

    private func literal(_ character: UInt32) -> PatternNode {
        guard flags.contains(.ignoresCase), CaseFolding.equivalents(of: character).count > 1 else {
            return .character(character)
        }
        return .set(CharacterClass([.ranges([character...character])], ignoresCase: true))
    }

    private mutating func repeatLast(
        _ least: Int, _ most: Int?, from start: Int, after repetition: Int?
    ) throws(PatternError) {
        var isGreedy = !flags.contains(.isShy)
        if next == "?" {
            place += 1
            isGreedy.toggle()
        }
        if let repetition {
            throw PatternError(reason: "invalid nested repetition operator", part: text(from: repetition))
        }
        guard let last = levels[levels.count - 1].items.popLast() else {
            throw PatternError(reason: "missing argument to repetition operator", part: text(from: start))
        }
        let node = PatternNode.repetition(last, least, most, isGreedy: isGreedy)
        guard node.repeats(atMost: Self.maximumCount) else {
            throw PatternError(reason: "invalid repeat count", part: text(from: start))
        }
        add(node)
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; nil, with nothing read, for anything else.
    private mutating func counts() -> (least: Int, most: Int?)? {
        let start = place
        place += 1
        guard let least = number() else {
            place = start
            return nil
        }
        var most: Int? = least
        if next == "," {
            place += 1
            most = next == "}" ? nil : number()
            if most == nil, next != "}" || text[place - 1] != "," {
                place = start
                return nil
            }
        }
        guard next == "}" else {
            place = start
            return nil
        }
        place += 1
        return (least, most)
    }

    /// A number without zeros in front; what is far too large is only that.
    private mutating func number() -> Int? {
        let start = place
        while let digit = next, ("0"..."9").contains(digit) { place += 1 }
        let digits = text(from: start)
        guard !digits.isEmpty, digits == "0" || !digits.hasPrefix("0") else { return nil }
        return min(Int(digits) ?? .max, 100_000_000)
    }

    // MARK: - Groups

    private mutating func open() throws(PatternError) {
        guard levels.count <= Self.maximumDepth else {
            throw PatternError(reason: "expression nests too deeply", part: text(from: 0, to: text.count))
        }
        let start = place
        guard follows("(?", at: place) else {
            place += 1
            groups.append(nil)
            levels.append(Level(group: groups.count, outer: flags))
            return
        }
        let nameStart = follows("P<", at: place + 2) ? place + 4 : follows("<", at: place + 2) ? place + 3 : nil
        if let nameStart, nameStart < text.count {
            guard let end = position(of: ">", from: start) else {
                throw PatternError(reason: "invalid named capture", part: text(from: start, to: text.count))
            }
            let name = end > nameStart ? text(from: nameStart, to: end) : ""
            place = end + 1
            guard !name.isEmpty, name.utf8.allSatisfy(\.isWord) else {
                throw PatternError(reason: "invalid named capture", part: text(from: start))
            }
            groups.append(name)
            levels.append(Level(group: groups.count, outer: flags))
            return
        }
        try switches(from: start)
    }

    /// Reads `(?flags)` and `(?flags:`.
    private mutating func switches(from start: Int) throws(PatternError) {
        let outer = flags
        var (on, off): (Flags, Flags) = ([], [])
        var (isOff, isMissing) = (false, false)
        place = start + 2
        loop: while let scalar = take() {
            let flag: Flags
            switch scalar {
            case "i": flag = .ignoresCase
            case "m": flag = .manyLines
            case "s": flag = .dotTakesNewline
            case "U": flag = .isShy
            case "-":
                if isOff { break loop }
                (isOff, isMissing) = (true, true)
                continue
            case ":", ")":
                if isMissing { break loop }
                if scalar == ":" { levels.append(Level(outer: outer)) }
                flags = outer.union(on).subtracting(off)
                return
            default: break loop
            }
            isMissing = false
            if isOff { off.insert(flag) } else { on.insert(flag) }
        }
        throw PatternError(reason: "invalid or unsupported Perl syntax", part: text(from: start))
    }

    private mutating func close() throws(PatternError) {
        guard levels.count > 1, let level = levels.popLast() else {
            throw PatternError(reason: "unexpected )", part: text(from: 0, to: text.count))
        }
        place += 1
        flags = level.outer
        add(level.group.map { .group($0, level.node) } ?? level.node)
    }

    // MARK: - Escapes

    private mutating func escape() throws(PatternError) {
        let second = place + 1 < text.count ? text[place + 1] : nil
        let assertion: PatternAssertion? =
            switch second {
            case "A": .textStart
            case "b": .wordEdge
            case "B": .noWordEdge
            case "z": .textEnd
            default: nil
            }
        if let assertion {
            place += 2
            add(.assertion(assertion))
        } else if second == "Q" {
            place += 2
            while let scalar = next, !follows("\\E", at: place) {
                place += 1
                add(literal(scalar.value))
            }
            place = min(place + 2, text.count)
        } else if let item = try shorthand() {
            add(.set(CharacterClass([item], ignoresCase: flags.contains(.ignoresCase))))
        } else {
            add(literal(try escapedCharacter()))
        }
    }

    /// Reads `\d`, `\pL`, `\p{Greek}` and their like; nil, with nothing read, for anything else.
    private mutating func shorthand() throws(PatternError) -> CharacterClass.Item? {
        guard next == "\\", place + 1 < text.count else { return nil }
        let start = place
        let letter = text[place + 1]
        if let item = CharacterClass.shorthands[letter] {
            place += 2
            return item
        }
        guard letter == "p" || letter == "P" else { return nil }
        place += 2
        var name = take().map { String($0) } ?? ""
        if name == "{" {
            guard let end = position(of: "}", from: place) else {
                throw PatternError(reason: "invalid character class range", part: text(from: start, to: text.count))
            }
            name = text(from: place, to: end)
            place = end + 1
        }
        let isNegated = (letter == "P") != name.hasPrefix("^")
        guard let item = CharacterClass.property(String(name.drop { $0 == "^" }), isNegated: isNegated) else {
            throw PatternError(reason: "invalid character class range", part: text(from: start))
        }
        return item
    }

    private mutating func escapedCharacter() throws(PatternError) -> UInt32 {
        let start = place
        place += 1
        guard let scalar = take() else {
            throw PatternError(reason: "trailing backslash at end of expression", part: "")
        }
        func isOctal(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."7").contains($0) } ?? false }
        switch scalar {
        case "a": return 7
        case "t": return 9
        case "n": return 10
        case "v": return 11
        case "f": return 12
        case "r": return 13
        case "x":
            if let value = hexadecimal() { return value }
        case "0"..."7":
            // A single digit that is not zero would refer to a group, which RE2 has not.
            guard scalar == "0" || isOctal(next) else { break }
            var value = scalar.value - 48
            for _ in 0..<2 {
                guard let digit = next, isOctal(digit) else { break }
                place += 1
                value = value * 8 + digit.value - 48
            }
            return value
        default:
            if scalar.isASCII, scalar == "_" || !UInt8(scalar.value).isWord { return scalar.value }
        }
        throw PatternError(reason: "invalid escape sequence", part: text(from: start))
    }

    /// Reads what follows `\x`; nil when it is no character.
    private mutating func hexadecimal() -> UInt32? {
        func digit(_ scalar: Unicode.Scalar?) -> UInt32? {
            scalar.flatMap { Character($0).hexDigitValue.flatMap { UInt32(exactly: $0) } }
        }
        guard let first = take() else { return nil }
        guard first == "{" else {
            let second = take()
            guard let high = digit(first), first.isASCII, let low = digit(second), second?.isASCII == true else {
                return nil
            }
            return high * 16 + low
        }
        var value: UInt32 = 0
        var count = 0
        while let scalar = take(), scalar != "}" {
            guard scalar.isASCII, let digit = digit(scalar) else { return nil }
            value = value * 16 + digit
            count += 1
            if value > 0x10_ffff { return nil }
        }
        return count > 0 && text[place - 1] == "}" ? value : nil
    }

    // MARK: - Classes

    private mutating func characterClass() throws(PatternError) -> CharacterClass {
        let start = place
        place += 1
        let isNegated = next == "^"
        if isNegated { place += 1 }
        var items: [CharacterClass.Item] = []
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            if let item = try namedClass() {
                items.append(item)
                continue
            }
            if let item = try shorthand() {
                items.append(item)
                continue
            }
            let rangeStart = place
            let low = try classCharacter(from: start)
            var high = low
            if next == "-", place + 1 < text.count, text[place + 1] != "]" {
                place += 1
                high = try classCharacter(from: start)
                guard low <= high else {
                    throw PatternError(reason: "invalid character class range", part: text(from: rangeStart))
                }
            }
            items.append(.ranges([low...high]))
        }
        place += 1
        return CharacterClass(items, isNegated: isNegated, ignoresCase: flags.contains(.ignoresCase))
    }

    private mutating func classCharacter(from start: Int) throws(PatternError) -> UInt32 {
        guard let scalar = next else {
            throw PatternError(reason: "missing closing ]", part: text(from: start, to: text.count))
        }
        if scalar == "\\" { return try escapedCharacter() }
        place += 1
        return scalar.value
    }

    /// Reads `[:alpha:]` and its like; nil, with nothing read, for anything else.
    private mutating func namedClass() throws(PatternError) -> CharacterClass.Item? {
        guard follows("[:", at: place), place + 2 < text.count else { return nil }
        guard let end = (place + 2..<text.count).first(where: { follows(":]", at: $0) }) else { return nil }
        let name = text(from: place + 2, to: end)
        guard let item = CharacterClass.named(name) else {
            throw PatternError(reason: "invalid character class range", part: text(from: place, to: end + 2))
        }
        place = end + 2
        return item
    }
}

extension UInt8 {
    /// Whether it is a letter, a digit or an underscore of ASCII.
    var isWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
