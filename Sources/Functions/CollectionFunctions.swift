import HCL
import Values

/// Functions of lists, maps and objects.
enum CollectionFunctions {
    static let all: [Function] = [
        length, concat, contains, distinct, element, flatten, keys, values, lookup, merge, range, reverse, slice, sort,
        zipmap, coalesce, compact, one, alltrue, anytrue, chunklist, coalescelist, index, matchkeys, transpose,
    ]

    /// The elements of a list, set or tuple; an error for anything else.
    static func items(_ value: Value, _ argument: Int) throws(FunctionError) -> [Value] {
        guard let items = value.elements else {
            throw FunctionError("a list, set or tuple is required", argument: argument)
        }
        return items
    }

    private static func fields(_ value: Value, _ argument: Int) throws(FunctionError) -> Fields {
        guard let fields = value.fields else {
            throw FunctionError("must have map or object type", argument: argument)
        }
        return fields
    }

    /// The values as a list when they are of one type, else as a tuple.
    static func listOrTuple(_ items: [Value], like value: Value) -> Value {
        switch value.type {
        case .list(let type), .set(let type): .list(type, items)
        default: .tuple(items)
        }
    }

    private static let length = Function(
        "length", [.init("value", .dynamic, allowsUnknown: true, allowsMarks: true)], result: .number
    ) { values throws(FunctionError) in
        let value = values[0]
        let result: Value
        switch value.content {
        case .list(_, let items), .tuple(let items): result = .number(Number(counted: items.count))
        case .set(_, let items):
            // Elements that are not known may turn out to be the same.
            let known = items.filter(\.isWhollyKnown).count
            result =
                known == items.count
                ? .number(Number(counted: known))
                : .unknown(
                    .number, Refinement(isNotNull: true, minimum: Number(max(1, known)), maximum: Number(items.count)))
        case .map(_, let fields), .object(let fields): result = .number(Number(counted: fields.names.count))
        case .string(let text): result = .number(Number(counted: text.count))
        case .unknown(.tuple(let types), _): result = .number(Number(counted: types.count))
        case .unknown(.object(let type), _): result = .number(Number(counted: type.names.count))
        case .unknown: result = .unknown(.number, Refinement(isNotNull: true, minimum: Number(0)))
        default: throw FunctionError("argument must be a string, a collection type, or a structural type")
        }
        return result.withMarks(value.marks.union(value.string == nil ? [] : value.allMarks))
    }

    private static let concat = Function(
        "concat", [], variadic: .init("seqs", .dynamic, isShallow: true), result: .dynamic
    ) {
        values throws(FunctionError) in
        var result: [Value] = []
        for (place, value) in values.enumerated() { result += try items(value, place) }
        let types = Set(values.map(\.type.elementType))
        let areLists = values.allSatisfy { if case .list = $0.type { true } else { false } }
        return areLists && types.count == 1 ? .list(types.first ?? .dynamic, result) : .tuple(result)
    }

    private static let contains = Function(
        "contains", [.init("list", .dynamic), .init("value", .dynamic, allowsNull: true)], result: .bool
    ) { values throws(FunctionError) in
        .bool(try items(values[0], 0).contains { Value.equals($0, values[1]).bool == true })
    }

    private static let distinct = Function("distinct", [.init("list", .list(.dynamic))], result: .list(.dynamic)) {
        values throws(FunctionError) in
        var seen: Set<Value> = []
        return listOrTuple(try items(values[0], 0).filter { seen.insert($0).inserted }, like: values[0])
    }

    private static let element = Function(
        "element", [.init("list", .dynamic, allowsUnknown: true, isShallow: true), .init("index", .number)],
        result: .dynamic
    ) { values throws(FunctionError) in
        if values[0].isUnknown { return .unknown(values[0].type.elementType) }
        let list = try items(values[0], 0)
        guard let index = values[1].number?.int else {
            return values[1].isUnknown ? .unknown(.dynamic) : try fail("the index must be a whole number", 1)
        }
        guard !list.isEmpty else { throw FunctionError("cannot use element function with an empty list") }
        guard index >= 0 else { throw FunctionError("cannot use element function with a negative index") }
        return list[index % list.count]
    }

    private static func fail(_ message: String, _ argument: Int) throws(FunctionError) -> Value {
        throw FunctionError(message, argument: argument)
    }

