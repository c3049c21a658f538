import Applying
import ArgumentParser
import Configuring
import ConfluentProvider
import Diagnostics
import Planning
import Storage

/// `flinkform secret`.
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets of keys, kept apart from state.",
        subcommands: [
            SecretGetCommand.self, SecretSetCommand.self, SecretListCommand.self, SecretPruneCommand.self,
            SecretExportCommand.self, SecretMigrateCommand.self, SecretRotateKeyCommand.self,
        ])

    /// The id of the key that a user names by its id or by its address; throws for an object that has no secret.
    static func key(_ text: String, _ state: State) throws -> String {
        guard text.contains(".") else {
            let address = state.instanceAddresses.first { state[$0]?.id == text && $0.resource.mode == .managed }
            if let address, !hasSecret(address) { throw Problems(.noSecretOfItsOwn(address)) }
            return text
        }
        let address = try InstanceAddress(parsing: text)
        guard let id = state[address]?.id else { throw Problems(.noInstance(address, state)) }
        guard hasSecret(address) else { throw Problems(.noSecretOfItsOwn(address)) }
        return id
    }

    /// Whether objects of this type have a secret, as keys do.
    static func hasSecret(_ address: InstanceAddress) -> Bool {
        address.resource.mode == .managed && Project.catalog.schema(for: address.resource)?.secretAttribute != nil
    }
}

/// `flinkform secret get`.
struct SecretGetCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Print the secret of a key.")

    @Argument(help: "The key's id, or its address.")
    var key: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        let id = try SecretCommand.key(key, await reading.state())
        guard let entry = try await reading.secrets.entry(id) else { throw Problems(.secretNotKnown(id)) }
        invocation.terminal.write(entry.secret + (invocation.terminal.isTerminal ? "\n" : ""))
        return 0
    }
}

/// `flinkform secret set`.
struct SecretSetCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Store the secret of a key, read from standard input or a file.")

    @Option(name: .both("secret-file"), help: ArgumentHelp("Read the secret from a file.", valueName: "file"))
    var secretFile: String?

    @Flag(name: .both("overwrite"), help: "Replace another secret that the store has for this key.")
    var overwrite = false

    @OptionGroup var lock: LockOptions

    @Argument(help: "The key's id, or its address.")
    var key: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        let state = try await reading.state()
        let id = try SecretCommand.key(key, state)
        let secret = try SecretInput.read(
            invocation, standardInput: secretFile == nil, file: secretFile, readsVariable: false)
        guard let secret else { return 1 }
        guard SecretChecksum.isPlausible(secret) else { throw Problems(.secretNotWhole(id)) }
        if !reading.settings.deliveries.isEmpty, state.objectIDs.contains(id) {
            return try await deliver(id, secret, invocation)
        }
        try await store(id, secret, in: reading.secrets, invocation)
        return 0
    }

    private func store(
        _ id: String, _ secret: String, in secrets: any SecretStore, _ invocation: Invocation
    ) async throws {
        let prepared = try await secrets.prepare()
        if let known = try await secrets.entry(id), known.secret != secret, !overwrite {
            try await secrets.close()
            throw Problems(.otherSecret(id))
        }
        try await secrets.put(
            SecretEntry(key: id, secret: secret, intent: nil, stored: invocation.surroundings.timestamp()))
        try await secrets.close()
        Problems(prepared.warnings).show(invocation)
        invocation.terminal.write("Stored secret for API key \"\(VisibleText.escaped(id))\".\n")
    }

    /// Stores a secret that somebody is handed, and hands it on.
    private func deliver(_ id: String, _ secret: String, _ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation)
        return try await session.locked("secret set", lock) {
            let stored = try await session.load(takesJournalOver: true)
            guard var state = stored.state else { throw Problems(.noState) }
            let addresses = state.instanceAddresses.filter { state[$0]?.id == id }
            // Nobody has the new secret, whatever happens next: should this be cut short, the next apply hands it on.
            state.forgetDeliveries(to: addresses)
            state = try await session.state.write(state, intents: stored.intents)
            try await store(id, secret, in: session.secrets, invocation)
            guard let delivering = Delivering(session.effects()) else { return 0 }
            let outcome = await delivering.perform(addresses, in: state)
            for record in outcome.records { state.apply(record, catalog: Project.catalog) }
            _ = try await session.state.write(state, intents: stored.intents)
            if !outcome.failures.isEmpty { session.problems(outcome.failures).show(invocation) }
            return outcome.failures.isEmpty ? 0 : 1
        }
    }
}

