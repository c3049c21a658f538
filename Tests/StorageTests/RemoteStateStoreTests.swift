import Applying
import Configuring
import Diagnostics
import EngineSupport
import JSON
import Planning
import Storage
import TestSupport
import Testing

/// State at an engine: what is durable when, what happens when the engine is away, and who may write.
@Suite struct RemoteStateStoreTests {
    private static let undelivered = Samples.statePath + ".undelivered"

    private static func store(
        _ shelf: MemoryEngine.Shelf, _ files: any FileSystem = ForgetfulFileSystem(), run: String = "run1",
        renewal: Duration? = nil, surroundings: Surroundings = TestTime().surroundings(),
        encryption: Encryption = Encryption(), onLoss: @escaping @Sendable () -> Void = {}
    ) -> RemoteStateStore {
        RemoteStateStore(
            engine: MemoryEngine(shelf, renewal: renewal), catalog: Samples.catalog,
            surroundings: surroundings, run: run, newLineage: Samples.lineage, encryption: encryption,
            undelivered: UndeliveredChanges(path: undelivered, files: files), onLoss: onLoss)
    }

    private static func locked(
        _ shelf: MemoryEngine.Shelf, _ files: any FileSystem = ForgetfulFileSystem(), run: String = "run1"
    ) async throws -> RemoteStateStore {
        let store = store(shelf, files, run: run)
        try await store.lock(holder(run), timeout: .zero)
        return store
    }

    private static func holder(_ run: String) -> LockHolder {
        var holder = Samples.holder()
        holder.id = "lock of \(run)"
        return holder
    }

    @Test("What was written is read again, with the next serial")
    func writes() async throws {
        let shelf = MemoryEngine.Shelf()
        let store = try await Self.locked(shelf)
        #expect(try await store.read().state == nil)
        let written = try await store.write(Samples.state(keys: 0..<2), intents: [])
        #expect(written.serial == 1)
        #expect(try await store.write(written, intents: []).serial == 1)
        await store.unlock()
        let again = try await Self.store(shelf).read()
        #expect(again.state?.keys == [0, 1] && !again.isJournaled)
        #expect(!shelf.isLocked)
    }

    @Test("Records that a vanished machine left are taken over by another one")
    func vanished() async throws {
        let shelf = MemoryEngine.Shelf()
        let first = try await Self.locked(shelf)
        try await first.append([.origin(Samples.origin("run1"))])
        try await first.append([.opened(Samples.intent(0)), .opened(Samples.intent(1))])
        try await first.append([Samples.recorded(0, intent: "intent0")])
        shelf.giveLock(to: nil)
        let second = try await Self.locked(shelf, run: "run2")
        let found = try await second.read()
        #expect(found.state?.keys == [0] && found.isJournaled)
        #expect(found.intents.map(\.id) == ["intent1"])
        let state = try #require(found.state)
        _ = try await second.write(state, intents: found.intents)
        await second.unlock()
        let after = try await Self.store(shelf).read()
        #expect(after.state?.keys == [0] && after.intents.map(\.id) == ["intent1"] && !after.isJournaled)
    }

