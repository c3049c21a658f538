import ArgumentParser
import Diagnostics
import Networking
import Planning
import Storage
import Synchronization

/// The command line.
struct Flinkform: AsyncParsableCommand {
    /// What the program is called.
    static let name = "flinkform"

    /// This program's version.
    static let version = "0.1.0"

    /// Whether something is being applied, so that a signal must not end the process at once.
    static let isApplying = Mutex(false)

    /// Name, help and subcommands.
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Gives Confluent Cloud for Apache Flink its API keys, as Terraform would.",
        discussion: "Configuration in *.tf files, a plan, an apply, a state file; secrets apart from state.",
        subcommands: [
            InitCommand.self, ValidateCommand.self, PlanCommand.self, ApplyCommand.self, DestroyCommand.self,
            ImportCommand.self, AdoptCommand.self, GraphCommand.self, QueryCommand.self, ShowCommand.self,
            OutputCommand.self, RefreshCommand.self, TaintCommand.self, UntaintCommand.self, ProvidersCommand.self,
            GetCommand.self, ConsoleCommand.self,
            StateCommand.self, WorkspaceCommand.self, LockCommand.self, ForceUnlockCommand.self, SecretCommand.self,
            LoginCommand.self, LogoutCommand.self, APIKeyCommand.self,
            FlinkCommand.self, EnvironmentCommand.self, IAMCommand.self, VersionCommand.self, ManualPagesCommand.self,
        ])

    /// The commands in the groups that help shows them in.
    static func groups(
        of commands: [(name: String, abstract: String)]
    ) -> [(title: String, commands: [(name: String, abstract: String)])] {
        let main = ["init", "validate", "plan", "apply", "destroy"]
        let cloud = [
            "adopt", "api-key", "environment", "flink", "iam", "login", "logout", "query", "secret",
        ]
        let sorted = commands.sorted { $0.name < $1.name }
        return [
            ("Main commands", commands.filter { main.contains($0.name) }),
            ("Keys, secrets and Confluent Cloud", sorted.filter { cloud.contains($0.name) }),
            ("All other commands", sorted.filter { !main.contains($0.name) && !cloud.contains($0.name) }),
        ]
    }

    /// Runs a command line.
    ///
    /// Returns the exit status: 0 for success, 1 for any error, 2 for `plan -detailed-exitcode` with changes, 127 for no command.
    static func run(_ invocation: Invocation) async -> Int32 {
        var invocation = invocation
        invocation.debugLog = DebugLog(invocation)
        var arguments = invocation.arguments
        while let first = arguments.first, let directory = chdir(first) {
            guard ((try? invocation.files.status(directory)) ?? nil) != nil else {
                PlainError(
                    "Error handling -chdir option: chdir \(VisibleText.escaped(directory)): no such file or directory"
                ).show(invocation)
                return 1
            }
            invocation.directory = directory
            arguments.removeFirst()
        }
        if let first = arguments.first, ["-chdir", "--chdir"].contains(first) {
            PlainError(
                "Invalid -chdir option: must include an equals sign followed by a directory path, like -chdir=example"
            ).show(invocation)
            return 1
        }
        if arguments.first == "-version" || arguments.first == "--version" { arguments = ["version"] }
        do {
            // The name of the command comes first, as in "plan -help", wherever the word for help stands.
            if let first = arguments.first, first == "help" || helpFlags.contains(first) {
                return try showHelp(Array(arguments.dropFirst()), invocation)
            }
            arguments = try ExtraArguments.added(to: arguments, invocation.environment)
            // As with Terraform, every command takes it.
            let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
            let others = arguments[..<end].filter { !colorFlags.contains($0) }
            invocation.noColor = others.count < end
            invocation.arguments = others + arguments[end...]
            return try await runLogged(invocation)
        } catch {
            show(error, invocation)
            return 1
        }
    }

    /// Tells the user, and the log, what ended a command.
    private static func show(_ error: any Error, _ invocation: Invocation) {
        switch error {
        case let problems as Problems:
            problems.show(invocation)
            if problems.isOfUsage {
                invocation.terminal.writeError(UsageProblem.hint(on: CommandPath(invocation.arguments)))
            }
        case let diagnostic as Diagnostic: Problems(diagnostic).show(invocation)
        case let plain as PlainError: plain.show(invocation)
        case let refusal as Refusal: refusal.show(invocation)
        default: PlainError(fullMessage(for: error)).show(invocation)
        }
    }

    /// Runs a command, and tells the log of it, if there is one.
    private static func runLogged(_ invocation: Invocation) async throws -> Int32 {
        guard let log = invocation.debugLog else { return try await runCommand(invocation) }
        log.started(invocation.arguments, invocation)
        return try await RequestObserver.$current.withValue(log.observer) {
            try await invocation.debugLog.timed("Command ended") { try await runCommand(invocation) }
        }
    }

    /// Runs the command that the arguments name; throws what keeps it from doing its work.
    private static func runCommand(_ invocation: Invocation) async throws -> Int32 {
        let arguments = invocation.arguments
        let path = CommandPath(arguments)
        if let unknown = path.unknown { throw path.problem(unknown) }
        let asksForHelp = arguments.prefix { $0 != "--" }.contains(where: helpFlags.contains)
        let parsed: any ParsableCommand
        do {
            parsed = try parseAsRoot(BooleanArguments.normalised(arguments))
        } catch  where !(error is Problems) {
            let problem = UsageProblem(error, path, arguments)
            // Letters behind one dash are flags to the parser, -h among them.
            guard exitCode(for: error) == .success, asksForHelp || !problem.isMisread else {
                problem.show(invocation)
                return status(path, arguments)
            }
            // Help is laid out here; else it is the script of a shell's completions, or what they ask for.
            invocation.terminal.write(asksForHelp ? HelpText.text(path) : fullMessage(for: error) + "\n")
            return 0
        }
        guard let command = parsed as? any Subcommand else {
            let problem = UsageProblem(CleanExit.helpRequest(), path, arguments)
            if !asksForHelp, problem.isMisread {
                problem.show(invocation)
                return status(path, arguments)
            }
            // Help, or a command that only has commands below it.
            invocation.terminal.write(HelpText.text(path))
            return asksForHelp ? 0 : status(path, arguments)
        }
        return try await command.run(invocation)
    }

    /// What Terraform gives back when nothing was said that it could do.
    private static let noCommandStatus: Int32 = 127

    private static func status(_ path: CommandPath, _ arguments: [String]) -> Int32 {
        path.names.isEmpty && arguments.allSatisfy { $0.hasPrefix("-") } ? noCommandStatus : 1
    }

    private static let colorFlags: Set<String> = ["-no-color", "--no-color", "-no-color=true", "--no-color=true"]
    private static let helpFlags: Set<String> = ["-h", "-help", "--help"]

    private static func showHelp(_ words: [String], _ invocation: Invocation) throws(PlainError) -> Int32 {
        let path = CommandPath(words)
        if let unknown = path.unknown { throw path.problem(unknown) }
        invocation.terminal.write(HelpText.text(path))
        return 0
    }

    private static func chdir(_ argument: String) -> String? {
        for prefix in ["-chdir=", "--chdir="] where argument.hasPrefix(prefix) {
            return String(argument.dropFirst(prefix.count))
        }
        return nil
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
    /// Whether an empty line more is between them, as Terraform's commands around state have it.
    var isSpaced = false
    /// Whether they are of how the command was called: where to read more on that is told after them.
    var isOfUsage = false
    /// What was planned although no plan can be made.
    var remains: Plan?
    /// What is written on standard output before them.
    var preface = ""

    init(_ diagnostics: [Diagnostic], _ files: SourceFiles = SourceFiles(), noColor: Bool = false) {
        self.diagnostics = diagnostics
        self.files = files
        self.noColor = noColor
    }

    init(_ diagnostic: Diagnostic) { self.init([diagnostic]) }

    /// A problem with how the command was called.
    init(ofUsage diagnostic: Diagnostic) {
        self.init(diagnostic)
        isOfUsage = true
    }

    /// Problems of a command around state.
    init(spaced diagnostics: [Diagnostic]) {
        self.init(diagnostics)
        isSpaced = true
    }

    /// Shows them: errors on standard error, a warning alone on standard output.
    func show(_ invocation: Invocation) {
        invocation.log?.add(diagnostics, files)
        for diagnostic in diagnostics {
            invocation.debugLog?.add(diagnostic.severity == .error ? .error : .warn, diagnostic.summary)
        }
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
        if isSpaced { return diagnostics.map { renderer.text([$0]) }.joined(separator: "\n") }
        return isCompact && !diagnostics.hasErrors ? renderer.summaries(diagnostics) : renderer.text(diagnostics)
    }
}

/// Runs the command line, in this process.
///
/// Returns the exit status: 0 for success, 1 for any error, 2 for `plan -detailed-exitcode` with changes.
package func runFlinkform(_ invocation: Invocation) async -> Int32 { await Flinkform.run(invocation) }
