import Diagnostics
import Planning
import Values

/// The change of a value in the syntax of the language: what stays as it is is counted instead of shown.
struct ValueChangeText {
    let paint: Paint
    /// Whether what stays as it is is shown, too.
    var showsAll = false

    /// The change on one or more lines; the first without indentation, the others by `indentation` spaces.
    ///
    /// Containers of the same kind are taken apart; anything else is the old value, an arrow and the new value.
    func text(_ old: Value, _ new: Value, indentation: Int) -> String {
        guard old.marks.isEmpty, new.marks.isEmpty else { return ValueText.sensitive }
        switch (old.content, new.content) {
        case (.object(let first), .object(let second)):
            return members(first, second, indentation, quotesKeys: false, noun: "attribute")
        case (.map(_, let first), .map(_, let second)):
            return members(first, second, indentation, quotesKeys: true, noun: "element")
        case (.list(_, let first), .list(_, let second)), (.tuple(let first), .tuple(let second)):
            let elements =
                isChangedInPlace(first, second)
                ? pairs(first, second, indentation) : elements(first, second, indentation)
            return container(shown(elements, indentation), indentation)
        case (.set(_, let first), .set(_, let second)):
            return container(shown(elements(first, second, indentation), indentation), indentation)
        case (.string(let first), .string(let second)):
            return strings(first, second, indentation) ?? arrow(old, new, indentation)
        default: return arrow(old, new, indentation)
        }
    }

    /// What is said above a value that begins to be sensitive, or ceases to be; empty for any other.
    func warning(_ old: Value, _ new: Value, indentation: Int) -> [String] {
        let (before, after) = (old.marks.contains(.sensitive), new.marks.contains(.sensitive))
        guard before != after else { return [] }
        let bare = (old.withoutMarks([.sensitive, .secret]), new.withoutMarks([.sensitive, .secret]))
        let isSame = bare.1.isWhollyKnown && bare.0 == bare.1
        let lines =
            after
            ? [
                "# Warning: this attribute value will be marked as sensitive and will not",
                "# display in UI output after applying this change.",
            ]
            : [
                "# Warning: this attribute value will no longer be marked as sensitive",
                "# after applying this change.",
            ]
        let spaces = String(repeating: " ", count: indentation)
        return ["\(spaces)\(lines[0])", "\(spaces)\(lines[1])\(isSame ? " The value is unchanged." : "")"]
    }

    private func arrow(_ old: Value, _ new: Value, _ indentation: Int) -> String {
        // Beside what is not known yet, an empty string looks like null, as in Terraform.
        let isBlank = old.string == "" && new.isUnknown
        let (first, second) = (
            isBlank ? "null" : ValueText.text(old, indentation: indentation, mark: "- "),
            ValueText.text(new, indentation: indentation, mark: "+ ")
        )
        return "\(first) \(paint.change("->")) \(second)"
    }

    private func container(_ lines: [String], _ indentation: Int) -> String {
        (["["] + lines + [String(repeating: " ", count: indentation) + "]"]).joined(separator: "\n")
    }

    private func isObject(_ value: Value) -> Bool {
        switch value.content {
        case .map, .object: value.marks.isEmpty
        case .list, .tuple, .set, .null, .unknown, .bool, .number, .string: false
        }
    }

    // MARK: - Strings

    /// The change of what two strings hold as JSON, or of their lines; nil when they hold neither.
    private func strings(_ old: String, _ new: String, _ indentation: Int) -> String? {
        let outer = String(repeating: " ", count: indentation)
        switch (ValueText.jsonContainer(old), ValueText.jsonContainer(new)) {
        case (let first?, let second?) where first == second:
            let text = ValueText.text(second, indentation: indentation + 4)
            return "jsonencode( \(paint.faint("# whitespace changes"))\n\(outer)    \(text)\n\(outer))"
        case (let first?, let second?) where first.isEmptyContainer && second.isEmptyContainer:
            return "jsonencode(\(arrow(first, second, 0)))"
        case (let first?, let second?):
            let text = text(first, second, indentation: indentation + 4)
            return "jsonencode(\n\(outer)  \(paint.change("~")) \(text)\n\(outer))"
        case (nil, nil): break
        default: return nil
        }
        let (first, second) = (ValueText.lines(of: old), ValueText.lines(of: new))
        guard first != nil || second != nil else { return nil }
        let lines = lines(
            first ?? [ValueText.visible(old)], second ?? [ValueText.visible(new)], indentation)
        return "<<-EOT\n" + lines.map { $0 + "\n" }.joined() + "\(outer)EOT"
    }

    private func lines(_ old: [String], _ new: [String], _ indentation: Int) -> [String] {
        let spaces = String(repeating: " ", count: indentation + 2)
        var result: [String] = []
        for stretch in Alignment(old, new).stretches {
            switch stretch {
            case .same(_, let index): result.append("\(spaces)  \(new[index])")
            case .changed(let removed, let inserted):
                result += removed.map { "\(spaces)\(paint.remove("-")) \(old[$0])" }
                result += inserted.map { "\(spaces)\(paint.add("+")) \(new[$0])" }
            }
        }
        return result
    }

