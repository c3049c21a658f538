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

    @Flag(name: .both("upgrade"), help: "Accepted for Terraform's sake; providers are part of flinkform.")
    var upgrade = false

    @Option(name: .both("input"), help: ArgumentHelp("Do not ask questions.", valueName: "false"))
    var input: Bool?

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard !(reconfigure && (migrateState || forceCopy)) else { throw Problems(.contradictingFlags) }
        let (configuration, warnings) = try Project.configuration(invocation)
        Problems(warnings, configuration.files, noColor: output.noColor).show(invocation)
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        if backend != false {
            let choices = BackendSetup.Choices(
                settings: backendSettings, reconfigures: reconfigure, migrates: migrateState, forcesCopy: forceCopy,
                mayAsk: input ?? true, timeout: try lock.checked())
            let setup = BackendSetup(configuration: configuration, invocation: invocation, choices: choices)
            if let told = try await setup.run() { invocation.terminal.write("\(paint.good(told))\n\n") }
        }
        invocation.terminal.write(
            "\(paint.good("flinkform is ready.")) Its providers are built in, so there is nothing to download.\n"
                + (invocation.isAutomated ? "" : "\nTry \"flinkform plan\" to see what it would change.\n"))
        return 0
    }
}

extension Diagnostic {
    fileprivate static var contradictingFlags: Diagnostic {
        .error(
            "Contradicting flags",
            "-migrate-state and -force-copy take the state along, -reconfigure leaves it where it is: use one of them.")
    }
}
