import Applying
package import Storage
import Synchronization

/// A backend as one machine sees it that can stop at any change that it makes there.
///
/// Once it has stopped, nothing of it reaches the backend any more, and its connections are gone.
package final class LosableBackend: Backend {
    /// When the machine stops.
    package enum Moment: CaseIterable, Sendable {
        /// Just before the change.
        case before
        /// Just after it.
        case after
    }

    fileprivate let inner: any Backend
    fileprivate let files: ForgetfulFileSystem
    private let number: Int?
    private let moment: Moment
    private let made = Mutex(0)

    /// A backend for the machine of some files, which stops at its n-th change; nil for never.
    package init(_ inner: any Backend, on files: ForgetfulFileSystem, stopsAt number: Int?, _ moment: Moment = .before)
    {
        self.inner = inner
        self.files = files
        self.number = number
        self.moment = moment
    }

    /// How many changes were made or tried.
    package var changes: Int { made.withLock { $0 } }

    private static let lost = EngineError(.away, "The machine has stopped.")

    fileprivate func checkRunning() async throws(EngineError) {
        guard !files.isCrashed else {
            await inner.close()
            throw Self.lost
        }
    }

    fileprivate func change<Result>(
        _ make: () async throws(EngineError) -> Result
    ) async throws(EngineError) -> Result {
        try await checkRunning()
        let own = made.withLock { made in
            made += 1
            return made - 1
        }
        if own == number, moment == .before { files.crash() }
        try await checkRunning()
        let result = try await make()
        if own == number { files.crash() }
        try await checkRunning()
        return result
    }

    package func engine(workspace: String) throws(EngineError) -> any StateEngine {
        LosableEngine(backend: self, inner: try inner.engine(workspace: workspace))
    }

    package func workspaces() async throws(EngineError) -> [String]? {
        try await checkRunning()
        return try await inner.workspaces()
    }

    package func remove(workspace: String) async throws(EngineError) {
        try await change { () async throws(EngineError) in try await inner.remove(workspace: workspace) }
    }

    package func close() async { await inner.close() }
}

private struct LosableEngine: StateEngine {
    let backend: LosableBackend
    let inner: any StateEngine

    var place: String { inner.place }
    var renewal: Duration? { inner.renewal }

    func read() async throws(EngineError) -> EngineState? {
        try await backend.checkRunning()
        return try await inner.read()
    }

    func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String {
        try await backend.change { () async throws(EngineError) in try await inner.write(bytes, replacing: version) }
    }

    func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal? {
        try await backend.change { () async throws(EngineError) in try await inner.lock(holder) }
    }

    func renew() async throws(EngineError) {
        try await backend.checkRunning()
        try await inner.renew()
    }

    func unlock() async throws(EngineError) {
        try await backend.change { () async throws(EngineError) in try await inner.unlock() }
    }

    func standing() async throws(EngineError) -> LockStanding? {
        try await backend.checkRunning()
        return try await inner.standing()
    }

    func forceUnlock(id: String) async throws(EngineError) {
        try await backend.change { () async throws(EngineError) in try await inner.forceUnlock(id: id) }
    }

    func journal() async throws(EngineError) -> EngineJournal? {
        try await backend.checkRunning()
        return try await inner.journal()
    }

    func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError) {
        try await backend.change { () async throws(EngineError) in
            try await inner.append(part, generation: generation, number: number)
        }
    }

    func removeJournal(through generation: Int) async throws(EngineError) {
        try await backend.change { () async throws(EngineError) in
            try await inner.removeJournal(through: generation)
        }
    }
}
