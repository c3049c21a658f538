import Diagnostics
import HCL
import Values

/// Conversions, marks, and functions that evaluate their arguments themselves.
enum ConversionFunctions {
    static let all: [Function] = [
        conversion("tostring", .string), conversion("tonumber", .number), conversion("tobool", .bool),
        conversion("tolist", .list(.dynamic)), conversion("toset", .set(.dynamic)), conversion("tomap", .map(.dynamic)),
        sensitive, nonsensitive, issensitive, attempt, can,
    ]

    private static func conversion(_ name: String, _ type: ValueType) -> Function {
        Function(name, [.init("v", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)], result: type) {
            values throws(FunctionError) in
            do throws(ValueError) {
                return try values[0].converted(to: type)
            } catch {
                let hidden = !values[0].allMarks.isEmpty
                let shown =
                    hidden
                    ? "a sensitive value" : values[0].string.map { "\"\($0)\"" } ?? "a \(values[0].type.friendlyName)"
                throw FunctionError(
                    "cannot convert \(shown) to \(type.friendlyName)\(hidden ? "" : ": \(error)")", argument: 0)
            }
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
        return Value(.bool(!problems.hasErrors), marks: value.marks)
    }
}

/// Functions of numbers.
enum NumberFunctions {
    static let all: [Function] = [
        single("abs") { $0.isNegative ? $0.negated : $0 }, single("ceil") { $0.roundedUp },
        single("floor") { $0.roundedDown },
        best("max") { $0 > $1 }, best("min") { $0 < $1 }, sum,
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
}
