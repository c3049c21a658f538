import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Values

/// `flinkform console`.
struct ConsoleCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Evaluate expressions against the state.",
        discussion: """
            Each line is an expression, as it could stand in the configuration; one with an open bracket goes on with the next \
            line. What the state does not have is known after apply. "exit" or the end of the input ends it.
            """)

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var file: StateFileOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let project = try Project.load(invocation, variables, mayBeEmpty: true)
        let session = try Session(project, invocation, noColor: output.noColor)
        let state = try await file.state(invocation) ?? State(lineage: "")
        var text = ""
        while true {
            if invocation.terminal.isInteractive { invocation.terminal.write(text.isEmpty ? "> " : ": ") }
            guard let line = invocation.terminal.readLine() else { break }
            let word = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if text.isEmpty {
                if word.isEmpty { continue }
                if word == "exit" { return 0 }
                if word == "help" {
                    invocation.terminal.write(
                        "Type an expression, as it could stand in the configuration, or \"exit\".\n")
                    continue
                }
            }
            text += text.isEmpty ? line : "\n" + line
            if Self.isOpen(text) { continue }
            let succeeded = answer(text, state, session)
            // A script must learn of it.
            guard succeeded || invocation.terminal.isInteractive else { return 1 }
            text = ""
        }
        if text.isEmpty { return 0 }
        return answer(text, state, session) ? 0 : 1
    }

    /// Prints the value of an expression, or what is wrong with it; returns whether there is one.
    private func answer(_ text: String, _ state: State, _ session: Session) -> Bool {
        let project = session.project
        var (configuration, diagnostics) = project.configuration.asking(text)
        var value: Value?
        if !diagnostics.hasErrors {
            var resolver = Resolver(
                state: state, configuration: configuration, variables: project.variables.values,
                functions: session.functions(since: project.planned), catalog: Project.catalog,
                directory: project.directory)
            value = resolver.answer(diagnostics: &diagnostics)
        }
        Problems(diagnostics, configuration.files, noColor: output.noColor).show(session.invocation)
        guard let value, !diagnostics.hasErrors else { return false }
        session.invocation.terminal.write(OutputText.text(value) + "\n")
        return true
    }

    /// Whether more lines are to come: a bracket seems to be open, and what is there so far is no expression.
    private static func isOpen(_ text: String) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): if !isInString { depth += 1 }
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): if !isInString { depth -= 1 }
            default: break
            }
        }
        return depth > 0 && !Configuration.isExpression(text)
    }
}
