import Applying
import Diagnostics
import JSON

/// A state as an object of a bucket, with its lock beside it (`.tflock`, as Terraform does it) and its journal below it.
actor S3Engine: StateEngine {
    nonisolated let place: String
    nonisolated let renewal: Duration?

    let client: S3Client
    let key: String
    var held: HeldLock?
    var isLost = false
    var seenJournal: SeenJournal?

    /// A lock that this run has.
    struct HeldLock {
        var holder: LockHolder
        /// The tag of the lock's object when it was last written.
        var tag: String
        /// How often it was renewed.
        var renewals = 0
    }

    /// The journal as this run read it, and added to it since: its newest generation, and how many parts that has.
    struct SeenJournal: Hashable {
        var generation: Int
        var count: Int
    }

    /// Makes an engine; nothing is sent yet.
    init(client: S3Client, key: String) {
        self.client = client
        self.key = key
        place = client.place(key)
        renewal = client.settings.usesLockfile ? Self.interval : nil
    }

    // MARK: - State

    func read() async throws(EngineError) -> EngineState? {
        guard let object = try await client.get("The state could not be read", key), !object.bytes.isEmpty else {
            return nil
        }
        return EngineState(bytes: object.bytes, version: object.tag)
    }

    func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String {
        try await checkLock()
        let what = "The state could not be written"
        switch try await client.put(what, key, bytes, if: version.map { .tag($0) } ?? .absent) {
        case .done(let tag): return tag
        case .unmet(let mayBeOurs):
            // The answer to an attempt of ours may have been lost: then what is there is what was to be written.
            if mayBeOurs, let object = try await client.get(what, key), object.bytes == bytes { return object.tag }
            throw EngineError(.conflict, "\(place) has another state than the one that was read.")
        }
    }
}