    private static let flatten = Function("flatten", [.init("list", .dynamic, isShallow: true)], result: .dynamic) {
        values throws(FunctionError) in
        var result: [Value] = []
        var marks: Marks = []
        var work = try items(values[0], 0).reversed().map { $0 }
        while let next = work.popLast() {
            if let inner = next.elements {
                marks.formUnion(next.marks)
                work += inner.reversed()
            } else if next.isUnknown, next.type.mayBeSequence {
                // How many elements it has is not known.
                return .unknown(.dynamic).withMarks(values[0].allMarks)
            } else {
                result.append(next)
            }
        }
        return Value.tuple(result).withMarks(marks)
    }

    private static let keys = Function("keys", [.init("inputMap", .dynamic, isShallow: true)], result: .dynamic) {
        values throws(FunctionError) in
        let names = try fields(values[0], 0).names.map { Value.string($0) }
        if case .map = values[0].type { return .list(.string, names) }
        return .tuple(names)
    }

    private static let values = Function("values", [.init("mapping", .dynamic, isShallow: true)], result: .dynamic) {
        values throws(FunctionError) in
        let items = try fields(values[0], 0).values
        if case .map(let type) = values[0].type { return .list(type, items) }
        return .tuple(items)
    }

    private static let lookup = Function(
        "lookup", [.init("inputMap", .dynamic, isShallow: true), .init("key", .string)],
        variadic: .init("default", .dynamic, allowsNull: true, isShallow: true), result: .dynamic
    ) { values throws(FunctionError) in
        let map = try fields(values[0], 0)
        let key = values[1].string ?? ""
        if let found = map[key] { return found }
        guard values.count == 3 else {
            if case .object = values[0].type {
                throw FunctionError("the given object has no attribute \"\(key)\"", argument: 0)
            }
            throw FunctionError("lookup failed to find key \"\(key)\"")
        }
        return (try? values[2].converted(to: values[0].type.elementType)) ?? values[2]
    }

    private static let merge = Function(
        "merge", [], variadic: .init("maps", .dynamic, allowsNull: true, isShallow: true), result: .dynamic
    ) { values throws(FunctionError) in
        var result: [String: Value] = [:]
        for value in values where !value.isNull {
            guard let map = value.fields else {
                throw FunctionError("arguments must be maps or objects, got \"\(value.type.friendlyName)\"")
            }
            for (name, item) in zip(map.names, map.values) { result[name] = item }
        }
        let types = Set(values.filter { !$0.isNull }.map(\.type))
        if types.count == 1, case .map(let type) = types.first { return .map(type, result) }
        return .object(result)
    }

    private static let range = Function("range", [], variadic: .init("params", .number), result: .list(.number)) {
        values throws(FunctionError) in
        let numbers = values.compactMap(\.number)
        guard (1...3).contains(numbers.count) else {
            throw FunctionError("range takes one to three numbers: limit, or start and limit, or start, limit and step")
        }
        let start = numbers.count == 1 ? Number(0) : numbers[0]
        let limit = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : Number(limit < start ? -1 : 1)
        guard !step.isZero else { throw FunctionError("step must not be zero", argument: 2) }
        guard step.isNegative ? limit <= start : limit >= start else {
            throw FunctionError("the step leads away from the limit", argument: 2)
        }
        var result: [Value] = []
        var current = start
        while step.isNegative ? current > limit : current < limit {
            guard result.count < 1024 else {
                throw FunctionError(
                    "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step"
                )
            }
            result.append(.number(current))
            guard let next = Number.sum(current, step) else { break }
            current = next
        }
        return .list(.number, result)
    }

    private static let reverse = Function("reverse", [.init("list", .dynamic, isShallow: true)], result: .dynamic) {
        values throws(FunctionError) in
        listOrTuple(try items(values[0], 0).reversed(), like: values[0])
    }

