import Applying
import Configuring
import Diagnostics
import EngineSupport
import Planning
import Storage
import Testing

/// The stores on a machine that stops, or whose disk fails, at every effect in turn.
///
/// After each, what was acknowledged is there, nothing is that was not asked for, and the next run goes on.
@Suite struct CrashTests {
    private static let survivals: [ForgetfulFileSystem.Survival] =
        [.nothing, .everything] + (0..<2).map { .part(seed: $0) }

    /// A run, and how far it came: `acknowledged` steps are durable, `begun` ones may be.
    private struct Progress {
        var acknowledged = 0
        var begun = 0
    }

    /// Runs a scenario once for each effect that it has, with a fault there; answers how many there were.
    ///
    /// What `before` does has no faults.
    private func everyEffect(
        _ fault: ForgetfulFileSystem.Fault,
        before: (ForgetfulFileSystem) async throws -> Void = { _ in },
        _ scenario: (ForgetfulFileSystem) async -> Progress,
        _ check: (ForgetfulFileSystem, Progress, String) async throws -> Void
    ) async throws -> Int {
        for number in 0..<1_000 {
            for survival in Self.survivals {
                let files = ForgetfulFileSystem()
                try await before(files)
                let start = files.effectCount
                files.arrange(fault, atEffect: number)
                let progress = await scenario(files)
                guard files.effectCount > start + number else { return number }
                let isCrashed = files.isCrashed
                if isCrashed { files.restart(survival) } else { files.killProcess() }
                try await check(files, progress, "\(fault) at effect \(number), \(survival)")
                // What is acknowledged was durable all along.
                files.restart()
                try await check(files, progress, "\(fault) at effect \(number), \(survival), restarted once more")
                // Without a crash there is nothing that could survive one way or another.
                if !isCrashed { break }
            }
        }
        return 1_000
    }

    // MARK: - State

    /// What the state has after each record of the run below: its keys, and the open intents.
    private static let states: [(keys: [Int], intents: [String])] = [
        ([], []), ([], ["intent0"]), ([0], []), ([0, 1], []), ([0, 1], ["intent2"]), ([0, 1, 2], []), ([1, 2], []),
    ]

    private func runState(_ files: ForgetfulFileSystem) async -> Progress {
        var progress = Progress()
        do {
            let store = try await Samples.locked(files)
            var state = State(lineage: Samples.lineage)
            func add(_ records: [JournalRecord], _ step: Int) async throws(Diagnostic) {
                progress.begun = step
                try await store.append(records)
                progress.acknowledged = step
                for record in records { state.apply(record, catalog: Samples.catalog) }
            }
            try await add([.origin(Samples.origin("run1")), .opened(Samples.intent(0))], 1)
            try await add([Samples.recorded(0, intent: "intent0")], 2)
            progress.begun = 3
            try await store.note([Samples.recorded(1)])
            state.apply(Samples.recorded(1), catalog: Samples.catalog)
            state = try await store.write(state, intents: [])
            progress.acknowledged = 3
            try await add([.opened(Samples.intent(2))], 4)
            state = try await store.write(state, intents: [Samples.intent(2)])
            try await add([Samples.recorded(2, intent: "intent2")], 5)
            try await add([.removed(Samples.key(0), deposed: nil)], 6)
            _ = try await store.write(state, intents: [])
            await store.unlock()
        } catch {}
        return progress
    }

    private func checkState(_ files: ForgetfulFileSystem, _ progress: Progress, _ place: String) async throws {
        let allowed = Self.states[progress.acknowledged...max(progress.acknowledged, progress.begun)]
        let stored = try await Samples.store(files, run: "run2").read()
        let (keys, intents) = (stored.state?.keys ?? [], stored.intents.map(\.id))
        #expect(allowed.contains { $0.keys == keys && $0.intents == intents }, "\(place): \(keys) \(intents)")
        // The next run takes the journal over, interrupted or not, and can go on.
        let store = try await Samples.locked(files, run: "run3")
        let read = try await store.read()
        if let state = read.state, read.isJournaled { _ = try await store.write(state, intents: read.intents) }
        try await store.append([.opened(Samples.intent(9))])
        try await store.append([.settled(intent: "intent9")])
        let after = try await store.read()
        #expect(after.state?.resources ?? [:] == stored.state?.resources ?? [:], "\(place)")
        #expect(after.intents == stored.intents, "\(place)")
        #expect((after.state?.serial ?? 0) >= (stored.state?.serial ?? 0), "\(place)")
        await store.unlock()
    }

