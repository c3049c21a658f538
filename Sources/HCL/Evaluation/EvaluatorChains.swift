import Diagnostics
import Values

/// References, attributes, indices and splats.
extension Evaluator {
    mutating func chain(_ index: UInt32, _ scope: Scope) -> Value {
        let top = node(index)
        let isChain = top.kind == .chain
        let steps = isChain ? Array(tree.list(top.b, top.c)) : []
        let base = isChain ? top.a : index
        guard node(base).kind == .variable else {
            return walk(evaluate(base, scope), steps[...], scope, index)
        }
        var names: [String] = []
        for step in steps.prefix(3) {
            guard node(step).kind == .attribute else { break }
            names.append(tree.texts[Int(node(step).a)])
        }
        switch scope.resolution(of: tree.texts[Int(node(base).a)], names) {
        case .value(let value, let consumed): return walk(value, steps.dropFirst(consumed), scope, index)
        case .problem(let summary, let detail):
            report(summary, detail, at: index)
            return .unknown(.dynamic)
        case .reported: return .unknown(.dynamic)
        }
    }

    /// Takes the steps of a chain, one after the other.
    private mutating func walk(_ start: Value, _ steps: ArraySlice<UInt32>, _ scope: Scope, _ chain: UInt32) -> Value {
        var value = start
        var place = steps.startIndex
        while place < steps.endIndex {
            let step = node(steps[place])
            switch step.kind {
            case .fullSplat:
                return splat(value, steps[(place + 1)...], scope, chain)
            case .attributeSplat:
                // Only the attributes and the old spelling of indices right behind belong to it.
                let inner = steps[(place + 1)...].prefix { node($0).kind == .attribute || node($0).isLegacyIndex }
                value = splat(value, inner, scope, chain)
                place = inner.endIndex
            default:
                guard let next = take(steps[place], of: value, scope, chain) else {
                    return Value(.unknown(.dynamic, .none), marks: value.marks)
                }
                value = next
                place += 1
            }
        }
        return value
    }

    /// Takes one step; nil when it cannot be taken, which is reported.
    private mutating func take(_ index: UInt32, of value: Value, _ scope: Scope, _ chain: UInt32) -> Value? {
        let step = node(index)
        let key = step.kind == .index ? evaluate(step.a, scope) : .null(.dynamic)
        do throws(ValueError) {
            if step.kind == .attribute {
                let name = tree.texts[Int(step.a)]
                switch value.content {
                case .list, .tuple: throw needsIndex(value, name)
                default: return try value.attribute(name)
                }
            }
            return try value.index(key)
        } catch {
            let isShown = step.kind == .attribute || isShowable(value) && isShowable(key)
            var detail = isShown ? error.message : Self.hiddenIndex
            if let fields = value.fields, step.kind == .attribute, isShowable(value) {
                detail += Suggestion.phrase(tree.texts[Int(step.a)], among: fields.names)
            }
            let summary =
                step.kind == .attribute
                ? (value.isNull ? "Attempt to get attribute from null value" : "Unsupported attribute")
                : "Invalid index"
            report(summary, detail, at: index, scope, within: chain)
            return nil
        }
    }

    private static let hiddenIndex = "The key does not identify an element. What is sensitive here is not shown."

    private func needsIndex(_ value: Value, _ name: String) -> ValueError {
        ValueError(
            value.isTuple
                ? "This value does not have any attributes."
                : "This value is a \(value.type.friendlyName), so it has no attribute \"\(name)\". Did you mean an attribute of one of its elements, such as [0].\(name), or of all of them: [*].\(name)?"
        )
    }

    /// Takes the steps on each element; a null that is no list is no element, and any other single value is one.
    private mutating func splat(
        _ value: Value, _ steps: ArraySlice<UInt32>, _ scope: Scope, _ chain: UInt32
    ) -> Value {
        let outer = isHiding
        isHiding = isHiding || !value.marks.isEmpty
        defer { isHiding = outer }
        switch (value.content, value.type) {
        case (.null, .list), (.null, .set), (.null, .tuple):
            report(
                "Splat of null value",
                "Splat expressions (with the * symbol) cannot be applied to null lists, sets and tuples.", at: chain,
                scope)
            return Value(.unknown(.dynamic, .none), marks: value.marks)
        case (.null, _): return Value(.tuple([]), marks: value.marks)
        case (.unknown, .dynamic): return Value(.unknown(.dynamic, .none), marks: value.marks)
        case (.unknown(_, let refinement), .list(let element)), (.unknown(_, let refinement), .set(let element)):
            // The steps are taken once, for the type of the results and for what is wrong with them.
            let type = walk(.unknown(element), steps, scope, chain).type
            let length = Refinement(
                isNotNull: true, minimumLength: refinement.minimumLength, maximumLength: refinement.maximumLength)
            return Value(.unknown(.list(type), length), marks: value.marks)
        case (.unknown, .tuple(let types)):
            let results = types.map { walk(.unknown($0), steps, scope, chain).type }
            return Value(.unknown(.tuple(results), .notNull), marks: value.marks)
        case (.unknown(_, let refinement), _):
            // Whether it is null decides whether there is an element.
            let result = walk(Value(value.content), steps, scope, chain)
            return refinement.isNotNull
                ? Value(.tuple([result]), marks: value.marks) : Value(.unknown(.dynamic, .none), marks: value.marks)
        case (.list(let element, let items), _), (.set(let element, let items), _):
            return Value(list(items, of: element, steps, scope, chain), marks: value.marks)
        default:
            let results = (value.elements ?? [Value(value.content)]).map { walk($0, steps, scope, chain) }
            return Value(.tuple(results), marks: value.marks)
        }
    }

    private mutating func list(
        _ items: [Value], of element: ValueType, _ steps: ArraySlice<UInt32>, _ scope: Scope, _ chain: UInt32
    ) -> Value.Content {
        let results = items.map { walk($0, steps, scope, chain) }
        guard let type = results.first?.type else {
            return .list(walk(.unknown(element), steps, scope, chain).type, [])
        }
        return results.allSatisfy { $0.type == type } ? .list(type, results) : .tuple(results)
    }
}

extension Node {
    /// Whether it is an index in the old spelling, `.0`.
    var isLegacyIndex: Bool { kind == .index && b != Node.none }
}

extension Value {
    fileprivate var isTuple: Bool { if case .tuple = content { true } else { false } }
}
