import ArgumentParser
import Configuring
import Diagnostics

/// `flinkform get`.
struct GetCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Check that the modules are there.",
        discussion: "Modules are read where they are: none is copied, and there is nothing to update.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var tests: TestDirectoryOptions
    @Flag(name: .both("update"), help: "Accepted for Terraform's sake; modules are read anew each time.")
    var update = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        let (configuration, warnings) = try Project.configuration(invocation, mayBeEmpty: true)
        Problems(warnings, configuration.files, noColor: output.noColor).show(invocation)
        invocation.terminal.write(InitText.list(configuration))
        return 0
    }
}