    private static let slice = Function(
        "slice",
        [.init("list", .dynamic, isShallow: true), .init("start_index", .number), .init("end_index", .number)],
        result: .dynamic
    ) { values throws(FunctionError) in
        if case .set = values[0].type {
            throw FunctionError(
                "cannot slice a set, because its elements do not have indices; convert it with tolist first",
                argument: 0)
        }
        let list = try items(values[0], 0)
        guard let start = values[1].number?.int, let end = values[2].number?.int else {
            throw FunctionError("the indices must be whole numbers")
        }
        guard (0...list.count).contains(start) else {
            throw FunctionError(
                "start index must not be negative, nor greater than the length of the list", argument: 1)
        }
        guard end <= list.count else {
            throw FunctionError("end index must not be greater than the length of the list", argument: 2)
        }
        guard end >= start else {
            throw FunctionError("start index must not be greater than end index", argument: 1)
        }
        return listOrTuple(Array(list[start..<end]), like: values[0])
    }

    private static let sort = Function("sort", [.init("list", .list(.string))], result: .list(.string)) {
        values throws(FunctionError) in
        let texts = try items(values[0], 0).compactMap(\.string)
        guard texts.count == values[0].elements?.count else {
            throw FunctionError("given list element is null; a null string cannot be sorted", argument: 0)
        }
        return .list(.string, texts.sorted().map { .string($0) })
    }

    private static let zipmap = Function(
        "zipmap", [.init("keys", .list(.string)), .init("values", .dynamic, isShallow: true)], result: .dynamic
    ) { values throws(FunctionError) in
        let (names, list) = (try items(values[0], 0).compactMap(\.string), try items(values[1], 1))
        guard names.count == list.count else {
            throw FunctionError("number of keys (\(names.count)) does not match number of values (\(list.count))")
        }
        let members = Dictionary(zip(names, list), uniquingKeysWith: { _, new in new })
        if case .list(let type) = values[1].type { return .map(type, members) }
        return .object(members)
    }

    private static let coalesce = Function(
        "coalesce", [], variadic: .init("vals", .dynamic, allowsNull: true, allowsUnknown: true), result: .dynamic
    ) { values throws(FunctionError) in
        guard let type = Value.unified(values.map(\.type)) else {
            throw FunctionError("all arguments must have the same type")
        }
        for value in values {
            if value.isUnknown { return .unknown(type) }
            if value.isNull || value.string == "" { continue }
            return (try? value.converted(to: type)) ?? value
        }
        throw FunctionError("no non-null, non-empty-string arguments")
    }

    private static let compact = Function("compact", [.init("list", .list(.string))], result: .list(.string)) {
        values throws(FunctionError) in
        .list(.string, try items(values[0], 0).filter { !$0.isNull && $0.string != "" })
    }

    private static let one = Function("one", [.init("list", .dynamic, isShallow: true)], result: .dynamic) {
        values throws(FunctionError) in
        let list = try items(values[0], 0)
        guard list.count <= 1 else {
            throw FunctionError("must be a list, set, or tuple value with either zero or one elements", argument: 0)
        }
        return list.first ?? .null(values[0].type.elementType)
    }

    private static let alltrue = Function("alltrue", [.init("list", .list(.bool))], result: .bool) {
        values throws(FunctionError) in
        .bool(try items(values[0], 0).allSatisfy { $0.bool == true })
    }

    private static let anytrue = Function("anytrue", [.init("list", .list(.bool))], result: .bool) {
        values throws(FunctionError) in
        .bool(try items(values[0], 0).contains { $0.bool == true })
    }

    private static let chunklist = Function(
        "chunklist", [.init("list", .list(.dynamic), isShallow: true), .init("size", .number)],
        result: .list(.list(.dynamic))
    ) { values throws(FunctionError) in
        let list = try items(values[0], 0)
        guard let size = values[1].number?.int else { throw FunctionError("value must be a whole number") }
        guard size >= 0 else { throw FunctionError("the size argument must be positive") }
        let type = values[0].type.elementType
        let chunks =
            list.isEmpty
            ? []
            : stride(from: 0, to: list.count, by: size == 0 ? list.count : size).map { start in
                Value.list(type, Array(list[start..<min(list.count, start + (size == 0 ? list.count : size))]))
            }
        return .list(.list(type), chunks)
    }

    private static let coalescelist = Function(
        "coalescelist", [], variadic: .init("vals", .dynamic, allowsNull: true, isShallow: true), result: .dynamic
    ) { values throws(FunctionError) in
        for value in values {
            switch value.content {
            case .list(_, let items), .tuple(let items), .set(_, let items): if !items.isEmpty { return value }
            default: throw FunctionError("coalescelist arguments must be lists or tuples")
            }
        }
        throw FunctionError(values.isEmpty ? "at least one argument is required" : "no non-null arguments")
    }

