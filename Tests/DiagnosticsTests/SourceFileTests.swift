import Diagnostics
import Testing

/// Lines, columns and ranges of source files.
@Suite struct SourceFileTests {
    private func file(_ text: String) -> SourceFile { SourceFile(name: "main.tf", bytes: Array(text.utf8)) }

    @Test("Lines end with a line feed, with or without a carriage return")
    func lines() {
        let file = file("one\ntwo\r\n\nfour")
        #expect((0...6).map(file.lineText) == ["", "one", "two", "", "four", "", ""])
        #expect(file.lineRange(2) == 4..<7)
        #expect(self.file("a\n").lineText(2) == "")
        #expect(self.file("").lineText(1) == "")
        #expect(self.file("").position(at: 0) == (1, 1))
    }

    @Test("Columns count characters as a reader does, offsets count bytes")
    func positions() {
        // é of two code points, a flag of two, a family of five.
        let text = "ae\u{301}日🇩🇪👩‍👩‍👧x\ny"
        let file = file(text)
        let offsets = text.indices.map { text.utf8.distance(from: text.startIndex, to: $0) }
        #expect(offsets.map { file.position(at: $0).column } == [1, 2, 3, 4, 5, 6, 7, 1])
        #expect(offsets.map { file.position(at: $0).line } == [1, 1, 1, 1, 1, 1, 1, 2])
        #expect(file.position(at: text.utf8.count) == (2, 2))
    }

    @Test("Offsets beyond the text, and bytes that are no text, do no harm")
    func harmless() {
        let file = SourceFile(name: "x", bytes: [0xFF, 0x0A, 0xC3, 0x0A])
        #expect(file.position(at: 1) == (1, 2))
        #expect(file.position(at: 100) == (3, 1))
        #expect(file.position(at: -5) == (1, 1))
        #expect(file.lineText(1) == "\u{FFFD}")
    }

    @Test("Every offset of a text lies in the line that holds it")
    func everyOffset() {
        let bytes = Array("a\n\nbc\r\n\td\n".utf8)
        let file = SourceFile(name: "x", bytes: bytes)
        for offset in 0...bytes.count {
            let line = bytes[..<offset].count { $0 == 0x0A } + 1
            #expect(file.position(at: offset).line == line)
        }
    }

    @Test("Files are named by their ids")
    func files() {
        var files = SourceFiles()
        let first = files.add(name: "a.tf", bytes: [1])
        let second = files.add(name: "b.tf", bytes: [2])
        #expect(files.ids == [first, second])
        #expect(first < second)
        #expect(files[second].name == "b.tf")
        #expect(files[SourceFileID(index: 9)].bytes.isEmpty)
    }

    @Test("Ranges are joined within a file")
    func ranges() {
        let (one, two) = (SourceFileID(index: 0), SourceFileID(index: 1))
        let range = SourceRange(file: one, start: 3, end: 5)
        let later = SourceRange(file: one, start: 8, end: 9)
        #expect(range.joined(with: later) == SourceRange(file: one, start: 3, end: 9))
        #expect(later.joined(with: range) == SourceRange(file: one, start: 3, end: 9))
        #expect(range.joined(with: SourceRange(file: two, start: 0, end: 9)) == range)
        #expect(SourceRange(file: one, start: 5, end: 3) == SourceRange(file: one, start: 5, end: 5))
        #expect(SourceRange(file: one, start: -1, end: Int.max).start == 0)
        #expect(SourceRange(file: one, start: 5, end: 5).isEmpty && !range.isEmpty)
        #expect(MemoryLayout<SourceRange>.size == 12)
    }
}
