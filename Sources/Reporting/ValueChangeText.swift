import Values

/// The change of a value in the syntax of the language: what stays as it is is counted instead of shown.
struct ValueChangeText {
    let paint: Paint

    /// More elements than these together are not compared one by one.
    private static let elementsMaximum = 2_000

    /// The change on one or more lines; the first without indentation, the others by `indentation` spaces.
    ///
    /// Containers of the same kind are taken apart; anything else is the old value, an arrow and the new value.
    func text(_ old: Value, _ new: Value, indentation: Int) -> String {
        guard old.marks.isEmpty, new.marks.isEmpty else { return arrow(old, new, indentation) }
        switch (old.content, new.content) {
        case (.object(let first), .object(let second)):
            return members(first, second, indentation, quotesKeys: false, noun: "attribute")
        case (.map(_, let first), .map(_, let second)):
            return members(first, second, indentation, quotesKeys: true, noun: "element")
        case (.list(_, let first), .list(_, let second)), (.tuple(let first), .tuple(let second)),
            (.set(_, let first), .set(_, let second)):
            guard first.count + second.count <= Self.elementsMaximum else { return arrow(old, new, indentation) }
            return sequence(first, second, indentation)
        default: return arrow(old, new, indentation)
        }
    }

    private func arrow(_ old: Value, _ new: Value, _ indentation: Int) -> String {
        let (first, second) = (
            ValueText.text(old, indentation: indentation), ValueText.text(new, indentation: indentation)
        )
        if first == second && second == ValueText.sensitive { return second }
        return "\(first) \(paint.change("->")) \(second)"
    }

    private func isContainer(_ value: Value) -> Bool {
        switch value.content {
        case .list, .tuple, .set, .map, .object: value.marks.isEmpty
        case .null, .unknown, .bool, .number, .string: false
        }
    }

    private func hidden(_ count: Int, _ noun: String, _ indentation: Int) -> String {
        String(repeating: " ", count: indentation)
            + paint.faint("# (\(count) unchanged \(noun)\(count == 1 ? "" : "s") hidden)")
    }

    // MARK: - Members

    private func members(
        _ old: Fields, _ new: Fields, _ indentation: Int, quotesKeys: Bool, noun: String
    ) -> String {
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: indentation + 2)
        let names = Set(old.names).union(new.names).sorted()
        func shown(_ name: String) -> String {
            quotesKeys || !ValueText.isName(name) ? ValueText.quoted(name) : name
        }
        let width = names.map { shown($0).count }.max() ?? 0
        var lines: [String] = []
        var unchanged = 0
        for name in names {
            let padded = shown(name) + String(repeating: " ", count: width - shown(name).count)
            switch (old[name], new[name]) {
            case (nil, let value?):
                let text = ValueText.text(value, indentation: inner, mark: "+ ")
                lines.append("\(spaces)\(paint.add("+")) \(padded) = \(text)")
            case (let value?, nil):
                let text = ValueText.text(value, indentation: inner, mark: "- ")
                lines.append("\(spaces)\(paint.remove("-")) \(padded) = \(text)\(paint.faint(" -> null"))")
            case (let first?, let second?) where first == second && second.isWhollyKnown:
                // These name the object.
                if !quotesKeys && (name == "id" || name == "name") {
                    lines.append("\(spaces)  \(padded) = \(ValueText.text(second, indentation: inner))")
                } else {
                    unchanged += 1
                }
            case (let first?, let second?):
                lines.append(
                    "\(spaces)\(paint.change("~")) \(padded) = \(text(first, second, indentation: inner))")
            case (nil, nil): continue
            }
        }
        if unchanged > 0 { lines.append(hidden(unchanged, noun, inner)) }
        return (["{"] + lines + [String(repeating: " ", count: indentation) + "}"]).joined(separator: "\n")
    }

    // MARK: - Elements

    /// What became of an element, or of two that took each other's place.
    private enum Element {
        case same(String)
        case changed(String)
    }

    private func sequence(_ old: [Value], _ new: [Value], _ indentation: Int) -> String {
        let lines = shown(elements(old, new, indentation), indentation)
        return (["["] + lines + [String(repeating: " ", count: indentation) + "]"]).joined(separator: "\n")
    }

    private func elements(_ old: [Value], _ new: [Value], _ indentation: Int) -> [Element] {
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: indentation + 2)
        var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [Element] = []
        var (first, second) = (0, 0)
        while first < old.count || second < new.count {
            switch (removed.contains(first), inserted.contains(second)) {
            case (true, true) where isContainer(old[first]) && isContainer(new[second]):
                let text = text(old[first], new[second], indentation: inner)
                result.append(.changed("\(spaces)\(paint.change("~")) \(text),"))
                first += 1
                second += 1
            case (true, _):
                let text = ValueText.text(old[first], indentation: inner, mark: "- ")
                result.append(.changed("\(spaces)\(paint.remove("-")) \(text),"))
                first += 1
            case (false, true):
                let text = ValueText.text(new[second], indentation: inner, mark: "+ ")
                result.append(.changed("\(spaces)\(paint.add("+")) \(text),"))
                second += 1
            case (false, false):
                result.append(.same("\(spaces)  \(ValueText.text(new[second], indentation: inner)),"))
                first += 1
                second += 1
            }
        }
        return result
    }

    /// The lines of elements: of those that stay, only the ones next to a change.
    private func shown(_ elements: [Element], _ indentation: Int) -> [String] {
        func isChanged(_ index: Int) -> Bool {
            guard elements.indices.contains(index), case .changed = elements[index] else { return false }
            return true
        }
        var lines: [String] = []
        var unchanged = 0
        for (index, element) in elements.enumerated() {
            switch element {
            case .same where !isChanged(index - 1) && !isChanged(index + 1): unchanged += 1
            case .same(let line), .changed(let line):
                if unchanged > 0 { lines.append(hidden(unchanged, "element", indentation + 4)) }
                unchanged = 0
                lines.append(line)
            }
        }
        if unchanged > 0 { lines.append(hidden(unchanged, "element", indentation + 4)) }
        return lines
    }
}
