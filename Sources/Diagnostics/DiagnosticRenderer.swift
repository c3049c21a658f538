package import JSON

/// Shows diagnostics: as text in the layout that Terraform users know, or as JSON.
package struct DiagnosticRenderer: Sendable {
    private let files: SourceFiles
    private let width: Int
    private let isColored: Bool

    /// Makes a renderer.
    ///
    /// - Parameters:
    ///   - files: The files that the diagnostics point into.
    ///   - width: The terminal's, in characters; details are wrapped to stay below it. 0 means that nothing is wrapped.
    ///   - isColored: Whether colours, and the box that goes with them, are used.
    package init(files: SourceFiles, width: Int, isColored: Bool) {
        self.files = files
        self.width = width
        self.isColored = isColored
    }

    /// The diagnostics as text, in the order of files and places; empty when there are none.
    ///
    /// Without colours each starts with an empty line; with colours each is a box. Control characters in anything but the
    /// layout are escaped.
    package func text(_ diagnostics: [Diagnostic]) -> String {
        Self.gathered(Self.sorted(diagnostics)).map(text).joined()
    }

    /// The diagnostics with one warning in the place of many that say the same of several places; what `check` blocks say is
    /// each told.
    private static func gathered(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        func canBeGathered(_ diagnostic: Diagnostic) -> Bool {
            diagnostic.severity == .warning && diagnostic.subject != nil && !diagnostic.isProvisional
        }
        var others: [String: Int] = [:]
        for diagnostic in diagnostics where canBeGathered(diagnostic) { others[diagnostic.summary, default: -1] += 1 }
        return diagnostics.compactMap { diagnostic in
            guard canBeGathered(diagnostic) else { return diagnostic }
            guard let count = others.removeValue(forKey: diagnostic.summary) else { return nil }
            guard count > 0 else { return diagnostic }
            var first = diagnostic
            let words = count == 1 ? "one more similar warning" : "\(count) more similar warnings"
            first.detail += "\n\n(and \(words) elsewhere)"
            return first
        }
    }

    /// Warnings by their summaries alone, each with its place.
    package func summaries(_ warnings: [Diagnostic]) -> String {
        var lines = ["", isColored ? "\(Style.bold)\(Style.yellow)Warnings:\(Style.reset)" : "Warnings:", ""]
        for warning in Self.sorted(warnings) {
            lines.append("- \(VisibleText.escaped(warning.summary))")
            guard let subject = warning.subject else { continue }
            let file = files[subject.file]
            lines.append("  on \(VisibleText.escaped(file.name)) line \(file.position(at: subject.start).line)")
        }
        return (lines + ["", "To see the full warning notes, run flinkform without -compact-warnings.", ""])
            .joined(separator: "\n")
    }

    /// Warnings before errors; of each, those without a place first, as they came; then by file and offset.
    private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            guard left.element.severity == right.element.severity else { return left.element.severity == .warning }
            let (first, second) = (left.element.subject, right.element.subject)
            switch (first, second) {
            case (nil, nil): return left.offset < right.offset
            case (nil, _): return true
            case (_, nil): return false
            case (let first?, let second?):
                return (first.file, first.start, left.offset) < (second.file, second.start, right.offset)
            }
        }.map(\.element)
    }

    private enum Style {
        static let reset = "\u{1b}[0m"
        static let bold = "\u{1b}[1m"
        static let red = "\u{1b}[31m"
        static let yellow = "\u{1b}[33m"
        static let underline = "\u{1b}[4m"
        static let gray = "\u{1b}[90m"
    }

    private func text(_ diagnostic: Diagnostic) -> String {
        let isError = diagnostic.severity == .error
        let color = isError ? Style.red : Style.yellow
        let word = isError ? "Error: " : "Warning: "
        var lines: [String] = []
        let summary = VisibleText.escaped(diagnostic.summary)
        lines.append(
            isColored
                ? "\(Style.bold)\(color)\(word)\(Style.reset)\(Style.bold)\(summary)\(Style.reset)"
                : word + summary)
        lines.append("")
        if let address = diagnostic.address {
            lines.append("  with \(VisibleText.escaped(address))" + (diagnostic.subject == nil ? "" : ","))
        }
        lines += source(diagnostic)
        if diagnostic.address != nil || diagnostic.subject != nil { lines.append("") }
        if !diagnostic.detail.isEmpty { lines += wrapped(diagnostic.detail) }
        for note in diagnostic.notes { lines += self.lines(of: note) }
        while lines.last == "" { lines.removeLast() }
        // As with Terraform, a line stays empty where the detail would be.
        if diagnostic.detail.isEmpty, diagnostic.notes.isEmpty, !isColored { lines.append("") }
        guard isColored else { return "\n" + lines.joined(separator: "\n") + "\n" }
        let box = lines.map { $0.isEmpty ? "\(color)│\(Style.reset)" : "\(color)│\(Style.reset) \($0)" }
        return (["\(color)╷\(Style.reset)"] + box + ["\(color)╵\(Style.reset)"]).joined(separator: "\n") + "\n"
    }

    // MARK: - Source

    /// At most so many lines of source are shown.
    private static let linesMaximum = 100
    /// At most so many bytes of a line are shown.
    private static let lineBytesMaximum = 1000

    private func source(_ diagnostic: Diagnostic) -> [String] {
        guard let subject = diagnostic.subject else { return [] }
        let file = files[subject.file]
        let place = "  on \(VisibleText.escaped(file.name)) line \(file.position(at: subject.start).line)"
        var lines = [place + (diagnostic.construct.map { ", in \(VisibleText.escaped($0)):" } ?? ":")]
        let shown = shownLines(subject, diagnostic.context, in: file)
        for (index, number) in Self.filled(shown, in: file).enumerated() {
            let own = String(shown.lowerBound + index)
            let label = String(repeating: " ", count: max(0, 4 - own.count)) + own
            lines.append(label + ": " + underlined(file, number, subject))
        }
        guard !diagnostic.facts.isEmpty || diagnostic.functionCall != nil else { return lines }
        lines.append("    " + gray("├────────────────"))
        if let call = diagnostic.functionCall {
            lines.append("    \(gray("│")) while calling \(VisibleText.escaped(call.signature))")
        }
        for fact in diagnostic.facts {
            let (name, statement) = Self.parts(ofFact: fact)
            let text = VisibleText.escaped(name)
            let shown = isColored && !text.isEmpty ? "\(Style.bold)\(text)\(Style.reset)" : text
            lines.append("    \(gray("│")) \(shown)\(text.isEmpty ? "" : " ")\(VisibleText.escaped(statement))")
        }
        return lines
    }

    private func gray(_ text: String) -> String { isColored ? Style.gray + text + Style.reset : text }

    /// The lines of the context, or of the subject alone when those are too many.
    private func shownLines(_ subject: SourceRange, _ context: SourceRange?, in file: SourceFile) -> ClosedRange<Int> {
        func lines(_ range: SourceRange) -> ClosedRange<Int> {
            let first = file.position(at: range.start).line
            return first...max(first, file.position(at: max(range.start, range.end - 1)).line)
        }
        if let context, context.file == subject.file {
            let wide = lines(context.joined(with: subject))
            if wide.count <= Self.linesMaximum { return wide }
        }
        let tight = lines(subject)
        return tight.lowerBound...min(tight.upperBound, tight.lowerBound + Self.linesMaximum - 1)
    }

    /// The lines that are not empty: as in Terraform, the others are left out, and not counted.
    private static func filled(_ lines: ClosedRange<Int>, in file: SourceFile) -> [Int] {
        lines.filter { !file.lineRange($0).isEmpty }
    }

    /// A line of the source, the part at fault underlined where that can be shown.
    private func underlined(_ file: SourceFile, _ number: Int, _ subject: SourceRange) -> String {
        let line = file.lineRange(number)
        let start = min(max(subject.start, line.lowerBound), line.upperBound)
        let end = min(max(subject.end, start), line.upperBound)
        // Of a very long line, the part around the subject is shown.
        let from = line.count <= Self.lineBytesMaximum ? line.lowerBound : max(line.lowerBound, start - 100)
        let to = min(line.upperBound, from + Self.lineBytesMaximum)
        func text(_ from: Int, _ to: Int) -> String {
            // A tab is no danger and keeps its look.
            String(decoding: file.bytes[from..<max(from, to)], as: UTF8.self)
                .split(separator: "\t", omittingEmptySubsequences: false)
                .map { VisibleText.escaped(String($0)) }.joined(separator: "\t")
        }
        let before = from > line.lowerBound ? "…" : ""
        let after = to < line.upperBound ? "…" : ""
        guard isColored, start < end else { return before + text(from, to) + after }
        return before + text(from, start) + Style.underline + text(start, min(end, to)) + Style.reset
            + text(min(end, to), to) + after
    }

    /// The name that a fact is about, and what it says of it.
    private static func parts(ofFact fact: String) -> (name: String, statement: String) {
        var isQuoted = false
        var isEscaped = false
        for index in fact.indices {
            if fact[index] == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = fact[index] == "\\" && !isEscaped
            guard !isQuoted, fact[index] == " " else { continue }
            return (String(fact[..<index]), String(fact[fact.index(after: index)...]))
        }
        return ("", fact)
    }

    private func lines(of note: Diagnostic.Note) -> [String] {
        let file = files[note.range.file]
        let line = file.position(at: note.range.start).line
        return ["", "  on \(VisibleText.escaped(file.name)) line \(line): \(VisibleText.escaped(note.text))"]
    }

    // MARK: - Wrapping

    /// The lines of a detail; lines that start with spaces are for copying and stay whole.
    private func wrapped(_ text: String) -> [String] {
        // As Terraform does: one column stays free, and the box takes two.
        let limit = isColored ? width - 3 : width - 1
        // By scalars, because a carriage return and a line feed are one character.
        let paragraphs = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return paragraphs.flatMap { paragraph -> [String] in
            let isReturned = paragraph.last == "\r"
            let line = VisibleText.escaped(String(isReturned ? paragraph.dropLast() : paragraph))
            guard limit > 0, !line.hasPrefix(" "), line.count > limit else { return [line] }
            var lines: [String] = []
            var current = ""
            for word in line.split(separator: " ") {
                if current.isEmpty {
                    current = String(word)
                } else if current.count + 1 + word.count <= limit {
                    current += " " + word
                } else {
                    lines.append(current)
                    current = String(word)
                }
            }
            return lines + [current]
        }
    }

    // MARK: - JSON

    /// The diagnostics as the array that `validate -json` has.
    package func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        .array(Self.sorted(diagnostics).map(json))
    }

    private func json(_ diagnostic: Diagnostic) -> JSONValue {
        var result: JSONObject = [
            "severity": .string(diagnostic.severity == .error ? "error" : "warning"),
            "summary": .string(diagnostic.summary), "detail": .string(diagnostic.detail),
        ]
        if let address = diagnostic.address { result["address"] = .string(address) }
        guard let subject = diagnostic.subject else { return .object(result) }
        let file = files[subject.file]
        // An empty range is widened to the byte that follows, so that there is something to point at.
        let last = max(subject.end, subject.start + 1)
        result["range"] = [
            "filename": .string(file.name), "start": Self.point(file, subject.start),
            "end": Self.point(file, last, after: subject.isEmpty ? subject.start : nil),
        ]
        let lines = shownLines(subject, diagnostic.context, in: file)
        let start = file.lineRange(lines.lowerBound).lowerBound
        let code = Array(Self.filled(lines, in: file).map { file.bytes[file.lineRange($0)] }.joined(separator: [10]))
        func highlight(_ offset: Int) -> JSONValue { .number(JSONNumber(min(max(offset - start, 0), code.count))) }
        var snippet: JSONObject = [
            "context": diagnostic.construct.map { .string($0) } ?? .null,
            "code": .string(String(decoding: code, as: UTF8.self)),
            "start_line": .number(JSONNumber(lines.lowerBound)),
            "highlight_start_offset": highlight(subject.start),
            "highlight_end_offset": highlight(last),
            "values": .array(
                diagnostic.facts.map { fact in
                    let (name, statement) = Self.parts(ofFact: fact)
                    return ["traversal": .string(name), "statement": .string(statement)]
                }),
        ]
        if let call = diagnostic.functionCall { snippet["function_call"] = call.json }
        result["snippet"] = .object(snippet)
        return .object(result)
    }

    /// A place as an object; `start` is given when the place is one column behind it.
    private static func point(_ file: SourceFile, _ offset: Int, after start: Int? = nil) -> JSONValue {
        let (line, column) = file.position(at: start ?? offset)
        return [
            "line": .number(JSONNumber(line)), "column": .number(JSONNumber(start == nil ? column : column + 1)),
            "byte": .number(JSONNumber(offset)),
        ]
    }
}
