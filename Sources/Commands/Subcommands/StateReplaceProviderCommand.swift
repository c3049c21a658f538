import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting

/// `flinkform state replace-provider`.
struct StateReplaceProviderCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "replace-provider", abstract: "Give resources of the state another provider.",
        discussion: "A provider is named as in required_providers: [HOST/][NAMESPACE/]NAME.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var file: ChangedStateOptions
    @OptionGroup var backup: BackupOptions
    @Flag(name: .both("auto-approve"), help: "Do not ask before the state is changed.")
    var autoApprove = false
    @Argument(help: "The provider that the state has.")
    var from: String
    @Argument(help: "The provider that it is to have.")
    var to: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let from = try ProviderAddress(parsing: from, as: "from")
        let to = try ProviderAddress(parsing: to, as: "to")
        let session = try Session(readingStateOf: file.applied(to: invocation), noColor: output.noColor)
        var count = 0
        let status: Int32 = try await session.changingState("state replace-provider", lock, backup: backup) { onHand in
            let before = onHand.state
            let changed = onHand.state.replaceProvider(from, with: to)
            guard !changed.isEmpty else {
                invocation.terminal.write("No matching resources found.\n")
                return 0
            }
            show(changed, from, to, invocation)
            guard try autoApprove || ask(invocation) else {
                onHand.state = before
                return 0
            }
            count = changed.count
            return 0
        }
        if count > 0 {
            invocation.terminal.write("\nSuccessfully replaced provider for \(count) resources.\n")
        }
        return status
    }

    private func show(
        _ changed: [ResourceAddress], _ from: ProviderAddress, _ to: ProviderAddress, _ invocation: Invocation
    ) {
        let list = changed.map { "  \(VisibleText.escaped($0.description))\n" }.joined()
        invocation.terminal.write(
            """
            flinkform will perform the following actions:

              ~ Updating provider:
                - \(from)
                + \(to)

            Changing \(changed.count) resources:

            \(list)
            """)
    }

    private func ask(_ invocation: Invocation) throws -> Bool {
        invocation.terminal.write(
            "\nDo you want to make these changes?\nOnly 'yes' will be accepted to continue.\n\nEnter a value: ")
        guard let answer = invocation.terminal.readLine() else { throw PlainError("Error asking for approval: EOF") }
        if answer == "yes" { return true }
        invocation.terminal.write("Cancelled replacing providers.\n")
        return false
    }
}
