/// The changelog keeps the form of keepachangelog.com, in sentences for users.
enum ChangelogRule {
    static let path = "CHANGELOG.md"
    private static let kinds: Set<String> = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]

    static func check(_ repository: Repository) -> [Violation] {
        guard let file = repository.file(path) else { return [Violation(path, nil, "there is no changelog")] }
        var check = Check()
        for (index, line) in file.lines.enumerated() { check.read(line, number: index + 1) }
        check.finish()
        return check.violations
    }

    /// What was read so far.
    private struct Check {
        var violations: [Violation] = []
        private var versions = 0
        private var kindLine: Int?
        private var entries = 0
        private var entry: (text: String, line: Int)?

        mutating func read(_ line: String, number: Int) {
            if number == 1, line != "# Changelog" { report(number, "the first line is `# Changelog`") }
            if line.hasPrefix("## ") {
                readVersion(line.dropFirst(3), number)
            } else if line.hasPrefix("### ") {
                closeKind()
                kindLine = number
                entries = 0
                if !kinds.contains(String(line.dropFirst(4))) {
                    report(number, "a section is one of \(kinds.sorted().joined(separator: ", "))")
                }
                if versions == 0 { report(number, "a section belongs to a version") }
            } else if line.hasPrefix("- ") {
                closeEntry()
                entries += 1
                entry = (String(line.dropFirst(2)), number)
                if kindLine == nil { report(number, "an entry belongs to a section") }
            } else if line.hasPrefix("  "), let open = entry {
                entry = (open.text + " " + line.trimmingPrefix(while: { $0 == " " }), open.line)
            } else if !line.isEmpty, versions > 0 {
                report(number, "below a version there are sections and their entries only")
            }
        }

        private mutating func readVersion(_ title: Substring, _ number: Int) {
            closeKind()
            kindLine = nil
            versions += 1
            if versions == 1 {
                if title != "[Unreleased]" { report(number, "the first version is `[Unreleased]`") }
            } else if title.wholeMatch(of: /\[[0-9]+\.[0-9]+\.[0-9]+\] - [0-9]{4}-[0-9]{2}-[0-9]{2}/) == nil {
                report(number, "a version is written `[1.2.3] - 2026-01-31`")
            }
        }

        mutating func finish() {
            closeKind()
            if versions == 0 { report(nil, "there is no `## [Unreleased]`") }
        }

        private mutating func closeKind() {
            closeEntry()
            if let kindLine, entries == 0 { report(kindLine, "an empty section is left out") }
            kindLine = nil
        }

        private mutating func closeEntry() {
            guard let (text, line) = entry else { return }
            entry = nil
            let isSentence = text.last == "." && (text.first?.isUppercase == true || text.first == "`")
            if !isSentence { report(line, "an entry is a sentence: a capital in front, a full stop at the end") }
        }

        private mutating func report(_ line: Int?, _ message: String) {
            violations.append(Violation(path, line, message))
        }
    }
}
