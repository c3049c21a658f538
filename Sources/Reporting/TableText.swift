import Diagnostics

/// Tables and boxes, laid out as the Confluent CLI lays them out.
///
/// A table has centred headings, `|` between its columns and a rule below the headings; a box has a frame and two columns.
/// Lines carry no spaces at their end.
package enum TableText {
    /// A column of a table.
    package struct Column: Hashable, Sendable {
        /// What stands above it.
        package var heading: String
        /// The number of characters at which its cells are broken into lines; nil for cells of any length.
        package var wrap: Int?

        /// Makes a column.
        package init(_ heading: String, wrap: Int? = nil) {
            self.heading = heading
            self.wrap = wrap
        }
    }

    /// A table, with a newline at its end; each row has a cell for each column.
    package static func table(_ columns: [Column], rows: [[String]]) -> String {
        let cells = rows.map { row in
            zip(columns, row).map { column, text in lines(VisibleText.escaped(text), wrap: column.wrap) }
        }
        let widths = columns.indices.map { index in
            cells.reduce(columns[index].heading.count) { width, row in
                row[index].reduce(width) { max($0, $1.count) }
            }
        }
        var result = [line(zip(columns, widths).map { centred($0.heading, $1) })]
        // The rule goes one character beyond the cells, at either end.
        result.append("-" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "-")
        for row in cells {
            for number in 0..<(row.map(\.count).max() ?? 1) {
                result.append(
                    line(zip(row, widths).map { padded(number < $0.count ? $0[number] : "", $1) }))
            }
        }
        return result.joined(separator: "\n") + "\n"
    }

    /// A box of names and their values, with a newline at its end.
    package static func box(_ rows: [(name: String, value: String)]) -> String {
        let rows = rows.map { (name: $0.name, value: VisibleText.escaped($0.value)) }
        let name = rows.map(\.name.count).max() ?? 0
        let value = rows.map(\.value.count).max() ?? 0
        let frame = "+\(String(repeating: "-", count: name + 2))+\(String(repeating: "-", count: value + 2))+"
        let lines = rows.map { "| \(padded($0.name, name)) | \(padded($0.value, value)) |" }
        return ([frame] + lines + [frame]).joined(separator: "\n") + "\n"
    }

    private static func line(_ cells: [String]) -> String {
        var text = "  " + cells.joined(separator: " | ")
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        padded(String(repeating: " ", count: max(0, width - text.count) / 2) + text, width)
    }

    /// A text as lines of at most `wrap` characters, broken between words; a longer word has a line of its own.
    private static func lines(_ text: String, wrap: Int?) -> [String] {
        guard let wrap, text.count > wrap else { return [text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= wrap {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
