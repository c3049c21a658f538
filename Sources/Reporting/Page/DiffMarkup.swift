/// The lines of a change as HTML: with the colours that they have on a terminal, and with a ground that says what becomes of each.
enum DiffMarkup {
    private static let classes = [
        "32": "add", "31": "remove", "33": "change", "36": "read", "1": "bold", "90": "faint", "1;32": "bold",
    ]

    /// Lines of coloured text, each as a block.
    static func lines(_ lines: some Sequence<some StringProtocol>) -> String {
        lines.map { line in
            let content = spans(String(line))
            return "<span class=\"row\(ground(String(line)))\">\(content.isEmpty ? " " : content)</span>"
        }.joined()
    }

    /// The class of a line's ground, after what it begins with.
    private static func ground(_ line: String) -> String {
        let bare = plain(line).drop { $0 == " " }
        for (mark, name) in [("+ ", " plus"), ("- ", " minus"), ("~ ", " tilde"), ("-/+ ", " swap"), ("+/- ", " swap")]
        where bare.hasPrefix(mark) { return name }
        return bare.hasPrefix("# ") ? " remark" : ""
    }

    /// A text without its colours.
    static func plain(_ text: String) -> String {
        pieces(of: text).map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }

    private enum Piece {
        case text(String)
        case colour(String)
    }

    /// What stands between the codes of a terminal, and the codes.
    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "\u{1b}["), let end = rest[start.upperBound...].firstIndex(of: "m") {
            pieces += [.text(String(rest[..<start.lowerBound])), .colour(String(rest[start.upperBound..<end]))]
            rest = rest[rest.index(after: end)...]
        }
        return pieces + [.text(String(rest))]
    }

    private static func spans(_ text: String) -> String {
        var result = ""
        var open = 0
        for piece in pieces(of: text) {
            switch piece {
            case .text(let text): result += Markup.escaped(text)
            case .colour(let code):
                if let name = classes[code] {
                    result += "<span class=\"\(name)\">"
                    open += 1
                } else {
                    result += String(repeating: "</span>", count: open)
                    open = 0
                }
            }
        }
        return result + String(repeating: "</span>", count: open)
    }
}
