import Applying
import Diagnostics
import EngineSupport
import Planning
import Storage
import TestSupport
import Testing

/// Secrets that move from one store to another.
@Suite struct SecretMigrationTests {
    private let files = ForgetfulFileSystem()
    private let newPath = "/project/new.json"

    private func old(_ files: any FileSystem) -> FileSecretStore { Samples.secrets(files, id: "s") }

    private func new(_ files: any FileSystem) -> FileSecretStore {
        Samples.secrets(files, newPath, id: "n", encryption: Samples.passphrase("new"))
    }

    /// Two keys, the second one deposed, whose secrets are in the old store.
    private func prepare() async throws {
        let state = try await Samples.locked(files)
        _ = try await state.write(Samples.state(keys: 0..<2, origin: Samples.origin("run1")), intents: [])
        try await state.append([.deposed(Samples.key(1), key: "0a1b2c3d")])
        await state.unlock()
        let store = old(files)
        _ = try await store.prepare()
        for index in 0..<2 { try await store.put(Samples.entry(index, Canary.secret)) }
        try await store.close()
    }

    private func migrate(_ files: any FileSystem, to store: any SecretStore, rereading: any SecretStore) async throws {
        let state = try await Samples.locked(files, run: "run2")
        let migration = SecretMigration(from: old(files), to: store, rereading: rereading, state: state)
        do {
            _ = try await migration.perform(try await state.read())
            await state.unlock()
        } catch {
            await state.unlock()
            throw error
        }
    }

    private func stores() async throws -> Set<String> {
        try await Samples.store(files).read().state?.secretStores ?? []
    }

    @Test("All secrets are in the new store, the state names it, and the old one is empty")
    func moves() async throws {
        try await prepare()
        try await migrate(files, to: new(files), rereading: new(files))
        #expect(try await new(files).entries() == [0, 1].map { Samples.entry($0, Canary.secret) })
        #expect(try await stores() == ["n"])
        #expect(try await old(files).entries().isEmpty)
        // Once more does nothing.
        try await migrate(files, to: new(files), rereading: new(files))
        #expect(try await new(files).entries().count == 2)
    }

    @Test("A store that does not give back what it was given costs nothing")
    func forgets() async throws {
        try await prepare()
        let problem = await failure {
            try await migrate(files, to: new(files), rereading: Samples.secrets(ForgetfulFileSystem()))
        }
        #expect(problem.summary == "Secret was not kept")
        #expect(try await old(files).entries().count == 2)
        #expect(try await stores() == ["s"])
    }

    @Test("Another secret of the same key is not overwritten")
    func other() async throws {
        try await prepare()
        let store = new(files)
        _ = try await store.prepare()
        try await store.put(Samples.entry(1, "other"))
        try await store.close()
        let problem = await failure { try await migrate(files, to: new(files), rereading: new(files)) }
        #expect(problem.summary == "Another secret is stored")
        #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)
        #expect(try await old(files).entries().count == 2)
    }

    @Test("A machine that stops at any effect loses no secret, and the next migration finishes")
    func crash() async throws {
        for number in 0... {
            let place = SecretMigrationTests()
            try await place.prepare()
            place.files.arrange(.torn, atEffect: number)
            let isDone =
                (try? await place.migrate(place.files, to: place.new(place.files), rereading: place.new(place.files)))
                != nil
            place.files.restart(.nothing)
            try await place.migrate(place.files, to: place.new(place.files), rereading: place.new(place.files))
            #expect(
                try await place.new(place.files).entries().map(\.secret) == [Canary.secret, Canary.secret], "\(number)")
            #expect(try await place.stores() == ["n"], "\(number)")
            #expect(try await place.old(place.files).entries().isEmpty, "\(number)")
            if isDone { return #expect(number > 10) }
        }
    }
}
