/// A set of characters of a regular expression.
struct CharacterClass: Sendable {
    /// A part of a class.
    enum Item: Sendable {
        case ranges([ClosedRange<UInt32>], isNegated: Bool = false)
        case property(isNegated: Bool, @Sendable (Unicode.Scalar) -> Bool)
    }

    private let items: [Item]
    private let isNegated: Bool
    private let ignoresCase: Bool
    /// Which characters of ASCII are in it, by bit.
    private let ascii: UInt128

    init(_ items: [Item], isNegated: Bool = false, ignoresCase: Bool = false) {
        self.items = items
        self.isNegated = isNegated
        self.ignoresCase = ignoresCase
        ascii = (0..<128 as Range<UInt32>).reduce(0) { bits, character in
            Self.search(items, character, ignoresCase) != isNegated ? bits | 1 << UInt128(character) : bits
        }
    }

    static let all = CharacterClass([.ranges([0...0x10_ffff])])
    static let allButNewline = CharacterClass([.ranges([0...9, 11...0x10_ffff])])

    func contains(_ character: UInt32) -> Bool {
        character < 128
            ? ascii >> UInt128(character) & 1 == 1 : Self.search(items, character, ignoresCase) != isNegated
    }

    private static func search(_ items: [Item], _ character: UInt32, _ ignoresCase: Bool) -> Bool {
        let characters = ignoresCase ? CaseFolding.equivalents(of: character) : [character]
        return items.contains { item in
            switch item {
            case .ranges(let ranges, let isNegated):
                characters.contains { one in ranges.contains { $0.contains(one) } } != isNegated
            case .property(let isNegated, let has):
                characters.contains { Unicode.Scalar($0).map(has) ?? false } != isNegated
            }
        }
    }

    // MARK: - Names

    private static let digits: [ClosedRange<UInt32>] = [48...57]
    private static let letters: [ClosedRange<UInt32>] = [65...90, 97...122]
    private static let word = digits + letters + [95...95]
    private static let space: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]

    /// The classes of a backslash and a letter.
    static let shorthands: [Unicode.Scalar: Item] = [
        "d": .ranges(digits), "D": .ranges(digits, isNegated: true), "w": .ranges(word),
        "W": .ranges(word, isNegated: true), "s": .ranges(space), "S": .ranges(space, isNegated: true),
    ]

    private static let names: [String: [ClosedRange<UInt32>]] = [
        "alnum": digits + letters, "alpha": letters, "ascii": [0...127], "blank": [9...9, 32...32],
        "cntrl": [0...31, 127...127], "digit": digits, "graph": [33...126], "lower": [97...122], "print": [32...126],
        "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90], "word": word,
        "xdigit": [48...57, 65...70, 97...102],
    ]

    /// The class that is written `[:NAME:]`, or `[:^NAME:]`.
    static func named(_ name: String) -> Item? {
        let isNegated = name.hasPrefix("^")
        return names[isNegated ? String(name.dropFirst()) : name].map { .ranges($0, isNegated: isNegated) }
    }

    /// The class that is written `\p{NAME}`: a general category or a script.
    static func property(_ name: String, isNegated: Bool) -> Item? {
        if name == "Any" { return .ranges([0...0x10_ffff], isNegated: isNegated) }
        if Category.all.contains(name) {
            return .property(isNegated: isNegated) { Category.of($0).hasPrefix(name) }
        }
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first),
            name.utf8.allSatisfy(\.isWord), name.utf8.count > 2,
            let script = try? Regex("\\p{Script=\(name)}").matchingSemantics(.unicodeScalar)
        else { return nil }
        let shared = SharedPattern(script: script)
        return .property(isNegated: isNegated) { shared.matches($0) }
    }
}

/// Asks the standard library for the script of a character, of which it has the table.
private final class SharedPattern: @unchecked Sendable {
    private let script: Regex<AnyRegexOutput>

    init(script: Regex<AnyRegexOutput>) { self.script = script }

    func matches(_ scalar: Unicode.Scalar) -> Bool { (try? script.wholeMatch(in: String(scalar))) != nil }
}

/// General categories by their short names.
private enum Category {
    static let all: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cs",
    ]

    static func of(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        // What is not assigned is of no category that Go knows.
        case .unassigned: ""
        @unknown default: ""
        }
    }
}

/// Characters that differ in case alone.
enum CaseFolding {
    /// A character and all that are the same but for case.
    static func equivalents(of character: UInt32) -> [UInt32] {
        if character < 128 {
            guard (65...90).contains(character & ~32) else { return [character] }
            let pair = [character, character ^ 32]
            return character & ~32 == 75 ? pair + [0x212a] : character & ~32 == 83 ? pair + [0x17f] : pair
        }
        // These two have a case, but no other that is one character for all languages.
        guard let scalar = Unicode.Scalar(character), character != 0x130, character != 0x131 else {
            return [character]
        }
        let folded = folded(scalar)
        var result: Set<UInt32> = [character, folded.value]
        for mapped in [folded.properties.uppercaseMapping, folded.properties.titlecaseMapping] {
            if let other = single(mapped) { result.insert(other.value) }
        }
        if let more = others[folded.value] { result.formUnion(more) }
        return Array(result)
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let capital = single(scalar.properties.uppercaseMapping) ?? scalar
        return single(capital.properties.lowercaseMapping) ?? capital
    }

    /// The characters that a small one stands for beside its capital.
    private static let others: [UInt32: [UInt32]] = {
        var result: [UInt32: [UInt32]] = [:]
        // Every character with such a relation is below, but for those of scripts that have two cases only.
        for value in (0x80 as UInt32)...0x2fff {
            guard let scalar = Unicode.Scalar(value), value != 0x130, value != 0x131 else { continue }
            let small = folded(scalar)
            if small.value != value { result[small.value, default: []].append(value) }
        }
        return result
    }()
}
