import Diagnostics
import Values

/// Templates: strings made of parts.
extension Evaluator {
    mutating func template(_ node: Node, _ index: UInt32, _ scope: Scope) -> Value {
        var text = ""
        var marks: Marks = []
        var isKnown = true
        for part in tree.list(node.a, node.b) {
            let value = evaluate(part, scope)
            marks.formUnion(value.allMarks)
            guard let piece = piece(value, part, index, scope) else {
                isKnown = false
                continue
            }
            if isKnown {
                text += piece.text
                // What follows an unknown part is known, but no prefix any more.
                isKnown = piece.isWhole
            }
        }
        if isKnown { return Value(.string(text), marks: marks) }
        return Value(.unknown(.string, Refinement(isNotNull: true, prefix: text)), marks: marks)
    }

    /// The text of a part, or as much as is known of its beginning; nil when it has none, which is reported.
    private mutating func piece(
        _ value: Value, _ part: UInt32, _ template: UInt32, _ scope: Scope
    ) -> (text: String, isWhole: Bool)? {
        if value.isNull {
            report(
                "Invalid template interpolation value",
                "The expression result is null. Cannot include a null value in a string template.", at: part, scope)
            return nil
        }
        do {
            let converted = try value.converted(to: .string)
            if let text = converted.string { return (text, true) }
            if case .unknown(_, let refinement) = converted.content { return (refinement.prefix, false) }
            return ("", false)
        } catch {
            // What it is will be seen once it is known.
            if value.isUnknown { return ("", false) }
            report(
                "Invalid template interpolation value",
                "Cannot include the given value in a string template: string required.",
                at: part, scope)
            return nil
        }
    }

    mutating func templateCondition(_ node: Node, _ scope: Scope) -> Value {
        let condition = evaluate(node.a, scope)
        let yes = evaluate(node.b, scope)
        let no = node.c == Node.none ? .string("") : evaluate(node.c, scope)
        let marks = condition.marks
        guard !condition.isNull, let decided = try? condition.converted(to: .bool) else {
            report(
                "Incorrect condition type", "The condition of a template's 'if' must be a bool that is not null.",
                at: node.a, scope)
            return Value(.unknown(.string, .notNull), marks: marks)
        }
        guard let flag = decided.bool else {
            return Value(.unknown(.string, .notNull), marks: marks.union(yes.allMarks).union(no.allMarks))
        }
        return (flag ? yes : no).withMarks(marks)
    }

    mutating func templateLoop(_ node: Node, _ scope: Scope) -> Value {
        let loop = tree.loops[Int(node.a)]
        let (pairs, own) = pairs(of: loop, scope)
        var marks = own
        guard let pairs else { return Value(.unknown(.string, .notNull), marks: marks) }
        let outer = isHiding
        isHiding = isHiding || !own.isEmpty
        defer { isHiding = outer }
        var text = ""
        var isKnown = true
        for (key, value) in pairs {
            let result = evaluate(loop.value, inner(scope, loop, key, value))
            marks.formUnion(result.allMarks)
            if let piece = result.string { text += piece } else { isKnown = false }
        }
        return isKnown ? Value(.string(text), marks: marks) : Value(.unknown(.string, .notNull), marks: marks)
    }
}
