/// Help on the commands, in the layout that Terraform's users know.
enum HelpText {
    private static let width = 78
    /// A longer name stands on a line of its own, above what it is for.
    private static let nameMaximum = 22

    /// Help on the command that a path leads to.
    static func text(_ path: CommandPath) -> String {
        path.names.isEmpty ? overview : text(CommandDescription(path))
    }

    private static func text(_ command: CommandDescription) -> String {
        var text = "Usage: \(command.usage)\n\n" + paragraphs(command.abstract)
        if !command.discussion.isEmpty { text += "\n" + paragraphs(command.discussion) }
        if !command.subcommands.isEmpty {
            text += "\nSubcommands:\n" + table(command.subcommands.map { ($0.name, $0.abstract) }, indentation: 4)
            return text
        }
        let positional = command.arguments.filter(\.isPositional)
        if !positional.isEmpty {
            text += "\nArguments:\n\n" + list(positional.map { ($0.spelling.uppercased(), $0.help) })
        }
        for (title, options) in command.sections {
            text += "\n\(title):\n\n" + list(options.map { ($0.spelling, $0.help) })
        }
        return text
    }

    /// The commands of the program.
    private static var overview: String {
        let command = CommandDescription(CommandPath([]))
        let groups = Flinkform.groups(of: command.subcommands)
        let width = command.subcommands.map(\.name.count).max() ?? 0
        var text = """
            Usage: flinkform [global options] <subcommand> [args]

            \(wrapped(command.abstract + " " + command.discussion, to: Self.width).joined(separator: "\n"))

            """
        for group in groups {
            text +=
                "\n\(group.title):\n"
                + table(group.commands.map { ($0.name, $0.abstract) }, indentation: 2, nameWidth: width)
        }
        return text + "\nGlobal options (use these before the subcommand, if any):\n"
            + table(
                [
                    ("-chdir=DIR", "Work in another directory."),
                    ("-help", "Show this help, or that of the subcommand that is named."),
                    ("-version", "Show the version, as the subcommand \"version\" does."),
                ], indentation: 2, nameWidth: width)
    }

    // MARK: - Layout

    /// Names and what they are for, in two columns, without space between them.
    private static func table(
        _ rows: [(name: String, text: String)], indentation: Int, nameWidth: Int? = nil
    ) -> String {
        let column = indentation + (nameWidth ?? max(16, rows.map(\.name.count).max() ?? 0)) + 2
        return rows.map { self.row($0.name, $0.text, indentation: indentation, column: column) }.joined()
    }

    /// Options and what they are for, in two columns, with a line between them.
    private static func list(_ rows: [(name: String, text: String)]) -> String {
        let short = rows.map(\.name.count).filter { $0 <= nameMaximum }.max() ?? nameMaximum
        return rows.map { row($0.name, $0.text, indentation: 2, column: 2 + short + 2) }.joined(separator: "\n")
    }

    private static func row(_ name: String, _ text: String, indentation: Int, column: Int) -> String {
        var lines = wrapped(text, to: width - column).map { String(repeating: " ", count: column) + $0 }
        let start = String(repeating: " ", count: indentation) + name
        if start.count + 2 <= column, let first = lines.first {
            lines[0] = start + first.dropFirst(start.count)
        } else {
            lines.insert(start, at: 0)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Paragraphs, two spaces in; what is further in than its paragraph is left as it is.
    private static func paragraphs(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.isEmpty { return "\n" }
            if line.hasPrefix(" ") { return "  \(line)\n" }
            return wrapped(String(line), to: width - 2).map { "  \($0)\n" }.joined()
        }.joined()
    }

    private static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
