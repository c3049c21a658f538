package import Applying
package import Diagnostics
import JSON

/// Secrets in a file of this machine, beside the state.
///
/// During a run it only grows, by a journal of its own; at the end it is folded. Readable by its owner alone.
package actor FileSecretStore: SecretStore {
    /// What version control says of the file.
    package struct VersionControl: Sendable {
        /// How a file stands with it.
        package enum Standing: Sendable {
            /// The next commit would hold it.
            case tracked
            /// Adding everything would add it.
            case notIgnored
            /// It is kept out.
            case ignored
            /// There is no version control, or it does not tell.
            case unknown
        }

        /// Asks how a file stands.
        package var standing: @Sendable (_ path: String) async -> Standing

        /// Makes it of a question.
        package init(standing: @escaping @Sendable (_ path: String) async -> Standing) { self.standing = standing }
    }

    private let path: String
    private let files: any FileSystem
    private let versionControl: VersionControl
    private let newID: String
    private var lockHandle: FileHandle?
    private var journal: JournalFile?
    private var loaded: Loaded?
    private var isDirty = false

    private struct Loaded {
        var id: String
        var entries: [String: SecretEntry]
        /// Whether a run was interrupted before it folded its journal.
        var isJournaled: Bool
    }

    private static let lengthMaximum = 1 << 28

    /// Makes a store; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - files: The file system.
    ///   - versionControl: Whether version control has the file.
    ///   - newID: The random id that the store gets if it has to be made.
    package init(path: String, files: any FileSystem, versionControl: VersionControl, newID: String) {
        self.path = path
        self.files = files
        self.versionControl = versionControl
        self.newID = newID
    }

    private var journalPath: String { path + ".journal" }

    // MARK: - Reading

    /// The store's random id; nil while there is no file.
    package func id() async throws(Diagnostic) -> String? { try load()?.id }

    /// The entry of a key or an intent, or nil.
    package func entry(_ key: String) async throws(Diagnostic) -> SecretEntry? { try load()?.entries[key] }

    /// The entry of a key or an intent, or nil.
    package func entry(intent: String) async throws(Diagnostic) -> SecretEntry? {
        try load()?.entries.values.first { $0.intent == intent }
    }

    /// All entries, sorted by key.
    package func entries() async throws(Diagnostic) -> [SecretEntry] {
        try load()?.entries.values.sorted { $0.key < $1.key } ?? []
    }

    private func load() throws(Diagnostic) -> Loaded? {
        if let loaded { return loaded }
        do throws(FileError) {
            for attempt in 1... {
                try checkFile(path)
                try checkFile(journalPath)
                let before = try files.status(path)?.inode
                var result = try readFile()
                try replay(into: &result)
                // A run that ends replaces the file first and takes the journal away then: both must be of one moment.
                guard try files.status(path)?.inode == before || attempt == Self.attemptMaximum else { continue }
                loaded = result
                return result
            }
            return nil
        } catch {
            let advice =
                error.operation == "use"
                ? "The file must be an ordinary file that only its owner can read (chmod 600)."
                : "Restore the file from a backup: the cloud shows a secret only once. If it is lost for good, move it away and run apply with -new-secret-store; the secrets that it had count as not known then."
            throw .file("Secret store cannot be used", error, "Nothing was created or changed.\n\n\(advice)")
        }
    }

    private static let attemptMaximum = 20

    private func readFile() throws(FileError) -> Loaded? {
        guard let bytes = try files.read(path, limit: Self.lengthMaximum) else { return nil }
        guard let json = try? JSONValue(parsing: bytes), let version = json["version"]?.int else {
            throw FileError("read", path, "It is not a whole secret store")
        }
        guard version == 1 else { throw FileError("read", path, "A newer version of flinkform wrote it") }
        guard let id = json["id"]?.string, let secrets = json["secrets"]?.object else {
            throw FileError("read", path, "It is not a whole secret store")
        }
        var entries: [String: SecretEntry] = [:]
        for (key, member) in secrets {
            guard let entry = SecretEntry(key: key, json: member) else {
                throw FileError("read", path, "An entry in it is damaged")
            }
            entries[key] = entry
        }
        return Loaded(id: id, entries: entries, isJournaled: false)
    }

    /// Refuses what is not an ordinary file of its owner alone.
    private func checkFile(_ path: String) throws(FileError) {
        guard let status = try files.status(path) else { return }
        if status.isSymbolicLink { throw FileError("use", path, "It is a symbolic link") }
        if !status.isRegular { throw FileError("use", path, "It is not an ordinary file") }
        if status.isOpenToOthers { throw FileError("use", path, "Others than its owner can read or write it") }
    }

    /// Takes over what an interrupted run left in the journal; if only that is left, the store is made of it.
    private func replay(into result: inout Loaded?) throws(FileError) {
        guard let bytes = try files.read(journalPath, limit: Self.lengthMaximum) else { return }
        let content: JournalFile.Content
        do throws(JournalFile.Damage) {
            content = try JournalFile.read(bytes)
        } catch {
            throw FileError("read", journalPath, "Line \(error.line) is damaged, which is not what a crash leaves")
        }
        guard content.header["secrets"]?.string == "flinkform 1", let id = content.header["id"]?.string else {
            throw FileError("read", journalPath, "Another version of flinkform wrote it")
        }
        var next = result ?? Loaded(id: id, entries: [:], isJournaled: true)
        guard id == next.id else { throw FileError("read", journalPath, "It belongs to another secret store") }
        next.isJournaled = true
        for record in content.records {
            guard let key = record["key"]?.string else {
                throw FileError("read", journalPath, "A record in it is damaged")
            }
            guard let put = record["put"] else {
                next.entries[key] = nil
                continue
            }
            guard let entry = SecretEntry(key: key, json: put) else {
                throw FileError("read", journalPath, "A record in it is damaged")
            }
            next.entries[key] = entry
        }
        result = next
    }

    // MARK: - Writing

    /// Makes sure that the file exists, is not tracked by version control, and can be written.
    package func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        let standing = await versionControl.standing(path)
        if case .tracked = standing { throw .trackedSecrets(path) }
        // The journal is written and synced now: what cannot be kept is found out before a key is made.
        _ = try begin()
        let id = try load()?.id ?? newID
        if case .notIgnored = standing { return (id, [.secretsNotIgnored(path)]) }
        return (id, [])
    }

    /// Takes the store's lock and starts its journal.
    private func begin() throws(Diagnostic) -> JournalFile {
        if let journal { return journal }
        do throws(FileError) {
            try takeLock()
        } catch {
            throw Self.failed(error)
        }
        do throws(Diagnostic) {
            let started = try startJournal()
            journal = started
            return started
        } catch {
            // Nothing was begun, so nothing is kept from others.
            releaseLock()
            throw error
        }
    }

    private func startJournal() throws(Diagnostic) -> JournalFile {
        let current = try load()
        do throws(FileError) {
            let base = current ?? Loaded(id: newID, entries: [:], isJournaled: false)
            if current == nil || base.isJournaled { try fold(base) }
            loaded = base
            return try JournalFile.start(
                journalPath, header: ["secrets": "flinkform 1", "id": .string(base.id)], records: [], on: files)
        } catch {
            throw Self.failed(error)
        }
    }

    private func takeLock() throws(FileError) {
        guard lockHandle == nil else { return }
        let handle = try files.open(Path.beside(path, name: ".\(Path.name(of: path)).lock"), .appending)
        do throws(FileError) {
            guard try files.lock(handle) else { throw FileError("lock", path, "Another run of flinkform has it") }
        } catch {
            files.close(handle)
            throw error
        }
        lockHandle = handle
        // Another run may have written since it was read.
        loaded = nil
    }

    private func releaseLock() {
        if let lockHandle { files.close(lockHandle) }
        lockHandle = nil
    }

    /// Adds an entry; durable when it returns.
    package func put(_ entry: SecretEntry) async throws(Diagnostic) {
        try await record([["key": .string(entry.key), "put": entry.json]])
        loaded?.entries[entry.key] = entry
    }

    /// Takes entries out; durable when it returns.
    package func remove(_ keys: [String]) async throws(Diagnostic) {
        guard let entries = try load()?.entries else { return }
        let stored = keys.filter { entries[$0] != nil }
        guard !stored.isEmpty else { return }
        try await record(stored.map { ["key": .string($0)] })
        for key in stored { loaded?.entries[key] = nil }
    }

    private func record(_ records: [JSONValue]) async throws(Diagnostic) {
        let journal = try begin()
        isDirty = true
        do throws(FileError) {
            try await journal.append(records, isDurable: true)
        } catch {
            throw Self.failed(error)
        }
    }

    /// Folds the journal into the file and lets the lock go.
    package func close() async throws(Diagnostic) {
        // What an interrupted run left is folded, too, if nobody else is at it.
        if journal == nil, try load()?.isJournaled == true { _ = try? begin() }
        guard let journal else { return }
        await journal.close()
        self.journal = nil
        defer { releaseLock() }
        do throws(FileError) {
            if isDirty, let loaded { try fold(loaded) }
            try files.remove(journalPath)
            try files.syncDirectory(Path.directory(of: path))
            isDirty = false
        } catch {
            let isThere = ((try? files.status(journalPath)) ?? nil) != nil
            throw .file(
                "Secret store could not be folded", error,
                isThere
                    ? "No secret is lost: they are in \(VisibleText.escaped(journalPath)), which the next run reads."
                    : "Its journal is gone as well: the directory was removed during this run, and the secrets with it."
            )
        }
    }

    private func fold(_ content: Loaded) throws(FileError) {
        var secrets = JSONObject()
        for (key, entry) in content.entries.sorted(by: { $0.key < $1.key }) { secrets[key] = entry.json }
        let json: JSONValue = ["version": 1, "id": .string(content.id), "secrets": .object(secrets)]
        try AtomicFile.write(json.bytes(.indented) + [0x0A], to: path, on: files)
    }

    private static func failed(_ error: FileError) -> Diagnostic {
        .file(
            "Secret store could not be written", error, "Make room or mend the permissions, then run the command again."
        )
    }
}

extension SecretEntry {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["secret": .string(secret)]
        if let intent { object["intent"] = .string(intent) }
        object["stored"] = .string(stored)
        return .object(object)
    }

    fileprivate init?(key: String, json: JSONValue) {
        guard let secret = json["secret"]?.string else { return nil }
        self.init(key: key, secret: secret, intent: json["intent"]?.string, stored: json["stored"]?.string ?? "")
    }
}

extension Diagnostic {
    fileprivate static func secretsNotIgnored(_ path: String) -> Diagnostic {
        .warning(
            "Secret store is not ignored",
            """
            Git does not ignore \(VisibleText.escaped(path)), so "git add --all" would add the secrets to the next commit. Keep it \
            out:
                echo '*.tfstate.*' >> .gitignore
            """)
    }

    fileprivate static func trackedSecrets(_ path: String) -> Diagnostic {
        .error(
            "Secret store is under version control",
            """
            Git tracks \(VisibleText.escaped(path)), so its next commit would hold the secrets. Nothing was created.

            Take it out of version control and keep it out:
                git rm --cached \(VisibleText.escaped(path))
                echo '*.tfstate.*' >> .gitignore
            """)
    }
}
