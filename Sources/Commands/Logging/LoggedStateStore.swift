import Applying
import Diagnostics
import JSON
import Planning

/// A state store that tells a log what is done with it.
struct LoggedStateStore: StateStore {
    private let store: any StateStore
    private let log: DebugLog
    private let place: JSONValue

    /// Follows a store whose state is at a place.
    init(_ store: any StateStore, at place: String, _ log: DebugLog) {
        self.store = store
        self.log = log
        self.place = .string(place)
    }

    var isDistant: Bool { store.isDistant }

    func lock(_ holder: LockHolder, timeout: Duration) async throws(Diagnostic) {
        try await told(.info, "Lock taken", ["state": place, "id": .string(holder.id)]) { () async throws(Diagnostic) in
            try await store.lock(holder, timeout: timeout)
        }
    }

    func unlock() async {
        await store.unlock()
        log.add(.info, "Lock let go", ["state": place])
    }

    func read() async throws(Diagnostic) -> StoredState {
        let stored = try await told(.info, "State read", ["state": place]) { () async throws(Diagnostic) in
            try await store.read()
        }
        var fields: JSONObject = [
            "resources": .number(JSONNumber(stored.state?.resources.count ?? 0)),
            "intents": .number(JSONNumber(stored.intents.count)), "journaled": .bool(stored.isJournaled),
        ]
        fields["serial"] = stored.state.map { .number(JSONNumber($0.serial)) }
        fields["lineage"] = stored.state.map { .string($0.lineage) }
        log.add(.debug, "State", fields)
        return stored
    }

    func append(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await told(.trace, "Journal written", ["records": .number(JSONNumber(records.count))]) {
            () async throws(Diagnostic) in try await store.append(records)
        }
    }

    func note(_ records: [JournalRecord]) async throws(Diagnostic) {
        try await told(.trace, "Journal noted", ["records": .number(JSONNumber(records.count))]) {
            () async throws(Diagnostic) in try await store.note(records)
        }
    }

    func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        let written = try await told(.info, "State written", ["state": place]) { () async throws(Diagnostic) in
            try await store.write(state, intents: intents)
        }
        log.add(.debug, "State", ["serial": .number(JSONNumber(written.serial))])
        return written
    }

    func replace(with state: State, intents: [Intent]) async throws(Diagnostic) {
        try await told(.info, "State replaced", ["state": place, "serial": .number(JSONNumber(state.serial))]) {
            () async throws(Diagnostic) in try await store.replace(with: state, intents: intents)
        }
    }

    func establish() async throws(Diagnostic) {
        try await told(.info, "State established", ["state": place]) { () async throws(Diagnostic) in
            try await store.establish()
        }
    }

    /// Does something and tells how long it took, or why it failed.
    private func told<Result>(
        _ level: DebugLog.Level, _ message: String, _ fields: JSONObject,
        _ work: () async throws(Diagnostic) -> Result
    ) async throws(Diagnostic) -> Result {
        let start = log.elapsed
        do throws(Diagnostic) {
            let result = try await work()
            log.add(level, message, fields, took: log.elapsed - start)
            return result
        } catch {
            log.add(.warn, "\(message): failed", fields, took: log.elapsed - start)
            throw error
        }
    }
}