    @Test("A state is old or new, and has what was acknowledged", arguments: ForgetfulFileSystem.Fault.allCases)
    func state(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await everyEffect(fault, runState, checkState)
        #expect(effects > 30 && effects < 1_000)
    }

    @Test("Taking over a journal can be interrupted at every effect", arguments: ForgetfulFileSystem.Fault.allCases)
    func takingOver(_ fault: ForgetfulFileSystem.Fault) async throws {
        for origin in [[], [JournalRecord.origin(Samples.origin("run1"))]] {
            let effects = try await everyEffect(fault) { files in
                let process = ProcessFiles(on: files)
                let store = try await Samples.locked(process)
                try await store.append(
                    origin + [Samples.recorded(0), .deposed(Samples.key(0), key: "0a1b2c3d"), Samples.recorded(0)])
                try await store.append([.opened(Samples.intent(4))])
                process.end()
            } _: { files in
                do {
                    let store = try await Samples.locked(files, run: "run2")
                    let stored = try await store.read()
                    if let state = stored.state { _ = try await store.write(state, intents: stored.intents) }
                    await store.unlock()
                } catch {}
                return Progress()
            } _: { files, _, place in
                let stored = try await Samples.store(files, run: "run3").read()
                let instance = stored.state?.resources[Samples.resource]?.instances[.index(0)]
                #expect(stored.intents == [Samples.intent(4)], "\(place)")
                #expect(instance?.current == Samples.object(0), "\(place)")
                #expect(instance?.deposed == ["0a1b2c3d": Samples.object(0)], "\(place)")
            }
            #expect(effects > 15 && effects < 1_000)
        }
    }

    // MARK: - Secrets

    private static let secrets: [[Int]] = [[], [0], [0, 1], [1], [1, 2]]

    private func runSecrets(_ files: ForgetfulFileSystem) async -> Progress {
        var progress = Progress()
        do {
            func step(_ number: Int, _ body: () async throws -> Void) async throws {
                progress.begun = number
                try await body()
                progress.acknowledged = number
            }
            let store = Samples.secrets(files)
            _ = try await store.prepare()
            try await step(1) { try await store.put(Samples.entry(0, "zero")) }
            try await step(2) { try await store.put(Samples.entry(1, "one")) }
            try await store.close()
            try await step(3) { try await store.remove(["ID0"]) }
            try await step(4) { try await store.put(Samples.entry(2, "two")) }
            try await store.close()
        } catch {}
        return progress
    }

    private func checkSecrets(_ files: ForgetfulFileSystem, _ progress: Progress, _ place: String) async throws {
        let allowed = Self.secrets[progress.acknowledged...max(progress.acknowledged, progress.begun)]
        let keys = try await Samples.secrets(files).entries().map(\.key)
        #expect(allowed.contains { $0.map { "ID\($0)" } == keys }, "\(place): \(keys)")
        let store = Samples.secrets(files, id: "store2")
        let id = try await store.id()
        #expect(try await store.prepare().id == id ?? "store2", "\(place)")
        #expect(try await store.entries().map(\.key) == keys, "\(place)")
        try await store.put(Samples.entry(9))
        try await store.remove(["ID9"])
        try await store.close()
        #expect(try await Samples.secrets(files).entries().map(\.key) == keys, "\(place)")
    }

    @Test("No acknowledged secret is lost", arguments: ForgetfulFileSystem.Fault.allCases)
    func secrets(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await everyEffect(fault, runSecrets, checkSecrets)
        #expect(effects > 20 && effects < 1_000)
    }

    // MARK: - Single files

    @Test("A replaced file is the old one or the new one, whole", arguments: ForgetfulFileSystem.Fault.allCases)
    func atomicFile(_ fault: ForgetfulFileSystem.Fault) async throws {
        let (old, new) = (Array("old".utf8), Array("something new".utf8))
        let effects = try await everyEffect(fault) { files in
            files.put(old, at: "/d/file")
        } _: { files in
            do {
                try AtomicFile.write(new, to: "/d/file", on: files)
                return Progress(acknowledged: 1, begun: 1)
            } catch {
                return Progress(acknowledged: 0, begun: 1)
            }
        } _: { files, progress, place in
            let bytes = files.bytes("/d/file")
            #expect(bytes == new || (bytes == old && progress.acknowledged == 0), "\(place)")
            try AtomicFile.write(new, to: "/d/file", on: files)
            #expect(files.paths == ["/d/file"], "\(place)")
            files.put(old, at: "/d/file")
        }
        #expect(effects == 5)
    }
}
