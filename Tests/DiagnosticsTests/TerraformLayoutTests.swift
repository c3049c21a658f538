import Diagnostics
import JSON
import TestSupport
import Testing

/// Diagnostics look as Terraform's do.
///
/// Each case is a folder with a configuration and what `terraform validate` 1.11 says of it: as JSON, as plain text and in
/// colours. The JSON is made into diagnostics, which then must come out as all three.
@Suite struct TerraformLayoutTests {
    static let cases = ["context", "facts", "undeclared", "warning"]

    private struct Recorded {
        var files = SourceFiles()
        var diagnostics: [Diagnostic] = []
        var json: [JSONValue]

        init(_ name: String) throws {
            let bytes = try Fixtures.bytes("diagnostics/\(name)/main.tf")
            let id = files.add(name: "main.tf", bytes: bytes)
            let document = try JSONValue(parsing: Fixtures.bytes("diagnostics/\(name)/validate.json"))
            json = try #require(document["diagnostics"]?.array)
            for json in json { diagnostics.append(try Self.diagnostic(json, id, files[id])) }
        }

        private static func diagnostic(_ json: JSONValue, _ id: SourceFileID, _ file: SourceFile) throws -> Diagnostic {
            let snippet = try #require(json["snippet"])
            let first = try #require(snippet["start_line"]?.int)
            let code = try #require(snippet["code"]?.string)
            let last = first + code.count { $0 == "\n" }
            let facts = (snippet["values"]?.array ?? []).map { fact in
                "\(fact["traversal"]?.string ?? "") \(fact["statement"]?.string ?? "")"
            }
            return Diagnostic(
                severity: json["severity"] == "error" ? .error : .warning,
                summary: try #require(json["summary"]?.string), detail: try #require(json["detail"]?.string),
                subject: SourceRange(
                    file: id, start: try #require(json["range"]?["start"]?["byte"]?.int),
                    end: try #require(json["range"]?["end"]?["byte"]?.int)),
                context: SourceRange(
                    file: id, start: file.lineRange(first).lowerBound, end: file.lineRange(last).upperBound),
                facts: facts, construct: snippet["context"]?.string)
        }
    }

    @Test("Without colours", arguments: cases)
    func plain(_ name: String) throws {
        let recorded = try Recorded(name)
        #expect(recorded.diagnostics.count >= 2)
        let renderer = DiagnosticRenderer(files: recorded.files, width: 78, isColored: false)
        let text = renderer.text(recorded.diagnostics.reversed())
        #expect(Snapshot.difference(text, try Fixtures.text("diagnostics/\(name)/plain.txt")) == nil)
    }

    @Test("In colours", arguments: cases)
    func colored(_ name: String) throws {
        let recorded = try Recorded(name)
        let renderer = DiagnosticRenderer(files: recorded.files, width: 78, isColored: true)
        let text = StyledText(renderer.text(recorded.diagnostics))
        let expected = StyledText(try Fixtures.text("diagnostics/\(name)/box.txt"))
        #expect(Snapshot.difference(text.description, expected.description) == nil)
    }

    @Test("As JSON", arguments: cases)
    func json(_ name: String) throws {
        let recorded = try Recorded(name)
        let renderer = DiagnosticRenderer(files: recorded.files, width: 78, isColored: false)
        let json = renderer.json(recorded.diagnostics)
        let sorted = recorded.json.sorted {
            ($0["range"]?["start"]?["byte"]?.int ?? 0) < ($1["range"]?["start"]?["byte"]?.int ?? 0)
        }
        #expect(Snapshot.difference(json.text(.indented), JSONValue.array(sorted).text(.indented)) == nil)
    }
}