    @Test("With encryption, nothing of it is readable at the engine or in what could not be delivered")
    func encrypted() async throws {
        let shelf = MemoryEngine.Shelf()
        let files = ForgetfulFileSystem()
        var provider = EncryptionSettings.KeyProvider(
            metadataKey: "k", passphrase: EncryptionSettings.Passphrase("correct horse battery staple"))
        provider.iterations = 200_000
        let encryption = Encryption(
            EncryptionSettings(state: EncryptionSettings.Target(methods: [.aesGCM(provider)])))
        func store(_ run: String) -> RemoteStateStore { Self.store(shelf, files, run: run, encryption: encryption) }
        let first = store("run1")
        try await first.lock(Self.holder("run1"), timeout: .zero)
        _ = try await first.write(Samples.state(keys: 0..<2), intents: [])
        try await first.append([.opened(Samples.intent(2))])
        shelf.arrange(.awayBefore, atChange: 0, isLasting: true)
        try await first.append([Samples.recorded(2, intent: "intent2")])
        let kept = String(decoding: try #require(files.bytes(Self.undelivered)), as: UTF8.self)
        #expect(kept.contains("sealed") && !kept.contains("confluent_api_key"))
        shelf.mend()
        shelf.giveLock(to: nil)
        let engine = MemoryEngine(shelf)
        let bytes =
            try #require(try await engine.read()).bytes + (try await engine.journal()?.parts ?? []).flatMap { $0 }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("confluent_api_key"))
        let found = try await store("run2").read()
        #expect(found.state?.keys == [0, 1, 2] && found.intents.isEmpty)
    }

    @Test("A run whose lock was freed cannot write to the journal any more, once another is at work")
    func fenced() async throws {
        let shelf = MemoryEngine.Shelf()
        let first = try await Self.locked(shelf)
        try await first.append([.opened(Samples.intent(0))])
        shelf.giveLock(to: nil)
        let second = try await Self.locked(shelf, run: "run2")
        try await second.append([.opened(Samples.intent(1))])
        await #expect(throws: Diagnostic.self) { try await first.append([.opened(Samples.intent(2))]) }
        await #expect(throws: Diagnostic.self) { try await first.write(Samples.state(keys: 0..<1), intents: []) }
        let found = try await second.read()
        #expect(found.intents.map(\.id).contains("intent1") || shelf.journal?.contains("intent1") == true)
        #expect(shelf.journal?.contains("intent2") == false)
    }

    @Test("A state that others wrote in spite of the lock is not overwritten")
    func conflict() async throws {
        let shelf = MemoryEngine.Shelf()
        let store = try await Self.locked(shelf)
        _ = try await store.read()
        let other = Samples.state(keys: 5..<6).fileBytes()
        shelf.put(other)
        let problem = await #expect(throws: Diagnostic.self) {
            try await store.write(Samples.state(keys: 0..<1), intents: [])
        }
        #expect(problem?.summary == "State was changed by others")
        #expect(shelf.state == other)
    }

    @Test("A lock that is lost is noticed by its renewal, and nothing more is written")
    func lostLock() async throws {
        let shelf = MemoryEngine.Shelf()
        let (losses, continuation) = AsyncStream<Void>.makeStream()
        let store = Self.store(shelf, renewal: .seconds(15), surroundings: HurriedClock().surroundings(seed: 1)) {
            continuation.yield()
        }
        try await store.lock(Self.holder("run1"), timeout: .zero)
        try await store.append([.opened(Samples.intent(0))])
        shelf.giveLock(to: Self.holder("run2"))
        for await _ in losses { break }
        let problem = await #expect(throws: Diagnostic.self) { try await store.append([.opened(Samples.intent(1))]) }
        #expect(problem?.summary == "State lock was lost")
        await store.unlock()
        #expect(shelf.isLocked)
    }

