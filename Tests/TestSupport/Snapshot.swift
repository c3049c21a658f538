import FoundationEssentials

/// Compares output with what it was when a person last looked at it.
///
/// A test says `#expect(Snapshot.difference(text, golden: "plans/one.txt") == nil)`. Run with `UPDATE=1` in the environment, the
/// golden files are rewritten; such a run still fails, so that it cannot be taken for a pass.
package enum Snapshot {
    /// Stands, in the expected text, for any characters within a line.
    ///
    /// `id = <ignore>, name` accepts whatever stands between `id = ` and `, name`.
    package static let ignore = "<ignore>"

    /// Whether golden files are to be rewritten.
    package static var isUpdating: Bool { ProcessInfo.processInfo.environment["UPDATE"] == "1" }

    /// What is different between a text and a golden file; nil when nothing is.
    ///
    /// - Parameters:
    ///   - text: What the program made.
    ///   - golden: The file's path below the folder `fixtures`.
    ///   - isUpdating: Whether to write the file instead; the answer then says so.
    ///   - folder: The folder that `golden` is in; another one than `fixtures` only to test this function.
    package static func difference(
        _ text: String, golden: String, isUpdating: Bool = Snapshot.isUpdating, folder: String = Fixtures.path
    ) -> String? {
        let path = folder + "/" + golden
        guard let problem = difference(text, golden, FileManager.default.contents(atPath: path)) else { return nil }
        guard isUpdating else { return problem }
        do {
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
            return "\(golden) was rewritten; look at it, and run again without UPDATE=1"
        } catch {
            return "\(golden) cannot be written: \(error)"
        }
    }

    /// What is different between a text and the one expected; nil when nothing is.
    package static func difference(_ text: String, _ expected: String) -> String? {
        let actualLines = lines(text)
        let expectedLines = lines(expected)
        for index in 0..<max(actualLines.count, expectedLines.count) {
            let actual = index < actualLines.count ? actualLines[index] : nil
            let wanted = index < expectedLines.count ? expectedLines[index] : nil
            if let actual, let wanted, matches(actual, wanted) { continue }
            return """
                line \(index + 1):
                expected: \(wanted.map { "⟨\($0)⟩" } ?? "the end")
                actual:   \(actual.map { "⟨\($0)⟩" } ?? "the end")
                the whole text:
                \(text)
                """
        }
        return nil
    }

    private static func difference(_ text: String, _ golden: String, _ expected: Data?) -> String? {
        guard let expected else { return "\(golden) is not there; run with UPDATE=1 to write it" }
        guard let expected = String(validating: expected, as: UTF8.self) else { return "\(golden) is not UTF-8" }
        return difference(text, expected)
    }

    private static func lines(_ text: String) -> [String] {
        // By bytes: a carriage return must not hide in a line end.
        Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func matches(_ actual: String, _ expected: String) -> Bool {
        var parts = pieces(expected)
        guard parts.count > 1 else { return Array(actual.utf8) == Array(expected.utf8) }
        var rest = Array(actual.utf8)[...]
        let first = parts.removeFirst()
        let last = parts.removeLast()
        guard rest.starts(with: first) else { return false }
        rest = rest.dropFirst(first.count)
        for part in parts where !part.isEmpty {
            guard rest.count >= part.count else { return false }
            let place = (rest.startIndex...rest.endIndex - part.count).first { rest[$0...].starts(with: part) }
            guard let place else { return false }
            rest = rest[(place + part.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    /// The bytes between the marks that stand for anything.
    private static func pieces(_ text: String) -> [[UInt8]] {
        let mark = Array(ignore.utf8)
        var pieces: [[UInt8]] = [[]]
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if rest.starts(with: mark) {
                pieces.append([])
                rest = rest.dropFirst(mark.count)
            } else {
                pieces[pieces.count - 1].append(byte)
                rest = rest.dropFirst()
            }
        }
        return pieces
    }
}
