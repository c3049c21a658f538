import ArgumentParser
import Diagnostics
import Storage
import Synchronization

/// The command line.
struct Flinkform: AsyncParsableCommand {
    /// This program's version.
    static let version = "0.1.0"

    /// Whether something is being applied, so that a signal must not end the process at once.
    static let isApplying = Mutex(false)

    /// Name, help and subcommands.
    static let configuration = CommandConfiguration(
        commandName: "flinkform",
        abstract: "Gives Confluent Cloud for Apache Flink its API keys, as Terraform would.",
        discussion: """
            Configuration in *.tf files, a plan, an apply, a state file; secrets apart from state.

            Before a subcommand: -chdir=DIR works in another directory.
            """,
        subcommands: [
            InitCommand.self, ValidateCommand.self, PlanCommand.self, ApplyCommand.self, DestroyCommand.self,
            ImportCommand.self, AdoptCommand.self, QueryCommand.self, ShowCommand.self, OutputCommand.self,
            StateCommand.self, WorkspaceCommand.self, LockCommand.self, ForceUnlockCommand.self, SecretCommand.self,
            LoginCommand.self, LogoutCommand.self, APIKeyCommand.self,
            FlinkCommand.self, EnvironmentCommand.self, IAMCommand.self, VersionCommand.self,
        ])

    /// Runs a command line.
    ///
    /// Returns the exit status: 0 for success, 1 for any error, 2 for `plan -detailed-exitcode` with changes.
    static func run(_ invocation: Invocation) async -> Int32 {
        var invocation = invocation
        var arguments = invocation.arguments
        while let first = arguments.first, let directory = chdir(first) {
            guard (try? invocation.files.status(directory)) != nil else {
                invocation.terminal.writeError(
                    "Error: There is no directory \(VisibleText.escaped(directory)) for -chdir.\n")
                return 1
            }
            invocation.directory = directory
            arguments.removeFirst()
        }
        if arguments.first == "-version" || arguments.first == "--version" { arguments = ["version"] }
        invocation.arguments = arguments
        do {
            var parsed = try parseAsRoot(BooleanArguments.normalised(arguments))
            guard let command = parsed as? any Subcommand else {
                // Help, or a command that only has commands below it; throws what is to be shown.
                try parsed.run()
                return 0
            }
            return try await command.run(invocation)
        } catch let problems as Problems {
            problems.show(invocation)
            return 1
        } catch let diagnostic as Diagnostic {
            Problems(diagnostic).show(invocation)
            return 1
        } catch let refusal as Refusal {
            refusal.show(invocation)
            return 1
        } catch {
            return usage(error, invocation)
        }
    }

    private static func chdir(_ argument: String) -> String? {
        for prefix in ["-chdir=", "--chdir="] where argument.hasPrefix(prefix) {
            return String(argument.dropFirst(prefix.count))
        }
        return nil
    }

    /// Shows help, or what is wrong with the arguments.
    private static func usage(_ error: any Error, _ invocation: Invocation) -> Int32 {
        if exitCode(for: error) == .success {
            invocation.terminal.write(fullMessage(for: error) + "\n")
            return invocation.arguments.isEmpty ? 1 : 0
        }
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        if let word = invocation.arguments.first, !word.hasPrefix("-"), !names.contains(word), word != "help" {
            let phrase = Suggestion.phrase(word, among: names)
            invocation.terminal.writeError(
                "Error: flinkform has no command named \"\(VisibleText.escaped(word))\".\(phrase)\n\nTo see all commands, run:\n    flinkform -help\n"
            )
            return 1
        }
        invocation.terminal.writeError(fullMessage(for: error) + "\n")
        return 1
    }
}

/// A command that does something.
protocol Subcommand: ParsableCommand {
    /// Does it, and returns the exit status. Throws `Problems` for what the user is to be told.
    func run(_ invocation: Invocation) async throws -> Int32
}

/// Diagnostics that end a command, with the files that they point into.
struct Problems: Error {
    var diagnostics: [Diagnostic]
    var files = SourceFiles()
    var noColor = false
    /// Whether warnings are shown by their summaries alone, unless there is an error beside them.
    var isCompact = false
    /// What is written on standard output before them.
    var preface = ""

    init(_ diagnostics: [Diagnostic], _ files: SourceFiles = SourceFiles(), noColor: Bool = false) {
        self.diagnostics = diagnostics
        self.files = files
        self.noColor = noColor
    }

    init(_ diagnostic: Diagnostic) { self.init([diagnostic]) }

    /// Shows them: errors on standard error, a warning alone on standard output.
    func show(_ invocation: Invocation) {
        invocation.log?.add(diagnostics, files)
        if !preface.isEmpty { invocation.terminal.write(preface) }
        if diagnostics.hasErrors { return showOnStandardError(invocation) }
        if !diagnostics.isEmpty { invocation.terminal.write(text(invocation)) }
    }

    /// Shows them on standard error, warnings too: standard output is for something else.
    func showOnStandardError(_ invocation: Invocation) {
        if !diagnostics.isEmpty { invocation.terminal.writeError(text(invocation)) }
    }

    private func text(_ invocation: Invocation) -> String {
        let renderer = DiagnosticRenderer(
            files: files, width: invocation.terminal.width, isColored: invocation.isColored(noColor))
        return isCompact && !diagnostics.hasErrors ? renderer.summaries(diagnostics) : renderer.text(diagnostics)
    }
}

/// Runs the command line, in this process.
///
/// Returns the exit status: 0 for success, 1 for any error, 2 for `plan -detailed-exitcode` with changes.
package func runFlinkform(_ invocation: Invocation) async -> Int32 { await Flinkform.run(invocation) }
