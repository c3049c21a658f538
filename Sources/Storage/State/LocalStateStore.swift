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
    private let files: any FileSystem
    private let catalog: Catalog
    private let surroundings: Surroundings
    private let run: String
    private let newLineage: String
    private var lock: StateLock
    private var journal: JournalFile?
    private var isBackedUp = false
    /// The snapshot on disk, as far as it was read; nil inside means there is none.
    private var snapshot: State??

    /// A state file may have at most this many bytes.
    private static let lengthMaximum = 1 << 30

    /// Makes a store; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - path: The state file.
    ///   - files: The file system.
    ///   - catalog: The resource types there are: what they keep secret, and how their providers are called.
    ///   - surroundings: Time, for waiting.
    ///   - run: The random id of this run.
    ///   - newLineage: The lineage of a state that is not there yet.
    package init(
        path: String, files: any FileSystem, catalog: Catalog, surroundings: Surroundings, run: String,
        newLineage: String
    ) {
        self.path = path
        self.files = files
        self.catalog = catalog
        self.surroundings = surroundings
        self.run = run
        self.newLineage = newLineage
        self.lock = StateLock(files: files, statePath: path)
    }

    private var journalPath: String { path + ".journal" }
    private var backupPath: String { path + ".backup" }

    // MARK: - Lock

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
            if isLocked { return }
            let left = timeout - (surroundings.elapsed() - start)
            guard left > .zero, (try? await surroundings.clock.sleep(for: min(pause, left))) != nil else {
                throw .locked(by: lock.holder(), path)
            }
            pause = min(pause * 2, .seconds(1))
        }
    }

    package func unlock() async {
        if let journal { await journal.close() }
        journal = nil
        lock.release()
    }

    // MARK: - Reading

    package func read() async throws(Diagnostic) -> StoredState {
        let base = try readSnapshot()
        snapshot = .some(base)
        guard let (header, records) = try readJournal() else {
            return StoredState(state: base, intents: [], isJournaled: false)
        }
        var state = base ?? State(lineage: header.lineage)
        var intents: [Intent] = []
        for record in records { intents.apply(record) }
        let results = records.filter { $0.isResult }
        if let base, base.lineage != header.lineage { throw .foreignJournal(journalPath) }
        if state.serial == header.serial {
            for record in records { state.apply(record, catalog: catalog) }
            return StoredState(
                state: base == nil && results.isEmpty ? nil : state, intents: intents, isJournaled: !results.isEmpty)
        }
        // The snapshot is newer: this journal's run wrote it and was interrupted before it emptied the journal, or someone else did.
        guard results.isEmpty || state.origin?.run == header.run else { throw .changedUnderJournal(path, journalPath) }
        return StoredState(state: state, intents: intents, isJournaled: !results.isEmpty)
    }

    private func readSnapshot() throws(Diagnostic) -> State? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try files.read(path, limit: Self.lengthMaximum)
        } catch {
            throw .file("State could not be read", error, "Nothing was changed.")
        }
        guard let bytes else { return nil }
        guard !bytes.isEmpty else { throw .emptyState(path, backupPath) }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw .unreadableState(path, backupPath, error.description)
        }
        let state: State
        do throws(StateFileError) {
            state = try State(json: json)
        } catch {
            switch error {
            case .malformed(let reason): throw .unreadableState(path, backupPath, reason)
            case .version(let version): throw .newerState(path, version)
            }
        }
        if let address = secretInClear(state) { throw .secretInState(path, address) }
        return state
    }

    private func secretInClear(_ state: State) -> InstanceAddress? {
        for (address, resource) in state.resources where address.mode == .managed {
            guard let name = catalog.schema(for: address)?.secretAttribute else { continue }
            for (key, instance) in resource.instances {
                let objects = [instance.current].compactMap { $0 } + instance.deposed.values
                if objects.contains(where: { !($0.attributes[name] ?? .null).isNull }) {
                    return InstanceAddress(address, key)
                }
            }
        }
        return nil
    }

    private struct Header {
        var lineage: String
        var serial: Int
        var run: String

        var json: JSONObject {
            [
                "journal": "flinkform 1", "lineage": .string(lineage), "serial": .number(JSONNumber(serial)),
                "run": .string(run),
            ]
        }
    }

    private func readJournal() throws(Diagnostic) -> (Header, [JournalRecord])? {
        let content: JournalFile.Content
        do {
            guard let bytes = try files.read(journalPath, limit: Self.lengthMaximum) else { return nil }
            content = try JournalFile.read(bytes)
        } catch let error as FileError {
            throw .file("Journal could not be read", error, "Nothing was changed.")
        } catch let damage as JournalFile.Damage {
            throw .damagedJournal(journalPath, line: damage.line)
        } catch {
            throw .damagedJournal(journalPath, line: 1)
        }
        guard let json = content.header else { return nil }
        guard json["journal"]?.string == "flinkform 1", let lineage = json["lineage"]?.string,
            let serial = json["serial"]?.int, let run = json["run"]?.string
        else { throw .damagedJournal(journalPath, line: 1) }
        let records = content.records.map(JournalRecord.init(json:))
        if let place = records.firstIndex(where: { $0 == nil }) { throw .damagedJournal(journalPath, line: place + 2) }
        return (Header(lineage: lineage, serial: serial, run: run), records.compactMap { $0 })
    }

    // MARK: - Writing

    package func append(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await add(records, isDurable: true)
    }

    package func note(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await add(records, isDurable: false)
    }

    private func add(_ records: [JournalRecord], isDurable: Bool) async throws(Diagnostic) {
        let journal = try startJournal()
        do throws(FileError) {
            try await journal.append(records.map(\.json), isDurable: isDurable)
        } catch {
            throw .file(
                "Journal could not be written", error,
                "Without its record nothing is created. Make room or mend the permissions, then run the command again.")
        }
    }

    /// The journal of this run; it starts with the intents that are open.
    private func startJournal() throws(Diagnostic) -> JournalFile {
        if let journal { return journal }
        guard lock.isHeld else { throw .notLocked }
        let stored = try storedIntents()
        let base = try currentSnapshot()
        let header = Header(lineage: base?.lineage ?? newLineage, serial: base?.serial ?? 0, run: run)
        do throws(FileError) {
            let started = try JournalFile.start(
                journalPath, header: header.json, records: stored.map { JournalRecord.opened($0).json }, on: files)
            journal = started
            return started
        } catch {
            throw .file(
                "Journal could not be written", error,
                "The directory of the state must be writable and have room.")
        }
    }

    private func currentSnapshot() throws(Diagnostic) -> State? {
        if let snapshot { return snapshot }
        let base = try readSnapshot()
        snapshot = .some(base)
        return base
    }

    private func storedIntents() throws(Diagnostic) -> [Intent] {
        guard let (_, records) = try readJournal() else { return [] }
        var intents: [Intent] = []
        for record in records { intents.apply(record) }
        return intents
    }

    package func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        guard lock.isHeld else { throw .notLocked }
        let base = try currentSnapshot()
        var next = state
        next.serial = base?.serial ?? 0
        next.terraformVersion = base?.terraformVersion ?? state.terraformVersion
        let isChanged = base.map { !$0.isSame(as: next) } ?? !next.isBlank
        if isChanged {
            next.serial += 1
            do throws(FileError) {
                try backUp()
                let handle = try AtomicFile.replace(path, with: next.fileBytes(), on: files, locks: true)
                lock.stateWasReplaced(by: handle)
            } catch {
                throw .file(
                    "State could not be written", error,
                    "Nothing is lost: every change is in \(VisibleText.escaped(journalPath)), and the next run takes it over.")
            }
            snapshot = .some(next)
        }
        try await emptyJournal(intents, next)
        return isChanged ? next : base ?? next
    }

    private func backUp() throws(FileError) {
        guard !isBackedUp else { return }
        if let bytes = try files.read(path, limit: Self.lengthMaximum) {
            try AtomicFile.write(bytes, to: backupPath, on: files)
        }
        isBackedUp = true
    }

    /// Keeps the open intents alone; without any, the journal goes.
    private func emptyJournal(_ intents: [Intent], _ state: State) async throws(Diagnostic) {
        if let journal { await journal.close() }
        journal = nil
        do throws(FileError) {
            if intents.isEmpty {
                guard try files.status(journalPath) != nil else { return }
                try files.remove(journalPath)
                try files.syncDirectory(Path.directory(of: journalPath))
            } else {
                let header = Header(lineage: state.lineage, serial: state.serial, run: run)
                journal = try JournalFile.start(
                    journalPath, header: header.json, records: intents.map { JournalRecord.opened($0).json }, on: files)
            }
        } catch {
            throw .file("Journal could not be emptied", error, "The state was written. The next run empties it.")
        }
    }
}

extension JournalRecord {
    /// Whether it changes the state.
    fileprivate var isResult: Bool {
        switch self {
        case .opened, .missed, .settled, .origin: false
        case .recorded, .deposed, .restored, .removed, .outputs: true
        }
    }
}

extension State {
    /// Whether both say the same, whoever wrote them last.
    fileprivate func isSame(as other: State) -> Bool {
        var (first, second) = (self, other)
        (first.serial, second.serial) = (0, 0)
        first.origin?.run = ""
        second.origin?.run = ""
        return first == second
    }

    /// Whether there is nothing in it worth a file.
    fileprivate var isBlank: Bool { resources.isEmpty && outputs.isEmpty }
}
