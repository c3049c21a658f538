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
                // Only the attributes right behind belong to it.
                let inner = steps[(place + 1)...].prefix { node($0).kind == .attribute }
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
        do throws(ValueError) {
            if step.kind == .attribute {
                let name = tree.texts[Int(step.a)]
                if value.elements != nil, case .list = value.type { throw needsIndex(value, name) }
                if value.elements != nil, case .tuple = value.type { throw needsIndex(value, name) }
                return try value.attribute(name)
            }
            let key = evaluate(step.a, scope)
            return try value.index(key)
        } catch {
            var detail = error.message
            if let fields = value.fields, step.kind == .attribute, isShowable(value) {
                detail += Suggestion.phrase(tree.texts[Int(step.a)], among: fields.names)
            }
            let summary = step.kind == .attribute ? (value.isNull ? "Attempt to get attribute from null value" : "Unsupported attribute") : "Invalid index"
            report(summary, detail, at: index, scope, within: chain)
            return nil
        }
    }

    private func needsIndex(_ value: Value, _ name: String) -> ValueError {
        ValueError(
            "This value is a \(value.type.friendlyName), so it has no attribute \"\(name)\". Did you mean an attribute of one of its elements, such as [0].\(name), or of all of them: [*].\(name)?")
    }

    /// Takes the steps on each element; null is no element, and a single value is one.
    private mutating func splat(
        _ value: Value, _ steps: ArraySlice<UInt32>, _ scope: Scope, _ chain: UInt32
    ) -> Value {
        if value.isNull { return Value(.tuple([]), marks: value.marks) }
        if case .unknown(let type, _) = value.content {
            if case .tuple = type {} else { return Value(.unknown(.dynamic, .none), marks: value.marks) }
            return Value(.unknown(.dynamic, .none), marks: value.marks)
        }
        let items = value.elements ?? [value]
        let results = items.map { walk($0, steps, scope, chain) }
        switch value.content {
        case .list, .set:
            let type = results.first?.type ?? .dynamic
            let isUniform = results.allSatisfy { $0.type == type }
            return isUniform ? Value(.list(type, results), marks: value.marks) : Value(.tuple(results), marks: value.marks)
        default: return Value(.tuple(results), marks: value.marks)
        }
    }
}
