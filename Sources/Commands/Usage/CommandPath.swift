import ArgumentParser
import Diagnostics

/// The command that a command line names, from the program down.
struct CommandPath {
    /// The program and the commands below it, each a subcommand of the one before.
    private(set) var commands: [any ParsableCommand.Type]
    /// The words that name them; the program is not among them.
    private(set) var names: [String] = []
    /// The first word after them, where it should be the name of a command and is none.
    private(set) var unknown: String?

    /// Follows the names at the beginning of a command line.
    init(_ arguments: [String], below root: any ParsableCommand.Type = Flinkform.self) {
        commands = [root]
        for word in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { break }
            guard let next = subcommands.first(where: { Self.names(of: $0).contains(word) }) else {
                unknown = word
                break
            }
            commands.append(next)
            names.append(word)
        }
    }

    /// The command that was named.
    var command: any ParsableCommand.Type { commands[commands.count - 1] }

    /// The command as a user types it, such as `flinkform state list`.
    var spelled: String { ([Flinkform.name] + names).joined(separator: " ") }

    /// The names of the commands below the one that was named.
    var choices: [String] {
        command.configuration.subcommands.filter { $0.configuration.shouldDisplay }.flatMap { Self.names(of: $0) }
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command.configuration.commandName].compactMap { $0 } + command.configuration.aliases
    }

    /// What to say when there is no command of that name here.
    func problem(_ word: String) -> PlainError {
        if let reason = TerraformCommands.reason((names + [word]).joined(separator: " ")) {
            return PlainError(
                """
                \(spelled) has no command named "\(word)".

                \(reason)

                """, summary: "Unknown command")
        }
        let level = names.isEmpty ? "\(Flinkform.name)'s top-level commands" : "commands of \"\(spelled)\""
        return PlainError(
            """
            \(spelled) has no command named "\(VisibleText.escaped(word))".\(Suggestion.phrase(word, among: choices))

            To see all \(names.isEmpty ? "of " : "")\(level), run:
              \(spelled) -help

            """, summary: "Unknown command")
    }
}
