import TestSupport
import Testing

/// The examples of the guides are what a user sees.
@Suite struct GuideTests {
    /// An example: what is typed, and the pieces of what is shown.
    private struct Example {
        var command: String
        var pieces: [String]
    }

    /// The examples of a text: indented, from a line with `$ ` on; a line of dots stands for what is left out.
    private func examples(in text: String) -> [Example] {
        var examples: [Example] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let shown = line.hasPrefix("    ") ? line.dropFirst(4) : line
            if line.hasPrefix("    $ flinkform") {
                examples.append(Example(command: String(shown), pieces: [""]))
                isInside = true
            } else if !line.isEmpty && !line.hasPrefix("    ") {
                isInside = false
            } else if isInside {
                if shown == "..." {
                    examples[examples.count - 1].pieces.append("")
                } else {
                    examples[examples.count - 1].pieces[examples[examples.count - 1].pieces.count - 1] += shown + "\n"
                }
            }
        }
        return examples
    }

    @Test("Each example is in a transcript", arguments: ["../docs/adopting.md", "../docs/from-the-documentation.md"])
    func examples(_ guide: String) throws {
        let transcripts = try Fixtures.names(in: "cli", endingWith: "/transcript.txt").map { try Fixtures.text($0) }
        let examples = examples(in: try Fixtures.text(guide))
        #expect(!examples.isEmpty)
        for example in examples {
            let isRecorded = transcripts.contains { transcript in
                transcript.components(from: example.command).contains { shown in
                    example.pieces.allSatisfy { shown.contains($0.trimmingNewlines()) }
                }
            }
            #expect(isRecorded, "\(example.command)")
        }
    }
}

extension String {
    /// What follows each line that begins with a command, up to the next command.
    fileprivate func components(from command: String) -> [String] {
        ("\n" + self).split(separator: "\n$ ", omittingEmptySubsequences: false).filter {
            ("$ " + $0).hasPrefix(command)
        }
        .map { String($0) + "\n" }
    }

    fileprivate func trimmingNewlines() -> Substring {
        var text = self[...]
        while text.first == "\n" { text.removeFirst() }
        while text.last == "\n" { text.removeLast() }
        return text
    }
}
