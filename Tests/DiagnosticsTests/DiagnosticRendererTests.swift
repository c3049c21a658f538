import Diagnostics
import JSON
import TestSupport
import Testing

/// What the layouts do with places, facts, notes and text from outside.
@Suite struct DiagnosticRendererTests {
    private var files = SourceFiles()
    private let main: SourceFileID
    private let other: SourceFileID

    private static let source = """
        variable "size" {
          type = number
        }
        resource "confluent_api_key" "k" {
          display_name = var.size
          description  = "\u{1b}[31m日本"
        }
        """

    init() {
        main = files.add(name: "main.tf", bytes: Array(Self.source.utf8))
        other = files.add(name: "other.tf", bytes: Array("x = 1\ny = 2\n".utf8))
    }

    /// The range of a piece of the main file, which is in it once.
    private func range(_ piece: String) throws -> SourceRange {
        let bytes = Array(Self.source.utf8)
        let wanted = Array(piece.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: wanted) })
        return SourceRange(file: main, start: start, end: start + wanted.count)
    }

    private func text(_ diagnostics: Diagnostic..., width: Int = 78, isColored: Bool = false) -> String {
        DiagnosticRenderer(files: files, width: width, isColored: isColored).text(diagnostics)
    }

    @Test("Everything at once")
    func full() throws {
        var diagnostic = Diagnostic.error(
            "Unsuitable value", "The display name is a number.\n\nTo see it, run\n    terraform console",
            at: try range("var.size"), notes: [.init(range: try range("type"), text: "Declared here.")])
        diagnostic.address = "confluent_api_key.k[\"a\"]"
        diagnostic.construct = "resource \"confluent_api_key\" \"k\""
        diagnostic.facts = ["var.size is 3", "var.m[\"a b\"] has a sensitive value"]
        let expected = """

            Error: Unsuitable value

              with confluent_api_key.k["a"],
              on main.tf line 5, in resource "confluent_api_key" "k":
               5:   display_name = var.size
                ├────────────────
                │ var.size is 3
                │ var.m["a b"] has a sensitive value

            The display name is a number.

            To see it, run
                terraform console

              on main.tf line 2: Declared here.

            """
        #expect(Snapshot.difference(text(diagnostic), expected) == nil)
        let colored = StyledText(text(diagnostic, isColored: true))
        #expect(colored.lines.first?.map(\.character) == ["╷"])
        let underlined = colored.lines.joined().filter { $0.styles.contains("[4") }.map(\.character)
        #expect(String(underlined) == "var.size")
        let json = DiagnosticRenderer(files: files, width: 0, isColored: false).json([diagnostic])
        #expect(json.array?.first?["address"] == "confluent_api_key.k[\"a\"]")
        #expect(
            json.array?.first?["snippet"]?["values"] == [
                ["traversal": "var.size", "statement": "is 3"],
                ["traversal": "var.m[\"a b\"]", "statement": "has a sensitive value"],
            ])
    }

    @Test("Without a place there is only the text")
    func placeless() {
        #expect(text(.error("Cycle", "a, b")) == "\nError: Cycle\n\na, b\n")
        #expect(text(.warning("Old", "")) == "\nWarning: Old\n\n")
        #expect(text() == "")
        let json = DiagnosticRenderer(files: files, width: 0, isColored: false).json([.warning("Old", "x")])
        #expect(json == [["severity": "warning", "summary": "Old", "detail": "x"]])
        var addressed = Diagnostic.error("Gone", "It is not there.")
        addressed.address = "a.b"
        #expect(text(addressed) == "\nError: Gone\n\n  with a.b\n\nIt is not there.\n")
    }

    @Test("Shown warnings first, then in the order of files and places, those without a place first, each as it came")
    func order() throws {
        let diagnostics = [
            Diagnostic.error("E5", "", at: SourceRange(file: other, start: 6, end: 7)),
            .error("E4", "", at: SourceRange(file: other, start: 0, end: 1)),
            .error("E3", "", at: try range("var.size")), .error("E1", ""), .error("E2", ""),
            .warning("W3", "", at: try range("var.size")),
        ]
        let renderer = DiagnosticRenderer(files: files, width: 78, isColored: false)
        let summaries = renderer.text(diagnostics).split(separator: "\n").compactMap { line in
            line.contains(": E") || line.contains(": W") ? String(line.suffix(2)) : nil
        }
        #expect(summaries == ["W3", "E1", "E2", "E3", "E4", "E5"])
        #expect(renderer.json(diagnostics).array?.compactMap { $0["summary"]?.string } == summaries)
        #expect(diagnostics.hasErrors)
        #expect(![Diagnostic.warning("W", "")].hasErrors)
    }

    @Test("Nothing from outside reaches the terminal as a control character", arguments: [false, true])
    func harmless(isColored: Bool) throws {
        let evil = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\r"
        var diagnostic = Diagnostic.error(
            "S" + evil, "D\(evil)D\nnext\(evil)", at: try range("description  = \"\u{1b}[31m日本\""),
            notes: [.init(range: try range("type"), text: evil)])
        diagnostic.address = evil
        diagnostic.construct = evil
        diagnostic.facts = ["x is \(evil)\n"]
        // Styles are ours; what is left after taking them out must be harmless.
        let shown = StyledText(text(diagnostic, isColored: isColored)).lines.map { String($0.map(\.character)) }
        #expect(shown.allSatisfy { VisibleText.escaped($0) == $0 })
        #expect(shown.joined().contains("\\u001b]0;x\\u0007\\u009b2J\\u202e"))
        #expect(shown.joined().contains("description  = \"\\u001b[31m日本\""))
    }

    // Terraform 1.11 wraps so: 77 characters fit without the box, 75 in it.
    @Test("Lines are as long as Terraform's", arguments: 74...78)
    func wrappingLimit(_ count: Int) {
        let detail = String(repeating: "a", count: count - 4) + " end"
        for (isColored, limit) in [(false, 77), (true, 75)] {
            let lines = StyledText(text(.error("S", detail), isColored: isColored)).lines.map { line in
                line.map(\.character).filter { $0 != "│" && $0 != " " }
            }
            // The last word is on a line of its own where it does not fit.
            #expect(lines.contains(Array("end")) == (count > limit))
        }
    }

    @Test("A fact is split behind the whole name, whatever is quoted in it")
    func facts() throws {
        let names = ["var.a", "var.m[\"a b\"]", "var.m[\"a\\\"b c\"].d", "var.m[\"a\\\\\"]", "local.x[0]"]
        var diagnostic = Diagnostic.error("S", "", at: try range("var.size"))
        diagnostic.facts = names.map { $0 + " is \"x y\"" } + ["nameless"]
        let json = DiagnosticRenderer(files: files, width: 0, isColored: false).json([diagnostic])
        let values = try #require(json.array?.first?["snippet"]?["values"]?.array)
        #expect(values.compactMap { $0["traversal"]?.string } == names + [""])
        #expect(values.compactMap { $0["statement"]?.string } == names.map { _ in "is \"x y\"" } + ["nameless"])
    }

    @Test("Details are wrapped below the width, lines to copy are not")
    func wrapping() {
        let detail = "aaa bbb ccc ddd\n    keep this line whole\nééé 日本日 xxxxxxxxxxxxxxxxxxxx y"
        #expect(
            text(.error("S", detail), width: 12)
                == "\nError: S\n\naaa bbb ccc\nddd\n    keep this line whole\nééé 日本日\nxxxxxxxxxxxxxxxxxxxx\ny\n")
        #expect(text(.error("S", detail), width: 0) == "\nError: S\n\n\(detail)\n")
        #expect(text(.error("S", "a b"), width: 1) == "\nError: S\n\na b\n")
        #expect(text(.error("S", "a\r\nb"), width: 78) == "\nError: S\n\na\nb\n")
        // The box takes two columns.
        let box = StyledText(text(.error("S", "aaa bbb ccc ddd"), width: 12, isColored: true)).lines
        #expect(box.map { String($0.map(\.character)) } == ["╷", "│ Error: S", "│", "│ aaa bbb", "│ ccc ddd", "╵", ""])
    }

    @Test("The context's lines are shown when they are few, the subject's when not")
    func context() throws {
        let lines = (1...300).map { "line \($0)" }.joined(separator: "\n")
        var files = SourceFiles()
        let file = files.add(name: "f", bytes: Array(lines.utf8))
        let renderer = DiagnosticRenderer(files: files, width: 0, isColored: false)
        func shown(_ subject: ClosedRange<Int>, _ context: ClosedRange<Int>?) -> [Int] {
            func range(_ lines: ClosedRange<Int>) -> SourceRange {
                let source = files[file]
                return SourceRange(
                    file: file, start: source.lineRange(lines.lowerBound).lowerBound,
                    end: source.lineRange(lines.upperBound).upperBound)
            }
            let text = renderer.text([.error("S", "", at: range(subject), context: context.map(range))])
            return text.split(separator: "\n").compactMap { line in
                line.contains(": line ") ? Int(line.split(separator: " ").last ?? "") : nil
            }
        }
        #expect(shown(5...5, nil) == [5])
        #expect(shown(5...6, nil) == [5, 6])
        #expect(shown(5...5, 4...7) == [4, 5, 6, 7])
        #expect(shown(5...5, 7...8) == [5, 6, 7, 8])
        #expect(shown(5...5, 1...300) == [5])
        #expect(shown(5...250, nil) == Array(5...104))
    }

    @Test("An empty place, the end of a file and a file that is gone can be shown")
    func edges() throws {
        let end = Self.source.utf8.count
        let atEnd = Diagnostic.error("S", "D", at: SourceRange(file: main, start: end, end: end))
        #expect(text(atEnd) == "\nError: S\n\n  on main.tf line 7:\n   7: }\n\nD\n")
        let renderer = DiagnosticRenderer(files: files, width: 0, isColored: true)
        let json = try #require(renderer.json([atEnd]).array?.first)
        #expect(json["range"]?["start"] == ["line": 7, "column": 2, "byte": .number(JSONNumber(end))])
        #expect(json["range"]?["end"] == ["line": 7, "column": 3, "byte": .number(JSONNumber(end + 1))])
        #expect(json["snippet"]?["code"] == "}")
        #expect(json["snippet"]?["highlight_start_offset"] == 1)
        #expect(json["snippet"]?["highlight_end_offset"] == 1)
        #expect(json["snippet"]?["context"] == .some(.null))
        for start in [0, 5, 1000, Int.max] {
            for file in [main, other, SourceFileID(index: 99)] {
                let range = SourceRange(file: file, start: start, end: start)
                let wide = SourceRange(file: file, start: 0, end: Int.max)
                #expect(renderer.text([.error("S", "D", at: range, context: wide)]).contains("Error"))
                #expect(renderer.json([.error("S", "D", at: wide, context: range)]).array?.count == 1)
            }
        }
    }

    @Test("Of a very long line, the part around the fault is shown")
    func longLine() throws {
        var files = SourceFiles()
        let line = String(repeating: "a", count: 50_000) + "FAULT" + String(repeating: "b", count: 50_000)
        let file = files.add(name: "f", bytes: Array(line.utf8))
        for isColored in [false, true] {
            let text = DiagnosticRenderer(files: files, width: 78, isColored: isColored)
                .text([.error("S", "", at: SourceRange(file: file, start: 50_000, end: 50_005))])
            #expect(text.contains("FAULT") && text.contains("1: …aaa") && text.contains("bbb…"))
            #expect(text.utf8.count < 1500)
        }
    }

    @Test("A subject of several lines is underlined on each of them")
    func underline() throws {
        let whole = try range("number\n}\nresource")
        let cells = StyledText(text(.error("S", "", at: whole), isColored: true)).lines.joined()
        #expect(String(cells.filter { $0.styles.contains("[4") }.map(\.character)) == "number}resource")
    }
}
