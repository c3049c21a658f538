import Configuring
import Planning
import Values

/// The body of a resource in a plan: attributes aligned, then nested blocks.
struct ObjectText {
    /// What the lines of an object say.
    enum Style {
        /// Everything is new.
        case made
        /// Everything goes.
        case destroyed
        /// Everything stays, and is shown all the same.
        case kept
        /// From one to another.
        case changed
    }

    let style: Style
    let paint: Paint
    /// The arguments that force a replacement.
    let replacePaths: Set<ValuePath>

    /// The lines of a body.
    ///
    /// - Parameters:
    ///   - schema: The schema of the block.
    ///   - before: The object before; null when there was none.
    ///   - after: The object after; null when there is none.
    ///   - indentation: How far the block itself is indented.
    ///   - path: Where the block is.
    func lines(_ schema: BlockSchema, _ before: Value, _ after: Value, indentation: Int, path: ValuePath) -> [String] {
        let (old, new) = (before.fields, after.fields)
        var lines: [String] = []
        var hidden = 0
        let shown = schema.attributes.filter { attribute in
            !isAbsent(old?[attribute.name]) || !isAbsent(new?[attribute.name])
        }
        let width = shown.map(\.name.count).max() ?? 0
        for attribute in shown {
            var (first, second) = (
                old?[attribute.name] ?? .null(attribute.type), new?[attribute.name] ?? .null(attribute.type)
            )
            if attribute.type == .dynamic { (first, second) = (first.withoutCollections, second.withoutCollections) }
            let name = attribute.name + String(repeating: " ", count: width - attribute.name.count)
            if let line = line(name, first, second, attribute, indentation + 4, path) {
                lines.append(line)
            } else {
                hidden += 1
            }
        }
        let spaces = String(repeating: " ", count: indentation + 4)
        if hidden > 0 {
            lines.append(
                spaces + "  " + paint.faint("# (\(hidden) unchanged attribute\(hidden == 1 ? "" : "s") hidden)"))
        }
        var unchanged = 0
        for nested in schema.blocks {
            let first = nested.items(of: old?[nested.name]) ?? []
            let second = nested.items(of: new?[nested.name]) ?? []
            let isOpen = new?[nested.name]?.isUnknown == true
            for index in 0..<max(first.count, second.count) {
                let (one, other) = (
                    index < first.count ? first[index] : .null(nested.block.impliedType),
                    index < second.count
                        ? second[index] : isOpen ? .unknown(nested.block.impliedType) : .null(nested.block.impliedType)
                )
                let inner = path.inside(nested.name, index)
                guard let block = block(nested, one, other, indentation + 4, inner) else {
                    unchanged += 1
                    continue
                }
                lines += [""] + block
            }
            if isOpen && first.isEmpty {
                lines += ["", "\(spaces)\(paint.add("+")) \(nested.name) \(ValueText.unknown)"]
            }
        }
        if unchanged > 0 {
            lines += [
                "", spaces + "  " + paint.faint("# (\(unchanged) unchanged block\(unchanged == 1 ? "" : "s") hidden)"),
            ]
        }
        return lines
    }

    /// Whether a value is not shown: null, unless it stands for a secret.
    private func isAbsent(_ value: Value?) -> Bool {
        guard let value else { return true }
        return value.isNull && !value.marks.contains(.secret)
    }

