import Applying
import Storage
import Testing

/// What every engine does, whatever keeps the states.
///
/// An engine's own tests make one of these, with what that engine cannot do left out, and call `all`.
struct EngineConformance {
    /// The same backend once more, as another machine has it; there is no state in it at first.
    let backend: @Sendable () throws -> any Backend
    /// Whether a write is refused when another state is there than the one that was read.
    var writesConditionally = true
    /// Whether who has the lock is told to others.
    var tellsHolder = true
    /// Whether there are other workspaces than `default`.
    var hasWorkspaces = true
    /// Whether a lock that was let go by force is noticed by its holder.
    var noticesLostLock = true

    /// Who takes a lock in these tests.
    static func holder(_ number: Int) -> LockHolder {
        LockHolder(
            id: "00000000-0000-4000-8000-00000000000\(number)", operation: "OperationTypeApply",
            who: "user\(number)@host",
            version: "0.1.0", created: "2026-01-02T03:04:05.000000006Z", path: "", info: "job \(number)")
    }

    /// A state file, as far as engines look at it.
    static func state(_ serial: Int, _ text: String = "") -> [UInt8] {
        Array(
            #"{"version":4,"terraform_version":"1.11.4","serial":\#(serial),"lineage":"conformance","outputs":{},"resources":[],"check_results":null,"flinkform":"\#(text)"}"#
                .utf8)
    }

    func all() async throws {
        try await states()
        try await conditions()
        try await locks()
        try await lostLock()
        try await journals()
        try await fencing()
        try await manyAtOnce()
        try await workspaces()
    }

