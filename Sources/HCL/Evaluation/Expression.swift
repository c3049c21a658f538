package import Diagnostics
package import Values

/// An expression: a handle on a node of a tree.
package struct Expression: Sendable {
    let tree: SyntaxTree
    let node: UInt32

    /// Where it stands.
    package var range: SourceRange { tree.range(of: node) }

    /// Its text as it was written.
    package var text: String { String(decoding: tree.bytes[range.start..<range.end], as: UTF8.self) }

    /// Evaluates it.
    ///
    /// A problem is reported once and its value is unknown; evaluation goes on.
    package func evaluate(in scope: Scope, diagnostics: inout [Diagnostic]) -> Value {
        var evaluator = Evaluator(tree: tree)
        let value = evaluator.evaluate(node, scope)
        diagnostics += evaluator.diagnostics
        return value
    }

    /// What the names in it stand for, such as `var.size is 3`, for a message that its value brought about, or the lack of one.
    ///
    /// Where `isDecided` says that the message does not hang on it, only the type of what is not known, and nothing of what
    /// is sensitive.
    package func facts(in scope: Scope, isDecided: Bool = true) -> [String] {
        Evaluator(tree: tree).facts(about: node, scope, isDecided: isDecided)
    }
}

/// A reference without anything to evaluate in it, such as `var.x` or `aws.y["k"].id`.
package struct Traversal: Hashable, Sendable {
    /// One step of it.
    package enum Step: Hashable, Sendable {
        /// `.name`.
        case attribute(String)
        /// `["key"]` or `[0]`.
        case index(Value)
        /// `[*]`, `.*`, or an index that must be evaluated.
        case open
    }

    /// The first name.
    package let root: String
    /// Where the first name stands.
    package let rootRange: SourceRange
    /// The steps after it.
    package let steps: [Step]
    /// The whole reference.
    package let range: SourceRange

    /// The reference with its first steps alone.
    func prefix(_ count: Int) -> Traversal {
        Traversal(root: root, rootRange: rootRange, steps: Array(steps.prefix(count)), range: range)
    }

    /// The reference as it could be written.
    var text: String {
        root
            + steps.map { step in
                switch step {
                case .attribute(let name): "." + name
                case .index(let key): key.string.map { "[\"\($0)\"]" } ?? "[\(key.number?.description ?? "")]"
                case .open: "[*]"
                }
            }.joined()
    }

    /// The names of the steps up to the first that is none.
    package var attributes: [String] {
        var names: [String] = []
        for case .attribute(let name) in steps.prefix(while: { if case .attribute = $0 { true } else { false } }) {
            names.append(name)
        }
        return names
    }
}

extension Expression {
    private var unwrapped: UInt32 {
        var node = node
        while tree.nodes[Int(node)].kind == .parentheses { node = tree.nodes[Int(node)].a }
        return node
    }

    private func inner(_ node: UInt32) -> Expression { Expression(tree: tree, node: node) }

    /// The expression as one reference; nil when it is more than that.
    package var asTraversal: Traversal? {
        guard let traversal = traversal(at: unwrapped), !traversal.steps.contains(.open) else { return nil }
        return traversal
    }

    /// The expression as one reference, and what is in its brackets, in order; nil when it is more than that.
    ///
    /// A step whose index must be evaluated is open in the reference.
    package var asReference: (traversal: Traversal, indices: [Expression])? {
        let node = tree.nodes[Int(unwrapped)]
        guard let traversal = traversal(at: unwrapped) else { return nil }
        guard node.kind == .chain else { return (traversal, []) }
        let indices = tree.list(node.b, node.c).map { tree.nodes[Int($0)] }.filter { $0.kind == .index }.map {
            inner($0.a)
        }
        let open = traversal.steps.count { if case .attribute = $0 { false } else { true } }
        // A splat has nothing in its brackets.
        return open == indices.count ? (traversal, indices) : nil
    }

    /// The expression as one bare name; nil when it is more than that.
    package var asKeyword: String? {
        let node = tree.nodes[Int(unwrapped)]
        switch node.kind {
        case .variable: return tree.texts[Int(node.a)]
        case .constant where tree.constants[Int(node.a)].isNull: return "null"
        default: return nil
        }
    }

