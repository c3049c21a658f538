import Diagnostics
import Values

/// Evaluates nodes.
///
/// An error is reported at the tightest place and gives an unknown value, so that it is reported once.
struct Evaluator {
    let tree: SyntaxTree
    var diagnostics: [Diagnostic] = []
    /// Whether names stand for parts of a marked collection, which are without marks of their own: messages show none.
    var isHiding = false

    init(tree: SyntaxTree, isHiding: Bool = false) {
        self.tree = tree
        self.isHiding = isHiding
    }

    func node(_ index: UInt32) -> Node { tree.nodes[Int(index)] }

    mutating func evaluate(_ index: UInt32, _ scope: Scope) -> Value {
        let node = node(index)
        switch node.kind {
        case .constant: return tree.constants[Int(node.a)]
        case .variable, .chain: return chain(index, scope)
        case .template: return template(node, index, scope)
        case .wrap, .parentheses: return evaluate(node.a, scope)
        case .templateIf: return templateCondition(node, scope)
        case .templateFor: return templateLoop(node, scope)
        case .tuple: return .tuple(tree.list(node.a, node.b).map { evaluate($0, scope) })
        case .object: return object(node, scope)
        case .loop: return loop(node, index, scope)
        case .conditional: return conditional(index, scope)
        case .binary: return binary(index, scope)
        case .unary: return unary(index, scope)
        case .call: return call(node, index, scope)
        case .invalid, .attribute, .index, .attributeSplat, .fullSplat: return .unknown(.dynamic)
        }
    }

    // MARK: - Reporting

    mutating func report(
        _ summary: String, _ detail: String, at index: UInt32, _ scope: Scope? = nil, within: UInt32? = nil
    ) {
        var diagnostic = Diagnostic.error(summary, detail, at: tree.range(of: index))
        if let scope, !isHiding { diagnostic.facts = facts(about: within ?? index, scope, isDecided: true) }
        diagnostics.append(diagnostic)
    }

    /// Whether a value's own text may appear in a message.
    func isShowable(_ value: Value) -> Bool { !isHiding && value.allMarks.isEmpty }

    // MARK: - Operators

    /// A chain of operators leans to the left; it is walked down and then computed upwards, without recursion.
    private mutating func binary(_ index: UInt32, _ scope: Scope) -> Value {
        var spine: [UInt32] = []
        var lowest = index
        while node(lowest).kind == .binary {
            spine.append(lowest)
            lowest = node(lowest).a
        }
        var value = evaluate(lowest, scope)
        while let next = spine.popLast() {
            let right = evaluate(node(next).b, scope)
            value = apply(next, value, right, scope)
        }
        return value
    }

    private mutating func apply(_ index: UInt32, _ left: Value, _ right: Value, _ scope: Scope) -> Value {
        let kind = TokenKind(rawValue: UInt8(node(index).c)) ?? .invalid
        let type: ValueType
        switch kind {
        case .plus, .minus, .star, .slash, .percent: type = .number
        default: type = .bool
        }
        do {
            switch kind {
            case .plus: return try Value.add(left, right)
            case .minus: return try Value.subtract(left, right)
            case .star: return try Value.multiply(left, right)
            case .slash: return try Value.divide(left, right)
            case .percent: return try Value.modulo(left, right)
            case .and: return try Value.and(left, right)
            case .or: return try Value.or(left, right)
            case .less: return try Value.less(left, right)
            case .lessOrEqual: return try Value.lessOrEqual(left, right)
            case .greater: return try Value.greater(left, right)
            case .greaterOrEqual: return try Value.greaterOrEqual(left, right)
            case .equal: return Value.equals(left, right)
            case .notEqual: return Value.notEquals(left, right)
            default: return .unknown(.dynamic)
            }
        } catch {
            let place = faultyOperand(index, left, right)
            report(
                place == index ? "Operation failed" : "Invalid operand",
                error.sentence(about: place == node(index).a ? "left" : "right"), at: place, scope, within: index)
            return Value(.unknown(type, .none), marks: left.marks.union(right.marks))
        }
    }

    /// The operand that cannot be one, or the operation as a whole.
    private func faultyOperand(_ index: UInt32, _ left: Value, _ right: Value) -> UInt32 {
        let node = node(index)
        let isLogic = node.c == UInt32(TokenKind.and.rawValue) || node.c == UInt32(TokenKind.or.rawValue)
        func fits(_ value: Value) -> Bool {
            !value.isNull && (try? value.converted(to: isLogic ? .bool : .number)) != nil
        }
        if !fits(left) { return node.a }
        return fits(right) ? index : node.b
    }

    private mutating func unary(_ index: UInt32, _ scope: Scope) -> Value {
        var spine: [UInt32] = []
        var lowest = index
        while node(lowest).kind == .unary {
            spine.append(lowest)
            lowest = node(lowest).a
        }
        var value = evaluate(lowest, scope)
        while let next = spine.popLast() {
            let isNot = node(next).c == UInt32(TokenKind.not.rawValue)
            do {
                value = isNot ? try Value.not(value) : try Value.negate(value)
            } catch {
                report("Invalid operand", error.sentence(about: "unary"), at: node(next).a, scope)
                value = Value(.unknown(isNot ? .bool : .number, .none), marks: value.marks)
            }
        }
        return value
    }

