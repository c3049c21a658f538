import Applying
import Configuring
import Diagnostics
import HCL
import JSON
import Planning
import Testing
import Values

/// Each way to settle an interrupted create does what it says.
@Suite(.timeLimit(.minutes(5))) struct SettlingTests {
    @Test("Finished: the key is recorded with its secret, and nothing is made")
    func finish() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        run.cloud.put(Sample.object(id: "A", name: "a"))
        run.secrets.keep("A", intent: "intent-a")
        let result = try await run.apply(Sample.key("a") + Sample.key("b", "label = sample_key.a.id"))
        #expect(result.diagnostics.isEmpty)
        #expect(run.course.events("POST", "DELETE", "recorded") == ["recorded a", "POST b", "recorded b"])
        #expect(result.state[Sample.address("a")]?.id == "A")
        #expect(result.state[Sample.address("a")]?.record.secretStore == "store")
        #expect(result.state[Sample.address("b")]?.attributes["label"]?.string == "A")
        #expect(run.store.writtenIntents.isEmpty && run.secrets.keys == ["A", "b-1"])
    }

    @Test("Discarded: the key without a secret goes, then one is made")
    func discard() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        run.cloud.put(Sample.object(id: "A", name: "a"))
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.isEmpty)
        #expect(
            run.course.events("DELETE", "settled", "opened", "POST") == [
                "DELETE A", "settled a", "opened a", "POST a",
            ])
        #expect(run.cloud.keys == ["a-1"] && run.store.writtenIntents.isEmpty)
    }

    @Test("A key that cannot be discarded keeps its intent, and none is made for it")
    func discardFails() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        run.cloud.put(Sample.object(id: "A", name: "a"))
        run.course.fail("DELETE A")
        let result = try await run.apply(Sample.key("a") + Sample.key("b"))
        #expect(result.diagnostics.first?.summary == "Made to fail")
        #expect(run.course.events("POST") == ["POST b"])
        #expect(run.store.writtenIntents.map(\.id) == ["intent-a"])
    }

    @Test("Gone: the secret of a key that is not there any more goes, after that is recorded")
    func gone() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        run.secrets.keep("A", intent: "intent-a")
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.isEmpty)
        #expect(run.secrets.keys == ["a-1"])
        #expect(run.store.writtenIntents.isEmpty)
        let settled = try #require(run.course.position("settled a"))
        #expect(try settled < #require(run.course.position("forget A")))
    }

    @Test("Watched: nothing found yet, so a key is made and the intent stays, with its time")
    func watch() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.isEmpty)
        #expect(run.cloud.keys == ["a-1"])
        #expect(run.store.writtenIntents.map(\.id) == ["intent-a"])
        #expect(run.store.writtenIntents.map(\.missedAt) == [1_000])
    }

    @Test("Watched on: the time of the first look stays")
    func watchOn() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a", missedAt: 950))
        let result = try await run.apply("")
        #expect(result.diagnostics.isEmpty)
        #expect(run.store.writtenIntents.map(\.missedAt) == [950])
    }

    @Test("Dropped: after ten minutes it is forgotten")
    func drop() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a", missedAt: 1_000))
        run.cloud.pass(seconds: 601)
        let result = try await run.apply("")
        #expect(result.diagnostics.isEmpty)
        #expect(run.course.events("settled") == ["settled a"])
        #expect(run.store.writtenIntents.isEmpty)
    }

    @Test("A settlement whose record fails is a failure, and the intent stays", arguments: ["settled a", "recorded a"])
    func recordFails(_ record: String) async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a"))
        run.cloud.put(Sample.object(id: "A", name: "a"))
        if record == "recorded a" { run.secrets.keep("A", intent: "intent-a") }
        run.course.fail(record)
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.first?.summary == "Made to fail")
        #expect(run.course.events("POST").isEmpty)
        #expect(run.store.writtenIntents.map(\.id) == ["intent-a"])
    }

    @Test("Looking again at the end that fails is a warning, and the intent stays")
    func lookingAgainFails() async throws {
        var run = Rehearsal()
        run.leave(Sample.intent("a", missedAt: 950))
        let planned = try await run.plan("")
        run.course.fail("LIST")
        let result = await run.apply(planned)
        #expect(result.diagnostics.map(\.summary) == ["Interrupted create still watched"])
        #expect(!result.diagnostics.hasErrors)
        #expect(run.store.writtenIntents.map(\.id) == ["intent-a"])
    }

    // MARK: - Values that come out otherwise

    @Test("A value that comes out unlike the plan is refused, and nothing is touched")
    func contradiction() async throws {
        let run = Rehearsal()
        let text = Sample.key("a") + Sample.key("b", "label = sample_key.a.id", called: "\"b\"")
        var planned = try await run.plan(text)
        let place = try #require(planned.plan.changes.firstIndex { $0.address == Sample.address("b") })
        let after = try #require(planned.plan.changes[place].after.fields)
        planned.plan.changes[place].after = .object(
            Dictionary(
                zip(after.names, after.values), uniquingKeysWith: { first, _ in first }
            ).merging(["name": .string("another")]) { $1 })
        let result = await run.apply(planned)
        #expect(result.diagnostics.map(\.summary) == ["Value differs from the plan"])
        #expect(result.diagnostics[0].detail.contains("sample_key.b.name"))
        #expect(run.course.events("POST") == ["POST a"])
    }

    @Test("What was not known may come out as anything; what was known, only as it was")
    func resolver() async throws {
        let run = Rehearsal()
        let text = Sample.key("a") + Sample.key("b", "label = \"x-${sample_key.a.id}\"")
        let planned = try await run.plan(text)
        var resolver = Resolver(
            plan: planned.plan, configuration: planned.configuration, variables: [:], functions: FunctionTable([]),
            catalog: Sample.catalog, directory: "/here")
        resolver.record(Sample.address("a"), Sample.object(id: "A", name: "a"))
        var change = try #require(planned.plan.changes.first { $0.address == Sample.address("b") })
        #expect(try resolver.resolve(change).fields?["label"]?.string == "x-A")
        let planning = try #require(change.after.fields)
        change.after = .object(
            Dictionary(zip(planning.names, planning.values), uniquingKeysWith: { first, _ in first })
                .merging(["label": .string("x-B")]) { $1 })
        #expect(throws: Diagnostic.self) { try resolver.resolve(change) }
    }
}
