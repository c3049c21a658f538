import Applying
import Diagnostics
import JSON
import Planning
import Testing

/// Being asked to stop: nothing new starts, what is in flight is finished and recorded.
@Suite(.timeLimit(.minutes(5))) struct StoppingTests {
    @Test("What is in flight is finished and recorded; nothing new starts; the rest is told")
    func once() async throws {
        let run = Rehearsal()
        run.course.close("POST a", "PROBE a-1")
        let planned = try await run.plan(Sample.key("a") + Sample.key("b") + Sample.key("c"))
        async let result = run.apply(planned, parallelism: 1)
        await run.course.happened("POST a")
        run.stop.request()
        await run.course.happened("stopping")
        run.course.open("POST a")
        #expect(await result.wasStopped)
        #expect(await result.counts.added == 1)
        #expect(run.course.events("POST") == ["POST a"])
        #expect(run.store.written?.objectIDs == ["a-1"])
        #expect(run.secrets.keys == ["a-1"])
        let summaries = await result.diagnostics.map(\.summary)
        #expect(summaries == ["New objects not usable yet", "Stopped before the end"])
    }

    @Test("Stopped before it began, a run does nothing but record that it ran")
    func atOnce() async throws {
        let run = Rehearsal()
        let planned = try await run.plan(Sample.key("a"))
        run.stop.request()
        let result = await run.apply(planned)
        #expect(run.course.events("POST", "opened").isEmpty)
        #expect(result.wasStopped && result.diagnostics.map(\.summary) == ["Stopped before the end"])
    }

    @Test("A lost answer is not followed by another POST when stopping was asked for")
    func lostAnswer() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostAfter, forPostsOf: "a")
        run.course.close("POST a")
        let planned = try await run.plan(Sample.key("a"))
        async let result = run.apply(planned)
        await run.course.happened("POST a")
        run.stop.request()
        await run.course.happened("stopping")
        run.course.open("POST a")
        #expect(await result.counts.added == 0)
        #expect(run.course.count("POST a") == 1)
        // What it left is gone all the same.
        #expect(run.cloud.keys.isEmpty && run.store.writtenIntents.isEmpty)
    }

    @Test("Alike ones that wait for one another do not start any more")
    func parked() async throws {
        let run = Rehearsal()
        run.course.close("POST same")
        let planned = try await run.plan(Sample.key("k", "count = 3", called: "\"same\""))
        async let result = run.apply(planned)
        await run.course.happened("POST same")
        run.stop.request()
        await run.course.happened("stopping")
        run.course.open("POST same")
        #expect(await result.counts.added == 1)
        #expect(run.course.count("POST same") == 1)
        #expect(await result.diagnostics.last?.summary == "Stopped before the end")
    }

    @Test("A signal that is given before, after or while someone waits is always heard")
    func signal() async {
        let stop = StopSignal()
        #expect(!stop.isRequested)
        let waiting = Task { await stop.wait() }
        let cancelled = Task { await stop.wait() }
        cancelled.cancel()
        await cancelled.value
        #expect(!stop.isRequested)
        stop.request()
        stop.request()
        await waiting.value
        await stop.wait()
        #expect(stop.isRequested)
    }
}
