import Configuring
import Diagnostics
import Planning
import Testing
import Values

@Suite("Settling interrupted creates")
struct SettlementTests {
    private func intent(_ id: String, known: [String] = [], openedAt: Int = 100, missedAt: Int? = nil) -> Intent {
        Intent(
            id: id, address: InstanceAddress(ResourceAddress(mode: .managed, type: "t", name: id)), provider: "p",
            organization: "o", endpoint: "e", fingerprint: Fingerprint(["name": "n"]), known: known,
            openedAt: openedAt, missedAt: missedAt)
    }

    private func evidence(
        _ candidates: [(id: String, createdAt: Int?)], stored: [String: String] = [:], at time: Int = 200
    ) -> SettlementEvidence {
        SettlementEvidence(
            candidates: candidates.map { Candidate(id: $0.id, createdAt: $0.createdAt, object: .object([:])) },
            stored: stored, serverTime: time)
    }

    @Test("A key whose secret is stored is finished")
    func finish() throws {
        let one = intent("a")
        let decided = try Settlement.decide(
            [one], evidence: evidence([("K1", 150)], stored: ["a": "K1"]), managed: [], hasSecret: true)
        #expect(decided == [.finish(one, id: "K1")])
    }

    @Test("A key whose secret is stored and that is gone leaves its secret to remove")
    func gone() throws {
        let one = intent("a")
        let decided = try Settlement.decide(
            [one], evidence: evidence([], stored: ["a": "K1"]), managed: [], hasSecret: true)
        #expect(decided == [.gone(one, id: "K1")])
    }

    @Test("A key whose secret is gone is discarded")
    func discard() throws {
        let one = intent("a")
        #expect(
            try Settlement.decide([one], evidence: evidence([("K1", 150)]), managed: [], hasSecret: true) == [
                .discard(one, ids: ["K1"])
            ]
        )
        // Without a date of creation it counts, too.
        #expect(
            try Settlement.decide([one], evidence: evidence([("K1", nil)]), managed: [], hasSecret: true) == [
                .discard(one, ids: ["K1"])
            ]
        )
    }

    @Test(
        "What was there before, is older, or is managed is not ours",
        arguments: [
            (["K1"], 150, Set<String>()), ([], 99, Set<String>()), ([], 150, Set(["K1"])),
        ])
    func notOurs(known: [String], createdAt: Int, managed: Set<String>) throws {
        let decided = try Settlement.decide(
            [intent("a", known: known)], evidence: evidence([("K1", createdAt)]), managed: managed, hasSecret: true)
        #expect(decided == [.watch(intent("a", known: known, missedAt: 200))])
    }

    @Test("More keys than intents: nobody can tell, so nothing is decided")
    func tooMany() {
        #expect(throws: Diagnostic.self) {
            try Settlement.decide(
                [intent("a")], evidence: evidence([("K1", 150), ("K2", 151)]), managed: [], hasSecret: true)
        }
    }

    @Test("Fewer keys than intents: each is discarded, the other intents are watched")
    func fewer() throws {
        let decided = try Settlement.decide(
            [intent("a"), intent("b")], evidence: evidence([("K1", 150)]), managed: [], hasSecret: true)
        #expect(decided == [.discard(intent("a"), ids: ["K1"]), .watch(intent("b", missedAt: 200))])
    }

    @Test("A finished key is no candidate of another intent")
    func finishedIsTaken() throws {
        let decided = try Settlement.decide(
            [intent("a"), intent("b")], evidence: evidence([("K1", 150)], stored: ["a": "K1"]), managed: [],
            hasSecret: true)
        #expect(decided == [.finish(intent("a"), id: "K1"), .watch(intent("b", missedAt: 200))])
    }

    @Test(
        "After ten minutes of the cloud's time it is dropped, and not a second before",
        arguments: [(800, false), (801, true)])
    func drop(time: Int, isDropped: Bool) throws {
        let missed = intent("a", missedAt: 200)
        let decided = try Settlement.decide([missed], evidence: evidence([], at: time), managed: [], hasSecret: true)
        #expect(decided == [isDropped ? .drop(missed) : .watch(missed)])
    }
}
