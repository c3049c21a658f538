import Applying
import Configuring
import Diagnostics
import Planning
import Testing

/// Making keys so that neither a key nor its secret is lost.
@Suite(.timeLimit(.minutes(5))) struct CreatingTests {
    @Test("Intent, POST, secret, record, readiness: each after the one before")
    func order() async throws {
        let run = Rehearsal()
        let result = try await run.apply(Sample.key("a"))
        #expect(
            run.course.events == [
                "prepare", "LIST", "origin", "opened a", "POST a", "put a-1", "recorded a", "PROBE a-1", "finished a",
                "write",
            ])
        #expect(result.diagnostics.isEmpty && result.counts.added == 1)
        #expect(result.state[Sample.address("a")]?.id == "a-1")
        #expect(run.secrets.secret(of: "a-1") == "secret of a-1")
        #expect(run.store.written == result.state && run.store.writtenIntents.isEmpty)
    }

    @Test("Two creates of one fingerprint are never on their way together, whatever their addresses")
    func twins() async throws {
        let run = Rehearsal()
        run.course.close("POST same")
        let planned = try await run.plan(
            Sample.key("a", "count = 2", called: "\"same\"") + Sample.key("b", called: "\"same\"")
                + Sample.key("c", owner: "other", called: "\"same\"") + Sample.key("other"))
        async let result = run.apply(planned)
        // Of two owners, so two may be there; the rest waits although what is independent is done.
        await run.course.happened("POST same", times: 2)
        await run.course.happened("finished other")
        #expect(run.course.count("POST same") == 2)
        run.course.open("POST same")
        #expect(await result.counts.added == 5)
        #expect(await result.diagnostics.isEmpty)
        #expect(run.cloud.postingMax == 1)
        #expect(run.cloud.keys.count == 5)
    }

    @Test("The second of two alike does not take the first one's key for its own lost one")
    func twinsLostAnswer() async throws {
        let run = Rehearsal()
        run.cloud.arrange(nil, .lostAfter, forPostsOf: "same")
        let result = try await run.apply(Sample.key("k", "count = 2", called: "\"same\""))
        #expect(result.diagnostics.isEmpty && result.counts.added == 2)
        #expect(run.course.events("DELETE") == ["DELETE same-2"])
        #expect(run.cloud.keys == ["same-1", "same-3"])
        #expect(run.secrets.keys == ["same-1", "same-3"])
    }

    @Test("An unclear answer is settled in the same run, then the key is made anew", arguments: [true, false])
    func lostAnswer(isCommitted: Bool) async throws {
        let run = Rehearsal()
        run.cloud.arrange(isCommitted ? .lostAfter : .lostBefore, forPostsOf: "a")
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.isEmpty && result.counts.added == 1)
        let id = isCommitted ? "a-2" : "a-1"
        #expect(run.cloud.keys == [id])
        #expect(run.secrets.keys == [id])
        #expect(result.state[Sample.address("a")]?.id == id)
        let settled = isCommitted ? ["DELETE a-1", "settled a"] : ["missed a"]
        #expect(
            run.course.events == ["prepare", "LIST", "origin", "opened a", "POST a", "LIST"] + settled
                + ["opened a", "POST a", "put \(id)", "recorded a", "PROBE \(id)", "finished a"]
                + (isCommitted ? [] : ["LIST"]) + ["write"])
        // What was not found may still come: the intent stays watched.
        #expect(run.store.writtenIntents.map(\.missedAt) == (isCommitted ? [] : [1_000]))
    }

    @Test("A key that was committed late is found at the end of the run, and goes")
    func lateCommit() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostBefore, forPostsOf: "a")
        run.course.close("PROBE a-1")
        let planned = try await run.plan(Sample.key("a"))
        async let result = run.apply(planned)
        await run.course.happened("PROBE a-1")
        run.cloud.put(Sample.object(id: "a-late", name: "a"))
        run.course.open("PROBE a-1")
        #expect(await result.diagnostics.isEmpty)
        #expect(run.cloud.keys == ["a-1"])
        #expect(run.store.writtenIntents.isEmpty)
        #expect(
            run.course.events.suffix(5) == ["LIST", "DELETE a-late", "settled a", "told settled a", "write"])
    }

    @Test("Answers that are lost again and again end in an error, and every intent is told")
    func alwaysLost() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostAfter, .lostAfter, .lostAfter, .lostAfter, .lostAfter, forPostsOf: "a")
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.map(\.summary) == ["Answer lost"])
        #expect(run.course.count("POST a") == 4)
        #expect(run.cloud.keys.isEmpty && run.store.writtenIntents.isEmpty)
    }

    @Test("When looking for a lost key fails, nothing is made anew, and the intent stays open")
    func unsettled() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostAfter, forPostsOf: "a")
        run.course.close("POST a")
        let planned = try await run.plan(Sample.key("a"))
        async let result = run.apply(planned)
        await run.course.happened("POST a")
        run.course.fail("LIST")
        run.course.open("POST a")
        #expect(await result.diagnostics.map(\.summary) == ["Unclear whether the object exists"])
        #expect(run.course.count("POST a") == 1)
        #expect(run.store.writtenIntents.map(\.address) == [Sample.address("a")])
        #expect(run.cloud.keys == ["a-1"])
    }

    @Test("A refusal after a lost answer is what the user is told")
    func refusedAfterLost() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostBefore, .refused, forPostsOf: "a")
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.map(\.summary) == ["Refused"])
        #expect(run.course.count("POST a") == 2)
    }

    @Test("What the state has is never taken for a lost key, nor what was there before")
    func notOurs() async throws {
        var run = Rehearsal()
        try run.manage("old", id: "OLD", called: "a")
        run.cloud.put(Sample.object(id: "FOREIGN", name: "a"))
        run.cloud.arrange(.lostAfter, forPostsOf: "a")
        let result = try await run.apply(Sample.key("old", called: "\"a\"") + Sample.key("a"))
        #expect(result.diagnostics.isEmpty)
        #expect(run.course.events("DELETE") == ["DELETE a-1"])
        #expect(run.cloud.keys == ["FOREIGN", "OLD", "a-2"])
    }

    // MARK: - What cannot be kept

    @Test("A key whose secret cannot be stored is destroyed at once, and no other is made")
    func secretNotStored() async throws {
        let run = Rehearsal()
        run.course.fail("put a-1")
        let result = try await run.apply(Sample.key("a") + Sample.key("b") + Sample.key("c"), parallelism: 1)
        #expect(
            run.course.events == [
                "prepare", "LIST", "origin", "opened a", "POST a", "put a-1", "DELETE a-1", "settled a", "write",
            ])
        #expect(result.diagnostics.map(\.summary) == ["Secret could not be stored", "Not created"])
        #expect(result.diagnostics[1].detail.contains("    sample_key.b\n    sample_key.c\n"))
        #expect(run.cloud.keys.isEmpty && run.store.writtenIntents.isEmpty)
        #expect(result.counts.added == 0)
    }

    @Test("No POST starts while a key is destroyed whose secret cannot be stored")
    func noPostMeanwhile() async throws {
        let run = Rehearsal()
        run.course.fail("put a-1")
        run.course.close("POST a", "DELETE a-1", "POST b")
        let planned = try await run.plan(Sample.key("a") + Sample.key("b") + Sample.key("c"))
        async let result = run.apply(planned, parallelism: 2)
        await run.course.happened("POST b")
        run.course.open("POST a")
        await run.course.happened("DELETE a-1")
        // The slot of b is free, and the end of a is not known yet.
        run.course.open("POST b")
        await run.course.happened("finished b")
        run.course.open("DELETE a-1")
        #expect(await result.counts.added == 1)
        #expect(run.course.count("POST c") == 0)
        #expect(run.cloud.keys == ["b-1"])
        #expect(
            await result.diagnostics.map(\.summary).sorted() == ["Not created", "Secret could not be stored"])
        #expect(run.store.writtenIntents.isEmpty)
    }

    @Test("A lost answer is not followed by another POST once secrets cannot be stored")
    func noRetryMeanwhile() async throws {
        let run = Rehearsal()
        run.cloud.arrange(.lostAfter, forPostsOf: "b")
        run.course.fail("put a-1")
        run.course.close("POST a", "DELETE b-1")
        let planned = try await run.plan(Sample.key("a") + Sample.key("b"))
        async let result = run.apply(planned)
        await run.course.happened("DELETE b-1")
        run.course.open("POST a")
        await run.course.happened("settled a")
        run.course.open("DELETE b-1")
        #expect(await result.counts.added == 0)
        #expect(run.course.count("POST b") == 1)
        #expect(run.cloud.keys.isEmpty && run.store.writtenIntents.isEmpty)
    }

    @Test("A key that can be neither kept nor destroyed leaves its intent to the next run")
    func neither() async throws {
        let run = Rehearsal()
        run.course.fail("put a-1", "DELETE a-1")
        let result = try await run.apply(Sample.key("a"))
        #expect(result.diagnostics.map(\.summary) == ["Secret could not be stored"])
        #expect(result.diagnostics[0].detail.contains("could not be deleted either"))
        #expect(run.store.writtenIntents.map(\.address) == [Sample.address("a")])
    }

    @Test("Alike ones that waited for one whose secret cannot be stored are told, each")
    func parkedAreTold() async throws {
        let run = Rehearsal()
        run.course.fail("put same-1")
        let result = try await run.apply(
            Sample.key("k", "count = 4", called: "\"same\"") + Sample.key("after", "label = sample_key.k[3].id"))
        #expect(run.course.count("POST same") == 1)
        #expect(
            result.diagnostics.map(\.summary)
                == ["Secret could not be stored", "Not created", "Skipped after a failure"])
        for index in 1..<4 { #expect(result.diagnostics[1].detail.contains("    sample_key.k[\(index)]\n")) }
    }

    @Test("Without a journal nothing is made: the intent must be durable first")
    func intentNotDurable() async throws {
        let run = Rehearsal()
        run.course.fail("opened a")
        let result = try await run.apply(Sample.key("a") + Sample.key("b"), parallelism: 1)
        #expect(run.course.events("POST").isEmpty)
        #expect(result.diagnostics.map(\.summary) == ["Made to fail", "Not created"])
    }

    @Test("A key that cannot be recorded keeps its secret and its intent, and no other is made")
    func recordNotDurable() async throws {
        let run = Rehearsal()
        run.course.fail("recorded a")
        let result = try await run.apply(Sample.key("a") + Sample.key("b"), parallelism: 1)
        #expect(run.course.events("POST", "DELETE") == ["POST a"])
        #expect(run.cloud.keys == ["a-1"])
        #expect(run.secrets.keys == ["a-1"])
        #expect(run.store.writtenIntents.map(\.address) == [Sample.address("a")])
        #expect(result.state[Sample.address("a")] == nil)
        #expect(result.diagnostics.map(\.summary) == ["Made to fail", "Not created"])
    }

    // MARK: - Made before destroyed

    @Test("The key in use steps aside before its successor is made, and goes after it is there")
    func createBeforeDestroy() async throws {
        var run = Rehearsal()
        try run.manage("a", id: "OLD", owner: "o1")
        let result = try await run.apply(Sample.key("a", Sample.createsFirst, owner: "o2"))
        #expect(
            run.course.events("deposed", "opened", "POST", "recorded", "DELETE", "removed", "write", "forget") == [
                "deposed a", "opened a", "POST a", "recorded a", "DELETE OLD", "removed a", "forget OLD",
            ])
        #expect(result.state[Sample.address("a")]?.id == "a-1")
        #expect(result.state.objectIDs == ["a-1"])
    }

    enum Failure: CaseIterable { case refused, secretNotStored, unsettled, intentNotDurable }

    @Test("When the successor is not made, the key in use takes its place again", arguments: Failure.allCases)
    func restored(_ failure: Failure) async throws {
        var run = Rehearsal()
        try run.manage("a", id: "OLD", owner: "o1")
        let planned = try await run.plan(Sample.key("a", Sample.createsFirst, owner: "o2"))
        switch failure {
        case .refused: run.cloud.arrange(.refused, forPostsOf: "a")
        case .secretNotStored: run.course.fail("put a-1")
        case .unsettled:
            run.cloud.arrange(.lostAfter, forPostsOf: "a")
            run.course.fail("DELETE a-1")
        case .intentNotDurable: run.course.fail("opened a")
        }
        let result = await run.apply(planned)
        #expect(result.diagnostics.hasErrors)
        #expect(run.course.count("restored a") == 1)
        #expect(result.state[Sample.address("a")]?.id == "OLD")
        #expect(!run.course.events.contains("DELETE OLD"))
    }

    @Test("A successor that is there and not recorded is finished later: the key in use stays aside")
    func notRestored() async throws {
        var run = Rehearsal()
        try run.manage("a", id: "OLD", owner: "o1")
        run.course.fail("recorded a")
        let result = try await run.apply(Sample.key("a", Sample.createsFirst, owner: "o2"))
        #expect(run.course.count("restored a") == 0)
        #expect(result.state[Sample.address("a")] == nil)
        #expect(result.state.objectIDs == ["OLD"])
        #expect(run.cloud.keys == ["OLD", "a-1"])
        // The next run finishes it, and then the old one goes.
        run.state = result.state
        run.intents = run.store.writtenIntents
        run.course.mend("recorded a")
        let next = try await run.apply(Sample.key("a", Sample.createsFirst, owner: "o2"))
        #expect(next.diagnostics.isEmpty)
        #expect(next.state.objectIDs == ["a-1"] && run.cloud.keys == ["a-1"])
        #expect(run.secrets.keys == ["a-1"])
    }

    // MARK: - The secret store

    @Test("Another secret store than the one that state names stops the run before anything is made")
    func otherSecretStore() async throws {
        var run = Rehearsal(hasSecretStore: false)
        try run.manage("a", id: "A")
        let planned = try await run.plan(Sample.key("a") + Sample.key("b"))
        let result = await run.apply(planned)
        #expect(result.diagnostics.map(\.summary) == ["Secret store does not match"])
        #expect(run.course.events.isEmpty)
        #expect(run.store.written == nil)
        let accepted = await run.apply(planned, acceptsNewSecretStore: true)
        #expect(accepted.diagnostics.isEmpty && accepted.counts.added == 1)
    }

    @Test("Without anything to make, the secret store is left alone")
    func noSecretStoreNeeded() async throws {
        var run = Rehearsal(hasSecretStore: false)
        try run.manage("a", id: "A")
        let result = try await run.apply(Sample.key("a", "label = \"new\""))
        #expect(result.diagnostics.isEmpty && result.counts.changed == 1)
        #expect(!run.course.events.contains("prepare"))
    }
}
