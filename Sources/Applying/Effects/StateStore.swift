package import Diagnostics
package import Planning

/// Where state rests, with its lock and its journal.
///
/// Contract: `read` sees the last snapshot and every record whose `append` has returned. `append` returns when the records are
/// durable; calls that overlap may share one sync. `write` replaces the snapshot and empties the journal in one step as far as
/// a crash can tell; open intents stay in the journal. Everything but `read` needs the lock. Errors are diagnostics that say
/// what to do; after one, nothing is half-written.
package protocol StateStore: Sendable {
    /// Whether each `append` takes a round trip to another machine: more steps than calls to the cloud are then under way.
    var isDistant: Bool { get }

    /// Takes the lock, trying again for as long as `timeout` says; zero means one try.
    func lock(_ holder: LockHolder, timeout: Duration) async throws(Diagnostic)

    /// Lets the lock go; harmless without one.
    func unlock() async

    /// The state of now: snapshot and journal together, and the intents that are not settled.
    ///
    /// The state is nil when there is none yet. Does not need the lock.
    func read() async throws(Diagnostic) -> StoredState

    /// Adds records to the journal; the first call of a run starts it. Durable when it returns.
    func append(_ records: [JournalRecord]) async throws(Diagnostic)

    /// Adds records to the journal that may be lost in a crash, because nothing outside depends on them.
    func note(_ records: [JournalRecord]) async throws(Diagnostic)

    /// Writes the state as a new snapshot, with a backup of the one before this run, and keeps only the open intents.
    ///
    /// Raises the serial by one and returns what was written; an unchanged state is not written.
    func write(_ state: State, intents: [Intent]) async throws(Diagnostic) -> State

    /// Puts another state in the place of the one that is there, as it stands, with its own lineage and serial.
    ///
    /// Otherwise like `write`: there is a backup, and only the open intents are kept.
    func replace(with state: State, intents: [Intent]) async throws(Diagnostic)

    /// Makes an empty state if there is none, so that its workspace is there.
    func establish() async throws(Diagnostic)
}

extension StateStore {
    /// Adds records of what was done by a provider: durable when it returns, unless nothing was done outside of the state.
    func add(_ records: [JournalRecord], of provider: any Provider) async throws(Diagnostic) {
        if provider.place == nil {
            try await note(records)
        } else {
            try await append(records)
        }
    }

    /// On this machine, unless it says otherwise.
    package var isDistant: Bool { false }
}

/// What a state store holds.
package struct StoredState: Sendable {
    /// The state; nil when there is none.
    package var state: State?
    /// Intents of earlier runs that are not settled, oldest first.
    package var intents: [Intent]
    /// Whether the journal has records that the snapshot lacks: a run was interrupted.
    package var isJournaled: Bool

    /// Makes a stored state.
    package init(state: State?, intents: [Intent], isJournaled: Bool) {
        self.state = state
        self.intents = intents
        self.isJournaled = isJournaled
    }
}

/// Who holds a lock: the record that Terraform shows, too.
package struct LockHolder: Hashable, Sendable {
    /// A UUID.
    package var id: String
    /// Such as `OperationTypeApply`.
    package var operation: String
    /// `user@host`.
    package var who: String
    /// This program's version.
    package var version: String
    /// RFC 3339 with nanoseconds, UTC.
    package var created: String
    /// The path of the state.
    package var path: String
    /// Which job of a pipeline it is, such as its address; empty outside of one.
    package var info: String

    /// Makes a holder.
    package init(
        id: String, operation: String, who: String, version: String, created: String, path: String, info: String = ""
    ) {
        self.id = id
        self.operation = operation
        self.who = who
        self.version = version
        self.created = created
        self.path = path
        self.info = info
    }
}
