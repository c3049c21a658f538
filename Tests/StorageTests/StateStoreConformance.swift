import Applying
import Diagnostics
import Planning
import Testing

/// What every state store does, whatever it is made of.
///
/// `store` opens the same store once more, as another run: nothing of an earlier one is left but what it made durable.
struct StateStoreConformance {
    let store: @Sendable (_ run: String) -> any StateStore
    let holder: LockHolder

    private func locked(_ run: String) async throws -> any StateStore {
        let store = store(run)
        try await store.lock(holder, timeout: .zero)
        return store
    }

    func all() async throws {
        try await emptyAtFirst()
        try await locking()
        try await appendedIsRead()
        try await folding()
        try await serials()
        try await intents()
        try await unfolded()
        try await replacing()
    }

    private func replacing() async throws {
        var other = Samples.state(keys: 0..<2)
        (other.lineage, other.serial) = ("99999999-2222-3333-4444-555555555555", 1)
        #expect(
            await failure { try await store("x").replace(with: other, intents: []) }.summary == "State not locked")
        let first = try await locked("x")
        try await first.append([.origin(Samples.origin("x")), .opened(Samples.intent(7))])
        let open = try await first.read().intents
        try await first.replace(with: other, intents: open)
        await first.unlock()
        let stored = try await store("y").read()
        #expect(stored.state == other, "it is there as it stood")
        #expect(stored.intents == open && !stored.isJournaled)
        let second = try await locked("z")
        try await second.replace(with: other, intents: [])
        await second.unlock()
    }

    private func emptyAtFirst() async throws {
        let stored = try await store("a").read()
        #expect(stored.state == nil && stored.intents.isEmpty && !stored.isJournaled)
        let first = try await locked("a")
        let written = try await first.write(State(lineage: Samples.lineage), intents: [])
        #expect(written.serial == 0)
        await first.unlock()
        #expect(try await store("b").read().state == nil, "an empty state is not worth a file")
    }

    private func locking() async throws {
        let unlocked = store("a")
        #expect(await failure { try await unlocked.append([Samples.recorded(0)]) }.summary == "State not locked")
        #expect(
            await failure { try await unlocked.write(Samples.state(keys: 0..<1), intents: []) }.summary
                == "State not locked")
        await unlocked.unlock()
        let first = try await locked("a")
        let problem = await failure { try await store("b").lock(holder, timeout: .zero) }
        #expect(problem.summary == "Error acquiring the state lock")
        #expect(problem.detail.contains(holder.who))
        await first.unlock()
        let second = try await locked("b")
        await second.unlock()
        await second.unlock()
    }

    private func appendedIsRead() async throws {
        let first = try await locked("a")
        try await first.append([.origin(Samples.origin("a")), .opened(Samples.intent(0))])
        try await first.append([Samples.recorded(0, intent: "intent0"), .opened(Samples.intent(1))])
        try await first.note([Samples.recorded(1)])
        try await first.append([Samples.recorded(2)])
        let other = try await store("b").read()
        #expect(other.state?.keys == [0, 1, 2])
        #expect(other.state?.origin == Samples.origin("a"))
        #expect(other.intents.map(\.id) == ["intent1"])
        #expect(other.isJournaled)
        await first.unlock()
    }

    private func folding() async throws {
        let second = try await locked("b")
        let stored = try await second.read()
        let state = try #require(stored.state)
        let written = try await second.write(state, intents: stored.intents)
        #expect(written.serial == 1)
        let read = try await store("c").read()
        #expect(read.state == written)
        #expect(!read.isJournaled)
        #expect(read.intents == stored.intents)
        await second.unlock()
    }

    private func serials() async throws {
        let store = try await locked("d")
        let stored = try await store.read()
        var state = try #require(stored.state)
        let serial = state.serial
        let same = try await store.write(state, intents: stored.intents)
        #expect(same.serial == serial, "an unchanged state is not written")
        for step in 1...3 {
            state.apply(Samples.recorded(10 + step), catalog: Samples.catalog)
            state = try await store.write(state, intents: stored.intents)
            #expect(state.serial == serial + step)
        }
        #expect(try await self.store("e").read().state == state)
        await store.unlock()
    }

    private func intents() async throws {
        let store = try await locked("f")
        #expect(try await store.read().intents.map(\.id) == ["intent1"])
        try await store.append([.missed(intent: "intent1", at: 50), .opened(Samples.intent(2))])
        let stored = try await self.store("g").read()
        #expect(stored.intents.map(\.id) == ["intent1", "intent2"])
        #expect(stored.intents.first?.missedAt == 50)
        #expect(!stored.isJournaled, "open intents are no results")
        try await store.append([.settled(intent: "intent1"), .settled(intent: "intent2")])
        #expect(try await self.store("g").read().intents.isEmpty)
        await store.unlock()
    }

    /// A run that does not fold what another left loses nothing of it.
    private func unfolded() async throws {
        let first = try await locked("h")
        try await first.append([Samples.recorded(20), .opened(Samples.intent(3))])
        await first.unlock()
        let second = try await locked("i")
        try await second.append([Samples.recorded(21)])
        await second.unlock()
        let stored = try await store("j").read()
        #expect(stored.state?.keys.suffix(2) == [20, 21])
        #expect(stored.intents.map(\.id) == ["intent3"])
        let third = try await locked("j")
        let state = try #require(stored.state)
        _ = try await third.write(state, intents: [])
        await third.unlock()
        #expect(try await store("k").read().intents.isEmpty)
    }
}
