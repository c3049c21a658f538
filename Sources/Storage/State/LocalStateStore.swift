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
    private var snapshot: Snapshot??

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
                return
            }
            let left = timeout - (surroundings.elapsed() - start)
            guard left > .zero, (try? await surroundings.clock.sleep(for: min(pause, left))) != nil else {
                throw .locked(by: lock.holder(), path)
            }
            pause = min(pause * 2, .seconds(1))
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
        guard let journal = stored.journal else {
            return StoredState(state: stored.base?.state, intents: [], isJournaled: false)
        }
        guard journal.hasResults else {
            var state = stored.base?.state
            for record in journal.open { state?.apply(record, catalog: catalog) }
            return StoredState(state: state, intents: journal.intents, isJournaled: false)
        }
        var state = stored.base?.state ?? State(lineage: journal.header.lineage)
        for record in journal.open { state.apply(record, catalog: catalog) }
        return StoredState(state: state, intents: journal.intents, isJournaled: true)
    }

    /// The state file as it was read.
    private struct Snapshot {
        var state: State
        /// Tells it from any other.
        var mark: JSONValue
    }

    /// What is on disk.
    private struct Stored {
        var base: Snapshot?
        var journal: Journal?
    }

    /// A journal that belongs to the snapshot beside it.
    private struct Journal {
        var header: Header
        /// The records that the snapshot lacks.
        var open: [JournalRecord]
        /// The intents that are open after all records.
        var intents: [Intent]
        /// What a new journal in the place of this one starts with.
        var carried: [JournalRecord]

        /// Whether the snapshot lacks something.
        var hasResults: Bool { open.contains { $0.isResult } }
    }

    /// Reads snapshot and journal; without the lock, again if the snapshot was replaced meanwhile.
    private func load() throws(Diagnostic) -> Stored {
        for attempt in 1... {
            let before = try inode()
            let base = try readSnapshot()
            let lines = try readJournal()
            // A run that ends replaces the snapshot first and takes the journal away then: both must be of one moment.
            guard try inode() == before || attempt == Self.attemptMaximum else { continue }
            snapshot = .some(base)
            return Stored(base: base, journal: try lines.map { lines throws(Diagnostic) in try match(lines, base) })
        }
        return Stored(base: nil, journal: nil)
    }

    private static let attemptMaximum = 20

    private func inode() throws(Diagnostic) -> UInt64? {
        do throws(FileError) {
            return try files.status(path)?.inode
        } catch {
            throw .file("State could not be read", error, "Nothing was changed.")
        }
    }

    /// Decides which records of a journal the snapshot beside it lacks.
    private func match(_ lines: JournalLines, _ base: Snapshot?) throws(Diagnostic) -> Journal {
        let (header, records) = (lines.header, lines.records)
        if let base, base.state.lineage != header.lineage { throw .foreignJournal(journalPath) }
        var intents: [Intent] = []
        for record in records { intents.apply(record) }
        if let base, let folding = lines.folding, folding.mark == base.mark {
            // The run wrote this snapshot and was interrupted before it emptied the journal.
            var before: [Intent] = []
            for record in records[..<folding.place] { before.apply(record) }
            let open = Array(records[folding.place...])
            return Journal(header: header, open: open, intents: intents, carried: before.map { .opened($0) } + open)
        }
        if (base?.state.serial ?? 0) == header.serial {
            return Journal(header: header, open: records, intents: intents, carried: records)
        }
        if records.contains(where: \.isResult) {
            throw base == nil ? .missingState(path, journalPath) : .changedUnderJournal(path, journalPath)
        }
        return Journal(header: header, open: [], intents: intents, carried: intents.map { .opened($0) })
    }

    private func readSnapshot() throws(Diagnostic) -> Snapshot? {
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
            throw .unreadableState(path, backupPath, journalPath, "\(error.description).")
        }
        let state: State
        do throws(StateFileError) {
            state = try State(json: json)
        } catch {
            switch error {
            case .malformed(let reason): throw .unreadableState(path, backupPath, journalPath, reason)
            case .version(let version): throw .otherFormat(path, version)
            }
        }
        if let address = secretInClear(state) { throw .secretInState(path, address) }
        return Snapshot(state: state, mark: Self.mark(of: bytes))
    }

    /// What tells one snapshot from another: length and checksum of its bytes.
    private static func mark(of bytes: [UInt8]) -> JSONValue {
        ["length": .number(JSONNumber(bytes.count)), "sum": .string(JournalFile.checksum(bytes))]
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

    /// A journal as it was read.
    private struct JournalLines {
        var header: Header
        var records: [JournalRecord] = []
        /// The snapshot that was about to be written when `place` records were there.
        var folding: (place: Int, mark: JSONValue)?
    }

    private func readJournal() throws(Diagnostic) -> JournalLines? {
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
        guard content.header["journal"]?.string == "flinkform 1" else { throw .newerJournal(journalPath) }
        guard let lineage = content.header["lineage"]?.string, let serial = content.header["serial"]?.int,
            let run = content.header["run"]?.string
        else { throw .damagedJournal(journalPath, line: 1) }
        var lines = JournalLines(header: Header(lineage: lineage, serial: serial, run: run))
        for (index, json) in content.records.enumerated() {
            if let mark = json["folded"] {
                lines.folding = (lines.records.count, mark)
            } else if let record = JournalRecord(json: json) {
                lines.records.append(record)
            } else {
                throw .damagedJournal(journalPath, line: index + 2)
            }
        }
        return lines
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
        do throws(FileError) {
            try await journal.append(records.map(\.json), isDurable: isDurable)
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
        let stored = try load()
        let header = Header(
            lineage: stored.base?.state.lineage ?? stored.journal?.header.lineage ?? newLineage,
            serial: stored.base?.state.serial ?? 0, run: run)
        do throws(FileError) {
            let started = try JournalFile.start(
                journalPath, header: header.json, records: stored.journal?.carried.map(\.json) ?? [], on: files)
            journal = started
            return started
        } catch {
            throw .file(
                "Journal could not be written", error,
                "The directory of the state must be writable and have room.")
        }
    }

    private func currentSnapshot() throws(Diagnostic) -> State? {
        if let snapshot { return snapshot?.state }
        return try load().base?.state
    }

    /// Replaces the snapshot and empties the journal.
    package func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        guard lock.isHeld else { throw .notLocked }
        let base = try currentSnapshot()
        var next = state
        next.serial = base?.serial ?? 0
        next.terraformVersion = base?.terraformVersion ?? state.terraformVersion
        let isChanged = base.map { !$0.isSame(as: next) } ?? !next.isBlank
        if isChanged {
            next.serial += 1
            let bytes = next.fileBytes()
            let mark = Self.mark(of: bytes)
            await announce(mark)
            do throws(FileError) {
                try lock.checkStateFile()
                try backUp()
                let handle = try AtomicFile.replace(path, with: bytes, on: files, locks: true)
                lock.stateWasReplaced(by: handle)
            } catch {
                throw .file("State could not be written", error, whatIsLeft)
            }
            snapshot = .some(Snapshot(state: next, mark: mark))
        }
        try await emptyJournal(intents, next)
        return isChanged ? next : base ?? next
    }

    /// Tells the journal which snapshot comes, so that a crash right after it is no riddle.
    ///
    /// A journal that takes nothing more does not keep the snapshot from being written: the riddle is then refused.
    private func announce(_ mark: JSONValue) async {
        guard journal != nil || (try? files.status(journalPath)) != nil, let journal = try? startJournal() else {
            return
        }
        try? await journal.append([["folded": mark]], isDurable: true)
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
        await closeJournal()
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
