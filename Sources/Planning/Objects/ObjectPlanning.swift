package import Configuring
package import Values

/// How an object's arguments and its prior state make the planned object.
///
/// No state, no addresses: values only.
package enum ObjectPlanning {
    /// The planned object: configured arguments, what the cloud set before, and unknowns for what it will set.
    ///
    /// - Parameters:
    ///   - schema: The schema of the type.
    ///   - configuration: The evaluated arguments.
    ///   - prior: The object before; nil for a new one.
    package static func proposed(_ schema: Schema, configuration: Value, prior: Value?) -> Value {
        let proposed = proposed(schema.block, configuration: configuration, prior: prior)
        return schema.completing?(proposed, prior) ?? proposed
    }

    private static func proposed(_ block: BlockSchema, configuration: Value, prior: Value?) -> Value {
        guard let given = configuration.fields else {
            return Value(.unknown(block.impliedType, .none), marks: configuration.marks)
        }
        let before = prior?.fields
        let attributes = block.attributes.map { attribute in
            proposed(attribute, given: given[attribute.name] ?? .null(attribute.type), before: before?[attribute.name])
        }
        let blocks = block.blocks.map { nested in
            proposed(nested, given: given[nested.name], before: before?[nested.name])
        }
        return block.object(attributes: attributes, blocks: blocks).withMarks(configuration.marks)
    }

    private static func proposed(_ attribute: AttributeSchema, given: Value, before: Value?) -> Value {
        let marks = ObjectMarks.marks(of: attribute)
        if attribute.isComputed, !attribute.isConfigurable || given.isNull {
            return (before ?? .unknown(attribute.type)).withMarks(marks)
        }
        guard let before, agree(attribute, before, given) else { return given.withMarks(marks) }
        // The same meaning: the cloud's spelling stays, with the configuration's marks.
        return ObjectMarks.marked(before.withoutMarks([.sensitive]), like: given).withMarks(marks)
    }

    private static func proposed(_ nested: NestedBlockSchema, given: Value?, before: Value?) -> Value {
        guard let given, let items = nested.items(of: given) else {
            return given ?? nested.value(of: [])
        }
        if nested.isComputed && items.isEmpty { return before ?? .unknown(nested.impliedType) }
        let priorItems = nested.items(of: before) ?? []
        let planned = items.enumerated().map { index, item in
            proposed(nested.block, configuration: item, prior: index < priorItems.count ? priorItems[index] : nil)
        }
        return nested.value(of: planned).withMarks(given.marks)
    }

    /// One difference between two objects.
    package struct Difference: Hashable, Sendable {
        /// Where it is.
        package let path: ValuePath
        /// Whether it needs a new object.
        package let forcesReplacement: Bool
    }

    /// Where two objects differ, marks aside, in the order of the schema; a part that is not known after differs.
    package static func differences(
        _ block: BlockSchema, before: Value, after: Value, at path: ValuePath = ValuePath([])
    ) -> [Difference] {
        guard let old = before.fields, let new = after.fields else {
            return before.unmarked == after.unmarked
                ? [] : [Difference(path: path, forcesReplacement: block.hasForcingPart)]
        }
        var result: [Difference] = []
        for attribute in block.attributes {
            let first = old[attribute.name] ?? .null(attribute.type)
            let second = new[attribute.name] ?? .null(attribute.type)
            guard !agree(attribute, first, second) else { continue }
            result.append(
                Difference(path: path.appending(attribute.name), forcesReplacement: attribute.forcesReplacement))
        }
        for nested in block.blocks {
            result += differences(
                nested, before: old[nested.name], after: new[nested.name], at: path.appending(nested.name))
        }
        return result
    }

    private static func differences(
        _ nested: NestedBlockSchema, before: Value?, after: Value?, at path: ValuePath
    ) -> [Difference] {
        let forces = nested.forcesReplacement || nested.block.hasForcingPart
        let old = nested.items(of: before) ?? []
        guard let new = nested.items(of: after), old.count == new.count else {
            return [Difference(path: path, forcesReplacement: forces)]
        }
        var result: [Difference] = []
        for index in old.indices {
            result += differences(
                nested.block, before: old[index], after: new[index], at: path.appending(index: index))
        }
        return result
    }

    /// Whether two values of an attribute mean the same; a value that is not known agrees with none.
    private static func agree(_ attribute: AttributeSchema, _ first: Value, _ second: Value) -> Bool {
        guard first.isWhollyKnown, second.isWhollyKnown else { return false }
        let (first, second) = (first.unmarked, second.unmarked)
        return first == second || (attribute.isEquivalent?(first, second) ?? false)
    }

    /// The configuration with the prior values put back where changes are to be ignored.
    package static func ignoring(
        _ ignored: IgnoredChanges, _ block: BlockSchema, configuration: Value, prior: Value
    ) -> Value {
        guard !ignored.isEmpty, let given = configuration.fields, let before = prior.fields else {
            return configuration
        }
        var result = given
        for attribute in block.attributes where attribute.isConfigurable {
            let inner = ignored.inside(.attribute(attribute.name))
            guard !inner.isEmpty, let value = given[attribute.name] else { continue }
            result = result.replacing(attribute.name, with: IgnoredParts.kept(inner, value, before[attribute.name]))
        }
        for nested in block.blocks {
            let inner = ignored.inside(.attribute(nested.name))
            guard !inner.isWhole else {
                if let old = before[nested.name] { result = result.replacing(nested.name, with: old) }
                continue
            }
            guard !inner.isEmpty, let items = nested.items(of: given[nested.name]),
                let old = nested.items(of: before[nested.name])
            else { continue }
            let kept = items.enumerated().map { index, item in
                index < old.count
                    ? ignoring(inner.insideBlock, nested.block, configuration: item, prior: old[index]) : item
            }
            result = result.replacing(nested.name, with: nested.value(of: kept))
        }
        return Value(.object(result), marks: configuration.marks)
    }

    /// The first place where a planned object said one thing and the resolved one says another; nil when they agree.
    ///
    /// What was not known at plan agrees with anything.
    package static func contradiction(planned: Value, resolved: Value, at path: ValuePath = ValuePath([])) -> ValuePath?
    {
        if planned.isUnknown { return nil }
        switch (planned.content, resolved.content) {
        case (.object(let old), .object(let new)), (.map(_, let old), .map(_, let new)):
            guard old.names == new.names else { return path }
            for (name, values) in zip(old.names, zip(old.values, new.values)) {
                if let found = contradiction(planned: values.0, resolved: values.1, at: path.appending(name)) {
                    return found
                }
            }
            return nil
        case (.list(_, let old), .list(_, let new)), (.tuple(let old), .tuple(let new)):
            guard old.count == new.count else { return path }
            for index in old.indices {
                if let found = contradiction(
                    planned: old[index], resolved: new[index], at: path.appending(index: index))
                {
                    return found
                }
            }
            return nil
        default:
            return !planned.isWhollyKnown || planned.unmarked == resolved.unmarked ? nil : path
        }
    }
}

extension BlockSchema {
    /// Whether a change of some part of it needs a new object.
    fileprivate var hasForcingPart: Bool {
        attributes.contains { $0.forcesReplacement }
            || blocks.contains { $0.forcesReplacement || $0.block.hasForcingPart }
    }
}

extension Value {
    /// The value without any mark, for comparing only: it must not be shown or stored.
    package var unmarked: Value { allMarks.isEmpty ? self : withoutMarks([.sensitive, .secret]) }
}

extension ValuePath {
    /// The path of an attribute of what this path leads to.
    func appending(_ name: String) -> ValuePath { ValuePath(steps + [.attribute(name)]) }
    /// The path of an element of what this path leads to.
    func appending(index: Int) -> ValuePath { ValuePath(steps + [.index(.number(index))]) }
}