    /// A chain of conditionals leans to the right; it is walked down and then computed upwards.
    ///
    /// Both results are evaluated, for their types; what is wrong counts only in the one that is chosen, so that a
    /// condition can guard it.
    private mutating func conditional(_ index: UInt32, _ scope: Scope) -> Value {
        var spine: [UInt32] = []
        var lowest = index
        while node(lowest).kind == .conditional {
            spine.append(lowest)
            lowest = node(lowest).c
        }
        var (value, problems) = apart { $0.evaluate(lowest, scope) }
        while let next = spine.popLast() {
            let (condition, ofCondition) = apart { $0.evaluate($0.node(next).a, scope) }
            var (yes, ofYes) = apart { $0.evaluate($0.node(next).b, scope) }
            // What failed may become anything: the other result must not be blamed for its type.
            let isUnlike = !(ofYes.isEmpty && problems.isEmpty) && alike(yes, value) == nil
            let no = isUnlike && !problems.isEmpty ? Value(.unknown(.dynamic, .none), marks: value.marks) : value
            if isUnlike, !ofYes.isEmpty { yes = Value(.unknown(.dynamic, .none), marks: yes.marks) }
            let (chosen, ofChoice) = apart { [yes] in $0.choose(next, condition, yes, no, scope) }
            switch (try? condition.converted(to: .bool))?.bool {
            case true where ofChoice.isEmpty: problems = ofCondition + ofYes
            case false where ofChoice.isEmpty: problems = ofCondition + problems
            default: problems = ofCondition + ofChoice
            }
            value = chosen
        }
        diagnostics += problems
        return value
    }

    /// Evaluates something and keeps what it reports apart.
    private mutating func apart(_ work: (inout Evaluator) -> Value) -> (Value, [Diagnostic]) {
        let before = diagnostics
        diagnostics = []
        let value = work(&self)
        let own = diagnostics
        diagnostics = before
        return (value, own)
    }

    private mutating func choose(
        _ index: UInt32, _ condition: Value, _ yes: Value, _ no: Value, _ scope: Scope
    ) -> Value {
        guard let (yes, no) = alike(yes, no) else {
            report(
                "Inconsistent conditional result types",
                "The true and false result expressions must have consistent types. The 'true' value is \(yes.type.friendlyName), but the 'false' value is \(no.type.friendlyName).",
                at: index, scope)
            return .unknown(.dynamic)
        }
        if condition.isNull {
            report(
                "Null condition", "The condition value is null. Conditions must either be true or false.",
                at: node(index).a, scope)
            return Value(.unknown(yes.type, .none), marks: condition.marks)
        }
        let decided: Value
        do {
            decided = try condition.converted(to: .bool)
        } catch {
            report(
                "Incorrect condition type", "The condition expression must be of type bool.", at: node(index).a, scope)
            return Value(.unknown(yes.type, .none), marks: condition.marks)
        }
        guard let flag = decided.bool else {
            let both = condition.marks.union(yes.allMarks).union(no.allMarks)
            if yes.isNull, no.isNull { return yes.withMarks(both) }
            return Value(.unknown(yes.type, Refinement.either(yes, no)), marks: both)
        }
        // Terraform: the result is sensitive if either branch is, so that which one was taken cannot be told from it.
        return (flag ? yes : no).withMarks(condition.marks.union(yes.marks.union(no.marks).intersection(.sensitive)))
    }

    /// Both values as one type; nil when they have none in common.
    private func alike(_ yes: Value, _ no: Value) -> (Value, Value)? {
        if yes.type == no.type { return (yes, no) }
        if yes.isNull, yes.type == .dynamic { return (Value(.null(no.type), marks: yes.marks), no) }
        if no.isNull, no.type == .dynamic { return (yes, Value(.null(yes.type), marks: no.marks)) }
        guard let type = Value.unified([yes.type, no.type]) else { return nil }
        if type == .dynamic { return (yes, no) }
        guard let first = try? yes.converted(to: type), let second = try? no.converted(to: type) else { return nil }
        return (first, second)
    }

    // MARK: - Objects

    private mutating func object(_ node: Node, _ scope: Scope) -> Value {
        var members: [String: Value] = [:]
        var marks: Marks = []
        var isOpen = false
        let items = Array(tree.list(node.a, node.b))
        for place in stride(from: 0, to: items.count, by: 2) {
            let key = evaluate(items[place], scope)
            let value = evaluate(items[place + 1], scope)
            marks.formUnion(key.allMarks)
            if key.isNull {
                report("Null value as key", "Can't use a null value as a key.", at: items[place], scope)
                continue
            }
            do {
                let name = try key.converted(to: .string)
                guard let text = name.string else {
                    isOpen = true
                    continue
                }
                members[text] = value
            } catch {
                report(
                    "Incorrect key type",
                    "Can't use this value as a key: string required, but this is a \(key.type.friendlyName).",
                    at: items[place], scope)
                isOpen = true
            }
        }
        return isOpen ? Value(.unknown(.dynamic, .none), marks: marks) : Value(.object(Fields(members)), marks: marks)
    }
}

extension ValueError {
    /// The error as a sentence about an operand.
    func sentence(about operand: String) -> String {
        guard let first = message.first, first.isLowercase else { return description }
        return "Unsuitable value for \(operand) operand: \(description)."
    }
}

extension Refinement {
    /// What is true of whichever of two values it will be.
    static func either(_ first: Value, _ second: Value) -> Refinement {
        var result = Refinement(isNotNull: first.isCertainlyNotNull && second.isCertainlyNotNull)
        let (one, other) = (bounds(of: first), bounds(of: second))
        if let minimum = one.minimum, let another = other.minimum { result.minimum = min(minimum, another) }
        if let maximum = one.maximum, let another = other.maximum { result.maximum = max(maximum, another) }
        return result
    }

    private static func bounds(of value: Value) -> (minimum: Number?, maximum: Number?) {
        if let number = value.number { return (number, number) }
        guard case .unknown(_, let refinement) = value.content else { return (nil, nil) }
        return (refinement.minimum, refinement.maximum)
    }
}
