import Foundation
import TestSupport
import Testing

/// Snapshots tell differences, and are rewritten only when asked.
@Suite struct SnapshotTests {
    static let equal: [(String, String)] = [
        ("", ""), ("a\nb\n", "a\nb\n"), ("id = 7, x", "id = <ignore>, x"), ("id = ", "id = <ignore>"),
        ("a1b2c", "a<ignore>b<ignore>c"), ("abbc", "a<ignore>b<ignore>c"), ("anything", "<ignore>"),
        ("aXbXc", "<ignore>b<ignore>"),
    ]

    @Test("Texts that match", arguments: equal)
    func same(_ text: String, _ expected: String) { #expect(Snapshot.difference(text, expected) == nil) }

    static let different: [(String, String)] = [
        ("a", "b"), ("a", "a\n"), ("a\n", "a"), ("a ", "a"), ("a\r\nb", "a\nb"), ("\u{e9}", "e\u{301}"), ("", "a"),
        ("id = 7, y", "id = <ignore>, x"), ("id = 7\n, x", "id = <ignore>, x"), ("ab", "a<ignore>b<ignore>b"),
        ("a", "a<ignore>a"), ("acb", "a<ignore>b<ignore>c"),
    ]

    @Test("Texts that do not", arguments: different)
    func differs(_ text: String, _ expected: String) { #expect(Snapshot.difference(text, expected) != nil) }

    @Test("The first line that differs is shown")
    func line() throws {
        let difference = try #require(Snapshot.difference("a\nb\nc", "a\nx\nc"))
        #expect(difference.hasPrefix("line 2:\nexpected: ⟨x⟩\nactual:   ⟨b⟩\n"))
    }

    @Test("A golden file is written when asked, and the run that wrote it fails")
    func golden() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "golden-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func difference(_ text: String, isUpdating: Bool) -> String? {
            Snapshot.difference(text, golden: "new/one.txt", isUpdating: isUpdating, folder: folder)
        }
        let missing = try #require(difference("a\n", isUpdating: false))
        #expect(missing.contains("is not there"))
        #expect(try #require(difference("a\n", isUpdating: true)).contains("was rewritten"))
        #expect(try String(contentsOfFile: folder + "/new/one.txt", encoding: .utf8) == "a\n")
        #expect(difference("a\n", isUpdating: false) == nil)
        #expect(difference("a\n", isUpdating: true) == nil)
        #expect(try #require(difference("b\n", isUpdating: false)).hasPrefix("line 1:"))
        #expect(try String(contentsOfFile: folder + "/new/one.txt", encoding: .utf8) == "a\n")
    }

    @Test("The fixtures are found")
    func fixtures() throws {
        let names = try Fixtures.names(in: "json", endingWith: ".json")
        #expect(names.contains("json/small.json"))
        #expect(names == names.sorted())
        #expect(try Fixtures.text("json/small.json").utf8.elementsEqual(Fixtures.bytes("json/small.json")))
        #expect(Fixtures.url.path().hasSuffix("/fixtures/"))
        #expect(throws: (any Error).self) { try Fixtures.bytes("json/none") }
    }
}
