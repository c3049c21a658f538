import Diagnostics
import Testing

/// One case of an annotated source in `fixtures/language`.
///
/// A case starts with `# --- name`; the comments right behind say what comes out of it:
/// `# Value: …`, one for each argument at top level, in order, and `# Error: LINE:COLUMN SUMMARY | PART OF DETAIL`, one
/// for each diagnostic, in order of place. Lines count from the first one behind the annotations.
struct LanguageFixture: Sendable, CustomTestStringConvertible {
    var file: String
    var name: String
    var values: [String] = []
    var errors: [String] = []
    var source = ""

    var testDescription: String { "\(file): \(name)" }

    /// The files that are read.
    static let files = ["bodies", "expressions", "templates", "heredocs", "recovery", "unknowns", "marks", "messages"]

    static let all: [LanguageFixture] = files.flatMap(cases)

    private static func cases(in file: String) -> [LanguageFixture] {
        var result: [LanguageFixture] = []
        var isHead = false
        for line in Source.fixture("language/\(file).hcl").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# --- ") {
                result.append(LanguageFixture(file: file, name: String(line.dropFirst(6))))
                isHead = true
            } else if result.isEmpty {
                continue
            } else if isHead, line.hasPrefix("# Value: ") {
                result[result.count - 1].values.append(String(line.dropFirst(9)))
            } else if isHead, line.hasPrefix("# Error: ") {
                result[result.count - 1].errors.append(String(line.dropFirst(9)))
            } else {
                isHead = false
                result[result.count - 1].source += line + "\n"
            }
        }
        return result
    }

    /// What is reported, in the form of the annotations but with the whole detail.
    func described(_ problems: [Diagnostic]) -> [String] {
        let file = SourceFile(name: name, bytes: Array(source.utf8))
        let sorted = problems.enumerated().sorted {
            ($0.element.subject?.start ?? 0, $0.offset) < ($1.element.subject?.start ?? 0, $1.offset)
        }
        return sorted.map { _, problem in
            let place = file.position(at: problem.subject?.start ?? 0)
            return "\(place.line):\(place.column) \(problem.summary) | \(problem.detail)"
        }
    }

    /// Whether a diagnostic is the one that an annotation names.
    static func matches(_ problem: String, _ annotation: String) -> Bool {
        let parts = annotation.split(separator: " | ", maxSplits: 1).map(String.init)
        let (head, detail) = (parts[0], parts.count > 1 ? parts[1] : "")
        guard problem.hasPrefix(head + " | ") else { return false }
        return detail.isEmpty
            || problem.dropFirst(head.count + 3).split(
                separator: detail, maxSplits: 1, omittingEmptySubsequences: false
            ).count > 1
    }
}