    /// The line of an attribute; nil when it is unchanged and not one that names the object.
    private func line(
        _ name: String, _ before: Value, _ after: Value, _ attribute: AttributeSchema, _ indentation: Int,
        _ path: ValuePath
    ) -> String? {
        let spaces = String(repeating: " ", count: indentation)
        func text(_ value: Value, _ mark: String) -> String {
            ValueText.text(value, indentation: indentation + 2, mark: mark)
        }
        switch style {
        case .made: return "\(spaces)\(paint.add("+")) \(name) = \(text(after, "+ "))"
        case .destroyed:
            return "\(spaces)\(paint.remove("-")) \(name) = \(text(before, "- "))\(ValueText.end(of: before, paint))"
        case .kept: return "\(spaces)  \(name) = \(text(before, ""))"
        case .changed: break
        }
        if isSame(before, after, attribute), !SensitivePath.differ(before, after) {
            guard attribute.name == "id" || attribute.name == "name" else { return nil }
            return "\(spaces)  \(name) = \(text(before, ""))"
        }
        // Where the type is not said, the parts of a value are compared, which no path leads to.
        let isWhole = attribute.type != .dynamic || after.isUnknown || !before.marks.union(after.marks).isEmpty
        let forces =
            isWhole && replacePaths.contains(ValuePath(path.steps + [.attribute(attribute.name)]))
        let force = forces ? paint.force(" # forces replacement") : ""
        if isAbsent(before) { return "\(spaces)\(paint.add("+")) \(name) = \(text(after, "+ "))\(force)" }
        if isAbsent(after) {
            return
                "\(spaces)\(paint.remove("-")) \(name) = \(text(before, "- "))\(ValueText.end(of: before, paint))\(force)"
        }
        let changes = ValueChangeText(paint: paint)
        let change = changes.text(before, after, indentation: indentation + 2)
        let warning = changes.warning(before, after, indentation: indentation).map { $0 + "\n" }.joined()
        return "\(warning)\(spaces)\(paint.change("~")) \(name) = \(change)\(force)"
    }

    private func isSame(_ before: Value, _ after: Value, _ attribute: AttributeSchema) -> Bool {
        guard before.isWhollyKnown, after.isWhollyKnown else { return false }
        let (first, second) = (before.withoutMarks([.sensitive, .secret]), after.withoutMarks([.sensitive, .secret]))
        return first == second || attribute.isEquivalent?(first, second) == true
    }

    /// The lines of a nested block; nil when it is unchanged.
    private func block(
        _ schema: NestedBlockSchema, _ before: Value, _ after: Value, _ indentation: Int, _ path: ValuePath
    ) -> [String]? {
        let spaces = String(repeating: " ", count: indentation)
        let inner: ObjectText
        let symbol: String
        switch (style, before.isNull, after.isNull) {
        case (.made, _, _), (.changed, true, _):
            inner = ObjectText(style: .made, paint: paint, replacePaths: replacePaths)
            symbol = paint.add("+")
        case (.destroyed, _, _), (.changed, _, true):
            inner = ObjectText(style: .destroyed, paint: paint, replacePaths: replacePaths)
            symbol = paint.remove("-")
        case (.kept, _, _):
            inner = self
            symbol = " "
        case (.changed, false, false):
            if isSame(before, after, schema.block) { return nil }
            inner = self
            symbol = paint.change("~")
        }
        let isNew = style == .changed && (before.isNull || after.isNull) && schema.forcesReplacement
        let force = isNew ? paint.force(" # forces replacement") : ""
        let body = inner.lines(schema.block, before, after, indentation: indentation, path: path)
        return ["\(spaces)\(symbol) \(schema.name) {\(force)"] + body + ["\(spaces)  }"]
    }

    private func isSame(_ before: Value, _ after: Value, _ schema: BlockSchema) -> Bool {
        guard let old = before.fields, let new = after.fields else { return before == after }
        for attribute in schema.attributes {
            guard let first = old[attribute.name], let second = new[attribute.name], isSame(first, second, attribute),
                !SensitivePath.differ(first, second)
            else { return false }
        }
        for nested in schema.blocks {
            let first = nested.items(of: old[nested.name]) ?? []
            guard let second = nested.items(of: new[nested.name]), first.count == second.count else { return false }
            for (one, other) in zip(first, second) where !isSame(one, other, nested.block) { return false }
        }
        return true
    }
}

extension ValuePath {
    /// The path of an element of a nested block.
    fileprivate func inside(_ block: String, _ index: Int) -> ValuePath {
        ValuePath(steps + [.attribute(block), .index(.number(index))])
    }
}
