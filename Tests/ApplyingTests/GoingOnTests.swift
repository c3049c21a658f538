import Applying
import Configuring
import Diagnostics
import JSON
import Planning
import Testing
import Values

/// How a run goes on: after failures, side by side, and to its end.
@Suite(.timeLimit(.minutes(5))) struct GoingOnTests {
    private static let chain =
        Sample.key("a") + Sample.key("b", "label = sample_key.a.id") + Sample.key("c", "label = sample_key.b.id")
        + Sample.key("free")

    @Test("What depends on a failure is skipped and says because of whom; the rest goes on")
    func skipped() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.refused, forPostsOf: "a")
        let result = try await run.apply(Self.chain)
        #expect(result.diagnostics.map(\.summary) == ["Refused", "Skipped after a failure"])
        #expect(result.diagnostics.map(\.severity) == [.error, .warning])
        #expect(result.diagnostics[0].address == "sample_key.a")
        let detail = result.diagnostics[1].detail
        #expect(detail.contains("wait for sample_key.a, which failed"))
        #expect(detail.contains("    sample_key.b\n    sample_key.c"))
        #expect(run.course.events("skipped") == ["skipped b because of a", "skipped c because of a"])
        #expect(run.cloud.keys == ["free-1"])
        #expect(run.store.written?.objectIDs == ["free-1"])
    }

    @Test("A replacement whose delete fails is one failure, not a dependant of itself")
    func failedReplacement() async throws {
        var run = Rehearsal()
        try run.manage("a", id: "A", owner: "o1")
        run.course.fail("DELETE A")
        let result = try await run.apply(Sample.key("a", owner: "o2") + Sample.key("b", "label = sample_key.a.id"))
        #expect(result.diagnostics.map(\.summary) == ["Made to fail", "Skipped after a failure"])
        #expect(!(result.diagnostics.last?.detail.contains("    sample_key.a") ?? false))
        #expect(run.course.events("skipped") == ["skipped b because of a"])
        #expect(run.secrets.keys == ["A"])
        #expect(result.state[Sample.address("a")]?.id == "A")
    }

    @Test("Dependants get what was made; outputs are recorded, without secrets")
    func values() async throws {
        let run = Rehearsal()
        let result = try await run.apply(
            Self.chain + "output \"id\" {\n value = sample_key.c.id\n}\n"
                + "output \"secret\" {\n value = sample_key.a.secret\n sensitive = true\n}\n")
        #expect(result.diagnostics.isEmpty)
        #expect(result.state[Sample.address("b")]?.attributes["label"]?.string == "a-1")
        #expect(result.state[Sample.address("c")]?.attributes["label"]?.string == "b-1")
        #expect(result.state.outputs["id"]?.value.string == "c-1")
        #expect(result.state.outputs["secret"]?.value.string == nil)
        #expect(!"\(result.state)".contains("secret of"))
        for record in run.store.records { #expect(!"\(record)".contains("secret of")) }
    }

    @Test("An output that a failure keeps from being known keeps its old value")
    func oldOutputs() async throws {
        var run = Rehearsal()
        run.state.outputs = [
            "a": OutputState(value: "before", type: "string", isSensitive: false),
            "gone": OutputState(value: "before", type: "string", isSensitive: false),
        ]
        run.cloud.arrange(.refused, forPostsOf: "a")
        let result = try await run.apply(
            Self.chain
                + "output \"a\" {\n value = sample_key.a.id\n}\noutput \"free\" {\n value = sample_key.free.id\n}\n")
        #expect(result.state.outputs.keys.sorted() == ["a", "free"])
        #expect(result.state.outputs["a"]?.value.string == "before")
        #expect(result.state.outputs["free"]?.value.string == "free-1")
    }

    @Test("Destroying takes outputs and secrets along; with a failure both stay")
    func destroy() async throws {
        for isFailing in [false, true] {
            var run = Rehearsal()
            try run.manage("a", id: "A")
            try run.manage("b", id: "B", after: ["a"])
            run.state.outputs = ["o": OutputState(value: "v", type: "string", isSensitive: false)]
            if isFailing { run.course.fail("DELETE A") }
            let planned = try await run.plan(
                Sample.key("a") + Sample.key("b", "label = sample_key.a.id"), PlanOptions(mode: .destroy))
            let result = await run.apply(planned)
            #expect(run.course.events("DELETE") == ["DELETE B", "DELETE A"])
            #expect(result.counts.destroyed == (isFailing ? 1 : 2))
            #expect(result.state.outputs.isEmpty != isFailing)
            #expect(run.secrets.keys == (isFailing ? ["A"] : []))
            // A secret goes after its key's end is recorded, and after the state is written.
            let removed = try #require(run.course.position("removed b"))
            let written = try #require(run.course.position("write"))
            let forgotten = try #require(run.course.position("forget B"))
            #expect(removed < written && written < forgotten)
        }
    }

    @Test(
        "Secrets of keys that were destroyed stay while their end is not recorded", arguments: ["removed a", "write"])
    func secretsStay(failing: String) async throws {
        var run = Rehearsal()
        try run.manage("a", id: "A")
        run.course.fail(failing)
        let result = try await run.apply("")
        #expect(run.course.events("DELETE") == ["DELETE A"])
        #expect(result.diagnostics.hasErrors)
        #expect(run.secrets.keys == ["A"])
    }

    @Test("An update that changes nothing any more is dropped")
    func droppedUpdate() async throws {
        var run = Rehearsal()
        try run.manage("a", id: "A", owner: "o1")
        try run.manage("b", id: "B", label: "a-1", after: ["a"])
        let result = try await run.apply(
            Sample.key("a", owner: "o2") + Sample.key("b", "label = sample_key.a.id"))
        #expect(result.diagnostics.isEmpty)
        #expect(run.course.events("PATCH").isEmpty)
        #expect(result.counts.changed == 0)
    }

    @Test("A data source that waits for a key is read after it, and its record need not be durable")
    func readDuringApply() async throws {
        let run = Rehearsal()
        let result = try await run.apply(
            Sample.key("a") + "data \"sample_place\" \"p\" {\n name = sample_key.a.id\n}\n"
                + Sample.key("b", "label = data.sample_place.p.id"))
        #expect(result.diagnostics.isEmpty)
        #expect(
            run.course.events("PROBE", "READ", "POST") == ["POST a", "PROBE a-1", "READ a-1", "POST b", "PROBE b-1"])
        #expect(result.state[Sample.address("b")]?.attributes["label"]?.string == "place of a-1")
        #expect(run.store.noted.count == 1)
    }

    // MARK: - Side by side

    @Test("No more steps run at once than allowed", arguments: [1, 3, 100])
    func parallelism(limit: Int) async throws {
        var run = Rehearsal()
        for index in 0..<10 {
            try run.manage("old", .index(index), id: "OLD\(index)", called: "old\(index)")
            try run.manage("same", .index(index), id: "S\(index)", called: "same\(index)", label: "before")
        }
        run.course.close("POST k0")
        let planned = try await run.plan(
            Sample.key("k", "count = 10", called: "\"k${count.index}\"")
                + Sample.key("same", "count = 10\nlabel = \"after\"", called: "\"same${count.index}\""))
        let prepared = run
        async let result = prepared.apply(planned, parallelism: limit)
        await run.course.happened("POST k0")
        run.course.open("POST k0")
        let counts = await result.counts
        #expect([counts.added, counts.changed, counts.destroyed] == [10, 10, 10])
        #expect(run.cloud.runningMax <= limit)
    }

    @Test("The parallelism is used up, and no more")
    func parallelismIsUsed() async throws {
        let run = Rehearsal()
        let names = (0..<5).map { "k\($0)" }
        for name in names { run.course.close("POST \(name)") }
        let planned = try await run.plan(names.map { Sample.key($0) }.joined())
        async let result = run.apply(planned, parallelism: 3)
        for name in names.prefix(3) { await run.course.happened("POST \(name)") }
        #expect(run.course.events("POST").count == 3)
        run.course.open("POST k1")
        await run.course.happened("POST k3")
        #expect(run.course.events("POST").count == 4)
        for name in names { run.course.open("POST \(name)") }
        #expect(await result.counts.added == 5)
        #expect(run.cloud.runningMax == 3)
    }

    @Test("Waiting until a key can be used holds no slot, but its dependants wait")
    func readinessHoldsNoSlot() async throws {
        let run = Rehearsal()
        run.course.close("PROBE a-1", "PROBE b-1")
        let planned = try await run.plan(
            Sample.key("a") + Sample.key("b") + Sample.key("c") + Sample.key("d", "label = sample_key.a.id"))
        async let result = run.apply(planned, parallelism: 1)
        await run.course.happened("PROBE b-1")
        await run.course.happened("finished c")
        #expect(run.course.count("POST d") == 0)
        #expect(run.course.count("recorded a") == 1, "it is recorded while it is waited for")
        run.course.open("PROBE a-1")
        await run.course.happened("finished d")
        run.course.open("PROBE b-1")
        #expect(await result.counts.added == 4)
        #expect(await result.diagnostics.isEmpty)
    }

    @Test("A key that never becomes usable is a warning, and what depends on it goes on")
    func neverReady() async throws {
        let run = Rehearsal()
        run.cloud.keepUnready("a-1", "The cloud is slow.")
        run.cloud.keepUnready("free-1", "The cloud is slow.")
        let result = try await run.apply(Self.chain)
        #expect(result.counts.added == 4)
        #expect(result.diagnostics.map(\.summary) == ["New objects not usable yet"])
        #expect(result.diagnostics[0].severity == .warning)
        let detail = result.diagnostics[0].detail
        #expect(
            detail.contains("sample_key.a  a-1\n    sample_key.free  free-1") && detail.contains("The cloud is slow."))
    }

    @Test("Long calls tell every ten seconds that they go on")
    func progress() async throws {
        let run = Rehearsal()
        run.course.close("POST a")
        let planned = try await run.plan(Sample.key("a"))
        async let result = run.apply(planned)
        await run.course.happened("POST a")
        for second in 1...21 {
            await run.time.isAsked(.seconds(1), times: second)
            run.time.pass(.seconds(1))
        }
        await run.course.happened("progress a 20s")
        run.course.open("POST a")
        _ = await result
        #expect(run.course.events("progress") == ["progress a 10s", "progress a 20s"])
    }
}
