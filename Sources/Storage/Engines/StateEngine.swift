package import Applying

/// An engine on another machine that keeps one state, its lock and its journal: what a remote backend has to do.
///
/// It knows bytes, not states: what they mean, when they are written and what happens when the engine is away is decided by
/// `RemoteStateStore`. Calls may overlap. Each is tried again inside as far as that is safe; what is thrown is final.
///
/// The journal is a sequence of parts, made durable one after the other. A run that takes a journal over begins a new generation,
/// whose first part holds everything that is still open of the one before; readers see the newest generation alone.
package protocol StateEngine: Sendable {
    /// What users are shown, such as `s3://bucket/key`; never has credentials.
    var place: String { get }

    /// How often `renew` is to be called while the lock is held; nil when there is nothing to renew or to check.
    var renewal: Duration? { get }

    // MARK: - State

    /// The state as it is now; nil when there is none.
    func read() async throws(EngineError) -> EngineState?

    /// Puts a state in the place of the version that was read; nil means that there must be none yet.
    ///
    /// Returns the new version. Throws `.conflict` when another one is there; where the engine has no conditional write, as
    /// plain `http` servers do not, the lock alone protects.
    func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String

    // MARK: - Lock

    /// One try to take the lock; nil when it was taken, else who has it.
    ///
    /// A lock whose holder stopped renewing it is taken over where the engine can do that in one step.
    func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal?

    /// Makes the lock known to be alive, and makes sure that it still is this run's; throws `.lockLost` when it is not.
    func renew() async throws(EngineError)

    /// Lets the lock of this run go; harmless without one.
    func unlock() async throws(EngineError)

    /// Who has the lock; nil when nobody has.
    func standing() async throws(EngineError) -> LockStanding?

    /// Lets a lock go that another run left, if its id is the one given.
    func forceUnlock(id: String) async throws(EngineError)

    // MARK: - Journal

    /// The newest generation of the journal, its parts in order; nil when there is none.
    func journal() async throws(EngineError) -> EngineJournal?

    /// Adds a part, durable when it returns; numbers rise by one from zero in each generation.
    ///
    /// Throws `.lockLost` when another run has written that part, or has begun a later generation, as far as the engine can
    /// tell in the same step.
    func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError)

    /// Takes away all generations up to this one.
    func removeJournal(through generation: Int) async throws(EngineError)
}

/// A state as an engine keeps it.
package struct EngineState: Hashable, Sendable {
    /// The state file's bytes.
    package var bytes: [UInt8]
    /// Tells this version from every other; only the engine knows what is in it.
    package var version: String

    /// Makes a state.
    package init(bytes: [UInt8], version: String) {
        self.bytes = bytes
        self.version = version
    }
}

/// A journal as an engine keeps it.
package struct EngineJournal: Hashable, Sendable {
    /// Its generation, from 1.
    package var generation: Int
    /// Its parts, in order.
    package var parts: [[UInt8]]

    /// Makes a journal.
    package init(generation: Int, parts: [[UInt8]]) {
        self.generation = generation
        self.parts = parts
    }
}

/// Why a lock was not taken.
package struct LockRefusal: Hashable, Sendable {
    /// Who has it; nil when the engine does not tell.
    package var holder: LockHolder?
    /// What else is known of the holder, as sentences: when it last was heard of, or its connection.
    package var remark: String?

    /// Makes a refusal.
    package init(holder: LockHolder?, remark: String? = nil) {
        self.holder = holder
        self.remark = remark
    }
}

/// A lock that is held.
package struct LockStanding: Hashable, Sendable {
    /// Who has it; nil when the engine does not tell.
    package var holder: LockHolder?
    /// How long ago it was last renewed, by the engine's clock; nil when its holder does not renew it, as Terraform does not.
    package var sinceRenewal: Duration?
    /// What else is known, as sentences.
    package var remark: String?

    /// Makes a standing.
    package init(holder: LockHolder?, sinceRenewal: Duration? = nil, remark: String? = nil) {
        self.holder = holder
        self.sinceRenewal = sinceRenewal
        self.remark = remark
    }
}

/// Where the states of a configuration's workspaces are kept: a `backend` block, ready for use.
package protocol Backend: Sendable {
    /// The engine that keeps the state of a workspace; throws when the backend has the workspace `default` alone.
    func engine(workspace: String) throws(EngineError) -> any StateEngine

    /// The workspaces that have a state, sorted; nil when the backend knows none but `default`.
    func workspaces() async throws(EngineError) -> [String]?

    /// Takes the state of a workspace away, with what belongs to it.
    func remove(workspace: String) async throws(EngineError)

    /// Lets connections go; nothing is asked afterwards.
    func close() async
}

/// Why an engine did not do something.
package struct EngineError: Error, Hashable, Sendable {
    /// What that means for the run.
    package enum Kind: Hashable, Sendable {
        /// No answer, or none that can be used: it may work later, and it may have worked.
        case away
        /// The engine said no: wrong credentials, no such bucket, no permission.
        case refused
        /// Somebody else wrote what was to be replaced.
        case conflict
        /// The lock is not this run's any more.
        case lockLost
    }

    /// What that means for the run.
    package var kind: Kind
    /// What was tried and what came of it, as sentences; no credentials.
    package var reason: String
    /// What a user can do, as a sentence; nil when the kind says it.
    package var advice: String?

    /// Makes an error.
    package init(_ kind: Kind, _ reason: String, advice: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.advice = advice
    }
}
