import Applying
import Configuring
import Diagnostics
import JSON
import Planning

/// A state as it was read, or was just written.
struct StateSnapshot: Sendable {
    var state: State
    /// Tells its bytes from any other.
    var mark: JSONValue
    /// Whether it is to be written anew although nothing in it changed: it is not encrypted as it would be now.
    var isOutdated: Bool

    init(state: State, bytes: [UInt8], isOutdated: Bool = false) {
        self.state = state
        self.isOutdated = isOutdated
        mark = Self.mark(of: bytes)
    }

    /// What tells one snapshot from another: length and checksum of its bytes.
    static func mark(of bytes: [UInt8]) -> JSONValue {
        ["length": .number(JSONNumber(bytes.count)), "sum": .string(CRC32.text(of: bytes))]
    }
}

/// A journal that belongs to the snapshot beside it.
struct StateJournal: Sendable {
    /// Which state a journal belongs to, and who writes it.
    struct Header: Hashable, Sendable {
        var lineage: String
        /// The serial of the snapshot that its records follow.
        var serial: Int
        var run: String

        var json: JSONObject {
            [
                "journal": "flinkform 1", "lineage": .string(lineage), "serial": .number(JSONNumber(serial)),
                "run": .string(run),
            ]
        }
    }

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

/// What messages call a state and what lies beside it.
struct StateNames: Sendable {
    /// The state: a path, or where a remote engine has it.
    var state: String
    /// Its journal.
    var journal: String
    /// Where an earlier state may be found, for advice.
    var backup: String
    /// Whether it is kept on another machine.
    var isRemote = false
    /// Whether it is a file that the user names, beside the state in use.
    var isLoose = false
}

/// States and journals as bytes, wherever they are kept: reads and checks them, and decides what a journal adds to a state.
struct StateCoding: Sendable {
    let catalog: Catalog
    let names: StateNames
    let encryption: Encryption

    // MARK: - Snapshots

    /// Reads a state; an empty one, one in another format or one with secrets in clear is an error.
    func snapshot(_ bytes: [UInt8]) throws(Diagnostic) -> StateSnapshot {
        guard !bytes.isEmpty else { throw .emptyState(names) }
        var json = try self.json(bytes)
        let opened = try encryption.open(bytes, json, .state, names.state)
        if Envelope.isEnvelope(json) { json = try self.json(opened.bytes) }
        let state: State
        do throws(StateFileError) {
            state = try State(json: json)
        } catch {
            switch error {
            case .malformed(let reason): throw .unreadableState(names, reason)
            case .version(let version): throw .otherFormat(names.state, version)
            }
        }
        if let address = secretInClear(state) { throw .secretInState(names, address) }
        return StateSnapshot(state: state, bytes: bytes, isOutdated: opened.isOutdated)
    }

