import Emulator
import EngineSupport
import Testing

/// The whole program on a machine that stops, or whose disk fails, at every effect in turn.
///
/// After each, the next run goes on, and every key is there once, with its secret.
@Suite(.serialized) struct CrashTests {
    private static let keys = ["a", "b", "c"]

    private static func configuration(owner: String) -> String {
        Configurations.provider + Configurations.key("a") + Configurations.key("b")
            + Configurations.key("c", owner: owner, lifecycle: "create_before_destroy = true")
    }

    /// Survival of what was not synced: each in its turn.
    private static func survival(_ number: Int) -> ForgetfulFileSystem.Survival {
        switch number % 3 {
        case 0: .nothing
        case 1: .everything
        default: .part(seed: UInt64(number))
        }
    }

    /// Every key of the configuration is at the cloud exactly once and in the state, with its secret, and nothing else is there.
    private static func expectWhole(_ place: Workplace, names: [String], _ where: String) async throws {
        let there = try await place.emulator.keys()
        #expect(there.map(\.name).sorted() == names, "\(`where`)")
        let managed = try place.managed()
        let wanted = Dictionary(
            there.map { ("confluent_api_key.\($0.name)", $0.id) }, uniquingKeysWith: { "\($0), \($1)" })
        #expect(managed == wanted, "\(`where`)")
        for key in there { #expect(await place.secret(of: key.id) == key.secret, "\(`where`): \(key.name)") }
        let paths = place.files.paths
        var left = paths.filter { $0.hasSuffix(".tmp") || $0.hasSuffix(".lock.info") }
        // What an interrupted fold of the secrets left is written anew by the next one, which comes with the next secret.
        let fold = place.path("flinkform.tfstate.secrets.json")
        if paths.contains(fold + ".journal") { left.removeAll { $0 == fold + ".tmp" } }
        #expect(left == [], "\(`where`)")
    }

    /// Runs a command once for each effect that it has, with a fault there, and then, on a machine that works, what goes on.
    ///
    /// `showsSecrets` says that the command itself prints one.
    static func everyEffect(
        _ fault: ForgetfulFileSystem.Fault, seeds: UInt64, showsSecrets: Bool = false,
        before: (Workplace) async throws -> Void,
        _ command: (Workplace) async throws -> Workplace.Transcript,
        after: (Workplace, String) async throws -> Void
    ) async throws -> Int {
        for number in 0..<1_000 {
            var isOver = false
            try await Workplace.with(seed: seeds + UInt64(number)) { place in
                try await before(place)
                let start = place.files.effectCount
                place.files.arrange(fault, atEffect: number)
                let run = try await command(place)
                let text = "\(fault) at effect \(number)"
                isOver = place.files.effectCount <= start + number
                #expect(isOver ? run.status == 0 : true, "\(text): \(run.text)")
                if !showsSecrets { #expect(try await place.leaks(run) == [], "\(text)") }
                if place.files.isCrashed { place.files.restart(survival(number)) } else { place.files.killProcess() }
                #expect(try await place.leaks() == [], "\(text), after the restart")
                try await after(place, "\(text): \(run.text)")
            }
            if isOver { return number }
        }
        return 1_000
    }

    @Test("Apply goes on after a stop at any effect", arguments: ForgetfulFileSystem.Fault.allCases)
    func apply(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await Self.everyEffect(fault, seeds: 1_000) { place in
            try await place.emulator.addServiceAccount("sa-demo2", name: "second")
            try place.configure(
                Configurations.provider
                    + Configurations.key("c", lifecycle: "create_before_destroy = true"))
            let first = await place.run("apply", "-auto-approve")
            #expect(first.status == 0, "\(first.text)")
            try place.configure(Self.configuration(owner: "sa-demo2"))
        } _: { place in
            await place.run("apply", "-auto-approve")
        } after: { place, text in
            let next = await place.run("apply", "-auto-approve")
            #expect(next.status == 0, "\(text)\n--- then:\n\(next.text)")
            try await Self.expectWhole(place, names: Self.keys, text)
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(text)\n--- then:\n\(plan.text)")
            #expect(try await place.leaks(next, plan) == [], "\(text)")
        }
        #expect(effects > 20 && effects < 1_000)
    }

    @Test("A plan that is made after a stop can be applied", arguments: [14, 20, 26, 32])
    func planAfterStop(effect: Int) async throws {
        try await Workplace.with(seed: UInt64(effect)) { place in
            try place.configure(Self.configuration(owner: "sa-demo1"))
            place.files.arrange(.crashAfter, atEffect: effect)
            _ = await place.run("apply", "-auto-approve")
            #expect(place.files.isCrashed)
            place.files.restart(.everything)
            #expect(await place.run("plan", "-out=after.plan").status == 0)
            let applied = await place.run("apply", "after.plan")
            #expect(applied.status == 0, "\(applied.text)")
            try await Self.expectWhole(place, names: Self.keys, "after effect \(effect)")
        }
    }

    @Test("Import goes on after a stop at any effect", arguments: ForgetfulFileSystem.Fault.allCases)
    func importing(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await Self.everyEffect(fault, seeds: 5_000) { place in
            try place.configure(Configurations.provider + Configurations.key("a"))
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try await place.emulator.addKey(name: "b", age: .seconds(3_600))
            try place.configure(Configurations.provider + Configurations.key("a") + Configurations.key("b"))
        } _: { place in
            try await Self.importing(place)
        } after: { place, text in
            if try place.managed()["confluent_api_key.b"] == nil {
                let again = try await Self.importing(place)
                #expect(again.status == 0, "\(text)\n--- then:\n\(again.text)")
                #expect(try await place.leaks(again) == [], "\(text)")
            }
            let next = await place.run("apply", "-auto-approve")
            #expect(next.status == 0, "\(text)\n--- then:\n\(next.text)")
            #expect(next.output.contains("0 added"), "\(text)\n--- then:\n\(next.text)")
            try await Self.expectWhole(place, names: ["a", "b"], text)
        }
        #expect(effects > 8 && effects < 1_000)
    }

    private static func importing(_ place: Workplace) async throws -> Workplace.Transcript {
        let key = try #require(try await place.emulator.keys().first { $0.name == "b" })
        return await place.run(
            "import", "-secret-stdin", "confluent_api_key.b", "env-demo1/\(key.id)", input: key.secret + "\n")
    }

    // MARK: - Lost answers

    @Test(
        "After a lost answer each key exists once, with its secret, after one more run at most",
        arguments: [
            Fault(.status(500), .after), Fault(.drop, .after), Fault(.html(200), .after), Fault(.html(502), .after),
            Fault(.empty(502), .after), Fault(.truncate, .after), Fault(.drop, .before), Fault(.status(500), .before),
        ])
    func lostAnswer(_ fault: Fault) async throws {
        for ordinals in [[1], [2], [3], [1, 2, 3]] as [Set<Int>] {
            try await Workplace.with { place in
                try place.configure(Self.configuration(owner: "sa-demo1"))
                var fault = fault
                fault.path = "/iam/v2/api-keys"
                fault.selector = .ordinals(ordinals)
                let chosen = fault
                await place.emulator.setSwitches { $0.faults = [chosen] }
                var last = await place.run("apply", "-auto-approve")
                #expect(try await place.leaks(last) == [])
                if last.status != 0 { last = await place.run("apply", "-auto-approve") }
                #expect(last.status == 0, "\(ordinals): \(last.text)")
                try await Self.expectWhole(place, names: Self.keys, "\(fault) \(ordinals)\n\(last.text)")
                #expect(try await place.leaks(last) == [])
            }
        }
    }
}