    /// The items of a tuple constructor; nil for anything else.
    package var staticItems: [Expression]? {
        let node = tree.nodes[Int(unwrapped)]
        return node.kind == .tuple ? tree.list(node.a, node.b).map(inner) : nil
    }

    /// The keys and values of an object constructor; nil for anything else.
    package var staticPairs: [(key: Expression, value: Expression)]? {
        let node = tree.nodes[Int(unwrapped)]
        guard node.kind == .object else { return nil }
        let items = Array(tree.list(node.a, node.b))
        return stride(from: 0, to: items.count, by: 2).map { (inner(items[$0]), inner(items[$0 + 1])) }
    }

    /// The name and the arguments of a call; nil for anything else.
    package var staticCall: (name: String, nameRange: SourceRange, arguments: [Expression])? {
        let node = tree.nodes[Int(unwrapped)]
        guard node.kind == .call else { return nil }
        let call = tree.calls[Int(node.a)]
        return (call.name, tree.range(Int(call.nameStart), Int(call.nameEnd)), call.arguments.map(inner))
    }

    /// The string or number or boolean that is written there; nil when something must be evaluated.
    package var literal: Value? {
        let node = tree.nodes[Int(unwrapped)]
        return node.kind == .constant ? tree.constants[Int(node.a)] : nil
    }

    /// Every reference in it to a name from outside, in the order of the source.
    package var traversals: [Traversal] {
        var result: [Traversal] = []
        var work: [(node: UInt32, bound: Set<String>)] = [(node, [])]
        while let (index, bound) = work.popLast() {
            let node = tree.nodes[Int(index)]
            var next: [(UInt32, Set<String>)] = []
            switch node.kind {
            case .variable, .chain:
                if let traversal = traversal(at: index), !bound.contains(traversal.root) { result.append(traversal) }
                next = chainParts(node, index).map { ($0, bound) }
            case .loop, .templateFor:
                let loop = tree.loops[Int(node.a)]
                let inside = bound.union([loop.valueName]).union(loop.keyName.map { [$0] } ?? [])
                next = [(loop.collection, bound)]
                next += [loop.key, loop.value, loop.condition].filter { $0 != Node.none }.map { ($0, inside) }
            default: next = children(of: node).map { ($0, bound) }
            }
            work += next.reversed()
        }
        return result
    }

    /// What of a chain is still to be searched: its base unless that is a name, and indices.
    private func chainParts(_ node: Node, _ index: UInt32) -> [UInt32] {
        guard node.kind == .chain else { return [] }
        var parts: [UInt32] = []
        if tree.nodes[Int(node.a)].kind != .variable { parts.append(node.a) }
        for step in tree.list(node.b, node.c) where tree.nodes[Int(step)].kind == .index {
            parts.append(tree.nodes[Int(step)].a)
        }
        return parts
    }

    private func children(of node: Node) -> [UInt32] {
        switch node.kind {
        case .template, .tuple, .object: return Array(tree.list(node.a, node.b))
        case .call: return tree.calls[Int(node.a)].arguments
        case .wrap, .parentheses, .unary: return [node.a]
        case .binary: return [node.a, node.b]
        case .conditional, .templateIf: return [node.a, node.b, node.c].filter { $0 != Node.none }
        default: return []
        }
    }

    private func traversal(at index: UInt32) -> Traversal? {
        let node = tree.nodes[Int(index)]
        switch node.kind {
        case .variable:
            let range = tree.range(of: index)
            return Traversal(root: tree.texts[Int(node.a)], rootRange: range, steps: [], range: range)
        case .chain:
            let base = tree.nodes[Int(node.a)]
            guard base.kind == .variable else { return nil }
            let steps = tree.list(node.b, node.c).map { step -> Traversal.Step in
                let step = tree.nodes[Int(step)]
                switch step.kind {
                case .attribute: return .attribute(tree.texts[Int(step.a)])
                case .index where tree.nodes[Int(step.a)].kind == .constant:
                    return .index(tree.constants[Int(tree.nodes[Int(step.a)].a)])
                default: return .open
                }
            }
            return Traversal(
                root: tree.texts[Int(base.a)], rootRange: tree.range(of: node.a), steps: steps,
                range: tree.range(of: index))
        default: return nil
        }
    }
}
