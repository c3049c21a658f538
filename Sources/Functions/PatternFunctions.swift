import HCL
import Values

/// Functions of regular expressions.
enum PatternFunctions {
    static let all: [Function] = [regex, regexall]

    private static func pattern(_ text: String) throws(FunctionError) -> Pattern {
        let pattern: Pattern
        do throws(PatternError) {
            pattern = try Pattern(text)
        } catch {
            throw FunctionError("invalid regexp pattern: \(error.reason) in \(error.part)", argument: 0)
        }
        guard Set(pattern.groups.map { $0 == nil }).count <= 1 else {
            throw FunctionError(
                "invalid regexp pattern: cannot mix both named and unnamed capture groups", argument: 0)
        }
        return pattern
    }

    private static let regex = Function(
        "regex", [.init("pattern", .string), .init("string", .string, allowsUnknown: true)], result: .dynamic
    ) { values throws(FunctionError) in
        guard let text = values[0].string else { return .unknown(.dynamic) }
        let pattern = try pattern(text)
        guard let string = values[1].string else { return .unknown(pattern.resultType) }
        let scalars = Array(string.unicodeScalars)
        guard let match = pattern.firstMatch(in: scalars) else {
            throw FunctionError("pattern did not match any part of the given string")
        }
        return pattern.value(of: match, in: scalars)
    }

    private static let regexall = Function(
        "regexall", [.init("pattern", .string), .init("string", .string, allowsUnknown: true)],
        result: .list(.dynamic)
    ) { values throws(FunctionError) in
        guard let text = values[0].string else { return .unknown(.list(.dynamic)) }
        let pattern = try pattern(text)
        guard let string = values[1].string else { return .unknown(.list(pattern.resultType)) }
        let scalars = Array(string.unicodeScalars)
        return .list(pattern.resultType, pattern.matches(in: scalars).map { pattern.value(of: $0, in: scalars) })
    }

    /// Replaces what an expression matches by a template, in which `$1` and `${name}` stand for groups.
    static func replace(_ text: String, _ expression: String, _ template: String) throws(FunctionError) -> String {
        let pattern: Pattern
        do throws(PatternError) {
            pattern = try Pattern(expression)
        } catch {
            throw FunctionError("error parsing regexp: \(error.reason): `\(error.part)`")
        }
        let scalars = Array(text.unicodeScalars)
        let template = Template(template)
        var result = String.UnicodeScalarView()
        var (place, end) = (0, 0)
        while place <= scalars.count, let match = pattern.firstMatch(in: scalars, from: place), let whole = match[0] {
            result.append(contentsOf: scalars[end..<whole.lowerBound])
            // Nothing, right behind another match, is not replaced.
            if whole.upperBound > end || whole.lowerBound == 0 {
                template.write(match, of: pattern, in: scalars, to: &result)
            }
            end = whole.upperBound
            place = max(place + 1, whole.upperBound)
        }
        result.append(contentsOf: scalars[end...])
        return String(result)
    }
}

extension Pattern {
    /// A string, or without names a tuple of the groups, or an object of them.
    fileprivate var resultType: ValueType {
        if groups.isEmpty { return .string }
        let names = groups.compactMap { $0 }
        return names.isEmpty
            ? .tuple(groups.map { _ in .string })
            : .object(ObjectType(Dictionary(names.map { ($0, .string) }) { _, last in last }))
    }

    fileprivate func value(of match: Match, in text: [Unicode.Scalar]) -> Value {
        let parts = match.map { range in range.map { Value.string(String(text[$0])) } ?? .null(.string) }
        if groups.isEmpty { return parts[0] }
        let names = groups.compactMap { $0 }
        return names.isEmpty
            ? .tuple(Array(parts.dropFirst()))
            : .object(Dictionary(zip(names, parts.dropFirst())) { _, last in last })
    }
}

extension String {
    fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}

/// What a match is replaced by.
private struct Template {
    private enum Part {
        case text(ArraySlice<Unicode.Scalar>)
        case number(Int)
        case name(String)
    }

    private var parts: [Part] = []

    init(_ text: String) {
        var rest = Array(text.unicodeScalars)[...]
        while let dollar = rest.firstIndex(of: "$") {
            parts.append(.text(rest[..<dollar]))
            rest = rest[(dollar + 1)...]
            if rest.first == "$" {
                parts.append(.text([rest.removeFirst()]))
            } else if let (name, behind) = Self.name(rest) {
                parts.append(Self.number(name).map { .number($0) } ?? .name(name))
                rest = behind
            } else {
                parts.append(.text(["$"]))
            }
        }
        parts.append(.text(rest))
    }

    /// A name, which may be in braces, and what is behind it; nil when there is none.
    private static func name(_ text: ArraySlice<Unicode.Scalar>) -> (String, ArraySlice<Unicode.Scalar>)? {
        let isBraced = text.first == "{"
        let rest = isBraced ? text.dropFirst() : text
        let name = rest.prefix { isOfName($0) }
        let behind = rest.dropFirst(name.count)
        guard !name.isEmpty, !isBraced || behind.first == "}" else { return nil }
        return (String(name), isBraced ? behind.dropFirst() : behind)
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: scalar == "_"
        }
    }

    private static func number(_ name: String) -> Int? {
        guard name == "0" || !name.hasPrefix("0"), name.utf8.count < 10,
            name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(name)
    }

    func write(
        _ match: Pattern.Match, of pattern: Pattern, in text: [Unicode.Scalar],
        to result: inout String.UnicodeScalarView
    ) {
        for part in parts {
            switch part {
            case .text(let scalars): result.append(contentsOf: scalars)
            case .number(let number):
                if match.indices.contains(number), let range = match[number] {
                    result.append(contentsOf: text[range])
                }
            case .name(let name):
                // Of groups of one name, the first that took part.
                let range = zip(pattern.groups, match.dropFirst()).first { $0 == name && $1 != nil }?.1
                if let range { result.append(contentsOf: text[range]) }
            }
        }
    }
}
