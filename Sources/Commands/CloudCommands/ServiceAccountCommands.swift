import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Diagnostics
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
                ServiceAccountListCommand.self, ServiceAccountCreateCommand.self, ServiceAccountDescribeCommand.self,
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
        let accounts = try await CloudConnection.with(invocation) { client in
            try await Calls.perform { () async throws(APIError) in
                guard let displayName else { return try await client.serviceAccounts().items }
                return try await client.serviceAccounts(named: [displayName]).items
            }
        }
        let records = accounts.sorted { $0.id < $1.id }.map(Record.init)
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}

/// `flinkform iam service-account create`.
struct ServiceAccountCreateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a service account.",
        discussion: "No configuration manages it; a resource \"confluent_service_account\" would.")

    @Argument(help: "The account's name, unique in the organization.")
    var name: String

    @Option(
        name: .both("description"), parsing: .unconditional,
        help: ArgumentHelp("What the account is for.", valueName: "text"))
    var description: String

    @Option(
        name: .both("resource-owner"),
        help: ArgumentHelp("Who gets the role ResourceOwner on the account.", valueName: "id"))
    var resourceOwner: String?

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let account = try await CloudConnection.with(invocation) { client in
            switch await client.createServiceAccount(
                displayName: name, description: description, resourceOwner: resourceOwner)
            {
            case .created(let account, _, _): return account
            case .refused(let error) where error.kind == .conflict: throw refusal()
            case .refused(let error): throw Problems(.api(error))
            case .ambiguous(let error): throw Problems(.unclear(name, error))
            }
        }
        invocation.terminal.write(RecordText.one(Record(account), output.format))
        return 0
    }

    private func refusal() -> Refusal {
        Refusal(
            "service account \(NameList.text([name])) exists already",
            "Show it with `flinkform iam service-account list --display-name \(VisibleText.escaped(name))`.",
            "Choose another name: it must be unique in the organization.")
    }
}

/// `flinkform iam service-account describe`.
struct ServiceAccountDescribeCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "describe", abstract: "Describe a service account.")

    @Argument(help: "The account's id, such as sa-abc123.")
    var id: String

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let account = try await CloudConnection.with(invocation) { client in
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

extension Diagnostic {
    fileprivate static func unclear(_ name: String, _ error: APIError) -> Diagnostic {
        .error(
            "Unclear whether the account exists",
            """
            \(error.description)

            The account may have been created all the same. Look for it, and run the command again if it is not there:
                flinkform iam service-account list --display-name '\(VisibleText.escaped(name))'

            A name is given only once, so that a second attempt does no harm.
            """)
    }
}

extension APIError {
    /// Whether the object that was asked for is not there, or not in sight, which the cloud does not tell apart.
    var isMissing: Bool { kind == .notFound || kind == .forbidden }
}
