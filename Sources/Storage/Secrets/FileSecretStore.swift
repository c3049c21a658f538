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

    /// What the entries are encrypted with.
    package struct Encryption: Sendable {
        /// Where the key comes from.
        package var source: SecretKeySource
        /// The cost of scrypt, its N, where a new key is made of a passphrase: a power of two.
        package var cost: Int

        /// Makes it of its parts.
        package init(source: SecretKeySource, cost: Int? = nil) {
            self.source = source
            self.cost = cost ?? CipherHeader.usualCost
        }
    }

    private let path: String
    private let files: any FileSystem
    private let versionControl: VersionControl
    private let newID: String
    private var encryption: Encryption?
    private var material: SecretKeySource.Material?
    /// Keys that were made already: making one costs time.
    private var ciphers: [CipherHeader: SecretCipher] = [:]
    private var lockHandle: FileHandle?
    private var journal: JournalFile?
    private var loaded: SecretFileContent?
    private var isDirty = false

    private static let lengthMaximum = 1 << 28

    /// Makes a store; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - encryption: What its entries are encrypted with; nil means that they are in clear.
    ///   - files: The file system.
    ///   - versionControl: Whether version control has the file.
    ///   - newID: The random id that the store gets if it has to be made.
    package init(
        path: String, encryption: Encryption? = nil, files: any FileSystem, versionControl: VersionControl,
        newID: String
    ) {
        self.path = path
        self.encryption = encryption
        self.files = files
        self.versionControl = versionControl
        self.newID = newID
    }

    private var journalPath: String { path + ".journal" }

    // MARK: - Reading

    /// The store's random id; nil while there is no file.
    package func id() async throws(Diagnostic) -> String? { try await load()?.id }

    /// The entry of a key or an intent, or nil.
    package func entry(_ key: String) async throws(Diagnostic) -> SecretEntry? { try await load()?.entries[key] }

    /// The entry of a key or an intent, or nil.
    package func entry(intent: String) async throws(Diagnostic) -> SecretEntry? {
        try await load()?.entries.values.first { $0.intent == intent }
    }

    /// All entries, sorted by key.
    package func entries() async throws(Diagnostic) -> [SecretEntry] {
        try await load()?.entries.values.sorted { $0.key < $1.key } ?? []
    }

    /// Whether the file is encrypted, whatever the settings say; nil when there is none.
    package func isEncrypted() throws(Diagnostic) -> Bool? {
        do throws(FileError) {
            for path in [path, journalPath] { try checkFile(path) }
            if let bytes = try files.read(path, limit: Self.lengthMaximum) {
                return try content(of: path) { () throws(SecretFileContent.Failure) in
                    try SecretFileContent.header(of: bytes)
                } != nil
            }
            return try readJournal().map { $0.header["encryption"] != nil }
        } catch {
            throw Self.unusable(error)
        }
    }

    private func load() async throws(Diagnostic) -> SecretFileContent? {
        if let loaded { return loaded }
        try await prepareKey()
        return try read()
    }

    /// Gets what the key is made of, once.
    private func prepareKey() async throws(Diagnostic) {
        guard let encryption, material == nil else { return }
        let given = try await encryption.source.material()
        material = material ?? given
    }

    private func read() throws(Diagnostic) -> SecretFileContent? {
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
            throw Self.unusable(error)
        }
    }

    private static let attemptMaximum = 20

    /// Refuses what is not an ordinary file of its owner alone.
    private func checkFile(_ path: String) throws(FileError) {
        guard let status = try files.status(path) else { return }
        if status.isSymbolicLink { throw FileError("use", path, "It is a symbolic link") }
        if !status.isRegular { throw FileError("use", path, "It is not an ordinary file") }
        if status.isOpenToOthers { throw FileError("use", path, "Others than its owner can read or write it") }
    }

    private func readFile() throws(FileError) -> SecretFileContent? {
        guard let bytes = try files.read(path, limit: Self.lengthMaximum) else { return nil }
        let source = cipherSource
        return try content(of: path) { () throws(SecretFileContent.Failure) in
            try SecretFileContent(bytes, cipher: source)
        }
    }

    private func readJournal() throws(FileError) -> JournalFile.Content? {
        guard let bytes = try files.read(journalPath, limit: Self.lengthMaximum) else { return nil }
        do throws(JournalFile.Damage) {
            return try JournalFile.read(bytes)
        } catch {
            throw FileError("read", journalPath, "Line \(error.line) is damaged, which is not what a crash leaves")
        }
    }

    /// Takes over what an interrupted run left in the journal; if only that is left, the store is made of it.
    private func replay(into result: inout SecretFileContent?) throws(FileError) {
        guard let journal = try readJournal() else { return }
        let (before, source) = (result, cipherSource)
        result = try content(of: journalPath) { () throws(SecretFileContent.Failure) in
            guard var next = before else { return try SecretFileContent(journal, cipher: source) }
            try next.replay(journal)
            return next
        }
    }

    /// Does something with the content of a file; what is wrong with it is an error of that file.
    private func content<Result>(
        of path: String, _ work: () throws(SecretFileContent.Failure) -> Result
    ) throws(FileError) -> Result {
        do throws(SecretFileContent.Failure) {
            return try work()
        } catch {
            switch error {
            case .unreadable(let reason): throw FileError("read", path, reason)
            case .encrypted: throw FileError(Self.encryptedFile, path, "It is encrypted, and no key is configured")
            case .clear: throw FileError(Self.clearFile, path, "It is not encrypted, and the settings say that it is")
            case .otherKey: throw FileError(Self.otherKey, path, "It is encrypted with another key")
            }
        }
    }

    /// Makes the keys of stores; nil when none is configured.
    private var cipherSource: SecretFileContent.CipherSource? {
        guard let material else { return nil }
        return { (header, store) throws(SecretFileContent.Failure) in
            if let cipher = self.ciphers[header] { return cipher }
            do throws(SecretCipher.Failure) {
                let cipher = try SecretCipher(header, of: store, material)
                self.ciphers[header] = cipher
                return cipher
            } catch {
                throw .otherKey
            }
        }
    }

    // MARK: - Writing

    /// Makes sure that the file exists, is not tracked by version control, and can be written.
    ///
    /// One that is encrypted may be tracked.
    package func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        let standing = encryption == nil ? await versionControl.standing(path) : .ignored
        if case .tracked = standing { throw .trackedSecrets(path) }
        // The journal is written and synced now: what cannot be kept is found out before a key is made.
        try await prepareKey()
        _ = try begin()
        let id = try read()?.id ?? newID
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
        let current = try read()
        do throws(FileError) {
            var base = current ?? SecretFileContent(id: newID)
            if current == nil { base.cipher = try newCipher(of: base.id, encryption, material) }
            if current == nil || base.isJournaled { try fold(base) }
            base.isJournaled = false
            loaded = base
            return try JournalFile.start(journalPath, header: base.journalHeader, records: [], on: files)
        } catch {
            throw Self.failed(error)
        }
    }

    private func newCipher(
        of store: String, _ encryption: Encryption?, _ material: SecretKeySource.Material?
    ) throws(FileError) -> SecretCipher? {
        guard let encryption, let material else { return nil }
        do throws(SecretCipher.Failure) {
            let cipher = try SecretCipher(new: store, material, cost: encryption.cost)
            ciphers[cipher.header] = cipher
            return cipher
        } catch {
            throw FileError("encrypt", path, "The key could not be made")
        }
    }

    /// Gives the store another key, or none; what is in it stays the same.
    ///
    /// The file is replaced whole, so that a crash leaves it with the old key or the new one. The store is closed then.
    package func changeKey(to next: Encryption?) async throws(Diagnostic) {
        try await prepareKey()
        let given = try await next?.source.material()
        let journal = try begin()
        await journal.close()
        self.journal = nil
        defer { releaseLock() }
        guard var content = try read() else { return }
        do throws(FileError) {
            // It is empty, and of the old key.
            try files.remove(journalPath)
            try files.syncDirectory(Path.directory(of: path))
            content.cipher = try newCipher(of: content.id, next, given)
            try fold(content)
        } catch {
            throw Self.failed(error)
        }
        (encryption, material, loaded) = (next, given, nil)
    }

    private func takeLock() throws(FileError) {
        guard lockHandle == nil else { return }
        // With the state at a backend, nothing else makes the directory of a workspace.
        try files.makeDirectory(Path.directory(of: path))
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
        try await prepareKey()
        try await record { (content) throws(SecretCipher.Failure) in [try content.record(putting: entry)] }
        loaded?.entries[entry.key] = entry
    }

    /// Takes entries out; durable when it returns.
    package func remove(_ keys: [String]) async throws(Diagnostic) {
        guard let entries = try await load()?.entries else { return }
        let stored = keys.filter { entries[$0] != nil }
        guard !stored.isEmpty else { return }
        try await record { content in stored.map(content.record(removing:)) }
        for key in stored { loaded?.entries[key] = nil }
    }

    private func record(
        _ records: (SecretFileContent) throws(SecretCipher.Failure) -> [JSONValue]
    ) async throws(Diagnostic) {
        let journal = try begin()
        guard let content = try read() else { return }
        isDirty = true
        do throws(FileError) {
            let lines: [JSONValue]
            do throws(SecretCipher.Failure) {
                lines = try records(content)
            } catch {
                throw FileError("encrypt", path, "The cipher failed")
            }
            try await journal.append(lines, isDurable: true)
        } catch {
            throw Self.failed(error)
        }
    }

    /// Folds the journal into the file and lets the lock go.
    package func close() async throws(Diagnostic) {
        // What an interrupted run left is folded, too, if nobody else is at it.
        if journal == nil, ((try? files.status(journalPath)) ?? nil) != nil, try await load()?.isJournaled == true {
            _ = try? begin()
        }
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

    private func fold(_ content: SecretFileContent) throws(FileError) {
        let bytes: [UInt8]
        do throws(SecretCipher.Failure) {
            bytes = try content.bytes()
        } catch {
            throw FileError("encrypt", path, "The cipher failed")
        }
        try AtomicFile.write(bytes, to: path, on: files)
    }

    // MARK: - Errors

    private static let encryptedFile = "decrypt"
    private static let clearFile = "trust"
    private static let otherKey = "open"

    private static func unusable(_ error: FileError) -> Diagnostic {
        let path = VisibleText.escaped(error.path)
        switch error.operation {
        case encryptedFile:
            return .error(
                "Secret store is encrypted",
                """
                \(path) is encrypted, and the settings in flinkform.hcl do not say with which key. Nothing was created or changed.

                Say it: secrets "file" { encryption { } }, with the key as before. To keep the secrets in clear from now on, take \
                the block out and run: flinkform secret rotate-key -from=FILE, with the old settings in that file.
                """)
        case otherKey:
            return .error(
                "Wrong passphrase or key",
                """
                \(path) is encrypted with another key than the one that the settings in flinkform.hcl give. Nothing was created or \
                changed.

                Give the passphrase or key that the secrets were stored with. If it was to be changed: flinkform secret rotate-key \
                -from=FILE, with the old settings in that file.
                """)
        case clearFile:
            return .error(
                "Secret store is not encrypted",
                """
                \(path) has its secrets in clear, and the settings in flinkform.hcl say that it is encrypted. Nothing was created or \
                changed.

                To encrypt it: flinkform secret rotate-key
                """)
        default: break
        }
        let advice =
            error.operation == "use"
            ? "The file must be an ordinary file that only its owner can read (chmod 600)."
            : "Restore the file from a backup: the cloud shows a secret only once. If it is lost for good, move it away and run apply with -new-secret-store; the secrets that it had count as not known then."
        return .file("Secret store cannot be used", error, "Nothing was created or changed.\n\n\(advice)")
    }

    private static func failed(_ error: FileError) -> Diagnostic {
        .file(
            "Secret store could not be written", error, "Make room or mend the permissions, then run the command again."
        )
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
