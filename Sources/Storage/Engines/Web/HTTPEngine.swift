import Applying
import Diagnostics
import JSON

/// A state at an address, under the lock that the server keeps, with its journal as a second document beside it.
///
/// The protocol has no conditional write. The lock's id goes with every write, so that a server which looks at it, as GitLab does,
/// takes none from a run that lost its lock; and before every write it is looked at whether the document still is the known one.
actor HTTPEngine: StateEngine {
    nonisolated let place: String
    nonisolated let renewal: Duration?

    let client: HTTPStateClient
    let surroundings: Surroundings
    var held: LockHolder?
    var isLost = false
    /// The renewal that is under way: a lock must not be let go before it has ended, or it would be taken once more.
    var renewing: Task<Result<Void, EngineError>, Never>?
    var isJournalLocked = false
    private var journal = KnownJournal.unread

    /// The journal's document as this run knows it.
    private enum KnownJournal {
        case unread
        case known(JournalDocument?)
    }

    /// Makes an engine; nothing is sent yet.
    init(client: HTTPStateClient, surroundings: Surroundings) {
        self.client = client
        self.surroundings = surroundings
        place = client.settings.address.shown
        renewal = client.settings.lock == nil ? nil : .seconds(30)
    }

    /// Forgets what an earlier lock knew.
    func begin() {
        (held, isLost, isJournalLocked, journal) = (nil, false, false, .unread)
    }

    // MARK: - State

    func read() async throws(EngineError) -> EngineState? {
        try await client.read("The state could not be read", client.state)
            .map { EngineState(bytes: $0.bytes, version: Checksum.sha256($0.bytes)) }
    }

    func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String {
        guard !isLost else { throw lost(nil) }
        let what = "The state could not be written"
        let there = try await client.read(what, client.state)
        guard there.map({ Checksum.sha256($0.bytes) }) == version else {
            throw EngineError(.conflict, "\(place) has another state than the one that was read.")
        }
        try await replace(what, client.state, bytes, tag: there?.tag)
        return Checksum.sha256(bytes)
    }

    private func replace(
        _ what: String, _ place: HTTPStateClient.Place, _ bytes: [UInt8], tag: String?
    ) async throws(EngineError) {
        let writing = try await client.write(what, place, bytes, lock: held?.id, tag: tag)
        guard case .refused(let error, let status, let mayHaveWorked) = writing else { return }
        // A server that keeps versions refuses the second of two attempts whose first one worked.
        if mayHaveWorked, try await client.read(what, place)?.bytes == bytes { return }
        if held != nil, status != 401, status != 403 { try await renew() }
        switch status {
        case 412: throw EngineError(.conflict, error.reason)
        case 409, 423: throw EngineError(held == nil ? .conflict : .lockLost, error.reason)
        default: throw error
        }
    }

    // MARK: - Journal

    func journal() async throws(EngineError) -> EngineJournal? {
        let document = try await document("The journal could not be read")?.document
        journal = .known(document)
        guard let document, !document.parts.isEmpty else { return nil }
        return EngineJournal(generation: document.generation, parts: document.parts)
    }

    private func document(_ what: String) async throws(EngineError) -> (document: JournalDocument, tag: String?)? {
        guard let read = try await client.read(what, client.journal) else { return nil }
        guard let document = JournalDocument(read.bytes) else {
            throw EngineError(
                .refused, "\(what): \(client.journal.address.shown) has a document that is no journal of flinkform.",
                advice:
                    "The journal is kept beside the state, at its address with \"-journal\"; that address must be free."
            )
        }
        return (document, read.tag)
    }

    func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError) {
        guard !isLost else { throw lost(nil) }
        let what = "The journal could not be written"
        try await lockJournal()
        let there = try await document(what)
        let known: JournalDocument? =
            switch journal {
            case .unread: there?.document
            case .known(let document): document
            }
        let isLater = known.map { !$0.parts.isEmpty && $0.generation >= generation } ?? false
        guard there?.document == known, number == 0 ? !isLater : known.map({ $0.generation == generation }) ?? false,
            number == 0 || known?.parts.count == number
        else {
            throw EngineError(.lockLost, "Another run goes on with the journal of \(place).")
        }
        var next = known ?? JournalDocument(lineage: surroundings.uuid())
        next.serial += 1
        next.parts = number == 0 ? [part] : next.parts + [part]
        next.generation = generation
        try await replace(what, client.journal, next.bytes, tag: there?.tag)
        journal = .known(next)
    }

    func removeJournal(through generation: Int) async throws(EngineError) {
        let what = "The journal could not be emptied"
        guard let there = try await document(what) else { return }
        var next = there.document
        guard next.generation <= generation, !next.parts.isEmpty else { return }
        try await lockJournal()
        next.serial += 1
        next.parts = []
        try await replace(what, client.journal, next.bytes, tag: there.tag)
        journal = .known(next)
    }
}
