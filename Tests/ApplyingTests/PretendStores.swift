import Applying
import Configuring
import Diagnostics
import Planning
import Synchronization

/// A state store in memory, whose calls are noted and fail as the test says.
///
/// Calls are named by the record: `opened a`, `missed a`, `settled a`, `recorded a`, `deposed a`, `restored a`, `removed a`, `origin`;
/// and `write`.
final class PretendStateStore: StateStore {
    private struct Inside {
        var records: [JournalRecord] = []
        var noted: [JournalRecord] = []
        var names: [String: String] = [:]
        var written: State?
        var intents: [Intent] = []
    }

    private let course: Course
    private let inside = Mutex(Inside())

    init(_ course: Course) { self.course = course }

    /// What was made durable, in order.
    var records: [JournalRecord] { inside.withLock { $0.records } }
    /// What may be lost in a crash.
    var noted: [JournalRecord] { inside.withLock { $0.noted } }
    /// The state that was written last; nil when none was.
    var written: State? { inside.withLock { $0.written } }
    /// The intents that were written with it.
    var writtenIntents: [Intent] { inside.withLock { $0.intents } }

    /// Lets an intent of an earlier run be named by its address.
    func know(_ intent: Intent) { inside.withLock { $0.names[intent.id] = Self.short(intent.address) } }

    func lock(_ holder: LockHolder, timeout: Duration) async throws(Diagnostic) {}
    func unlock() async {}
    func read() async throws(Diagnostic) -> StoredState {
        StoredState(state: written, intents: writtenIntents, isJournaled: false)
    }

    func append(_ records: [JournalRecord]) async throws(Diagnostic) {
        for record in records {
            if case .opened(let intent) = record { know(intent) }
            try await course.call(name(record))
        }
        inside.withLock { $0.records += records }
    }

    func note(_ records: [JournalRecord]) async throws(Diagnostic) {
        for record in records { try await course.call(name(record)) }
        inside.withLock { $0.noted += records }
    }

    func establish() async throws(Diagnostic) {}

    func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State {
        try await course.call("write")
        return inside.withLock { inside in
            var written = state
            written.serial += 1
            inside.written = written
            inside.intents = intents
            return written
        }
    }

    func replace(with state: State, intents: [Intent]) async throws(Diagnostic) {
        try await course.call("write")
        inside.withLock { ($0.written, $0.intents) = (state, intents) }
    }

    private func name(_ record: JournalRecord) -> String {
        func known(_ intent: String) -> String { inside.withLock { $0.names[intent] ?? intent } }
        return switch record {
        case .opened(let intent): "opened \(Self.short(intent.address))"
        case .missed(let intent, _): "missed \(known(intent))"
        case .settled(let intent): "settled \(known(intent))"
        case .recorded(let address, _, provider: _, intent: _): "recorded \(Self.short(address))"
        case .deposed(let address, key: _): "deposed \(Self.short(address))"
        case .restored(let address, key: _): "restored \(Self.short(address))"
        case .moved(let moves):
            "moved \(moves.map { "\(Self.short($0.from)) to \(Self.short($0.to))" }.joined(separator: ", "))"
        case .removed(let address, deposed: _): "removed \(Self.short(address))"
        case .delivered(let address, to: let recipient, mark: _): "delivered \(Self.short(address)) to \(recipient)"
        case .origin: "origin"
        case .outputs: "outputs"
        }
    }

    /// An address without its type.
    static func short(_ address: InstanceAddress) -> String {
        address.description.replacing("sample_key.", with: "").replacing("data.sample_place.", with: "")
    }
}

/// A secret store in memory, whose calls are noted and fail as the test says: `put id`, `forget id`.
final class PretendSecretStore: SecretStore {
    private let course: Course
    private let kept = Mutex<[String: SecretEntry]>([:])
    private let isThere: Mutex<Bool>

    init(_ course: Course, exists: Bool = true) {
        self.course = course
        isThere = Mutex(exists)
    }

    /// The ids of the keys whose secrets are kept.
    var keys: [String] { kept.withLock { $0.keys.sorted() } }
    /// The secret of a key.
    func secret(of key: String) -> String? { kept.withLock { $0[key]?.secret } }
    /// Keeps an entry, as an earlier run did.
    func keep(_ key: String, intent: String?) {
        kept.withLock { kept in
            kept[key] = SecretEntry(key: key, secret: "secret of \(key)", intent: intent, stored: "")
        }
    }

    func id() async throws(Diagnostic) -> String? { isThere.withLock { $0 } ? "store" : nil }
    func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        try await course.call("prepare")
        isThere.withLock { $0 = true }
        return ("store", [])
    }
    func entry(_ key: String) async throws(Diagnostic) -> SecretEntry? { kept.withLock { $0[key] } }
    func entry(intent: String) async throws(Diagnostic) -> SecretEntry? {
        kept.withLock { kept in kept.values.first { $0.intent == intent } }
    }
    func entries() async throws(Diagnostic) -> [SecretEntry] {
        kept.withLock { kept in kept.values.sorted { $0.key < $1.key } }
    }
    func put(_ entry: SecretEntry) async throws(Diagnostic) {
        try await course.call("put \(entry.key)")
        kept.withLock { $0[entry.key] = entry }
    }
    func remove(_ keys: [String]) async throws(Diagnostic) {
        for key in keys {
            try await course.call("forget \(key)")
            kept.withLock { $0[key] = nil }
        }
    }
    func close() async throws(Diagnostic) {}
}
