import Diagnostics
import EngineSupport
import Storage
import Testing

/// A state that is taken to another place by `flinkform init -migrate-state`.
@Suite struct MigrationTests {
    private static let local = Configurations.provider + Configurations.key("a")
    private static let remote = "terraform {\n  backend \"pg\" {}\n}\n" + local

    /// A place whose backend, unlike the local file, has what another machine left when it stopped at the n-th change.
    private static func interrupted(
        at number: Int, _ work: @Sendable (Workplace, MemoryBackend) async throws -> Void
    ) async throws {
        try await Workplace.with { place in
            let (backend, files) = (MemoryBackend(), place.files)
            try place.configure(remote)
            place.keepState { _, _, _, _ throws(Diagnostic) in LosableBackend(backend, on: files, stopsAt: number) }
            _ = await place.run("apply", "-auto-approve")
            place.loseMachine()
            backend.shelf().giveLock(to: nil)
            place.keepState { kind, _, _, _ throws(Diagnostic) in kind == .local ? nil : backend }
            try await work(place, backend)
        }
    }

    @Test("A state does not take the place of creates that are still open there")
    func openCreates() async throws {
        // The lock, the origin and the intents; what came of it was not written any more.
        try await Self.interrupted(at: 3) { place, backend in
            let left = try #require(try await backend.engine(workspace: "default").journal())
            #expect(try await backend.engine(workspace: "default").read() == nil)
            try place.configure(Self.local.split(separator: "\"a\"").joined(separator: "\"other\""))
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(Self.remote)
            let migration = await place.run("init", "-migrate-state")
            #expect(migration.status == 1 && migration.errors.contains("State at the new place"), "\(migration.text)")
            #expect(try await backend.engine(workspace: "default").journal() == left)
        }
    }

    @Test("A state that was copied is used from then on")
    func copied() async throws {
        try await Workplace.with { place in
            let backend = MemoryBackend()
            place.keepState { kind, _, _, _ throws(Diagnostic) in kind == .local ? nil : backend }
            try place.configure(Self.local)
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(Self.remote)
            #expect(await place.run("plan").errors.contains("State is still local"))
            let migration = await place.run("init", "-migrate-state")
            #expect(migration.status == 0, "\(migration.text)")
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
        }
    }
}
