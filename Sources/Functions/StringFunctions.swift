import HCL
import Values

/// Functions of strings.
enum StringFunctions {
    static let all: [Function] = [
        format, formatlist, join, split, replace, substr, indent,
        text("lower") { LetterCase.lowered($0) }, text("upper") { LetterCase.raised($0) },
        text("title") { LetterCase.titled($0) },
        text("strrev") { String($0.reversed()) },
        text("trimspace") { trimmed($0) { $0.properties.isWhitespace } },
        text("chomp") { $0.trimmingEnd { $0 == "\n" || $0 == "\r" || $0 == "\r\n" } },
        pair("trim", "str", "cutset") { text, set in .string(trimmed(text) { set.unicodeScalars.contains($0) }) },
        pair("trimprefix", "str", "prefix") { text, prefix in
            .string(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        },
        pair("trimsuffix", "str", "suffix") { text, suffix in
            .string(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
        },
        pair("startswith", "str", "prefix") { text, prefix in .bool(text.hasPrefix(prefix)) },
        pair("endswith", "str", "suffix") { text, suffix in .bool(text.hasSuffix(suffix)) },
        pair("strcontains", "str", "substr") { text, part in .bool(part.isEmpty || text.contains(part)) },
    ]

    private static func text(_ name: String, _ work: @escaping @Sendable (String) -> String) -> Function {
        Function(name, [.init("str", .string)], result: .string) { values throws(FunctionError) in
            .string(work(values[0].string ?? ""))
        }
    }

    private static func pair(
        _ name: String, _ first: String, _ second: String, _ work: @escaping @Sendable (String, String) -> Value
    ) -> Function {
        let isTest = ["startswith", "endswith", "strcontains"].contains(name)
        return Function(name, [.init(first, .string), .init(second, .string)], result: isTest ? .bool : .string) {
            values throws(FunctionError) in
            work(values[0].string ?? "", values[1].string ?? "")
        }
    }

    private static func trimmed(_ text: String, _ isOff: (Unicode.Scalar) -> Bool) -> String {
        var scalars = Substring(text).unicodeScalars.drop(while: isOff)
        while let last = scalars.last, isOff(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static let format = Function(
        "format", [.init("format", .string)], variadic: .init("args", .dynamic, allowsNull: true, allowsUnknown: true),
        result: .string
    ) { values throws(FunctionError) in
        guard let format = values[0].string else { return .unknown(.string, .notNull) }
        return try Formatter.format(format, Array(values.dropFirst()))
    }

    private static let formatlist = Function(
        "formatlist", [.init("format", .string)],
        variadic: .init("args", .dynamic, allowsNull: true, allowsUnknown: true), result: .list(.string)
    ) { values throws(FunctionError) in
        guard let format = values[0].string else { return .unknown(.list(.string)) }
        let arguments = Array(values.dropFirst())
        if arguments.contains(where: \.isUnknown) { return .unknown(.list(.string)) }
        let lengths = Set(arguments.compactMap { $0.elements?.count })
        guard lengths.count <= 1 else { throw FunctionError("all lists must have the same length") }
        let count = lengths.first ?? 1
        var results: [Value] = []
        for place in 0..<count {
            results.append(try Formatter.format(format, arguments.map { $0.elements.map { $0[place] } ?? $0 }))
        }
        return .list(.string, results)
    }

    private static let join = Function(
        "join", [.init("separator", .string)], variadic: .init("lists", .list(.string)), result: .string
    ) { values throws(FunctionError) in
        guard values.count > 1 else { throw FunctionError("at least one list is required") }
        var parts: [String] = []
        for list in values.dropFirst() {
            for item in list.elements ?? [] {
                guard let text = item.string else {
                    throw FunctionError("an element of the list is null; cannot concatenate null values")
                }
                parts.append(text)
            }
        }
        return .string(parts.joined(separator: values[0].string ?? ""))
    }

    private static let split = Function(
        "split", [.init("separator", .string), .init("str", .string)], result: .list(.string)
    ) { values throws(FunctionError) in
        let (separator, text) = (values[0].string ?? "", values[1].string ?? "")
        guard !separator.isEmpty else { return .list(.string, text.map { .string(String($0)) }) }
        return .list(.string, text.pieces(separatedBy: separator).map { .string($0) })
    }

    private static let replace = Function(
        "replace", [.init("str", .string), .init("substr", .string), .init("replace", .string)], result: .string
    ) { values throws(FunctionError) in
        let (text, old, new) = (values[0].string ?? "", values[1].string ?? "", values[2].string ?? "")
        if old.utf8.count > 1, old.utf8.first == UInt8(ascii: "/"), old.utf8.last == UInt8(ascii: "/") {
            let expression = String(old.unicodeScalars.dropFirst().dropLast())
            return .string(try PatternFunctions.replace(text, expression, new))
        }
        guard !old.isEmpty else { return .string(text.reduce(into: new) { $0 += String($1) + new }) }
        return .string(text.pieces(separatedBy: old).joined(separator: new))
    }

    private static let substr = Function(
        "substr", [.init("str", .string), .init("offset", .number), .init("length", .number)], result: .string
    ) { values throws(FunctionError) in
        guard let start = values[1].number?.int, let length = values[2].number?.int else {
            throw FunctionError("offset and length must be whole numbers")
        }
        let letters = Array(values[0].string ?? "")
        let first = min(max(0, start < 0 ? letters.count + start : start), letters.count)
        let last = length < 0 ? letters.count : min(letters.count, first + min(length, letters.count))
        return .string(String(letters[first..<max(first, last)]))
    }

    private static let indent = Function("indent", [.init("spaces", .number), .init("str", .string)], result: .string) {
        values throws(FunctionError) in
        guard let count = values[0].number?.int, (0...10_000).contains(count) else {
            throw FunctionError("the number of spaces must be a whole number that is not negative", argument: 0)
        }
        let spaces = String(repeating: " ", count: count)
        return .string((values[1].string ?? "").pieces(separatedBy: "\n").joined(separator: "\n" + spaces))
    }
}

extension String {
    /// The parts between occurrences of a separator, compared by bytes.
    func pieces(separatedBy separator: String) -> [String] {
        let (text, mark) = (Array(utf8), Array(separator.utf8))
        var result: [String] = []
        var start = 0
        var place = 0
        while place + mark.count <= text.count {
            if text[place] == mark[0], text[place..<place + mark.count].elementsEqual(mark) {
                result.append(String(decoding: text[start..<place], as: UTF8.self))
                place += mark.count
                start = place
            } else {
                place += 1
            }
        }
        return result + [String(decoding: text[start...], as: UTF8.self)]
    }

    fileprivate func trimmingEnd(_ isOff: (Character) -> Bool) -> String {
        var result = self
        while let last = result.last, isOff(last) { result.removeLast() }
        return result
    }
}

/// Case mapping one character at a time, as Go does it: what would become several characters stays.
enum LetterCase {
    private static func single(_ mapped: String, _ scalar: Unicode.Scalar) -> Unicode.Scalar {
        mapped.unicodeScalars.count == 1 ? mapped.unicodeScalars.first ?? scalar : scalar
    }

    static func lowered(_ text: String) -> String {
        // U+0130 maps to two characters in Swift and to a plain i in Go.
        text.mapped { $0 == "\u{130}" ? "i" : single($0.properties.lowercaseMapping, $0) }
    }

    static func raised(_ text: String) -> String {
        // Where the capital is several characters, the title case is often the one that Go takes.
        text.mapped { scalar in
            let capital = scalar.properties.uppercaseMapping
            return single(capital.unicodeScalars.count == 1 ? capital : scalar.properties.titlecaseMapping, scalar)
        }
    }

    static func titled(_ text: String) -> String {
        var isStart = true
        return text.mapped { scalar in
            defer { isStart = scalar.properties.isWhitespace }
            return isStart ? single(scalar.properties.titlecaseMapping, scalar) : scalar
        }
    }
}

extension String {
    fileprivate func mapped(_ change: (Unicode.Scalar) -> Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars { result.append(change(scalar)) }
        return String(result)
    }
}
