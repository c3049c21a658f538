package import Applying
package import Configuring
package import Diagnostics
import JSON
package import Planning

/// State in a file of this machine, with a journal beside it.
///
/// An actor: a run appends from many tasks at once.
package actor LocalStateStore: StateStore {
    private let path: String
    /// Where it is read from until this run has written it.
    private let source: String
    /// Where the state before the first change is kept; nil for nowhere.
    private let backupPath: String?
    private let files: any FileSystem
    private let coding: StateCoding
    private let surroundings: Surroundings
    private let run: String
    private let newLineage: String
    private var lock: StateLock
    private var journal: JournalFile?
    /// The lineage that the journal of this run names.
    private var journalLineage = ""
    private var isBackedUp = false
    private var hasWritten = false
    /// The snapshot on disk, as far as it was read; nil inside means there is none.
    private var snapshot: StateSnapshot??

    /// A state file may have at most this many bytes.
    private static let lengthMaximum = 1 << 30

    /// Makes a store; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - path: The state file.
    ///   - source: Another state file, which is read in its place until this run writes the state, and is left as it is.
    ///   - backup: Where the state before the first change is kept.
    ///   - files: The file system.
    ///   - catalog: The resource types there are: what they keep secret, and how their providers are called.
    ///   - surroundings: Time, for waiting.
    ///   - run: The random id of this run.
    ///   - newLineage: The lineage of a state that is not there yet.
    ///   - encryption: How state and journal are encrypted.
    package init(
        path: String, source: String? = nil, backup: StateBackup = .beside, files: any FileSystem, catalog: Catalog,
        surroundings: Surroundings, run: String, newLineage: String, encryption: Encryption = Encryption()
    ) {
        self.path = path
        self.source = source ?? path
        backupPath = backup.path(of: path)
        self.files = files
        coding = StateCoding(
            catalog: catalog,
            names: StateNames(state: path, journal: path + ".journal", backup: backupPath ?? path + ".backup"),
            encryption: encryption
        )
        self.surroundings = surroundings
        self.run = run
        self.newLineage = newLineage
        self.lock = StateLock(files: files, statePath: path)
    }

    private var journalPath: String { path + ".journal" }
    /// The file that the state is read from now.
    private var readPath: String { hasWritten ? path : source }

    // MARK: - Lock

    /// Takes the lock, trying again until the timeout.
    package func lock(_ holder: LockHolder, timeout: Duration) async throws(Diagnostic) {
        let start = surroundings.elapsed()
        var pause = Duration.milliseconds(100)
        while true {
            let isLocked: Bool
            do throws(FileError) {
                isLocked = try lock.attempt(holder)
            } catch {
                throw .file("State could not be locked", error, "The directory of the state must be writable.")
            }
            if isLocked {
                // What was read before may be old.
                snapshot = nil
                try checkTargets()
                return
            }
            let left = timeout - (surroundings.elapsed() - start)
            guard left > .zero, (try? await surroundings.clock.sleep(for: min(pause, left))) != nil else {
                throw .locked(by: lock.holder(), path)
            }
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Makes sure, before anything is done, that what this run may write is written over nothing but states.
    private func checkTargets() throws(Diagnostic) {
        do throws(FileError) {
            if source != path {
                let own = try files.read(source, limit: Self.lengthMaximum).flatMap(StateFile.lineage(of:))
                try checkDestination(own ?? newLineage)
            }
            guard let backupPath else { return }
            guard backupPath != path else {
                throw FileError("replace", backupPath, "It is the state itself, and no backup of it")
            }
            try StateFile.checkReplaceable(backupPath, on: files)
        } catch {
            lock.release()
            throw .file("State cannot be kept there", error, "Nothing was changed. Name another file.")
        }
    }

    /// Closes the journal and lets the lock go.
    package func unlock() async {
        await closeJournal()
        lock.release()
    }

    /// What a user can rely on when the state could not be written.
    private var whatIsLeft: String {
        guard ((try? files.status(journalPath)) ?? nil) != nil else {
            return
                "The journal is gone as well: its directory was removed during this run. Compare the keys in the Confluent Cloud Console, by their creation time, with the output above, and delete those of this run."
        }
        return
            "Nothing is lost: every change is in \(VisibleText.escaped(journalPath)), and the next run takes it over."
    }

    private func closeJournal() async {
        guard let journal else { return }
        // While it closes, it takes nothing any more, and no other one is started.
        await journal.close()
        self.journal = nil
    }

    // MARK: - Reading

    /// Snapshot and journal together.
    package func read() async throws(Diagnostic) -> StoredState {
        let stored = try load()
        return coding.stored(stored.base, stored.journal)
    }

    /// What is on disk.
    private struct Stored {
        var base: StateSnapshot?
        var journal: StateJournal?
    }

    /// Reads snapshot and journal; without the lock, again if the snapshot was replaced meanwhile.
    private func load() throws(Diagnostic) -> Stored {
        for attempt in 1... {
            let before = try inode()
            let base = try readSnapshot()
            let bytes = try readJournal()
            // A run that ends replaces the snapshot first and takes the journal away then: both must be of one moment.
            guard try inode() == before || attempt == Self.attemptMaximum else { continue }
            snapshot = .some(base)
            return Stored(
                base: base,
                journal: try bytes.map { bytes throws(Diagnostic) in try coding.journal(bytes, beside: base) })
        }
        return Stored(base: nil, journal: nil)
    }

    private static let attemptMaximum = 20

    private func inode() throws(Diagnostic) -> UInt64? {
        do throws(FileError) {
            return try files.status(readPath)?.inode
        } catch {
            throw .file("State could not be read", error, "Nothing was changed.")
        }
    }

    private func readSnapshot() throws(Diagnostic) -> StateSnapshot? {
        let bytes: [UInt8]?
        let isOpen: Bool
        do throws(FileError) {
            bytes = try files.read(readPath, limit: Self.lengthMaximum)
            isOpen = readPath == path ? false : try files.status(source + ".journal") != nil
        } catch {
            throw .file("State could not be read", error, "Nothing was changed.")
        }
        guard !isOpen else { throw .unsettledSource(source) }
        return try bytes.map { bytes throws(Diagnostic) in try coding.snapshot(bytes) }
    }

    private func readJournal() throws(Diagnostic) -> [UInt8]? {
        do throws(FileError) {
            return try files.read(journalPath, limit: Self.lengthMaximum)
        } catch {
            throw .file("Journal could not be read", error, "Nothing was changed.")
        }
    }

    // MARK: - Writing

    /// Adds records to the journal; durable when it returns.
    package func append(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await add(records, isDurable: true)
    }

    /// Adds records that a crash may take away.
    package func note(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await add(records, isDurable: false)
    }

    private func add(_ records: [JournalRecord], isDurable: Bool) async throws(Diagnostic) {
        let journal = try startJournal()
        let kept = try coding.kept(records.map(\.json), lineage: journalLineage)
        do throws(FileError) {
            try await journal.append(kept, isDurable: isDurable)
        } catch {
            throw .file(
                "Journal could not be written", error,
                "Without its record nothing is created. Make room or mend the permissions, then run the command again.")
        }
    }

    /// The journal of this run; it starts with what an earlier one left: open intents, and results if nobody folded them.
    private func startJournal() throws(Diagnostic) -> JournalFile {
        if let journal { return journal }
        guard lock.isHeld else { throw .notLocked }
        // Under the lock nobody else replaces the snapshot: what was read of it is not read again.
        let base = try currentSnapshot()
        let left = try readJournal().map { bytes throws(Diagnostic) in try coding.journal(bytes, beside: base) }
        let header = StateJournal.Header(
            lineage: base?.state.lineage ?? left?.header.lineage ?? newLineage, serial: base?.state.serial ?? 0,
            run: run)
        let summary = "Journal could not be written"
        let advice = "The directory of the state must be writable and have room."
        return try start(header, left?.carried ?? [], summary, advice)
    }

    /// Starts the journal of this run, in the place of another.
    private func start(
        _ header: StateJournal.Header, _ records: [JournalRecord], _ summary: String, _ advice: String
    ) throws(Diagnostic) -> JournalFile {
        let head = try coding.kept(header)
        let kept = try coding.kept(records.map(\.json), lineage: header.lineage)
        do throws(FileError) {
            let started = try JournalFile.start(journalPath, header: head, records: kept, on: files)
            (journal, journalLineage) = (started, header.lineage)
            return started
        } catch {
            throw .file(summary, error, advice)
        }
    }

    private func currentSnapshot() throws(Diagnostic) -> StateSnapshot? {
        if let snapshot { return snapshot }
        return try load().base
    }

    /// Replaces the snapshot and empties the journal.
    package func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        guard lock.isHeld else { throw .notLocked }
        let base = try currentSnapshot()
        // What was read from elsewhere is written here, even if nothing changed.
        let next = coding.successor(of: base, state) ?? (readPath != path && base != nil ? state : nil)
        return try await put(next, else: base?.state ?? state, intents)
    }

    /// Puts another state in the place of the snapshot, as it stands, and empties the journal.
    package func replace(with state: State, intents: [Intent]) async throws(Diagnostic) {
        guard lock.isHeld else { throw .notLocked }
        _ = try await put(state, else: state, intents)
    }

    /// Writes a snapshot, unless there is none to write, and empties the journal; returns what the snapshot is now.
    private func put(
        _ next: State?, else current: State, _ intents: [Intent]
    ) async throws(Diagnostic) -> State {
        if let next {
            let bytes = try coding.bytes(of: next)
            await announce(StateSnapshot.mark(of: bytes))
            do throws(FileError) {
                try lock.checkStateFile()
                try checkDestination(next.lineage)
                try backUp()
                let handle = try AtomicFile.replace(path, with: bytes, on: files, locks: true)
                lock.stateWasReplaced(by: handle)
            } catch {
                throw .file("State could not be written", error, whatIsLeft)
            }
            hasWritten = true
            snapshot = .some(StateSnapshot(state: next, bytes: bytes))
        }
        let written = next ?? current
        try await emptyJournal(intents, written)
        return written
    }

    /// Nothing: a local state is there with its first object, and its workspace with its directory.
    package func establish() async throws(Diagnostic) {}

    /// Who has the lock of a local state; nil when nobody has.
    ///
    /// Throws when its files cannot be looked at.
    package static func standing(of path: String, on files: any FileSystem) throws(Diagnostic) -> LockStanding? {
        do throws(FileError) {
            return try StateLock(files: files, statePath: path).standing()
        } catch {
            throw .file("Lock cannot be read", error, "The directory of the state must be readable.")
        }
    }

    /// Tells the journal which snapshot comes, so that a crash right after it is no riddle.
    ///
    /// A journal that takes nothing more does not keep the snapshot from being written: the riddle is then refused.
    private func announce(_ mark: JSONValue) async {
        guard journal != nil || (try? files.status(journalPath)) != nil, let journal = try? startJournal() else {
            return
        }
        guard let kept = try? coding.kept([["folded": mark]], lineage: journalLineage) else { return }
        try? await journal.append(kept, isDurable: true)
    }

    /// Makes sure that what is read elsewhere is written over nothing but an earlier state of its own.
    private func checkDestination(_ lineage: String) throws(FileError) {
        guard readPath != path, let old = try files.read(path, limit: Self.lengthMaximum), !old.isEmpty else { return }
        guard StateFile.lineage(of: old) == lineage else {
            throw FileError("replace", path, "It is there already and is no state of this lineage")
        }
    }

    private func backUp() throws(FileError) {
        guard !isBackedUp, let backupPath else { return }
        if let bytes = try files.read(path, limit: Self.lengthMaximum) {
            try StateFile.checkReplaceable(backupPath, on: files)
            try AtomicFile.write(bytes, to: backupPath, on: files)
        }
        isBackedUp = true
    }

    /// Keeps the open intents alone; without any, the journal goes.
    private func emptyJournal(_ intents: [Intent], _ state: State) async throws(Diagnostic) {
        await closeJournal()
        let (summary, advice) = ("Journal could not be emptied", "The state was written. The next run empties it.")
        guard intents.isEmpty else {
            let header = StateJournal.Header(lineage: state.lineage, serial: state.serial, run: run)
            _ = try start(header, intents.map { .opened($0) }, summary, advice)
            return
        }
        do throws(FileError) {
            guard try files.status(journalPath) != nil else { return }
            try files.remove(journalPath)
            try files.syncDirectory(Path.directory(of: journalPath))
        } catch {
            throw .file(summary, error, advice)
        }
    }
}

/// Where the state before a run's first change is kept.
package enum StateBackup: Sendable {
    /// Beside the state, as `.backup`.
    case beside
    case at(String)
    case nowhere

    fileprivate func path(of state: String) -> String? {
        switch self {
        case .beside: state + ".backup"
        case .at(let path): path
        case .nowhere: nil
        }
    }
}

extension Diagnostic {
    fileprivate static func unsettledSource(_ path: String) -> Diagnostic {
        .error(
            "State of an interrupted run",
            """
            A run over \(VisibleText.escaped(path)) was interrupted, or is at work: \(VisibleText.escaped(path + ".journal")) has what \
            the state has not yet. Nothing was changed. Let "flinkform apply -state=\(VisibleText.escaped(path))" settle that first, then \
            write to another file.
            """)
    }
}
