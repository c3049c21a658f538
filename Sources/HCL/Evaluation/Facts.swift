import Diagnostics
import Values

/// What the names in a faulty expression stood for.
extension Evaluator {
    /// At most so many names are explained.
    private static let factsMaximum = 5

    /// One line a name, such as `var.size is 3`.
    ///
    /// Where `isDecided` says that the message does not hang on it, only the type of what is not known, and nothing of what
    /// is sensitive.
    func facts(about index: UInt32, _ scope: Scope, isDecided: Bool = false) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        for traversal in Expression(tree: tree, node: index).traversals {
            guard result.count < Self.factsMaximum else { continue }
            var traversal = traversal
            var text = String(decoding: tree.bytes[traversal.range.start..<traversal.range.end], as: UTF8.self)
            if let open = traversal.steps.firstIndex(of: .open) {
                // What is before an index that must be evaluated is told, what is before a splat is not.
                guard !isDecided, !text.contains("*") else { continue }
                traversal = traversal.prefix(open)
                text = traversal.text
            }
            guard seen.insert(text).inserted else { continue }
            guard let value = value(of: traversal, scope) else { continue }
            if isDecided, value.isUnknown || !value.marks.isEmpty {
                if value.marks.isEmpty, value.type != .dynamic {
                    result.append("\(text) is a \(value.type.friendlyName)")
                }
            } else {
                result.append("\(text) \(Self.description(value))")
            }
        }
        return result.sorted()
    }

    /// The value of a reference, found without reporting; nil when it has none.
    private func value(of traversal: Traversal, _ scope: Scope) -> Value? {
        let names = Array(traversal.attributes.prefix(3))
        guard case .value(var value, let consumed) = scope.resolution(of: traversal.root, names) else { return nil }
        for step in traversal.steps.dropFirst(consumed) {
            let next: Value?
            switch step {
            case .attribute(let name): next = try? value.attribute(name)
            case .index(let key): next = try? value.index(key)
            case .open: next = nil
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    private static func description(_ value: Value) -> String {
        if !value.allMarks.isEmpty { return "has a sensitive value" }
        switch value.content {
        case .null: return "is null"
        case .unknown(.dynamic, _): return "will be known only after apply"
        case .unknown(let type, _): return "is a \(type.friendlyName), known only after apply"
        case .bool(let flag): return "is \(flag)"
        case .number(let number): return "is \(number)"
        case .string(let text):
            let short = text.count > 40 ? String(text.prefix(37)) + "..." : text
            return "is \"\(VisibleText.escaped(short))\""
        case .list(_, let items), .set(_, let items):
            return "is \(value.type.friendlyName) with \(items.count) element\(items.count == 1 ? "" : "s")"
        case .tuple(let items): return "is tuple with \(items.count) element\(items.count == 1 ? "" : "s")"
        case .map(_, let fields):
            return
                "is \(value.type.friendlyName) with \(fields.names.count) element\(fields.names.count == 1 ? "" : "s")"
        case .object(let fields):
            return "is object with \(fields.names.count) attribute\(fields.names.count == 1 ? "" : "s")"
        }
    }
}
