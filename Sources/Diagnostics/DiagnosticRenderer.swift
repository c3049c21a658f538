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
    ///   - width: Where lines are wrapped, in characters; 0 means nowhere.
    ///   - isColored: Whether colours, and the box that goes with them, are used.
    package init(files: SourceFiles, width: Int, isColored: Bool) {
        self.files = files
        self.width = width
        self.isColored = isColored
    }

    /// The diagnostics as text, each with an empty line before and after it; in the order of files and places.
    package func text(_ diagnostics: [Diagnostic]) -> String {
        Self.sorted(diagnostics).map(text).joined()
    }

    /// The diagnostics without a place first, as they came; then by file and offset.
    private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
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
    }

    private func text(_ diagnostic: Diagnostic) -> String {
        let isError = diagnostic.severity == .error
        let color = isError ? Style.red : Style.yellow
        let word = isError ? "Error: " : "Warning: "
        var lines: [String] = []
        lines.append(
            isColored
                ? "\(Style.bold)\(color)\(word)\(Style.reset)\(Style.bold)\(diagnostic.summary)\(Style.reset)"
                : word + diagnostic.summary)
        lines.append("")
        if let address = diagnostic.address { lines.append("  with \(VisibleText.escaped(address)),") }
        lines += source(diagnostic)
        if diagnostic.address != nil || diagnostic.subject != nil { lines.append("") }
        if !diagnostic.detail.isEmpty { lines += wrapped(diagnostic.detail) }
        for note in diagnostic.notes { lines += self.lines(of: note) }
        while lines.last == "" { lines.removeLast() }
        guard isColored else { return "\n" + lines.joined(separator: "\n") + "\n\n" }
        let box = lines.map { $0.isEmpty ? "\(color)│\(Style.reset)" : "\(color)│\(Style.reset) \($0)" }
        return (["\(color)╷\(Style.reset)"] + box + ["\(color)╵\(Style.reset)"]).joined(separator: "\n") + "\n"
    }

    // MARK: - Source

    private func source(_ diagnostic: Diagnostic) -> [String] {
        guard let subject = diagnostic.subject else { return [] }
        let file = files[subject.file]
        let first = file.position(at: subject.start).line
        let place = "  on \(VisibleText.escaped(file.name)) line \(first)"
        var lines = [place + (diagnostic.construct.map { ", in \(VisibleText.escaped($0)):" } ?? ":")]
        let last = file.position(at: max(subject.start, subject.end - 1)).line
        for number in first...max(first, min(last, first + 9)) {
            let label = String(repeating: " ", count: max(0, 4 - String(number).count)) + String(number)
            lines.append(label + ": " + underlined(file, number, subject))
        }
        if !diagnostic.facts.isEmpty {
            lines.append("    ├────────────────")
            lines += diagnostic.facts.map { "    │ " + VisibleText.escaped($0) }
        }
        return lines
    }

    /// A line of the source, the part at fault underlined where that can be shown.
    private func underlined(_ file: SourceFile, _ number: Int, _ subject: SourceRange) -> String {
        let line = file.lineRange(number)
        func text(_ range: Range<Int>) -> String {
            // A tab is no danger and keeps its look.
            String(decoding: file.bytes[range], as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
                .map { VisibleText.escaped(String($0)) }.joined(separator: "\t")
        }
        let start = min(max(subject.start, line.lowerBound), line.upperBound)
        let end = min(max(subject.end, start), line.upperBound)
        guard isColored, start < end else { return text(line) }
        return text(line.lowerBound..<start) + Style.underline + text(start..<end) + Style.reset
            + text(end..<line.upperBound)
    }

    private func lines(of note: Diagnostic.Note) -> [String] {
        let file = files[note.range.file]
        let line = file.position(at: note.range.start).line
        return ["", "  on \(VisibleText.escaped(file.name)) line \(line): \(note.text)"]
    }

    // MARK: - Wrapping

    /// The lines of a detail; lines that start with spaces are for copying and stay whole.
    private func wrapped(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            guard width > 0, !line.hasPrefix(" "), line.count > width else { return [String(line)] }
            var lines: [String] = []
            var current = ""
            for word in line.split(separator: " ") {
                if current.isEmpty {
                    current = String(word)
                } else if current.count + 1 + word.count <= width {
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
        let (start, end) = (file.position(at: subject.start), file.position(at: subject.end))
        func point(_ position: (line: Int, column: Int), _ offset: Int) -> JSONValue {
            ["line": .number(JSONNumber(position.line)), "column": .number(JSONNumber(position.column)),
             "byte": .number(JSONNumber(offset))]
        }
        result["range"] = [
            "filename": .string(file.name), "start": point(start, subject.start), "end": point(end, subject.end),
        ]
        let from = file.lineRange(start.line)
        let to = file.lineRange(max(start.line, end.line))
        let code = String(decoding: file.bytes[from.lowerBound..<max(from.lowerBound, to.upperBound)], as: UTF8.self)
        result["snippet"] = [
            "context": diagnostic.construct.map { .string($0) } ?? .null, "code": .string(code),
            "start_line": .number(JSONNumber(start.line)),
            "highlight_start_offset": .number(JSONNumber(subject.start - from.lowerBound)),
            "highlight_end_offset": .number(JSONNumber(subject.end - from.lowerBound)),
            "values": .array(diagnostic.facts.map { .string($0) }),
        ]
        return .object(result)
    }
}
