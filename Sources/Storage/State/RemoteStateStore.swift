package import Applying
package import Configuring
package import Diagnostics
import JSON
package import Planning

/// State at an engine on another machine, with its lock and its journal there, so that any machine can go on where one vanished.
///
/// An actor: a run appends from many tasks at once. Appends that overlap share one part of the journal, so what a change costs
/// is a share of a request. When the engine goes away in the middle of a run, what was done already is kept in a local file and
/// delivered later.
package actor RemoteStateStore: StateStore {
    private let engine: any StateEngine
    private let coding: StateCoding
    private let surroundings: Surroundings
    private let run: String
    private let newLineage: String
    private let undelivered: UndeliveredChanges
    private let onLoss: @Sendable () -> Void

    private var holder: LockHolder?
    private var heartbeat: Task<Void, Never>?
    private var lastRenewal = Duration.zero
    /// Why nothing may be written any more; nil while all is well.
    private var loss: Diagnostic?
    /// Why the engine takes no records any more; nil while it does.
    private var absence: EngineError?
    /// What the engine has, as it was read under the lock, and as this run has changed it since.
    private var loaded: Loaded?
    private var writer: Writer?

    private var pending: [Entry] = []
    private var isFlushing = false
    private var idle: [CheckedContinuation<Void, Never>] = []

    /// What the engine has.
    private struct Loaded {
        var base: StateSnapshot?
        var version: String?
        var journal: StateJournal?
        /// The newest generation of the journal; 0 when there is none.
        var generation = 0
        /// What a run could not deliver, as far as it still counts.
        var late: [JournalRecord] = []
        /// The state of now, and the intents that are open.
        var stored: StoredState
    }

    /// Where in the journal the next record goes.
    private struct Writer {
        var header: StateJournal.Header
        var generation: Int
        var part: Int
        var line: Int
        var length: Int
    }

    /// Records that wait for their part.
    private struct Entry {
        var records: [JournalRecord]
        /// Nil when nobody waits.
        var waiter: CheckedContinuation<Diagnostic?, Never>?
    }

    /// Makes a store; nothing is asked yet.
    ///
    /// - Parameters:
    ///   - engine: Keeps the bytes.
    ///   - catalog: The resource types there are: what they keep secret, and how their providers are called.
    ///   - surroundings: Time, for waiting.
    ///   - run: The random id of this run.
    ///   - newLineage: The lineage of a state that is not there yet.
    ///   - encryption: How state and journal are encrypted.
    ///   - undelivered: Keeps what the engine could not be told.
    ///   - onLoss: Called once when the lock is lost: nothing new may be begun.
    package init(
        engine: any StateEngine, catalog: Catalog, surroundings: Surroundings, run: String, newLineage: String,
        encryption: Encryption = Encryption(), undelivered: UndeliveredChanges, onLoss: @escaping @Sendable () -> Void
    ) {
        self.engine = engine
        self.surroundings = surroundings
        self.run = run
        self.newLineage = newLineage
        self.undelivered = undelivered
        self.onLoss = onLoss
        coding = StateCoding(
            catalog: catalog,
            names: StateNames(
                state: engine.place, journal: "the journal of \(engine.place)",
                backup: "an earlier version that the backend keeps", isRemote: true), encryption: encryption)
    }

    /// A call to the engine takes a round trip, so more steps than those at the cloud are to be under way.
    package nonisolated var isDistant: Bool { true }

    // MARK: - Lock

    /// Takes the lock, trying again until the timeout.
    package func lock(_ holder: LockHolder, timeout: Duration) async throws(Diagnostic) {
        let start = surroundings.elapsed()
        var pause = Duration.milliseconds(500)
        while true {
            let refusal: LockRefusal?
            do throws(EngineError) {
                refusal = try await engine.lock(holder)
            } catch {
                throw .engine("Error acquiring the state lock", error, "Nothing was changed.")
            }
            guard let refusal else { break }
            let left = timeout - (surroundings.elapsed() - start)
            // Many that wait for one lock do not all come at once.
            let wait = pause * (0.75 + 0.5 * Double(surroundings.random() % 1024) / 1024)
            guard left > .zero, (try? await surroundings.clock.sleep(for: min(wait, left))) != nil else {
                throw .locked(by: refusal, engine.place)
            }
            pause = min(pause * 2, .seconds(5))
        }
        self.holder = holder
        loaded = nil
        lastRenewal = surroundings.elapsed()
        if let renewal = engine.renewal { startHeartbeat(every: renewal) }
    }

    /// Lets the lock go.
    package func unlock() async {
        heartbeat?.cancel()
        await heartbeat?.value
        heartbeat = nil
        guard holder != nil else { return }
        holder = nil
        // A lock that could not be let go is shown to the next run, with the command that frees it.
        try? await engine.unlock()
    }

    private func startHeartbeat(every renewal: Duration) {
        let clock = surroundings.clock
        heartbeat = Task { [weak self] in
            while (try? await clock.sleep(for: renewal)) != nil, !Task.isCancelled {
                await self?.beat(renewal)
            }
        }
    }

    /// Renews the lock; one that was not renewed for three times as long as it should counts as lost, before others may take it.
    private func beat(_ renewal: Duration) async {
        let start = surroundings.elapsed()
        do throws(EngineError) {
            try await engine.renew()
            lastRenewal = start
        } catch {
            guard !Task.isCancelled else { return }
            if error.kind == .lockLost || start - lastRenewal >= renewal * 3 { lose(error) }
        }
    }

    private func lose(_ error: EngineError) {
        guard loss == nil else { return }
        loss = .lockLost(engine.place, error)
        onLoss()
    }

    // MARK: - Reading

    /// Snapshot and journal together, and what a run on this machine could not deliver.
    package func read() async throws(Diagnostic) -> StoredState { try await load().stored }

    private func load() async throws(Diagnostic) -> Loaded {
        if holder != nil, let loaded { return loaded }
        for attempt in 1... {
            do throws(Diagnostic) {
                let fresh = try await loadOnce()
                if holder != nil { loaded = fresh }
                return fresh
            } catch {
                // Without the lock another run may have replaced the state between the two answers.
                guard holder == nil, attempt < Self.attemptMaximum, error.summary == Diagnostic.journalMismatch else {
                    throw error
                }
            }
        }
        throw .notLocked
    }

    private static let attemptMaximum = 5

    private func loadOnce() async throws(Diagnostic) -> Loaded {
        let (state, journal): (EngineState?, EngineJournal?)
        do throws(EngineError) {
            // A run that ends replaces the state first and takes the journal away then: a journal that is not there any more
            // must not be missed beside a state that is older.
            journal = try await engine.journal()
            state = try await engine.read()
        } catch {
            throw .engine("State could not be read", error, "Nothing was changed.")
        }
        let base = try state.map { state throws(Diagnostic) in try coding.snapshot(state.bytes) }
        let read = try journal.map { journal throws(Diagnostic) in
            try coding.journal(journal.parts.flatMap { $0 }, beside: base)
        }
        var stored = coding.stored(base, read)
        let late = try undelivered.records(at: engine.place, base?.state, read, coding.encryption)
        for record in late {
            if stored.state == nil { stored.state = State(lineage: read?.header.lineage ?? newLineage) }
            stored.state?.apply(record, catalog: coding.catalog)
            stored.intents.apply(record)
            stored.isJournaled = true
        }
        return Loaded(
            base: base, version: state?.version, journal: read, generation: journal?.generation ?? 0, late: late,
            stored: stored)
    }

    // MARK: - Journal

    /// Adds records to the journal; durable at the engine when it returns.
    package func append(_ records: [JournalRecord]) async throws(Diagnostic) {
        guard holder != nil else { throw .notLocked }
        let failure = await withCheckedContinuation { waiter in
            pending.append(Entry(records: records, waiter: waiter))
            startFlushing()
        }
        if let failure { throw failure }
    }

    /// Adds records that a crash may take away: they go with the next part.
    package func note(_ records: [JournalRecord]) async throws(Diagnostic) {
        guard holder != nil else { throw .notLocked }
        pending.append(Entry(records: records, waiter: nil))
    }

    private func startFlushing() {
        guard !isFlushing else { return }
        isFlushing = true
        Task { await flush() }
    }

    private func flush() async {
        while pending.contains(where: { $0.waiter != nil }) {
            // Whoever is about to append joins this part.
            await Task.yield()
            let entries = pending
            pending = []
            await write(entries)
        }
        isFlushing = false
        for waiter in idle { waiter.resume() }
        idle = []
    }

    /// Waits until no part is on its way.
    private func quiet() async {
        guard isFlushing else { return }
        await withCheckedContinuation { idle.append($0) }
    }

    private func write(_ entries: [Entry]) async {
        var failure = loss
        if failure == nil, absence == nil {
            do throws(Diagnostic) {
                try await writePart(entries.flatMap(\.records).map(\.json))
            } catch {
                failure = error
            }
        }
        for entry in entries {
            // What was done already is kept here when the engine is away; what is only about to be done is not begun.
            let outcome = absence == nil || loss != nil ? failure : keep(entry.records)
            entry.waiter?.resume(returning: outcome)
        }
    }

    /// Writes one part; throws when it is not known to be durable.
    private func writePart(_ records: [JSONValue]) async throws(Diagnostic) {
        var head: [JSONValue] = []
        var records = records
        var next: Writer
        if let writer {
            next = writer
        } else {
            let stored = try await load()
            let header = StateJournal.Header(
                lineage: stored.base?.state.lineage ?? stored.journal?.header.lineage ?? newLineage,
                serial: stored.base?.state.serial ?? 0, run: run)
            next = Writer(header: header, generation: stored.generation + 1, part: 0, line: 0, length: 0)
            head = [.object(try coding.kept(header))]
            records = (stored.journal?.carried ?? []).map(\.json) + stored.late.map(\.json) + records
        }
        records = head + (try coding.kept(records, lineage: next.header.lineage))
        var bytes: [UInt8] = []
        for (index, record) in records.enumerated() {
            bytes += JournalFile.line(record, number: next.line + index, batch: next.line)
        }
        do throws(EngineError) {
            try await engine.append(bytes, generation: next.generation, number: next.part)
        } catch {
            switch error.kind {
            case .lockLost, .conflict: lose(error)
            case .away, .refused:
                if writer != nil { absence = error }
            }
            throw loss
                ?? .engine("Journal could not be written", error, "Without its record nothing is created or changed.")
        }
        next.part += 1
        next.line += records.count
        next.length += bytes.count
        writer = next
        loaded?.generation = next.generation
    }

    /// Keeps the records of what was done in a local file; says why not, if that cannot be done or was not done yet.
    private func keep(_ records: [JournalRecord]) -> Diagnostic? {
        guard let absence, let writer else { return .notLocked }
        if records.contains(where: \.isBeforehand) {
            return .engine(
                "Journal could not be written", absence, "Without its record nothing is created or changed.")
        }
        let (header, kept): (JSONObject, [JSONValue])
        do throws(Diagnostic) {
            header = try coding.kept(writer.header)
            kept = try coding.kept(records.map(\.json), lineage: writer.header.lineage)
        } catch {
            return error
        }
        do throws(FileError) {
            try undelivered.add(kept, header, at: engine.place)
            return nil
        } catch {
            return .file(
                "Change could not be recorded", error,
                "\(engine.place) cannot be reached either: \(absence.reason)")
        }
    }

    // MARK: - Writing

    /// Replaces the state, if it is still the one that was read, and empties the journal.
    package func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        try await put(intents, unchanged: state) { coding.successor(of: $0, state) }
    }

    /// Puts another state in the place of the one that is there, as it stands, and empties the journal.
    package func replace(with state: State, intents: [Intent]) async throws(Diagnostic) {
        _ = try await put(intents, unchanged: state) { _ in state }
    }

    /// Writes the state that follows the one that was read, if any does, and empties the journal; returns what is there now.
    private func put(
        _ intents: [Intent], unchanged state: State, _ successor: (StateSnapshot?) -> State?
    ) async throws(Diagnostic) -> State {
        guard holder != nil else { throw .notLocked }
        await quiet()
        if let loss { throw loss }
        pending = []
        let before = try await load()
        let next = successor(before.base)
        if let next {
            let bytes = try coding.bytes(of: next)
            try await announce(StateSnapshot.mark(of: bytes), before)
            do throws(EngineError) {
                let version = try await engine.write(bytes, replacing: before.version)
                loaded?.version = version
            } catch {
                throw notWritten(error)
            }
            loaded?.base = StateSnapshot(state: next, bytes: bytes)
        }
        let written = next ?? before.base?.state ?? state
        try await emptyJournal(intents, written)
        return written
    }

    /// Makes an empty state if there is none.
    package func establish() async throws(Diagnostic) {
        guard holder != nil else { throw .notLocked }
        guard try await load().base == nil else { return }
        var state = State(lineage: newLineage)
        state.serial = 1
        let bytes = try coding.bytes(of: state)
        do throws(EngineError) {
            _ = try await engine.write(bytes, replacing: nil)
        } catch {
            throw notWritten(error)
        }
        loaded = nil
    }

    /// Tells the journal which state comes, so that a crash right after it is no riddle.
    ///
    /// Without that the state is not written: nobody could tell whether it has what the journal says.
    private func announce(_ mark: JSONValue, _ before: Loaded) async throws(Diagnostic) {
        guard writer != nil || before.journal != nil else { return }
        if absence != nil {
            do throws(EngineError) {
                try await findPlace()
            } catch {
                throw notWritten(error)
            }
        }
        do throws(Diagnostic) {
            try await writePart([["folded": mark]])
        } catch {
            throw loss ?? absence.map(notWritten) ?? error
        }
    }

    /// Finds out, once the engine answers again, which parts it has: the last one may have come to it or not.
    private func findPlace() async throws(EngineError) {
        guard var place = writer else { return }
        let there = try await engine.journal()
        guard let there, there.generation == place.generation else {
            throw EngineError(.lockLost, "Another run has taken the journal over.")
        }
        place.part = there.parts.count
        place.line = there.parts.reduce(0) { sum, part in sum + part.count { $0 == 0x0A } }
        writer = place
    }

    private func notWritten(_ error: EngineError) -> Diagnostic {
        switch error.kind {
        case .lockLost:
            lose(error)
            return loss ?? .lockLost(engine.place, error)
        case .conflict: return .stateConflict(engine.place, error)
        case .away, .refused:
            return .stateNotWritten(
                engine.place, error, undelivered: (try? undelivered.isEmpty()) == false ? undelivered.path : nil)
        }
    }

    /// Keeps the open intents alone; without any, the journal goes.
    private func emptyJournal(_ intents: [Intent], _ state: State) async throws(Diagnostic) {
        let generation = writer?.generation ?? loaded?.generation ?? 0
        writer = nil
        loaded?.generation = generation
        loaded?.late = []
        loaded?.stored = StoredState(state: state, intents: intents, isJournaled: false)
        loaded?.journal = nil
        absence = nil
        if !intents.isEmpty {
            loaded?.journal = StateJournal(
                header: StateJournal.Header(lineage: state.lineage, serial: state.serial, run: run), open: [],
                intents: intents, carried: [])
            try await writePart(intents.map { JournalRecord.opened($0).json })
        }
        do throws(EngineError) {
            if generation > 0 { try await engine.removeJournal(through: generation) }
        } catch {
            throw .engine("Journal could not be emptied", error, "The state was written. The next run empties it.")
        }
        if intents.isEmpty { loaded?.generation = 0 }
        do throws(FileError) {
            try undelivered.remove()
        } catch {
            throw .file("Delivered changes are still there", error, "Remove the file: the state has them all.")
        }
    }
}

extension JournalRecord {
    /// Whether it goes before what it tells of; what it announces must not be done when it could not be recorded.
    fileprivate var isBeforehand: Bool {
        switch self {
        case .opened, .deposed, .moved, .origin: true
        case .missed, .settled, .recorded, .restored, .removed, .delivered, .outputs: false
        }
    }
}
