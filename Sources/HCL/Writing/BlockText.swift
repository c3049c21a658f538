import Diagnostics

/// A block to be written as source text, in the canonical format of the language.
package struct BlockText: Hashable, Sendable {
    /// What is in a block.
    package enum Item: Hashable, Sendable {
        /// An argument; its expression is source text.
        case argument(String, expression: String)
        /// A nested block.
        case block(BlockText)
    }

    /// Its type.
    package var type: String
    /// Its labels, without quotes.
    package var labels: [String]
    /// What is in it, in order; nested blocks are set off by empty lines.
    package var items: [Item]

    /// Makes a block.
    package init(_ type: String, labels: [String] = [], _ items: [Item]) {
        self.type = type
        self.labels = labels
        self.items = items
    }

    /// The text, with a newline at its end.
    package var text: String { lines(indentation: 0).joined(separator: "\n") + "\n" }

    private func lines(indentation: Int) -> [String] {
        let spaces = String(repeating: " ", count: indentation)
        let header = ([type] + labels.map(Self.quoted)).joined(separator: " ")
        guard !items.isEmpty else { return ["\(spaces)\(header) {}"] }
        // The signs of arguments that follow one another stand below one another.
        let width = items.reduce(0) { width, item in
            if case .argument(let name, _) = item { max(width, name.count) } else { width }
        }
        var result = ["\(spaces)\(header) {"]
        for (index, item) in items.enumerated() {
            switch item {
            case .argument(let name, let expression):
                let padded = name + String(repeating: " ", count: width - name.count)
                result.append("\(spaces)  \(padded) = \(expression)")
            case .block(let block):
                if index > 0 { result.append("") }
                result += block.lines(indentation: indentation + 2)
            }
        }
        return result + ["\(spaces)}"]
    }

    /// A text as a string literal that means just that text.
    package static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// A text as it stands in a quoted template: nothing in it begins an interpolation or ends the string, and whoever reads
    /// the file sees what it says.
    package static func escaped(_ text: String) -> String {
        var result = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "{" where previous == "$": result += "${"
            case "{" where previous == "%": result += "%{"
            case _ where VisibleText.isHarmful(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result
    }
}
