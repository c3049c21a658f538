import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Reporting

/// `flinkform providers`.
struct ProvidersCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "providers", abstract: "Show which providers the configuration and the state need.",
        discussion: "All that flinkform supports are part of it: none is downloaded.",
        subcommands: [ProvidersSchemaCommand.self])

    @OptionGroup var output: OutputOptions
    @OptionGroup var tests: TestDirectoryOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let (configuration, warnings) = try Project.configuration(invocation)
        let state = try await StateReading(invocation).store.read().state
        Problems(warnings, configuration.files, noColor: output.noColor).showOnStandardError(invocation)
        invocation.terminal.write(ProvidersText(configuration, state, catalog: Project.catalog).text)
        return 0
    }
}

/// `flinkform providers schema`.
struct ProvidersSchemaCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print what the types of all providers look like, for programs.")

    @OptionGroup var output: OutputOptions
    @Flag(name: .both("json"), help: "Print JSON, as Terraform does; there is no other form.")
    var json = false

    /// As Terraform, it takes more words, and does nothing with them.
    @Argument(help: .hidden)
    var rest: [String] = []

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard json else { throw PlainError("The `flinkform providers schema` command requires the `-json` flag.\n") }
        invocation.terminal.write(SchemaDocument(Project.catalog).text + "\n")
        return 0
    }
}
