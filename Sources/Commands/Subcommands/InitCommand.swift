import ArgumentParser
import Configuring
import Diagnostics
import Reporting

/// `flinkform init`.
struct InitCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Check the directory and the backend of its state; there is nothing to download."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions

    @Option(
        name: .both("backend-config"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Add to the backend block: an argument, or a file of arguments. It is remembered.",
            valueName: "name=value|file"))
    var backendSettings: [String] = []

    @Option(
        name: .both("backend"),
        help: ArgumentHelp("Leave the backend as it is, without looking at it.", valueName: "false"))
    var backend: Bool?

    @Flag(name: .both("reconfigure"), help: "Use the new backend and what it has; the old state stays where it is.")
    var reconfigure = false

    @Flag(name: .both("migrate-state"), help: "Copy the state to the new backend.")
    var migrateState = false

    @Flag(name: .both("force-copy"), help: "Like -migrate-state, over another state at the new place, too.")
    var forceCopy = false

    @Flag(name: .both("json"), help: "Print lines of JSON for programs, as Terraform does, and nothing else.")
    var json = false

    @Option(
        name: .both("from-module"),
        help: ArgumentHelp(
            "Refused: copy the module's files yourself, with cp or git clone.", valueName: "source"))
    var fromModule: String?

    @Option(
        name: .both("get"),
        help: ArgumentHelp(
            "Accepted for Terraform's sake; modules are read where they are.", valueName: "false"))
    var get: Bool?

    @Flag(name: .both("upgrade"), help: "Accepted for Terraform's sake; providers are part of flinkform.")
    var upgrade = false

    @Option(
        name: .both("plugin-dir"),
        help: ArgumentHelp("Accepted for Terraform's sake; providers are part of flinkform.", valueName: "path"))
    var pluginDirectories: [String] = []

    @Option(
        name: .both("lockfile"),
        help: ArgumentHelp("Accepted for Terraform's sake; there is no lock file.", valueName: "mode"))
    var lockFile: String?

    @Option(name: .both("cloud"), help: .hidden)
    var cloud: Bool?

    @OptionGroup var remoteVersion: RemoteVersionOptions
    @OptionGroup var tests: TestDirectoryOptions
    @OptionGroup var variables: IgnoredVariableOptions

    @Option(name: .both("input"), help: ArgumentHelp("Do not ask questions.", valueName: "false"))
    var input: Bool?

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard json else { return try await prepare(invocation) }
        return try await MachineOptions.printing(invocation) { invocation in
            guard !migrateState else { throw Problems(.noQuestions("-migrate-state")) }
            return try await prepare(invocation)
        }
    }

    private func prepare(_ invocation: Invocation) async throws -> Int32 {
        guard !(reconfigure && (migrateState || forceCopy)) else { throw Problems(.contradictingFlags) }
        if let fromModule { throw Problems(.copyYourself(fromModule)) }
        let told = InitText(invocation, isColored: invocation.isColored(output.noColor))
        let (configuration, warnings) = try Project.configuration(invocation, mayBeEmpty: true)
        Problems(warnings, configuration.files, noColor: output.noColor).show(invocation)
        guard !configuration.sources.isEmpty else {
            told.empty()
            return 0
        }
        if backend ?? true, cloud ?? true {
            told.backend()
            let choices = BackendSetup.Choices(
                settings: backendSettings, reconfigures: reconfigure, migrates: migrateState, forcesCopy: forceCopy,
                mayAsk: (input ?? true) && !json, timeout: try lock.checked())
            let setup = BackendSetup(configuration: configuration, invocation: invocation, choices: choices)
            if let result = try await setup.run() { told.done(result) }
        }
        told.modules(configuration)
        told.providers(configuration)
        told.success()
        return 0
    }
}

/// Variables that `init` takes, as Terraform's does, and has no use for.
struct IgnoredVariableOptions: ParsableArguments {
    @Option(name: .both("var"), parsing: .unconditionalSingleValue, help: .hidden)
    var variables: [String] = []

    @Option(name: .both("var-file"), help: .hidden)
    var variableFiles: [String] = []
}

extension Diagnostic {
    fileprivate static var contradictingFlags: Diagnostic {
        .error(
            "Invalid init options",
            "-migrate-state and -force-copy take the state along, -reconfigure leaves it where it is: use one of them.")
    }

    fileprivate static func noQuestions(_ option: String) -> Diagnostic {
        .error(
            "The \(option) and -json options are mutually-exclusive",
            "flinkform cannot ask for interactive approval when -json is set. To use the \(option) option, disable the -json option."
        )
    }

    fileprivate static func copyYourself(_ source: String) -> Diagnostic {
        .error(
            "Modules are not copied",
            "-from-module=\(VisibleText.escaped(source)) would fill this directory with the files of a module. flinkform reads files where they are and fetches none. Copy them, with \"cp -R\" or \"git clone\", and run \"flinkform init\" then."
        )
    }
}
