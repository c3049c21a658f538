import Diagnostics
import Values

/// What the names in a faulty expression stood for.
extension Evaluator {
    /// At most so many names are explained.
    private static let factsMaximum = 20

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
                // What is before an index that must be evaluated, or before a splat, is told.
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

    /// What is said of a value: of what is in it, nothing but how much there is.
    private static func description(_ value: Value) -> String {
        func counted(_ count: Int) -> String {
            let kind = value.type.friendlyName
            return count == 0 ? "is empty \(kind)" : "is \(kind) with \(count) element\(count == 1 ? "" : "s")"
        }
        if !value.marks.isEmpty { return "has a sensitive value" }
        switch value.content {
        case .null: return "is null"
        case .unknown(.dynamic, _): return "will be known only after apply"
        case .unknown(let type, _): return "is a \(type.friendlyName), known only after apply"
        case .bool(let flag): return "is \(flag)"
        case .number(let number): return "is \(number)"
        case .string(let text): return "is \(quoted(shortened(text)))"
        case .list(_, let items), .set(_, let items), .tuple(let items): return counted(items.count)
        case .map(_, let fields): return counted(fields.names.count)
        case .object(let fields):
            switch fields.names.count {
            case 0: return "is object with no attributes"
            case 1: return "is object with 1 attribute \(quoted(fields.names[0]))"
            default: return "is object with \(fields.names.count) attributes"
            }
        }
    }

    /// A text of which no more is shown than a screen or two have room for.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 4_096 ? text : text.prefix(1_000) + "…"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing("\r", with: "\\r")
        return "\"\(VisibleText.escaped(escaped))\""
    }
}