    @Test("A held lock is waited for, and its holder is shown")
    func waits() async throws {
        let shelf = MemoryEngine.Shelf()
        shelf.giveLock(to: Self.holder("other"))
        let time = TestTime()
        let problem = await #expect(throws: Diagnostic.self) {
            try await Self.store(shelf, surroundings: time.surroundings()).lock(
                Self.holder("run1"), timeout: .seconds(30))
        }
        #expect(problem?.detail.contains("lock of other") == true)
        #expect(time.now.offset >= .seconds(30))
        let patient = TestTime { passed in if passed > .seconds(20) { shelf.giveLock(to: nil) } }
        try await Self.store(shelf, surroundings: patient.surroundings()).lock(
            Self.holder("run1"), timeout: .seconds(30))
    }

    @Test("What was done while the engine is away is kept here, and delivered", arguments: MemoryEngine.Fault.allCases)
    func away(_ fault: MemoryEngine.Fault) async throws {
        let (shelf, files) = (MemoryEngine.Shelf(), ForgetfulFileSystem())
        let first = try await Self.locked(shelf, files)
        try await first.append([.origin(Samples.origin("run1"))])
        try await first.append([.opened(Samples.intent(0)), .opened(Samples.intent(1))])
        shelf.arrange(fault, atChange: 0, isLasting: true)
        try await first.append([Samples.recorded(0, intent: "intent0")])
        await #expect(throws: Diagnostic.self) { try await first.append([.opened(Samples.intent(2))]) }
        try await first.append([Samples.recorded(1, intent: "intent1")])
        let problem = await #expect(throws: Diagnostic.self) {
            try await first.write(Samples.state(keys: 0..<2), intents: [])
        }
        #expect(problem?.detail.contains(Self.undelivered) == true)
        await first.unlock()
        #expect(files.paths.contains(Self.undelivered) && !files.isOpenToOthers(Self.undelivered))
        shelf.mend()
        shelf.giveLock(to: nil)
        let second = try await Self.locked(shelf, files, run: "run2")
        let found = try await second.read()
        #expect(found.state?.keys == [0, 1] && found.intents.isEmpty)
        _ = try await second.write(try #require(found.state), intents: found.intents)
        #expect(!files.paths.contains(Self.undelivered))
        #expect(try await Self.store(shelf).read().state?.keys == [0, 1])
    }

    @Test("What was done while the engine is away is kept in a directory that nothing has made yet")
    func awayInAWorkspace() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate.d/prod/flinkform.tfstate.undelivered"
        let shelf = MemoryEngine.Shelf()
        let store = RemoteStateStore(
            engine: MemoryEngine(shelf, renewal: nil), catalog: Samples.catalog,
            surroundings: TestTime().surroundings(), run: "run1", newLineage: Samples.lineage,
            undelivered: UndeliveredChanges(path: path, files: POSIXFileSystem()), onLoss: {})
        try await store.lock(Self.holder("run1"), timeout: .zero)
        try await store.append([.opened(Samples.intent(0))])
        shelf.arrange(.awayBefore, atChange: 0, isLasting: true)
        try await store.append([Samples.recorded(0, intent: "intent0")])
        #expect(try POSIXFileSystem().status(path)?.permissions == 0o600)
    }

    @Test("What another run has settled meanwhile is not undone by what is delivered late")
    func lateDelivery() async throws {
        let (shelf, files) = (MemoryEngine.Shelf(), ForgetfulFileSystem())
        let first = try await Self.locked(shelf, files)
        try await first.append([.opened(Samples.intent(0)), .opened(Samples.intent(1))])
        shelf.arrange(.awayBefore, atChange: 0, isLasting: true)
        try await first.append([
            Samples.recorded(0, intent: "intent0"), Samples.recorded(1, intent: "intent1"),
            .removed(Samples.key(7), deposed: nil),
        ])
        shelf.mend()
        shelf.giveLock(to: nil)
        let elsewhere = try await Self.locked(shelf, run: "run2")
        let there = try await elsewhere.read()
        #expect(there.intents.count == 2)
        _ = try await elsewhere.write(
            Samples.state(keys: 7..<8), intents: there.intents.filter { $0.id == "intent1" })
        await elsewhere.unlock()
        let third = try await Self.locked(shelf, files, run: "run3")
        let found = try await third.read()
        #expect(found.state?.keys == [1, 7] && found.intents.isEmpty)
    }

    @Test("A stop at any change loses nothing that was durable", arguments: MemoryEngine.Fault.allCases)
    func stops(_ fault: MemoryEngine.Fault) async throws {
        for number in 0..<20 {
            let shelf = MemoryEngine.Shelf()
            shelf.put(Samples.state(keys: 0..<1).fileBytes())
            shelf.arrange(fault, atChange: number, isLasting: true)
            var promised: Set<Int> = [0]
            do {
                // Its files vanish with the machine.
                let store = try await Self.locked(shelf)
                try await store.append([.opened(Samples.intent(1))])
                try await store.append([Samples.recorded(1, intent: "intent1")])
                if shelf.changes <= number { promised.insert(1) }
                _ = try await store.write(Samples.state(keys: 0..<2), intents: [])
            } catch {}
            let isOver = shelf.changes <= number
            shelf.mend()
            shelf.giveLock(to: nil)
            let next = try await Self.locked(shelf, run: "run2")
            let found = try await next.read()
            let text = "\(fault) at change \(number)"
            let keys = Set(found.state?.keys ?? [])
            #expect(keys.isSuperset(of: promised), "\(text)")
            let state = try #require(found.state, "\(text)")
            _ = try await next.write(state, intents: found.intents)
            #expect(try await next.read().isJournaled == false, "\(text)")
            if isOver { return }
        }
        Issue.record("There is no end to the changes.")
    }
}
