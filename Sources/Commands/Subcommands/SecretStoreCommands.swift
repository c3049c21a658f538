import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Storage

/// `flinkform secret migrate`.
struct SecretMigrateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Move all secrets to the store that flinkform.hcl names.",
        discussion: """
            They are taken from the store beside the state, or from the one that the settings in -from=FILE name: keep a copy of \
            flinkform.hcl before you change it. Each secret is read back from the new store before any is removed from the old one.
            """)

    @OptionGroup var lock: LockOptions
    @Option(
        name: .both("from"),
        help: ArgumentHelp("The settings of the store that has the secrets now.", valueName: "file"))
    var from: String?
    @Flag(name: .both("auto-approve"), help: "Do not ask.")
    var autoApprove = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation)
        let settings = try from.map { try Settings.load(invocation, from: $0) } ?? Settings()
        guard
            settings.secrets.place(session.location, invocation)
                != session.settings.secrets.place(session.location, invocation)
        else { throw Problems(.sameSecretStore(from)) }
        let old = try settings.secretStore(of: session.location, invocation)
        return try await session.locked("secret migrate", lock) {
            let stored = try await session.load(takesJournalOver: true)
            let migration = SecretMigration(
                from: old, to: session.secrets,
                rereading: try session.settings.secretStore(of: session.location, invocation), state: session.state)
            let count = try await migration.count(for: stored)
            let isApproved =
                autoApprove
                || Approval(
                    question: "Do you want to move \(count) secret\(count == 1 ? "" : "s")?",
                    explanation:
                        "From: \(settings.secrets.place(session.location, invocation))\n  To: \(session.settings.secrets.place(session.location, invocation))\n  Only 'yes' will be accepted to approve.",
                    withoutAsking: "Use -auto-approve."
                ).ask(invocation, input: nil)
            guard isApproved else {
                invocation.terminal.writeError("\nNothing was moved.\n")
                return 1
            }
            let outcome = try await session.uninterrupted { try await migration.perform(stored) }
            Problems(outcome.warnings).show(invocation)
            invocation.terminal.write("Moved \(outcome.count) secret\(outcome.count == 1 ? "" : "s").\n")
            return 0
        }
    }
}

/// `flinkform secret rotate-key`.
struct SecretRotateKeyCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Encrypt the secret store anew, with the key that flinkform.hcl names.",
        discussion: """
            Every entry is encrypted with a new key, or put in clear where the settings have no encryption block any more. Where \
            the passphrase or key was changed, the settings in -from=FILE say how to read the store once more.
            """)

    @OptionGroup var lock: LockOptions
    @Option(
        name: .both("from"),
        help: ArgumentHelp("The settings that the store was encrypted with, if they were others.", valueName: "file"))
    var from: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation)
        let place = SecretStorePlace(invocation)
        guard case .file(let next) = session.settings.secrets else { throw Problems(.noSecretFile) }
        let current = SecretStoreSettings.File(path: next.path)
        let plain = try SecretStores.file(
            current, statePath: session.location.localPath, workspace: session.location.secretWorkspace, in: place)
        return try await session.locked("secret rotate-key", lock) {
            guard let isEncrypted = try await plain.isEncrypted() else {
                invocation.terminal.write("There is no secret store yet.\n")
                return 0
            }
            let store = isEncrypted ? try old(next, session.location, place, invocation) : plain
            try await session.uninterrupted {
                try await store.changeKey(
                    to: next.key.map { FileSecretStore.Encryption(source: SecretKeySource($0, place)) })
            }
            invocation.terminal.write(
                next.key == nil ? "The secret store is in clear now.\n" : "The secret store has a new key.\n")
            return 0
        }
    }

    /// The store as it was encrypted.
    private func old(
        _ next: SecretStoreSettings.File, _ location: StateLocation, _ place: SecretStorePlace, _ invocation: Invocation
    ) throws -> FileSecretStore {
        var settings = next
        if let from {
            guard case .file(let file) = try Settings.load(invocation, from: from).secrets else {
                throw Problems(.noSecretFile)
            }
            settings.key = file.key
        }
        return try SecretStores.file(
            settings, statePath: location.localPath, workspace: location.secretWorkspace, in: place)
    }
}

extension SecretStoreSettings {
    /// What the store is called in questions and messages.
    func place(_ location: StateLocation, _ invocation: Invocation) -> String {
        func shown(_ text: SettingText?) -> String? {
            text.flatMap { try? $0.text(invocation.environment) }.map { VisibleText.escaped($0) }
        }
        switch self {
        case .file(let file):
            return "the file " + (shown(file.path) ?? VisibleText.escaped(location.localPath + ".secrets.json"))
        case .vault(let vault):
            return "Vault, \(VisibleText.escaped(vault.mount))/\(shown(vault.path) ?? "")"
                + (shown(vault.address).map { " at \($0)" } ?? "")
        case .command(let command): return "the command \(VisibleText.escaped(command.words.joined(separator: " ")))"
        }
    }
}

extension Diagnostic {
    fileprivate static func sameSecretStore(_ from: String?) -> Diagnostic {
        .error(
            "Secrets are there already",
            from == nil
                ? "The settings in flinkform.hcl name the store beside the state, which the secrets would be taken from. To take them from another one, name its settings: flinkform secret migrate -from=FILE. To encrypt the file: flinkform secret rotate-key"
                : "The settings in -from name the store of flinkform.hcl. To encrypt a file, or to change its key: flinkform secret rotate-key"
        )
    }

    fileprivate static var noSecretFile: Diagnostic {
        .error(
            "Secret store is not a file",
            "Only a store of kind \"file\" has a key of its own. To move secrets to another store: flinkform secret migrate"
        )
    }
}