/// `flinkform secret list`.
struct SecretListCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys whose secrets are known, and those whose are not. Prints no secret.")

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        let state = try await reading.state()
        let entries = try await reading.secrets.entries()
        var ids: [String] = []
        var addresses: [String: String] = [:]
        for address in state.instanceAddresses where SecretCommand.hasSecret(address) {
            guard let id = state[address]?.id else { continue }
            ids.append(id)
            addresses[id] = address.description
        }
        let stored = Dictionary(entries.map { ($0.key, $0.stored) }, uniquingKeysWith: { first, _ in first })
        ids += stored.keys.filter { addresses[$0] == nil }.sorted()
        guard !ids.isEmpty else {
            invocation.terminal.write("None found.\n")
            return 0
        }
        let rows = ids.map {
            ($0, stored[$0] == nil ? "not known" : "known", stored[$0] ?? "", addresses[$0] ?? "(not in state)")
        }
        let width = rows.map(\.0.count).max() ?? 0
        for row in rows {
            let key = VisibleText.escaped(row.0)
            let columns = [
                key + String(repeating: " ", count: max(0, width - key.count)),
                row.1 + String(repeating: " ", count: 9 - row.1.count),
                row.2 + String(repeating: " ", count: max(0, 20 - row.2.count)), VisibleText.escaped(row.3),
            ]
            invocation.terminal.write(columns.joined(separator: "  ") + "\n")
        }
        return 0
    }
}

/// `flinkform secret prune`.
struct SecretPruneCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove secrets of keys that the state does not have.")

    @OptionGroup var lock: LockOptions
    @Flag(name: .both("auto-approve"), help: "Do not ask.")
    var autoApprove = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation)
        // Under both locks, so that no key is made meanwhile whose secret would count as loose.
        return try await session.locked("secret prune", lock) {
            let stored = try await session.state.read()
            guard let state = stored.state else { throw Problems(.noState) }
            _ = try await session.secrets.prepare()
            let (managed, open) = (state.objectIDs, Set(stored.intents.map(\.id)))
            let loose = try await session.secrets.entries().filter {
                !managed.contains($0.key) && !open.contains($0.intent ?? "")
            }
            let status = loose.isEmpty || isApproved(loose, invocation) ? Int32(0) : 1
            if status == 0 { try await session.secrets.remove(loose.map(\.key)) }
            try await session.secrets.close()
            if loose.isEmpty {
                invocation.terminal.write("Every secret in the store belongs to a key in the state.\n")
            } else if status == 0 {
                invocation.terminal.write("Removed \(loose.count) secret\(loose.count == 1 ? "" : "s").\n")
            }
            return status
        }
    }

    /// Shows the keys and asks.
    private func isApproved(_ loose: [SecretEntry], _ invocation: Invocation) -> Bool {
        for entry in loose { invocation.terminal.write("    \(VisibleText.escaped(entry.key))\n") }
        if autoApprove { return true }
        invocation.terminal.write(
            "\nRemove the secrets of these keys for good? Only 'yes' will be accepted.\n\n  Enter a value: ")
        if invocation.terminal.readLine() == "yes" { return true }
        invocation.terminal.writeError("\nNothing was removed. To remove them without being asked: -auto-approve\n")
        return false
    }
}

extension Diagnostic {
    static func secretNotKnown(_ id: String) -> Diagnostic {
        .error(
            "Secret is not known",
            "The secret store has no secret of \(VisibleText.escaped(id)). Confluent Cloud shows a secret only once, when the key is made. If you have it, store it with \"flinkform secret set\"; else replace the key: flinkform apply -replace=ADDRESS"
        )
    }

    fileprivate static func noSecretOfItsOwn(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Object without a secret",
            "\(address) has no secret: only keys have one. \"flinkform secret list\" prints the keys of the state."
        )
    }

    fileprivate static func otherSecret(_ id: String) -> Diagnostic {
        .error(
            "Another secret is stored",
            "The secret store has another secret of \(VisibleText.escaped(id)), perhaps the only copy. Nothing was stored. If the new one is right, say -overwrite."
        )
    }

    fileprivate static func secretNotWhole(_ id: String) -> Diagnostic {
        .error(
            "Secret is not whole",
            "What was given for \(VisibleText.escaped(id)) does not carry the checksum that Confluent's secrets have: a character is missing, added or changed. Copy it again, whole and without spaces. Nothing was stored."
        )
    }
}
