/// The manual page of a command, in the macros of man(7).
struct ManualPage {
    private let command: CommandDescription
    private let date: String

    /// Makes the page of the command that a path leads to, with the date that it bears, such as `2026-11-30`.
    init(_ path: CommandPath, date: String) {
        command = CommandDescription(path)
        self.date = date
    }

    /// What its file is called, such as `flinkform-state-list.1`.
    var fileName: String { Self.pageName(of: command.name) + ".1" }

    /// The page.
    var text: String {
        let name = Self.pageName(of: command.name)
        var text = """
            .TH "\(Self.escaped(name.uppercased()))" 1 "\(date)" "flinkform \(Flinkform.version)" "flinkform manual"
            .SH NAME
            \(Self.escaped(name)) \\- \(Self.line(sentence))
            .SH SYNOPSIS
            .B \(Self.escaped(command.usage))
            .SH DESCRIPTION
            \(Self.paragraphs(command.abstract + (command.discussion.isEmpty ? "" : "\n\n" + command.discussion)))

            """
        if !command.subcommands.isEmpty { text += subcommands }
        let positional = command.arguments.filter(\.isPositional)
        if !positional.isEmpty {
            text += Self.section("Arguments", positional.map { ($0.spelling.uppercased(), $0.help) })
        }
        if command.subcommands.isEmpty {
            for (title, options) in command.sections {
                text += Self.section(title, options.map { ($0.spelling, $0.help) })
            }
        }
        if command.name == Flinkform.name {
            text += Self.section(
                "Environment",
                EnvironmentSetting.allCases.map { ("FLINKFORM_\($0.rawValue), TF_\($0.rawValue)", $0.help) }
                    + [
                        ("FLINKFORM_VAR_name, TF_VAR_name", "The value of an input variable."),
                        ("NO_COLOR", "When it is set to anything: no colours."),
                    ])
        }
        text += Self.section(
            "Global options",
            [
                ("-chdir=DIR", "Work in another directory. It stands before the subcommand."),
                ("-help", "Show help."),
            ])
        return text + """
            .SH EXIT STATUS
            0 for success, 1 for any error; what else a command may end with is told with the option that asks for it.
            .SH SEE ALSO
            \(seeAlso)

            """
    }

    private var subcommands: String {
        Self.section("Commands", command.subcommands.map { ($0.name, $0.abstract) })
    }

    /// The abstract as the name section has it: without a full stop.
    private var sentence: String {
        command.abstract.hasSuffix(".") ? String(command.abstract.dropLast()) : command.abstract
    }

    private var seeAlso: String {
        let above = command.name.split(separator: " ").dropLast().joined(separator: " ")
        let names = (above.isEmpty ? [] : [above]) + command.subcommands.map { "\(command.name) \($0.name)" }
        return names.map { ".BR \(Self.escaped(Self.pageName(of: $0))) (1)" }.joined(separator: " ,\n")
    }

    private static func pageName(of command: String) -> String { command.replacing(" ", with: "-") }

    private static func section(_ title: String, _ rows: [(name: String, text: String)]) -> String {
        ".SH \"\(escaped(title.uppercased()))\"\n"
            + rows.map { ".TP\n.B \(escaped($0.name))\n\(line($0.text))\n" }.joined()
    }

    /// Paragraphs; what is further in is shown as it is.
    private static func paragraphs(_ text: String) -> String {
        var lines: [String] = []
        var isLiteral = false
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let startsLiteral = part.hasPrefix(" ")
            if startsLiteral != isLiteral, !part.isEmpty {
                lines.append(startsLiteral ? ".nf" : ".fi")
                isLiteral = startsLiteral
            }
            lines.append(part.isEmpty ? ".PP" : line(String(part)))
        }
        if isLiteral { lines.append(".fi") }
        return lines.joined(separator: "\n")
    }

    /// A line of text, which must not look like a request.
    private static func line(_ text: String) -> String {
        let text = escaped(text)
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
    }
}
