package import Applying
package import Storage
import Synchronization

/// A state, its lock and its journal in memory, as an engine on another machine keeps them: what it was told survives every run.
///
/// The n-th change can fail, before or after it took effect, or be the last thing that a machine did.
package final class MemoryEngine: StateEngine {
    /// What happens at a change.
    package enum Fault: CaseIterable, Sendable {
        /// It is not made, and nothing is heard of it.
        case awayBefore
        /// It is made, and nothing is heard of it.
        case awayAfter
    }

    /// What is kept.
    package final class Shelf: Sendable {
        fileprivate struct Kept {
            var state: EngineState?
            var lock: LockHolder?
            var journals: [Int: [[UInt8]]] = [:]
            var versions = 0
            var changes = 0
            var fault: (number: Int, fault: Fault, isLasting: Bool)?
        }
        fileprivate let kept = Mutex(Kept())

        /// An empty shelf.
        package init() {}

        /// The state's bytes; nil when there is none.
        package var state: [UInt8]? { kept.withLock { $0.state?.bytes } }
        /// The journal's newest generation as one text; nil when there is none.
        package var journal: String? {
            kept.withLock { kept in
                kept.journals.max { $0.key < $1.key }.map { String(decoding: $0.value.flatMap { $0 }, as: UTF8.self) }
            }
        }
        /// How many changes were made.
        package var changes: Int { kept.withLock { $0.changes } }
        /// Whether the lock is held.
        package var isLocked: Bool { kept.withLock { $0.lock != nil } }

        /// Puts a state there, as another program would.
        package func put(_ bytes: [UInt8]) {
            kept.withLock { kept in
                kept.versions += 1
                kept.state = EngineState(bytes: bytes, version: "v\(kept.versions)")
            }
        }

        /// Gives the lock to somebody else, or to nobody.
        package func giveLock(to holder: LockHolder?) { kept.withLock { $0.lock = holder } }

        /// Lets the n-th change from now on fail, and all later ones if `isLasting`.
        package func arrange(_ fault: Fault, atChange number: Int, isLasting: Bool = false) {
            kept.withLock { $0.fault = ($0.changes + number, fault, isLasting) }
        }

        /// Lets everything work again.
        package func mend() { kept.withLock { $0.fault = nil } }
    }

    private let shelf: Shelf
    private let held = Mutex<LockHolder?>(nil)
    /// Where it says that it is.
    package let place: String
    /// How often the lock is renewed.
    package let renewal: Duration?

    /// An engine over a shelf.
    package init(_ shelf: Shelf, place: String = "memory://state", renewal: Duration? = nil) {
        self.shelf = shelf
        self.place = place
        self.renewal = renewal
    }

    private static let away = EngineError(.away, "The engine did not answer.")

    private func change<Result>(_ make: (inout Shelf.Kept) throws(EngineError) -> Result) throws(EngineError) -> Result
    {
        try shelf.kept.withLock { kept throws(EngineError) in
            kept.changes += 1
            var fault: Fault?
            if let arranged = kept.fault {
                let isNow = kept.changes == arranged.number + 1
                if isNow || (arranged.isLasting && kept.changes > arranged.number) { fault = arranged.fault }
            }
            if fault == .awayBefore { throw Self.away }
            let result = try make(&kept)
            if fault == .awayAfter { throw Self.away }
            return result
        }
    }

    package func read() async throws(EngineError) -> EngineState? { shelf.kept.withLock { $0.state } }

    package func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String {
        try change { kept throws(EngineError) in
            guard kept.state?.version == version else { throw EngineError(.conflict, "Another version is there.") }
            kept.versions += 1
            kept.state = EngineState(bytes: bytes, version: "v\(kept.versions)")
            return "v\(kept.versions)"
        }
    }

    package func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal? {
        let refusal: LockRefusal? = try change { kept throws(EngineError) in
            if let other = kept.lock { return LockRefusal(holder: other) }
            kept.lock = holder
            return nil
        }
        if refusal == nil { held.withLock { $0 = holder } }
        return refusal
    }

    package func renew() async throws(EngineError) {
        let own = held.withLock { $0?.id }
        guard shelf.kept.withLock({ $0.lock?.id }) == own else {
            throw EngineError(.lockLost, "The lock has another holder.")
        }
    }

    package func unlock() async throws(EngineError) {
        let own = held.withLock { $0 }
        try change { kept throws(EngineError) in if kept.lock?.id == own?.id { kept.lock = nil } }
    }

    package func standing() async throws(EngineError) -> LockStanding? {
        shelf.kept.withLock { $0.lock }.map { LockStanding(holder: $0) }
    }

    package func forceUnlock(id: String) async throws(EngineError) {
        try change { kept throws(EngineError) in
            guard kept.lock?.id == id else { throw EngineError(.refused, "The lock has another id.") }
            kept.lock = nil
        }
    }

    package func journal() async throws(EngineError) -> EngineJournal? {
        shelf.kept.withLock { kept in
            kept.journals.max { $0.key < $1.key }.map { EngineJournal(generation: $0.key, parts: $0.value) }
        }
    }

    package func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError) {
        try change { kept throws(EngineError) in
            guard kept.journals.keys.allSatisfy({ $0 <= generation }),
                kept.journals[generation, default: []].count == number
            else { throw EngineError(.lockLost, "Another run has written to the journal.") }
            kept.journals[generation, default: []].append(part)
        }
    }

    package func removeJournal(through generation: Int) async throws(EngineError) {
        try change { kept throws(EngineError) in kept.journals = kept.journals.filter { $0.key > generation } }
    }
}

/// A backend that keeps the states of all workspaces on shelves in memory.
package final class MemoryBackend: Backend {
    private let shelves = Mutex<[String: MemoryEngine.Shelf]>([:])

    /// A backend without states.
    package init() {}

    /// The shelf of a workspace.
    package func shelf(_ workspace: String = "default") -> MemoryEngine.Shelf {
        shelves.withLock { shelves in
            let shelf = shelves[workspace] ?? MemoryEngine.Shelf()
            shelves[workspace] = shelf
            return shelf
        }
    }

    package func engine(workspace: String) throws(EngineError) -> any StateEngine {
        MemoryEngine(shelf(workspace), place: "memory://\(workspace)")
    }

    package func workspaces() async throws(EngineError) -> [String]? {
        shelves.withLock { $0 }.filter { $0.value.state != nil }.keys.sorted()
    }

    package func remove(workspace: String) async throws(EngineError) {
        shelves.withLock { $0[workspace] = nil }
    }

    package func close() async {}
}