    private func hidden(_ count: Int, _ noun: String, _ indentation: Int) -> String {
        String(repeating: " ", count: indentation)
            + paint.faint("# (\(count) unchanged \(noun)\(count == 1 ? "" : "s") hidden)")
    }

    // MARK: - Members

    /// The names of attributes that are shown although they stay: they tell which object it is.
    private static let telling: Set<String> = ["id", "name", "tags"]

    private func members(
        _ old: Fields, _ new: Fields, _ indentation: Int, quotesKeys: Bool, noun: String
    ) -> String {
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: indentation + 2)
        let names = Set(old.names).union(new.names).sorted()
        func shown(_ name: String) -> String {
            quotesKeys || !ValueText.isName(name) ? ValueText.literal(name) : name
        }
        let width = ValueText.width(of: names.map(shown))
        var lines: [String] = []
        var unchanged = 0
        for name in names {
            let padded = ValueText.padded(shown(name), to: width)
            switch (old[name], new[name]) {
            case (nil, let value?):
                let text = ValueText.text(value, indentation: inner, mark: "+ ")
                lines.append("\(spaces)\(paint.add("+")) \(padded) = \(text)")
            case (let value?, nil):
                let text = ValueText.text(value, indentation: inner, mark: "- ")
                let end = quotesKeys ? paint.faint(" -> null") : ""
                lines.append("\(spaces)\(paint.remove("-")) \(padded) = \(text)\(end)")
            case (let first?, let second?) where first == second && second.isWhollyKnown:
                // These name the object.
                if showsAll || (!quotesKeys && Self.telling.contains(name)) {
                    lines.append("\(spaces)  \(padded) = \(ValueText.text(second, indentation: inner))")
                } else {
                    unchanged += 1
                }
            case (let first?, let second?):
                lines += warning(first, second, indentation: indentation + 2)
                var own = self
                own.showsAll = showsAll || (!quotesKeys && Self.telling.contains(name))
                lines.append(
                    "\(spaces)\(paint.change("~")) \(padded) = \(own.text(first, second, indentation: inner))")
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

    /// Whether the elements of two sequences are compared place by place: there are as many, and one of them is gone.
    private func isChangedInPlace(_ old: [Value], _ new: [Value]) -> Bool {
        guard old.count == new.count else { return false }
        let kept = Set(new.map(\.unmarked))
        return old.contains { !kept.contains($0.unmarked) }
    }

    /// An element beside the one that takes its place.
    private func pair(_ old: Value, _ new: Value, _ indentation: Int) -> Element {
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: indentation + 2)
        if old == new && new.isWhollyKnown { return .same("\(spaces)  \(ValueText.text(new, indentation: inner)),") }
        if old.string == "", old.marks.isEmpty, new.marks.isEmpty, new.isUnknown {
            // Among elements, an empty string looks like itself.
            let text = "\"\" \(paint.change("->")) \(ValueText.text(new, indentation: inner))"
            return .changed("\(spaces)\(paint.change("~")) \(text),")
        }
        let warning = warning(old, new, indentation: indentation + 2).map { $0 + "\n" }.joined()
        return .changed("\(warning)\(spaces)\(paint.change("~")) \(text(old, new, indentation: inner)),")
    }

    /// Each element beside the one that takes its place.
    private func pairs(_ old: [Value], _ new: [Value], _ indentation: Int) -> [Element] {
        zip(old, new).map { pair($0, $1, indentation) }
    }

    /// What was taken out and what was put in; an object that takes the place of another is compared with it.
    private func elements(_ old: [Value], _ new: [Value], _ indentation: Int) -> [Element] {
        let inner = indentation + 4
        let spaces = String(repeating: " ", count: indentation + 2)
        var result: [Element] = []
        for stretch in Alignment(old.map(\.unmarked), new.map(\.unmarked)).stretches {
            switch stretch {
            case .same(let first, let second): result.append(pair(old[first], new[second], indentation))
            case .changed(let removed, var inserted):
                for index in removed {
                    if isObject(old[index]), let other = inserted.first, isObject(new[other]) {
                        inserted.removeFirst()
                        result.append(pair(old[index], new[other], indentation))
                    } else {
                        let text = ValueText.text(old[index], indentation: inner, mark: "- ")
                        result.append(.changed("\(spaces)\(paint.remove("-")) \(text),"))
                    }
                }
                result += inserted.map { index in
                    let text = ValueText.text(new[index], indentation: inner, mark: "+ ")
                    return .changed("\(spaces)\(paint.add("+")) \(text),")
                }
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
            case .same where !showsAll && !isChanged(index - 1) && !isChanged(index + 1): unchanged += 1
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
