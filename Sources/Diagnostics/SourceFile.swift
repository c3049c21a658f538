/// Names a file among `SourceFiles`.
package struct SourceFileID: Hashable, Sendable, Comparable {
    /// Its position there.
    package let index: UInt32

    /// Makes an id of a position.
    package init(index: UInt32) { self.index = index }

    /// By position.
    package static func < (left: SourceFileID, right: SourceFileID) -> Bool { left.index < right.index }
}

/// A part of a source file, in bytes; half open.
package struct SourceRange: Hashable, Sendable {
    /// The file.
    package let file: SourceFileID
    private let first: UInt32
    private let last: UInt32

    /// Makes a range; bounds are cut to what fits.
    package init(file: SourceFileID, start: Int, end: Int) {
        self.file = file
        self.first = UInt32(clamping: start)
        self.last = UInt32(clamping: max(start, end))
    }

    /// The first byte's offset.
    package var start: Int { Int(first) }
    /// The offset behind the last byte.
    package var end: Int { Int(last) }
    /// Whether it covers no byte.
    package var isEmpty: Bool { first == last }

    /// The smallest range that covers both; this one when the other is of another file.
    package func joined(with other: SourceRange) -> SourceRange {
        guard file == other.file else { return self }
        return SourceRange(file: file, start: min(start, other.start), end: max(end, other.end))
    }
}

/// A text that diagnostics can point into.
package struct SourceFile: Sendable {
    /// The name shown to the user.
    package let name: String
    /// The text, which may not be valid UTF-8.
    package let bytes: [UInt8]
    private let lineStarts: [Int]

    /// Makes a file and finds its lines.
    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
        self.lineStarts = starts
    }

    /// The line and the column of a byte, both from 1; the column counts characters as a reader does.
    package func position(at offset: Int) -> (line: Int, column: Int) {
        let line = lineNumber(at: offset)
        let start = lineStarts[line - 1]
        let end = min(max(offset, start), bytes.count)
        return (line, String(decoding: bytes[start..<end], as: UTF8.self).count + 1)
    }

    /// A line's text without its end.
    ///
    /// Lines count from 1; a line that is not there is empty.
    package func lineText(_ line: Int) -> String {
        guard lineStarts.indices.contains(line - 1) else { return "" }
        return String(decoding: bytes[lineRange(line)], as: UTF8.self)
    }

    /// The bytes of a line without its end.
    package func lineRange(_ line: Int) -> Range<Int> {
        guard lineStarts.indices.contains(line - 1) else { return 0..<0 }
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return start..<max(start, end)
    }

    /// The line of a byte, from 1.
    private func lineNumber(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }
}

/// The files of a run.
package struct SourceFiles: Sendable {
    private var files: [SourceFile] = []

    /// No files.
    package init() {}

    /// Adds a file.
    package mutating func add(name: String, bytes: [UInt8]) -> SourceFileID {
        files.append(SourceFile(name: name, bytes: bytes))
        return SourceFileID(index: UInt32(files.count - 1))
    }

    /// The file of an id that `add` returned; an empty one for any other.
    package subscript(id: SourceFileID) -> SourceFile {
        files.indices.contains(Int(id.index)) ? files[Int(id.index)] : SourceFile(name: "", bytes: [])
    }

    /// All ids, in the order of adding.
    package var ids: [SourceFileID] { files.indices.map { SourceFileID(index: UInt32($0)) } }
}
