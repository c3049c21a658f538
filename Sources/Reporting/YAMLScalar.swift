/// Texts as YAML 1.2 scalars on one line, which readers of YAML 1.1 take for the same texts.
enum YAMLScalar {
    /// The words that stand for something other than themselves in YAML 1.1 or 1.2, in lower case.
    private static let words: Set<String> = [
        "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "=",
    ]
    /// The signs that a plain scalar must not begin with.
    ///
    /// A `-`, `?` or `:` would be allowed before a letter; quoting costs nothing.
    private static let indicators: Set<Unicode.Scalar> = [
        "-", "?", ":", ",", "[", "]", "{", "}", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`",
    ]

    /// The text as it stands where it can, else in double quotes.
    static func text(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, first != " ", last != " ",
            !indicators.contains(first), last != ":", !words.contains(text.lowercased()), !isLikeNumber(text)
        else { return false }
        return text.unicodeScalars.allSatisfy(isPrintable) && !text.contains(": ") && !text.contains(" #")
    }

    /// Whether a reader could take it for a number, a time or a date, of whatever version of YAML.
    private static func isLikeNumber(_ text: String) -> Bool {
        func has(_ text: Substring, only characters: String) -> Bool { text.allSatisfy(characters.contains) }
        let body = text.lowercased().drop { "+-".contains($0) }
        guard let first = body.first, "0123456789.".contains(first) else { return false }
        if [".inf", ".nan"].contains(body) { return true }
        for (prefix, digits) in [("0x", "0123456789abcdef_"), ("0o", "01234567_"), ("0b", "01_")]
        where body.hasPrefix(prefix) {
            return has(body.dropFirst(2), only: digits)
        }
        // 2024-01-02, with or without a time of day.
        if body.prefix(4).allSatisfy(\.isNumber), body.dropFirst(4).first == "-" {
            return has(body, only: "0123456789-:tz.+ ")
        }
        // 12, 1_000, 1.5, 1:30, each with an exponent or without.
        let parts = body.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        return has(parts[0], only: "0123456789_.:") && (parts.count == 1 || has(parts[1], only: "0123456789+-"))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202F...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    // What is beyond the basic plane is printable.
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
                }
            }
        }
        return result + "\""
    }
}
