import Diagnostics
import Glibc
import HCL
import Values

/// Conversions, marks, and functions that evaluate their arguments themselves.
enum ConversionFunctions {
    static let all: [Function] = [
        conversion("tostring", .string), conversion("tonumber", .number), conversion("tobool", .bool),
        conversion("tolist", .list(.dynamic)), conversion("toset", .set(.dynamic)), conversion("tomap", .map(.dynamic)),
        sensitive, nonsensitive, issensitive, ephemeralasnull, attempt, can,
    ]

    private static func conversion(_ name: String, _ type: ValueType) -> Function {
        Function(name, [.init("v", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)], result: type) {
            values throws(FunctionError) in
            do throws(ValueError) {
                return try values[0].converted(to: type)
            } catch {
                let hidden = !values[0].allMarks.isEmpty
                let text = values[0].string
                let shown =
                    hidden ? "a sensitive value" : text.map { "\"\($0)\"" } ?? values[0].type.friendlyName
                throw FunctionError(
                    "cannot convert \(shown) to \(type.friendlyName)\(text == nil ? "" : wish(for: type))", argument: 0)
            }
        }
    }

    /// What a string must be to be converted.
    private static func wish(for type: ValueType) -> String {
        switch type {
        case .number: "; given string must be a decimal representation of a number"
        case .bool: "; only the strings \"true\" or \"false\" are allowed"
        default: ""
        }
    }

    private static func marking(_ name: String, _ work: @escaping @Sendable (Value) -> Value) -> Function {
        Function(
            name, [.init("value", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)], result: .dynamic
        ) { values throws(FunctionError) in
            work(values[0])
        }
    }

    private static let sensitive = marking("sensitive") { $0.withMarks(.sensitive) }

    /// Takes Terraform's mark off; a secret stays one, and hidden.
    private static let nonsensitive = marking("nonsensitive") { value in
        value.allMarks.contains(.secret) ? value : Value(value.content, marks: value.marks.subtracting(.sensitive))
    }

    private static let issensitive = marking("issensitive") { .bool(!$0.marks.isEmpty) }

    /// No value here is ephemeral.
    private static let ephemeralasnull = marking("ephemeralasnull") { $0 }

    private static let attempt = Function(lazy: "try") { arguments, _ throws(FunctionError) in
        var reasons: [String] = []
        for argument in arguments {
            let (value, problems) = argument.evaluate()
            if !problems.hasErrors { return value }
            reasons += problems.map(\.summary)
        }
        throw FunctionError(
            "no expression succeeded: \(reasons.joined(separator: "; ")). At least one expression must produce a successful result"
        )
    }

    private static let can = Function(lazy: "can") { arguments, _ throws(FunctionError) in
        guard arguments.count == 1 else { throw FunctionError("can takes one expression") }
        let (value, problems) = arguments[0].evaluate()
        // Whether something succeeds is known when its value is.
        if !problems.hasErrors, !value.isWhollyKnown { return Value(.unknown(.bool, .notNull), marks: value.marks) }
        return Value(.bool(!problems.hasErrors), marks: value.marks)
    }
}

/// Functions of numbers.
enum NumberFunctions {
    static let all: [Function] = [
        single("abs") { $0.isNegative ? $0.negated : $0 }, single("ceil") { $0.roundedUp },
        single("floor") { $0.roundedDown },
        best("max") { $0 > $1 }, best("min") { $0 < $1 }, sum, signum, parseint,
        double("pow", "num", "power") { pow($0, $1) }, double("log", "num", "base") { log($0) / log($1) },
    ]

    private static func single(_ name: String, _ work: @escaping @Sendable (Number) -> Number) -> Function {
        Function(name, [.init("num", .number)], result: .number) { values throws(FunctionError) in
            .number(work(values[0].number ?? Number(0)))
        }
    }

    private static func best(_ name: String, _ isBetter: @escaping @Sendable (Number, Number) -> Bool) -> Function {
        Function(name, [], variadic: .init("numbers", .number), result: .number) { values throws(FunctionError) in
            guard var result = values.first?.number else { throw FunctionError("must pass at least one number") }
            for value in values.dropFirst() {
                if let number = value.number, isBetter(number, result) { result = number }
            }
            return .number(result)
        }
    }

    private static let sum = Function("sum", [.init("list", .dynamic)], result: .number) {
        values throws(FunctionError) in
        let items = try CollectionFunctions.items(values[0], 0)
        guard !items.isEmpty else { throw FunctionError("cannot sum an empty list", argument: 0) }
        var result = Number(0)
        for item in items {
            guard !item.isNull, let number = (try? item.converted(to: .number))?.number,
                let next = Number.sum(result, number)
            else {
                throw FunctionError("argument must be list, set, or tuple of number values", argument: 0)
            }
            result = next
        }
        return .number(result)
    }

    private static let signum = Function("signum", [.init("num", .number)], result: .number) {
        values throws(FunctionError) in
        guard let number = values[0].number?.int else {
            throw FunctionError("value must be a whole number, between \(Int.min) and \(Int.max)")
        }
        return .number(number.signum())
    }

    private static let parseint = Function(
        "parseint", [.init("number", .dynamic), .init("base", .number)], result: .number
    ) { values throws(FunctionError) in
        guard let text = values[0].string else {
            throw FunctionError(
                "first argument must be a string, not \(values[0].type.friendlyName)", argument: 0)
        }
        guard let base = values[1].number?.int, (2...62).contains(base) else {
            throw FunctionError("base must be a whole number between 2 and 62 inclusive", argument: 1)
        }
        guard let number = number(text, base) else {
            throw FunctionError("cannot parse \"\(text)\" as a base \(base) integer", argument: 0)
        }
        return .number(number)
    }

    /// A whole number of a base up to 62: digits, then small letters, then capitals, which are the same up to base 36.
    static func number(_ text: String, _ base: Int) -> Number? {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.count <= 10_000 else { return nil }
        var result = Number(0)
        for digit in digits {
            let value: Int
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = Int(digit - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                value = Int(digit - UInt8(ascii: "A")) + (base <= 36 ? 10 : 36)
            default: return nil
            }
            guard value < base, let shifted = Number.product(result, Number(base)),
                let next = Number.sum(shifted, Number(value))
            else { return nil }
            result = next
        }
        let signed = text.hasPrefix("-") && !result.isZero ? result.negated : result
        return signed.int.map(Number.init(counted:)) ?? signed
    }

    /// A function of two numbers that is computed with doubles.
    private static func double(
        _ name: String, _ first: String, _ second: String, _ work: @escaping @Sendable (Double, Double) -> Double
    ) -> Function {
        Function(name, [.init(first, .number), .init(second, .number)], result: .number) {
            values throws(FunctionError) in
            guard let number = Number(work(values[0].number?.double ?? 0, values[1].number?.double ?? 0)) else {
                throw FunctionError("the result is not a number")
            }
            return .number(number)
        }
    }
}