    private static let index = Function(
        "index", [.init("list", .dynamic), .init("value", .dynamic)], result: .number
    ) { values throws(FunctionError) in
        switch values[0].content {
        case .list, .tuple: break
        default: throw FunctionError("argument must be a list or tuple")
        }
        let list = try items(values[0], 0)
        guard !list.isEmpty else { throw FunctionError("cannot search an empty list") }
        guard let place = list.firstIndex(where: { Value.equals($0, values[1]).bool == true }) else {
            throw FunctionError("item not found")
        }
        return .number(Number(counted: place))
    }

    private static let matchkeys = Function(
        "matchkeys",
        [.init("values", .list(.dynamic)), .init("keys", .list(.dynamic)), .init("searchset", .list(.dynamic))],
        result: .list(.dynamic)
    ) { values throws(FunctionError) in
        let (list, keys, wanted) = (try items(values[0], 0), try items(values[1], 1), try items(values[2], 2))
        guard list.count == keys.count else { throw FunctionError("length of keys and values should be equal") }
        guard let type = Value.unified([values[1].type.elementType, values[2].type.elementType]) else {
            throw FunctionError("keys and searchset must be of the same type")
        }
        let set = Set(wanted.map { (try? $0.converted(to: type)) ?? $0 })
        let found = zip(list, keys).filter { set.contains((try? $1.converted(to: type)) ?? $1) }.map(\.0)
        return .list(values[0].type.elementType, found)
    }

    private static let transpose = Function(
        "transpose", [.init("values", .map(.list(.string)))], result: .map(.list(.string))
    ) { values throws(FunctionError) in
        let map = try fields(values[0], 0)
        var result: [String: [Value]] = [:]
        for (name, list) in zip(map.names, map.values) {
            guard let items = list.elements else { throw FunctionError("input must not contain null list") }
            for item in items {
                guard let key = item.string else { throw FunctionError("input must not contain null string") }
                result[key, default: []].append(.string(name))
            }
        }
        return .map(.list(.string), result.mapValues { .list(.string, $0) })
    }
}

/// Functions of sets.
enum SetFunctions {
    static let all: [Function] = [
        operation("setunion") { $0.union($1) }, operation("setintersection") { $0.intersection($1) },
        operation("setsubtract") { $0.subtracting($1) }, product,
    ]

    private static func operation(
        _ name: String, _ work: @escaping @Sendable (Set<Value>, Set<Value>) -> Set<Value>
    ) -> Function {
        Function(
            name, [.init("first_set", .set(.dynamic))], variadic: .init("other_sets", .set(.dynamic)),
            result: .set(.dynamic)
        ) { values throws(FunctionError) in
            guard let type = Value.unified(values.map(\.type.elementType)) else {
                throw FunctionError("all sets must have elements of one type")
            }
            var result: Set<Value>?
            for value in values {
                guard let items = (try? value.converted(to: .set(type)))?.elements else {
                    throw FunctionError("all sets must have elements of one type")
                }
                result = result.map { work($0, Set(items)) } ?? Set(items)
            }
            return .set(type, Array(result ?? []))
        }
    }

    private static let product = Function("setproduct", [], variadic: .init("sets", .dynamic), result: .dynamic) {
        values throws(FunctionError) in
        guard values.count > 1 else { throw FunctionError("at least two arguments are required") }
        var rows: [[Value]] = [[]]
        for (place, value) in values.enumerated() {
            let items = try CollectionFunctions.items(value, place)
            guard rows.count * max(1, items.count) <= 1_000_000 else {
                throw FunctionError("the product has more than a million elements")
            }
            rows = rows.flatMap { row in items.map { row + [$0] } }
        }
        let types = values.map(\.type.elementType)
        let isSet = values.allSatisfy { if case .set = $0.type { true } else { false } }
        let tuples = rows.map { Value.tuple($0) }
        return isSet ? .set(.tuple(types), tuples) : .list(.tuple(types), tuples)
    }
}

extension ValueType {
    /// Whether a value of this type may have elements in a row; what is not known yet may.
    fileprivate var mayBeSequence: Bool {
        switch self {
        case .dynamic, .list, .set, .tuple: true
        case .bool, .number, .string, .map, .object: false
        }
    }
}
