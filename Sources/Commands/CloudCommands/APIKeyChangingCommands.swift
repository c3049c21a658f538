import Applying
import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Configuring
import Diagnostics
import Planning
import Storage

/// `flinkform api-key update`.
struct APIKeyUpdateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change the description of an API key that no configuration manages.")

    @Option(
        name: .both("description"), parsing: .unconditional,
        help: ArgumentHelp("The new description.", valueName: "text"))
    var description: String

    @Argument(help: "The key's id.")
    var id: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        try ManagedKeys.refuse([id], try await reading.state(), try Project.partialConfiguration(invocation))
        try await CloudConnection.with(invocation) { client in
            do throws(APIError) {
                _ = try await client.updateKey(id: id, displayName: nil, description: description)
            } catch {
                throw error.isMissing ? APIKeyCommand.missing([id]) : Problems(.api(error))
            }
        }
        invocation.terminal.writeError(
            "Updated the description of API key \(NameList.text([id])) to \(NameList.text([description])).\n")
        return 0
    }
}

/// `flinkform api-key delete`.
struct APIKeyDeleteCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete API keys that no configuration manages.",
        discussion: "Their secrets leave the secret store, too.")

    @Flag(name: .both("force"), help: "Do not ask.")
    var force = false

    @OptionGroup var lock: LockOptions

    @Argument(help: ArgumentHelp("The keys' ids.", valueName: "id"))
    var ids: [String]

    func run(_ invocation: Invocation) async throws -> Int32 {
        var seen: Set<String> = []
        let ids = ids.filter { seen.insert($0).inserted }
        let session = try Session(readingStateOf: invocation).with(Project.partial(invocation))
        return try await session.locked("api-key delete", lock) {
            let stored = try await session.load(takesJournalOver: true)
            if let state = stored.state { try ManagedKeys.refuse(ids, state, session.project.configuration) }
            let keys = try await CloudConnection.with(invocation) { try await Self.keys(ids, $0) }
            guard try force || isConfirmed(ids, invocation) else { return 0 }
            _ = try await session.configure("confluent")
            let (deleted, problems) = await delete(keys, session)
            if !deleted.isEmpty { invocation.terminal.write("Deleted \(Self.named(deleted)).\n") }
            try await forget(deleted, session)
            guard problems.isEmpty else { throw session.problems(problems) }
            return 0
        }
    }

    /// `API key "A"`, `API keys "A" and "B"`.
    private static func named(_ ids: [String]) -> String { "API key\(ids.count == 1 ? "" : "s") \(NameList.text(ids))" }

    /// The keys as they are; throws when one is missing, so that nothing is deleted by a slip.
    private static func keys(_ ids: [String], _ client: ConfluentClient) async throws -> [APIKey] {
        var keys: [APIKey] = []
        var missing: [String] = []
        for id in ids {
            do throws(APIError) {
                keys.append(try await client.key(id: id))
            } catch {
                guard error.isMissing else { throw Problems(.api(error)) }
                missing.append(id)
            }
        }
        guard missing.isEmpty else { throw APIKeyCommand.missing(missing) }
        return keys
    }

    /// Asks until the answer is yes or no; throws when nobody is there to answer.
    private func isConfirmed(_ ids: [String], _ invocation: Invocation) throws -> Bool {
        while true {
            invocation.terminal.write("Are you sure you want to delete \(Self.named(ids))? (y/n): ")
            guard let answer = invocation.terminal.readLine() else {
                invocation.terminal.write("\n")
                throw Refusal("nobody is there to answer", "Use --force to delete without being asked.")
            }
            switch answer.lowercased() {
            case "y", "yes": return true
            case "n", "no": return false
            default: continue
            }
        }
    }

    /// Deletes one key after the other; one that fails does not keep the others.
    private func delete(_ keys: [APIKey], _ session: Session) async -> (deleted: [String], problems: [Diagnostic]) {
        var deleted: [String] = []
        var problems: [Diagnostic] = []
        for key in keys {
            let known = Fingerprint(["owner": key.ownerID, "environment": key.resource?.environment ?? ""])
            do throws(Diagnostic) {
                try await session.providers.provider("confluent").delete(
                    type: KeyArguments.typeName, id: key.id, like: known)
                deleted.append(key.id)
            } catch {
                problems.append(error)
            }
        }
        return (deleted, problems)
    }

    /// Removes the secrets of keys that are certainly gone.
    private func forget(_ ids: [String], _ session: Session) async throws {
        let stored = try await session.secrets.entries().map(\.key).filter(ids.contains)
        guard !stored.isEmpty else { return }
        _ = try await session.secrets.prepare()
        try await session.secrets.remove(stored)
        try await session.secrets.close()
    }
}

/// Keys that a state has.
enum ManagedKeys {
    /// Throws when one of the keys is in the state, naming its block.
    static func refuse(_ ids: [String], _ state: State, _ configuration: Configuration) throws {
        let found = ids.compactMap { id in
            state.address(of: id, type: KeyArguments.typeName).map {
                Diagnostic.managed(id, $0, at: configuration.resource($0.resource))
            }
        }
        guard found.isEmpty else { throw Problems(found, configuration.files) }
    }
}

extension Diagnostic {
    fileprivate static func managed(
        _ id: String, _ address: InstanceAddress, at resource: ResourceConfiguration?
    ) -> Diagnostic {
        let key = VisibleText.escaped(id)
        guard let resource else {
            return .error(
                "Key managed by the state",
                """
                API key \(key) is \(address) in the state, and the configuration has no block for it any more. "flinkform apply" \
                deletes it; to keep the key and let go of it: flinkform state rm '\(address)'
                """)
        }
        return .error(
            "Key managed by the configuration",
            """
            API key \(key) is \(address), which this block manages, so it was not touched: the next apply would undo that. Change \
            or remove the block, then run "flinkform apply"; or let go of the key first: flinkform state rm '\(address)'
            """, at: resource.range)
    }
}
