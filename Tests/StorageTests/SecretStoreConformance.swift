import Applying
import Diagnostics
import Testing
import TestSupport

/// What every secret store does, whatever it is made of.
///
/// `store` opens the same store once more, as another run; `interrupt` ends the runs that are going on, in whatever they do.
struct SecretStoreConformance {
    let store: @Sendable () -> any SecretStore
    let interrupt: @Sendable () -> Void
    /// Whether a second run is kept from writing; not where entries are kept one by one.
    var locks = true

    func all() async throws {
        #expect(try await store().id() == nil)
        #expect(try await store().entry("ID0") == nil)
        #expect(try await store().entries().isEmpty)
        let id = try await first()
        try await second(id)
        try await locked()
        interrupt()
        try await afterwards(id)
    }

    private func first() async throws -> String {
        let store = store()
        let id = try await store.prepare().id
        #expect(try await store.prepare().id == id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 { group.addTask { try await store.put(Samples.entry(index, Canary.secret)) } }
            try await group.waitForAll()
        }
        try await check(store, id, Set(0..<20))
        // Another reader sees what is durable, while the first goes on.
        try await check(self.store(), id, Set(0..<20))
        if locks {
            let problem = await failure { try await self.store().put(Samples.entry(99, Canary.secret)) }
            #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)
        }
        try await store.close()
        try await store.close()
        return id
    }

    private func second(_ id: String) async throws {
        let store = store()
        try await check(store, id, Set(0..<20))
        #expect(try await store.prepare().id == id)
        try await store.put(Samples.entry(3, "other"))
        #expect(try await store.entry("ID3")?.secret == "other")
        #expect(try await store.entries().count == 20)
        // Not closed: the run is interrupted.
    }

    private func locked() async throws {
        let store = store()
        #expect(try await store.entry("ID3")?.secret == "other")
        if locks { await #expect(throws: (any Error).self) { try await store.put(Samples.entry(50)) } }
    }

    private func afterwards(_ id: String) async throws {
        let store = store()
        #expect(try await store.entry("ID3")?.secret == "other")
        try await store.remove(["ID0", "ID1", "not there"])
        try await store.put(Samples.entry(30))
        let left = Set(2..<20).union([30])
        try await check(store, id, left)
        try await check(self.store(), id, left)
        try await store.close()
        try await check(self.store(), id, left)
        let idle = self.store()
        try await idle.close()
        try await check(idle, id, left)
    }

    private func check(_ store: any SecretStore, _ id: String, _ indices: Set<Int>) async throws {
        #expect(try await store.id() == id)
        let entries = try await store.entries()
        #expect(Set(entries.map(\.key)) == Set(indices.map { "ID\($0)" }))
        #expect(entries.map(\.key) == entries.map(\.key).sorted())
        for index in indices {
            #expect(try await store.entry("ID\(index)")?.intent == "intent\(index)")
            #expect(try await store.entry(intent: "intent\(index)")?.key == "ID\(index)")
        }
        #expect(try await store.entry(intent: "intent77") == nil)
    }
}
