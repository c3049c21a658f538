import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Diagnostics
import Reporting

/// `flinkform api-key`.
struct APIKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key", abstract: "API keys, whether a configuration manages them or not.",
        subcommands: [
            APIKeyCreateCommand.self, APIKeyListCommand.self, APIKeyDescribeCommand.self, APIKeyUpdateCommand.self,
            APIKeyDeleteCommand.self,
        ])

    /// That a key is not there, or not in sight.
    static func missing(_ ids: [String]) -> Refusal {
        Refusal(
            "API key\(ids.count == 1 ? "" : "s") \(NameList.text(ids)) not found",
            "List available API keys with `flinkform api-key list`.")
    }
}

/// `flinkform api-key list`.
struct APIKeyListCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List API keys.",
        discussion: "The key that flinkform itself works with is marked as current. No secret is printed.")

    @Option(
        name: .both("resource"),
        help: ArgumentHelp(
            "Only keys of this resource: \"cloud\", \"global\", \"flink\", \"tableflow\", or the id of a cluster.",
            valueName: "resource"))
    var resource: String?

    @Flag(name: .both("current-user"), help: "Only keys of the owner of the Cloud API key in use.")
    var currentUser = false

    @Option(
        name: .both("service-account"), help: ArgumentHelp("Only keys of this service account.", valueName: "id"))
    var serviceAccount: String?

    @Option(name: .both("environment"), help: ArgumentHelp("Only keys of this environment.", valueName: "id"))
    var environment: String?

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard !currentUser || serviceAccount == nil else {
            throw Refusal("-current-user and -service-account exclude each other", "Leave one of them out.")
        }
        let wanted = try resource.map(KeyKind.init(parsing:))
        let records = try await CloudConnection.with(invocation) { client in
            let owner = currentUser ? try await CurrentUser.id(client) : serviceAccount
            let keys = try await Calls.perform { () async throws(APIError) in
                try await client.listKeys(owner: owner).items
            }
            let shown = keys.filter { key in
                // A server that ignores the filter must not pass off another's keys.
                (owner == nil || key.ownerID == owner) && wanted?.covers(key.resource) ?? true
                    && (environment == nil || key.resource?.environment == environment)
            }
            return try await KeyRecords.records(shown.sorted { $0.id < $1.id }, client)
        }
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}

/// `flinkform api-key describe`.
struct APIKeyDescribeCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "describe", abstract: "Describe an API key.")

    @Argument(help: "The key's id.")
    var id: String

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let records = try await CloudConnection.with(invocation) { client in
            do throws(APIError) {
                return try await KeyRecords.records([try await client.key(id: id)], client)
            } catch {
                throw error.isMissing ? APIKeyCommand.missing([id]) : Problems(.api(error))
            }
        }
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}

/// Whom "the current user" means: the owner of the Cloud API key that requests are made with.
enum CurrentUser {
    /// The owner's id, asked of the cloud.
    static func id(_ client: ConfluentClient) async throws -> String {
        do throws(APIError) {
            return try await client.key(id: client.keyID).ownerID
        } catch {
            guard error.isMissing else { throw Problems(.api(error)) }
            throw Refusal(
                "the owner of Cloud API key \(NameList.text([client.keyID])) cannot be read",
                "Name the owner: --service-account sa-...")
        }
    }
}

/// API keys as the commands show them.
enum KeyRecords {
    /// A record of each key, in the order of the keys.
    ///
    /// Addresses of users are asked for once, and only when a user owns one of the keys; they stay empty when these credentials may
    /// not see users.
    static func records(_ keys: [APIKey], _ client: ConfluentClient) async throws(APIError) -> [Record] {
        var emails: [String: String] = [:]
        var seesUsers = false
        if keys.contains(where: { !isServiceAccount($0) }) {
            do throws(APIError) {
                for user in try await client.users().items { emails[user.id] = user.email }
                seesUsers = true
            } catch {
                guard error.kind == .forbidden else { throw error }
            }
        }
        return keys.map { key in
            let email =
                isServiceAccount(key)
                ? "<service account>" : emails[key.ownerID] ?? (seesUsers ? "<deactivated user>" : "")
            return record(key, email: email, isCurrent: key.id == client.keyID)
        }
    }

    private static func isServiceAccount(_ key: APIKey) -> Bool { !key.ownerID.hasPrefix("u-") }

    private static func record(_ key: APIKey, email: String, isCurrent: Bool) -> Record {
        let kind = KeyKind(key.resource)
        return Record([
            .init("Current", "is_current", .flagIfSet(isCurrent)), .init("Key", "key", .text(key.id)),
            .init("Description", "description", .text(key.description), wrap: 30),
            .init("Owner", "owner", .text(key.ownerID)), .init("Owner Email", "owner_email", .text(email)),
            .init("Resource Type", "resource_type", .text(kind.name)),
            .init("Resource", "resource", .text(kind.isWhole ? "" : key.resource?.id ?? "")),
            .init("Created", "created", .text(key.createdAt?.toTheSecond ?? key.createdText)),
        ])
    }
}

extension CloudTime {
    /// RFC 3339 in UTC, without fractions of a second.
    fileprivate var toTheSecond: String { description.prefix(19) + "Z" }
}
