/// What a terminal shows of a text: characters, each with its styles.
///
/// Two texts that look the same are equal, however many escape sequences they spend on it: styles of spaces between words
/// and resets of nothing do not count, nor do spaces at the ends of lines.
struct StyledText: Equatable, CustomStringConvertible {
    struct Cell: Equatable {
        var character: Character
        var styles: Set<String>
    }

    var lines: [[Cell]] = [[]]

    init(_ text: String) {
        var styles: Set<String> = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            // Any other escape sequence is shown, so that a test can find it.
            if character == "\u{1b}", let style = rest.prefixMatch(of: /\[[0-9]+(?=m)/).map({ String($0.output) }) {
                if style == "[0" { styles = [] } else { styles.insert(style) }
                rest = rest.dropFirst(style.count + 1)
            } else if character == "\n" {
                lines.append([])
            } else {
                // A style of a space is seen only where it is underlined.
                let seen = character == " " ? styles.intersection(["[4"]) : styles
                lines[lines.count - 1].append(Cell(character: character, styles: seen))
            }
        }
        for index in lines.indices {
            while lines[index].last == Cell(character: " ", styles: []) { lines[index].removeLast() }
        }
    }

    var description: String {
        lines.map { line in
            line.map { "\($0.character)\($0.styles.sorted().joined().replacing("[", with: "‹"))" }.joined()
        }.joined(separator: "\n")
    }
}
