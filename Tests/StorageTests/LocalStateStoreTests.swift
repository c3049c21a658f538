import Applying
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Planning
import Storage
import Testing

/// State in a file, with a journal beside it.
@Suite struct LocalStateStoreTests {
    @Test("It does what every state store does, in memory and on this machine's disk")
    func conformance() async throws {
        let files = ForgetfulFileSystem()
        try await StateStoreConformance(
            store: { Samples.store(files, run: $0) }, holder: Samples.holder()
        ).all()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate"
        try await StateStoreConformance(
            store: { Samples.store(POSIXFileSystem(), path, run: $0) }, holder: Samples.holder(path)
        ).all()
        #expect(
            directory.names == [".flinkform.tfstate.lock", "flinkform.tfstate", "flinkform.tfstate.backup"])
        #expect(directory.mode("flinkform.tfstate") == 0o600)
        #expect(directory.mode("flinkform.tfstate.backup") == 0o600)
    }

    @Test("The backup is the state as it was before the run, made once")
    func backup() async throws {
        let files = ForgetfulFileSystem()
        let before = Samples.state(keys: 0..<1).fileBytes()
        files.put(before, at: Samples.statePath, isOpenToOthers: true)
        let store = try await Samples.locked(files)
        for count in 2...4 { _ = try await store.write(Samples.state(keys: 0..<count), intents: []) }
        await store.unlock()
        #expect(files.bytes(Samples.statePath + ".backup") == before)
        #expect(!files.isOpenToOthers(Samples.statePath))
        let other = try await Samples.locked(files, run: "run2")
        _ = try await other.write(Samples.state(keys: 0..<9), intents: [])
        await other.unlock()
        let json = try JSONValue(parsing: files.bytes(Samples.statePath + ".backup") ?? [])
        #expect(json["serial"]?.int == 3)
    }

    @Test("What is not a whole state is refused, and says the way out")
    func refused() async throws {
        let whole = Samples.state(keys: 0..<1).fileBytes()
        let cases: [(bytes: [UInt8], summary: String, parts: [String])] = [
            ([], "State file is empty", [".backup"]),
            (Array(whole.prefix(100)), "State file cannot be read", [".backup", ".journal"]),
            (Array("{\"version\":5}".utf8), "Unsupported state file format", ["version 5"]),
            (Array("{\"version\":4}".utf8), "State file cannot be read", ["lineage"]),
        ]
        for (bytes, summary, parts) in cases {
            let files = ForgetfulFileSystem()
            files.put(bytes, at: Samples.statePath)
            let store = try await Samples.locked(files)
            for problem in [
                await failure { try await store.read() },
                await failure { try await store.append([Samples.recorded(0)]) },
                await failure { try await store.write(Samples.state(keys: 0..<2), intents: []) },
            ] {
                #expect(problem.summary == summary)
                for part in parts { #expect(problem.detail.contains(part), "\(part)") }
            }
            #expect(files.bytes(Samples.statePath) == bytes)
        }
    }

    @Test("A state with a secret in clear is refused with the way out, and never rewritten")
    func secretInClear() async throws {
        let text = String(decoding: Samples.state(keys: 0..<2).fileBytes(), as: UTF8.self)
        let files = ForgetfulFileSystem()
        let bytes = Array(text.replacing("\"secret\": null", with: "\"secret\": \"hunter2hunter2\"").utf8)
        files.put(bytes, at: Samples.statePath)
        let store = try await Samples.locked(files)
        for problem in [
            await failure { try await store.read() },
            await failure { try await store.write(Samples.state(keys: 0..<3), intents: []) },
        ] {
            #expect(problem.summary == "State holds secrets in clear")
            #expect(problem.detail.contains("adopt"))
            #expect(!problem.detail.contains("hunter2"))
        }
        #expect(files.bytes(Samples.statePath) == bytes)
        #expect(files.bytes(Samples.journalPath) == nil)
    }

    /// A state with a journal that an interrupted run left.
    private func interrupted(_ records: [JournalRecord], base: State?) async throws -> ForgetfulFileSystem {
        let files = ForgetfulFileSystem()
        if let base { files.put(base.fileBytes(), at: Samples.statePath) }
        let store = try await Samples.locked(files)
        try await store.append(records)
        files.killProcess()
        return files
    }

    @Test("A state that another program changed under a journal with results is refused, and nothing is lost")
    func changedUnderJournal() async throws {
        let base = Samples.state(keys: 0..<1)
        let files = try await interrupted([Samples.recorded(1)], base: base)
        var other = base
        other.serial += 1
        files.put(other.fileBytes(), at: Samples.statePath)
        let journal = files.bytes(Samples.journalPath)
        let store = try await Samples.locked(files, run: "run2")
        for problem in [
            await failure { try await store.read() }, await failure { try await store.append([Samples.recorded(2)]) },
        ] {
            #expect(problem.summary == "State changed under its journal")
            #expect(problem.detail.contains(".journal"))
        }
        #expect(files.bytes(Samples.journalPath) == journal)
    }

    @Test("Open intents survive a state that another program changed")
    func intentsUnderChange() async throws {
        let base = Samples.state(keys: 0..<1)
        let files = try await interrupted([.opened(Samples.intent(4))], base: base)
        var other = base
        other.serial += 5
        files.put(other.fileBytes(), at: Samples.statePath)
        let store = try await Samples.locked(files, run: "run2")
        let stored = try await store.read()
        #expect(stored.intents == [Samples.intent(4)])
        #expect(stored.state == other)
        try await store.append([.opened(Samples.intent(5))])
        #expect(try await store.read().intents == [Samples.intent(4), Samples.intent(5)])
    }

    @Test("A journal of another lineage, of another version, or without its state is refused")
    func foreignJournal() async throws {
        let base = Samples.state(keys: 0..<1)
        let files = try await interrupted([Samples.recorded(1)], base: base)
        var other = State(lineage: "99999999-2222-3333-4444-555555555555")
        other.apply(Samples.recorded(0), catalog: Samples.catalog)
        files.put(other.fileBytes(), at: Samples.statePath)
        #expect(await failure { try await Samples.store(files).read() }.summary == "Journal of another state")

        var grown = base
        grown.serial = 3
        let second = try await interrupted([Samples.recorded(1)], base: grown)
        second.takeAway(Samples.statePath)
        #expect(await failure { try await Samples.store(second).read() }.summary == "State file is missing")
    }

    @Test("A damaged journal is refused with the way out")
    func damagedJournal() async throws {
        let files = try await interrupted([Samples.recorded(1), Samples.recorded(2)], base: nil)
        var bytes = try #require(files.bytes(Samples.journalPath))
        bytes[bytes.count / 2] ^= 1
        files.put(bytes, at: Samples.journalPath)
        let problem = await failure { try await Samples.store(files).read() }
        #expect(problem.summary == "Journal is damaged")
        #expect(problem.detail.contains("Line 2"))
    }

    @Test("A run that was interrupted right after its snapshot is not taken over twice, with and without an origin")
    func foldedOnce() async throws {
        for origin in [nil, Samples.origin("run1")] as [Origin?] {
            let base = Samples.state(keys: 0..<1)
            let files = try await interrupted(
                [.deposed(Samples.key(0), key: "0a1b2c3d"), Samples.recorded(0)], base: base)
            let store = try await Samples.locked(files, run: "run2")
            let stored = try await store.read()
            var state = try #require(stored.state)
            state.origin = origin
            // The machine stops before the journal is removed: its effect is found by trying.
            files.arrange(.crashBefore, atEffect: try await effects(files, state))
            await #expect(throws: (any Error).self) { try await store.write(state, intents: []) }
            files.restart()
            #expect(files.bytes(Samples.journalPath) != nil)
            let again = try await Samples.store(files, run: "run3").read()
            #expect(again.state?.serial == 1)
            #expect(again.state?.resources == state.resources)
            #expect(!again.isJournaled)
        }
    }

    /// How many effects a write has before the removal of the journal.
    private func effects(_ files: ForgetfulFileSystem, _ state: State) async throws -> Int {
        let copy = ForgetfulFileSystem()
        for path in files.paths { copy.put(files.bytes(path) ?? [], at: path) }
        let store = try await Samples.locked(copy, run: "run2")
        _ = try await store.read()
        let before = copy.effectCount
        _ = try await store.write(state, intents: [])
        // The last two are the removal and the sync of the directory.
        return copy.effectCount - before - 2
    }

    @Test("A state file that another program puts there during the run is not overwritten")
    func replacedDuringRun() async throws {
        let files = ForgetfulFileSystem()
        files.put(Samples.state(keys: 0..<1).fileBytes(), at: Samples.statePath)
        let store = try await Samples.locked(files)
        try await store.append([Samples.recorded(1)])
        let other = Samples.state(keys: 5..<9).fileBytes()
        files.put(other, at: Samples.statePath)
        let problem = await failure { try await store.write(Samples.state(keys: 0..<2), intents: []) }
        #expect(problem.summary == "State could not be written")
        #expect(files.bytes(Samples.statePath) == other)
        #expect(files.bytes(Samples.journalPath) != nil)

        let empty = ForgetfulFileSystem()
        let first = try await Samples.locked(empty)
        empty.put(other, at: Samples.statePath)
        _ = await failure { try await first.write(Samples.state(keys: 0..<2), intents: []) }
        #expect(empty.bytes(Samples.statePath) == other)
    }

    @Test("Thousands of records are appended and folded in linear time, and in a constant number of effects each")
    func manyRecords() async throws {
        func run(_ count: Int) async throws -> (duration: Duration, effects: Int, bytes: Int) {
            let files = ForgetfulFileSystem()
            let store = try await Samples.locked(files)
            let duration = try await ContinuousClock().measure {
                for index in 0..<count {
                    try await store.append([.opened(Samples.intent(index))])
                    try await store.append([Samples.recorded(index, intent: "intent\(index)")])
                }
                let stored = try await store.read()
                #expect(stored.intents.isEmpty)
                let state = try #require(stored.state)
                #expect(state.keys.count == count)
                _ = try await store.write(state, intents: [])
            }
            return (duration, files.effectCount, files.bytes(Samples.statePath)?.count ?? 0)
        }
        let small = [try await run(300), try await run(300)]
        let large = [try await run(2_400), try await run(2_400)]
        #expect(large[0].bytes < small[0].bytes * 10)
        #expect(large[0].effects - small[0].effects == (2_400 - 300) * 4)
        // Eight times the work; quadratic work would take 64 times as long. The better of two, since others use the machine.
        let times = [small, large].map { runs in runs.map(\.duration).min() ?? .zero }
        #expect(times[1] < times[0] * 32)
    }
}
