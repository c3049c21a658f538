/// What a real Terraform tells in no particular order, put in one.
enum Unordered {
    /// The text with forgotten objects in order, and errors that say the same of one place.
    static func sorted(_ text: String) -> String {
        var lines: [Substring] = []
        var run: [Substring] = []
        var last: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let key = key(of: line)
            if key == nil || key != last {
                lines += run.sorted()
                run = []
            }
            run.append(line)
            last = key
        }
        return errors((lines + run.sorted()).map(forgotten).joined(separator: "\n"))
    }

    /// What lines have in common that may stand in any order: those of a list, and errors of one place as JSON.
    private static func key(of line: Substring) -> String? {
        if line.hasPrefix(" - ") { return "list" }
        guard line.hasPrefix(#"{"@level":"error""#), let range = line.firstRange(of: #""range":{"#),
            let end = line[range.upperBound...].firstRange(of: #""end":"#)
        else { return nil }
        return String(line[range.lowerBound..<end.lowerBound])
    }

    /// A line of JSON with the list of what is forgotten in order.
    private static func forgotten(_ line: Substring) -> String {
        guard let start = line.firstRange(of: #"delete them:\n - "#),
            let end = line[start.upperBound...].firstRange(of: #"\n\nAfter"#)
        else { return String(line) }
        let items = line[start.upperBound..<end.lowerBound].split(separator: #"\n - "#).sorted()
        return line[..<start.upperBound] + items.joined(separator: #"\n - "#) + line[end.lowerBound...]
    }

    /// The text with errors in order that have the same summary and place.
    private static func errors(_ text: String) -> String {
        // What the program's exit code was stands behind them.
        let end = text.ranges(of: "\n[exit ").last?.lowerBound ?? text.endIndex
        let parts = ("\n" + text[..<end]).split(separator: "\nError: ", omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count > 2 else { return text }
        var result = [parts[0]]
        var run: [String] = []
        var last = ""
        for part in parts.dropFirst() {
            let place = part.split(separator: "\n", omittingEmptySubsequences: false).prefix(3).joined(separator: "\n")
            if place != last || !place.contains("\n  on ") {
                result += run.sorted()
                run = []
            }
            // The last one has no empty line behind it.
            run.append(part.hasSuffix("\n") ? String(part.dropLast()) : part)
            last = place
        }
        return String((result + run.sorted()).joined(separator: "\nError: ").dropFirst()) + text[end...]
    }
}
