package import Configuring
package import Values

/// Parts of values whose changes are ignored.
package enum IgnoredParts {
    /// A value of the configuration, with the parts that are ignored as they were.
    ///
    /// Attributes and elements take their old values where both values have them. Keys of a map are set, added or taken out as
    /// the old map has them; a way that ends in a key, where there is no map, keeps the whole old value, as Terraform does.
    ///
    /// - Parameters:
    ///   - ignored: What is ignored of it.
    ///   - given: The value of the configuration.
    ///   - prior: The value before; nil where there was none.
    package static func kept(_ ignored: IgnoredChanges, _ given: Value, _ prior: Value?) -> Value {
        guard !ignored.isEmpty, let prior else { return given }
        if ignored.isWhole { return ObjectMarks.marked(prior.unmarked, like: given) }
        let value = withKeptParts(ignored, given, prior)
        let keys = ignored.keys
        guard !keys.isEmpty else { return value }
        guard case .map(let type, let fields) = value.content else {
            return ObjectMarks.marked(prior.unmarked, like: given)
        }
        guard prior.fields != nil || prior.isNull else { return value }
        var members: [String: Value] = [:]
        for (name, member) in zip(fields.names, fields.values) { members[name] = member }
        for key in keys {
            let old = prior.fields?[key].flatMap { try? $0.unmarked.converted(to: type) }
            members[key] = old.map { old in members[key].map { ObjectMarks.marked(old, like: $0) } ?? old }
        }
        return Value(Value.map(type, members).content, marks: value.marks)
    }

    /// The value with what is ignored inside its attributes and elements as it was.
    private static func withKeptParts(_ ignored: IgnoredChanges, _ given: Value, _ prior: Value) -> Value {
        var result = given.content
        for step in Set(ignored.paths.filter { !$0.isEmpty }.map { $0[0] }) {
            let inner = ignored.inside(step)
            switch (step, result, prior.content) {
            case (.attribute(let name), .object(let fields), .object(let old)):
                guard let value = fields[name] else { continue }
                result = .object(fields.replacing(name, with: kept(inner, value, old[name])))
            case (.key(let name), .map(let type, let fields), .map(_, let old)) where !inner.isWhole:
                guard let value = fields[name] else { continue }
                result = .map(type, fields.replacing(name, with: kept(inner, value, old[name])))
            case (.index(let index), .list(let type, var items), _) where items.indices.contains(index):
                items[index] = kept(inner, items[index], prior.element(at: index))
                result = .list(type, items)
            case (.index(let index), .tuple(var items), _) where items.indices.contains(index):
                items[index] = kept(inner, items[index], prior.element(at: index))
                result = .tuple(items)
            default: continue
            }
        }
        return Value(result, marks: given.marks)
    }
}

extension Value {
    /// The element of a list or a tuple; nil when there is none.
    fileprivate func element(at index: Int) -> Value? {
        switch content {
        case .list(_, let items), .tuple(let items): items.indices.contains(index) ? items[index] : nil
        default: nil
        }
    }
}
