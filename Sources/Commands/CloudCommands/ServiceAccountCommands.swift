import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Reporting

/// `flinkform iam`.
struct IAMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iam", abstract: "Identities of Confluent Cloud.", subcommands: [ServiceAccountCommand.self])

    /// `flinkform iam service-account`.
    struct ServiceAccountCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "service-account", abstract: "Service accounts: identities of programs.",
            subcommands: [
                ServiceAccountListCommand.self, ServiceAccountDescribeCommand.self,
            ])
    }
}

/// `flinkform iam service-account list`.
struct ServiceAccountListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List service accounts.")

    @Option(
        name: .both("display-name"), help: ArgumentHelp("Only the account of this name.", valueName: "name"))
    var displayName: String?

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let accounts = try await CloudAccess.with(invocation) { client in
            try await Calls.perform { () async throws(APIError) in
                try await client.serviceAccounts(displayName: displayName).items
            }
        }
        let records = accounts.sorted { $0.id < $1.id }.map(Record.init)
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}

/// `flinkform iam service-account describe`.
struct ServiceAccountDescribeCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "describe", abstract: "Describe a service account.")

    @Argument(help: "The account's id, such as sa-abc123.")
    var id: String

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let account = try await CloudAccess.with(invocation) { client in
            do throws(APIError) {
                return try await client.serviceAccount(id: id)
            } catch {
                guard error.isMissing else { throw Problems(.api(error)) }
                throw Refusal(
                    "service account \(NameList.text([id])) not found",
                    "List available service accounts with `flinkform iam service-account list`.")
            }
        }
        invocation.terminal.write(RecordText.one(Record(account), output.format))
        return 0
    }
}

extension Record {
    /// A service account as the commands show it.
    init(_ account: ServiceAccount) {
        self.init([
            .init("ID", "id", .text(account.id)), .init("Name", "name", .text(account.displayName)),
            .init("Description", "description", .text(account.description), wrap: 30),
        ])
    }
}

extension APIError {
    /// Whether the object that was asked for is not there, or not in sight, which the cloud does not tell apart.
    var isMissing: Bool { kind == .notFound || kind == .forbidden }
}
