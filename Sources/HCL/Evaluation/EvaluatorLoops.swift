import Diagnostics
import Values

/// For expressions.
extension Evaluator {
    /// The pairs that a loop goes over; nil when they are not known or there are none to be had.
    mutating func pairs(of loop: Loop, _ scope: Scope) -> (pairs: [(key: Value, value: Value)]?, marks: Marks) {
        let collection = evaluate(loop.collection, scope)
        if collection.isNull {
            report(
                "Iteration over null value", "A null value cannot be used as the collection in a 'for' expression.",
                at: loop.collection, scope)
            return (nil, collection.marks)
        }
        switch collection.content {
        case .unknown(let type, _) where type.isIterable: return (nil, collection.marks)
        case .list(_, let items), .tuple(let items):
            return (items.enumerated().map { (.number(Number(counted: $0)), $1) }, collection.marks)
        case .set(_, let items): return (items.map { ($0, $0) }, collection.marks)
        case .map(_, let fields), .object(let fields):
            return (zip(fields.names, fields.values).map { (.string($0), $1) }, collection.marks)
        default:
            report(
                "Iteration over non-iterable value",
                "A value of type \(collection.type.friendlyName) cannot be used as the collection in a 'for' expression.",
                at: loop.collection, scope)
            return (nil, collection.marks)
        }
    }

    func inner(_ scope: Scope, _ loop: Loop, _ key: Value, _ value: Value) -> Scope {
        var names = [loop.valueName: value]
        if let keyName = loop.keyName { names[keyName] = key }
        return scope.with(names)
    }

    mutating func loop(_ node: Node, _ index: UInt32, _ scope: Scope) -> Value {
        let loop = tree.loops[Int(node.a)]
        let (pairs, own) = pairs(of: loop, scope)
        var marks = own
        guard let pairs else { return Value(.unknown(.dynamic, .none), marks: marks) }
        let outer = isHiding
        isHiding = isHiding || !own.isEmpty
        defer { isHiding = outer }
        let makesObject = loop.key != Node.none
        var items: [Value] = []
        var members: [String: Value] = [:]
        var groups: [String: [Value]] = [:]
        var isOpen = false
        for (key, value) in pairs {
            let scope = inner(scope, loop, key, value)
            if loop.condition != Node.none {
                let (isKept, more) = keeps(loop.condition, scope)
                marks.formUnion(more)
                guard let isKept else {
                    isOpen = true
                    continue
                }
                if !isKept { continue }
            }
            let result = evaluate(loop.value, scope)
            guard makesObject else {
                items.append(result)
                continue
            }
            let (name, more) = self.name(loop.key, scope)
            marks.formUnion(more)
            guard let name else {
                isOpen = true
                continue
            }
            if loop.isGrouping {
                groups[name, default: []].append(result)
            } else if members.updateValue(result, forKey: name) != nil {
                let shown = more.isEmpty && !isHiding ? "\"\(VisibleText.escaped(name))\"" : "(a sensitive value)"
                report(
                    "Duplicate object key",
                    "Two different items produced the key \(shown) in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.",
                    at: loop.key, scope)
            }
        }
        if isOpen { return Value(.unknown(.dynamic, .none), marks: marks) }
        guard makesObject else { return Value(.tuple(items), marks: marks) }
        if loop.isGrouping { members = groups.mapValues { .tuple($0) } }
        return Value(.object(Fields(members)), marks: marks)
    }

    /// Whether a condition lets an item through; nil when that is not known.
    private mutating func keeps(_ condition: UInt32, _ scope: Scope) -> (Bool?, Marks) {
        let value = evaluate(condition, scope)
        if value.isNull {
            report("Invalid 'for' condition", "The value of the 'if' clause must not be null.", at: condition, scope)
            return (nil, value.marks)
        }
        guard let decided = try? value.converted(to: .bool) else {
            report(
                "Invalid 'for' condition", "The 'if' clause value is invalid: a bool is required.", at: condition, scope
            )
            return (nil, value.marks)
        }
        return (decided.bool, value.marks)
    }

    /// The key of an object's item; nil when it is not known or cannot be one.
    private mutating func name(_ key: UInt32, _ scope: Scope) -> (String?, Marks) {
        let value = evaluate(key, scope)
        if value.isNull {
            report(
                "Invalid object key", "The key expression in a 'for' expression must not produce a null value.",
                at: key, scope)
            return (nil, value.allMarks)
        }
        guard let text = try? value.converted(to: .string) else {
            report(
                "Invalid object key", "The key expression produced an invalid result: a string is required.", at: key,
                scope)
            return (nil, value.allMarks)
        }
        return (text.string, value.allMarks)
    }
}

extension ValueType {
    /// Whether a value of the type may be gone through.
    fileprivate var isIterable: Bool {
        switch self {
        case .bool, .number, .string: false
        default: true
        }
    }
}
