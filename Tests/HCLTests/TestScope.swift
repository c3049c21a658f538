import HCL
import Values

/// A scope with a few input variables and functions, for tests of the language alone.
enum TestScope {
    /// What must be in no message.
    static let canaries = ["hunter2", "s3cr3t"]

    /// The values of `var`.
    static let variables: [String: Value] = [
        "text": .string("hello"), "number": .number(3), "flag": .bool(true), "nothing": .null(.string),
        "list": .list(.string, [.string("a"), .string("b")]), "map": .map(.number, ["a": .number(1), "b": .number(2)]),
        "object": .object(["id": .string("i-1"), "size": .number(2)]), "set": .set(.string, [.string("x")]),
        "open": .unknown(.dynamic), "open_text": .unknown(.string), "open_number": .unknown(.number),
        "open_flag": .unknown(.bool), "open_list": .unknown(.list(.string)), "open_object": openObject,
        "password": Value(.string("hunter2"), marks: .sensitive), "key": Value(.string("s3cr3t"), marks: .secret),
        "passwords": Value(.list(.string, [.string("hunter2")]), marks: .sensitive),
        "logins": Value(.map(.string, Fields(["hunter2": .string("s3cr3t")])), marks: .sensitive),
    ]

    private static let openObject = Value.unknown(
        .object(ObjectType(["id": .string, "size": .number])), .notNull)

    /// Names, input variables and functions.
    static let full = Scope(functions: functions) { root, attributes in
        guard root == "var", let name = attributes.first else {
            return .problem(summary: "Unknown name", detail: "There is nothing named \"\(root)\".")
        }
        guard let value = variables[name] else {
            return .problem(summary: "Unknown variable", detail: "There is no input variable \"\(name)\".")
        }
        return .value(value, consumed: 1)
    }

    static let functions = FunctionTable([
        conversion("tobool", .bool), conversion("tonumber", .number), conversion("tostring", .string),
        conversion("tolist", .list(.dynamic)), conversion("toset", .set(.dynamic)), conversion("tomap", .map(.dynamic)),
        Function("upper", [.init("str", .string)], result: .string) { .string(($0[0].string ?? "").uppercased()) },
        Function("length", [.init("value", .dynamic)], result: .number) { (arguments) throws(FunctionError) in
            guard let items = arguments[0].elements else {
                throw FunctionError("a list is required, not \(arguments[0].string ?? "this")", argument: 0)
            }
            return .number(items.count)
        },
        Function("max", [], variadic: .init("numbers", .number), result: .number) { (values) throws(FunctionError) in
            guard let greatest = values.compactMap(\.number).max() else {
                throw FunctionError("must pass at least one number")
            }
            return .number(greatest)
        },
        Function("sensitive", [.init("value", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)]) {
            $0[0].withMarks(.sensitive)
        },
        Function("fail", [.init("text", .string)]) { (values) throws(FunctionError) in
            throw FunctionError("cannot use \(values[0].string ?? "")", argument: 0)
        },
        Function(lazy: "try") { (arguments, _) throws(FunctionError) in
            for argument in arguments {
                let (value, problems) = argument.evaluate()
                if problems.isEmpty { return value }
            }
            throw FunctionError("no expression succeeded")
        },
        Function(lazy: "can") { (arguments, _) throws(FunctionError) in
            .bool(arguments[0].evaluate().problems.isEmpty)
        },
    ])

    private static func conversion(_ name: String, _ type: ValueType) -> Function {
        let parameter = Function.Parameter(
            "v", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)
        return Function(name, [parameter], result: type) { (values) throws(FunctionError) in
            do throws(ValueError) {
                return try values[0].converted(to: type)
            } catch {
                throw FunctionError(error.description, argument: 0)
            }
        }
    }
}