    private func states() async throws {
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.read() == nil)
        #expect(try await engine.standing() == nil)
        #expect(try await engine.journal() == nil)
        #expect(try await engine.lock(Self.holder(1)) == nil)
        #expect(try await engine.read() == nil, "a lock is no state")
        let first = try await engine.write(Self.state(1, "Zürich \\u0000"), replacing: nil)
        #expect(try await engine.read() == EngineState(bytes: Self.state(1, "Zürich \\u0000"), version: first))
        let large = Self.state(2, String(repeating: "x", count: 3_000_000))
        let second = try await engine.write(large, replacing: first)
        #expect(second != first)
        try await engine.renew()
        try await engine.unlock()
        await backend.close()
        let other = try self.backend()
        #expect(try await other.engine(workspace: "default").read() == EngineState(bytes: large, version: second))
        await other.close()
    }

    private func conditions() async throws {
        guard writesConditionally else { return }
        let (one, two) = (try backend(), try backend())
        let (mine, theirs) = (try one.engine(workspace: "default"), try two.engine(workspace: "default"))
        let read = try #require(try await mine.read())
        _ = try await theirs.write(Self.state(3), replacing: read.version)
        await refused(.conflict) { _ = try await mine.write(Self.state(3, "other"), replacing: read.version) }
        await refused(.conflict) { _ = try await mine.write(Self.state(3, "other"), replacing: nil) }
        #expect(try await mine.read()?.bytes == Self.state(3))
        await one.close()
        await two.close()
    }

    private func locks() async throws {
        let (one, two) = (try backend(), try backend())
        let (mine, theirs) = (try one.engine(workspace: "default"), try two.engine(workspace: "default"))
        #expect(try await mine.lock(Self.holder(1)) == nil)
        let refusal = try #require(try await theirs.lock(Self.holder(2)))
        let standing = try #require(try await theirs.standing())
        if tellsHolder {
            #expect(refusal.holder == Self.holder(1))
            #expect(standing.holder == Self.holder(1))
        }
        if mine.renewal != nil { try await mine.renew() }
        try await theirs.unlock()
        #expect(try await theirs.lock(Self.holder(2)) != nil, "who has no lock lets none go")
        try await mine.unlock()
        try await mine.unlock()
        #expect(try await theirs.standing() == nil)
        #expect(try await theirs.lock(Self.holder(2)) == nil)
        #expect(try await mine.lock(Self.holder(1)) != nil)
        try await theirs.unlock()
        await one.close()
        await two.close()
    }

    private func lostLock() async throws {
        let (one, two) = (try backend(), try backend())
        let (mine, theirs) = (try one.engine(workspace: "default"), try two.engine(workspace: "default"))
        #expect(try await mine.lock(Self.holder(3)) == nil)
        let read = try #require(try await mine.read())
        if tellsHolder {
            await refused(.refused) { try await theirs.forceUnlock(id: Self.holder(4).id) }
            #expect(try await theirs.lock(Self.holder(4)) != nil, "another id lets nothing go")
        }
        try await theirs.forceUnlock(id: Self.holder(3).id)
        #expect(try await theirs.standing() == nil)
        #expect(try await theirs.lock(Self.holder(4)) == nil)
        if noticesLostLock {
            await refused(.lockLost) { try await mine.renew() }
            await refused(.lockLost) { try await mine.append([1], generation: 1, number: 0) }
            await refused(.lockLost) { try await mine.renew() }
            await #expect(throws: EngineError.self) {
                _ = try await mine.write(Self.state(9), replacing: read.version)
            }
        }
        try await mine.unlock()
        #expect(try await theirs.standing() != nil, "the lock of another stays")
        #expect(try await theirs.read() == read)
        try await theirs.unlock()
        #expect(try await mine.lock(Self.holder(3)) == nil, "a run after that begins anew")
        try await mine.unlock()
        await one.close()
        await two.close()
    }

    private func journals() async throws {
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.lock(Self.holder(5)) == nil)
        #expect(try await engine.journal() == nil)
        let parts: [[UInt8]] = [Array("{\"a\":1}\n".utf8), Array(0...255), [0x0A]]
        for (number, part) in parts.enumerated() { try await engine.append(part, generation: 1, number: number) }
        #expect(try await engine.journal() == EngineJournal(generation: 1, parts: parts))
        try await engine.append([2], generation: 2, number: 0)
        let reader = try self.backend()
        let other = try reader.engine(workspace: "default")
        #expect(try await other.journal() == EngineJournal(generation: 2, parts: [[2]]))
        try await engine.removeJournal(through: 1)
        #expect(try await other.journal() == EngineJournal(generation: 2, parts: [[2]]))
        for number in 1...11 { try await engine.append([UInt8(number)], generation: 2, number: number) }
        #expect(try await other.journal()?.parts.map { $0.first } == [2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        try await engine.removeJournal(through: 2)
        #expect(try await engine.journal() == nil)
        #expect(try await other.journal() == nil)
        try await engine.unlock()
        await reader.close()
        await backend.close()
    }

    /// A run that lost its lock without knowing adds nothing to what another goes on with.
    private func fencing() async throws {
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.lock(Self.holder(6)) == nil)
        // What a run has added itself since it read the journal is no other run's.
        #expect(try await engine.journal() == nil)
        try await engine.append([7], generation: 1, number: 0)
        try await engine.append([8], generation: 1, number: 1)
        try await engine.append([9], generation: 2, number: 0)
        try await engine.removeJournal(through: 1)
        try await engine.append([1], generation: 3, number: 0)
        await refused(.lockLost) { try await engine.append([9], generation: 3, number: 0) }
        try await engine.append([2], generation: 4, number: 0)
        await refused(.lockLost) { try await engine.append([9], generation: 3, number: 1) }
        #expect(try await engine.journal() == EngineJournal(generation: 4, parts: [[2]]))
        try await engine.removeJournal(through: 4)
        try await engine.unlock()
        await backend.close()
    }

    /// Twenty machines count in one state: each number is counted once.
    private func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try await count(number) }
            }
            try await group.waitForAll()
        }
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")
        let read = try #require(try await engine.read())
        #expect(read.bytes == Self.state(30, String(repeating: "x", count: 20)))
        _ = try await engine.write(Self.state(31), replacing: read.version)
        await backend.close()
    }

    private func count(_ number: Int) async throws {
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")
        while try await engine.lock(Self.holder(number % 10)) != nil { try await Task.sleep(for: .milliseconds(20)) }
        do {
            try await countOn(engine)
        } catch {
            // The others would wait for it without end.
            try? await engine.unlock()
            throw error
        }
        try await engine.unlock()
        await backend.close()
    }

    private func countOn(_ engine: any StateEngine) async throws {
        let read = try #require(try await engine.read())
        let text = String(decoding: read.bytes, as: UTF8.self)
        let counted = text.count { $0 == "x" } - Self.letters
        // Serials rise: there are servers that take none twice.
        let next = Self.state(11 + counted, String(repeating: "x", count: counted + 1))
        _ = try await engine.write(next, replacing: read.version)
    }

    /// How many times the letter that is counted with is in every state.
    private static let letters = String(decoding: state(3), as: UTF8.self).count { $0 == "x" }

    private func workspaces() async throws {
        let backend = try backend()
        guard hasWorkspaces else {
            #expect(try await backend.workspaces() == nil)
            #expect(throws: EngineError.self) { _ = try backend.engine(workspace: "other") }
            return
        }
        #expect(try await backend.workspaces() == ["default"])
        let engine = try backend.engine(workspace: "a b/ü")
        #expect(try await engine.lock(Self.holder(7)) == nil)
        _ = try await engine.write(Self.state(1), replacing: nil)
        try await engine.append([1], generation: 1, number: 0)
        #expect(try await backend.workspaces() == ["a b/ü", "default"])
        try await engine.unlock()
        let other = try backend.engine(workspace: "default")
        #expect(try await other.read()?.bytes == Self.state(31))
        #expect(try await engine.lock(Self.holder(7)) == nil)
        #expect(try await other.lock(Self.holder(8)) == nil, "each workspace has a lock of its own")
        try await other.unlock()
        try await engine.unlock()
        try await backend.remove(workspace: "a b/ü")
        #expect(try await backend.workspaces() == ["default"])
        #expect(try await engine.read() == nil)
        #expect(try await engine.journal() == nil)
        await backend.close()
    }

    private func refused(
        _ kind: EngineError.Kind, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("This is to be refused.", sourceLocation: sourceLocation)
        } catch {
            #expect((error as? EngineError)?.kind == kind, "\(error)", sourceLocation: sourceLocation)
        }
    }
}