    private func json(_ bytes: [UInt8]) throws(Diagnostic) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .unreadableState(names, "\(error.description).")
        }
    }

    /// The bytes of a state as they are kept: encrypted, where the configuration says so.
    func bytes(of state: State) throws(Diagnostic) -> [UInt8] {
        try encryption.seal(
            state.fileBytes(), .state, identity: Envelope.Identity(serial: state.serial, lineage: state.lineage))
    }

    /// What is to be written for a state after the one that is there: with the next serial; nil when nothing changed.
    ///
    /// One that is not encrypted as it would be now is written anew.
    func successor(of base: StateSnapshot?, _ state: State) -> State? {
        var next = state
        next.serial = max(base?.state.serial ?? 0, state.serial)
        next.terraformVersion = base?.state.terraformVersion ?? state.terraformVersion
        guard base.map({ $0.isOutdated || !$0.state.isSame(as: next) }) ?? !next.isBlank else { return nil }
        next.serial += 1
        return next
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

    // MARK: - Journals

    /// A journal's lines, before it is known what the snapshot has of them.
    private struct Lines {
        var header: StateJournal.Header
        var records: [JournalRecord] = []
        /// The snapshot that was about to be written when `place` records were there.
        var folding: (place: Int, mark: JSONValue)?
    }

    /// Reads a journal and decides which of its records the snapshot beside it lacks.
    ///
    /// Throws when it is damaged, or belongs to another state than this one.
    func journal(_ bytes: [UInt8], beside base: StateSnapshot?) throws(Diagnostic) -> StateJournal {
        let lines = try self.lines(bytes)
        let (header, records) = (lines.header, lines.records)
        var intents: [Intent] = []
        for record in records { intents.apply(record) }
        if let base, let folding = lines.folding, folding.mark == base.mark {
            // The run wrote this snapshot and was interrupted before it emptied the journal.
            var before: [Intent] = []
            for record in records[..<folding.place] { before.apply(record) }
            let open = Array(records[folding.place...])
            return StateJournal(
                header: header, open: open, intents: intents, carried: before.map { .opened($0) } + open)
        }
        if let base, base.state.lineage != header.lineage { throw .foreignJournal(names.journal) }
        if (base?.state.serial ?? 0) == header.serial {
            return StateJournal(header: header, open: records, intents: intents, carried: records)
        }
        if records.contains(where: \.isResult) {
            throw base == nil ? .missingState(names) : .changedUnderJournal(names)
        }
        return StateJournal(header: header, open: [], intents: intents, carried: intents.map { .opened($0) })
    }

    private func lines(_ bytes: [UInt8]) throws(Diagnostic) -> Lines {
        let content: JournalFile.Content
        do throws(JournalFile.Damage) {
            content = try JournalFile.read(bytes)
        } catch {
            throw .damagedJournal(names.journal, line: error.line)
        }
        guard content.header["journal"]?.string == "flinkform 1" else { throw .newerJournal(names.journal) }
        guard let lineage = content.header["lineage"]?.string, let serial = content.header["serial"]?.int,
            let run = content.header["run"]?.string
        else { throw .damagedJournal(names.journal, line: 1) }
        var lines = Lines(header: StateJournal.Header(lineage: lineage, serial: serial, run: run))
        let records = try encryption.open(records: content.records, header: content.header, names.journal)
        for (index, json) in records.enumerated() {
            guard let json else { throw .damagedJournal(names.journal, line: index + 2) }
            if let mark = json["folded"] {
                lines.folding = (lines.records.count, mark)
            } else if let record = JournalRecord(json: json) {
                lines.records.append(record)
            } else {
                throw .damagedJournal(names.journal, line: index + 2)
            }
        }
        return lines
    }

    /// The header of a journal as it is kept.
    func kept(_ header: StateJournal.Header) throws(Diagnostic) -> JSONObject {
        try encryption.header(header.json)
    }

    /// Records of a journal as they are kept: encrypted, where the state is.
    func kept(_ records: [JSONValue], lineage: String) throws(Diagnostic) -> [JSONValue] {
        var kept: [JSONValue] = []
        for record in records { kept.append(try encryption.seal(record: record, lineage: lineage)) }
        return kept
    }

    // MARK: - Both

    /// Snapshot and journal together.
    func stored(_ base: StateSnapshot?, _ journal: StateJournal?) -> StoredState {
        guard let journal else { return StoredState(state: base?.state, intents: [], isJournaled: false) }
        var state = base?.state
        if journal.hasResults, state == nil { state = State(lineage: journal.header.lineage) }
        for record in journal.open { state?.apply(record, catalog: catalog) }
        return StoredState(state: state, intents: journal.intents, isJournaled: journal.hasResults)
    }
}

extension JournalRecord {
    /// Whether it changes the state.
    var isResult: Bool {
        switch self {
        case .opened, .missed, .settled, .origin: false
        case .recorded, .deposed, .restored, .moved, .removed, .delivered, .outputs: true
        }
    }
}

extension State {
    /// Whether both say the same, whoever wrote them last.
    fileprivate func isSame(as other: State) -> Bool {
        var (first, second) = (self, other)
        (first.serial, second.serial) = (0, 0)
        (first.isKept, second.isKept) = (false, false)
        first.origin?.run = ""
        second.origin?.run = ""
        return first == second
    }

    /// Whether there is nothing in it worth a file.
    var isBlank: Bool { resources.isEmpty && outputs.isEmpty && !isKept }
}
