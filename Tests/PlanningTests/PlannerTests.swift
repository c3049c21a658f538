import Configuring
import Diagnostics
import JSON
import Planning
import Testing
import Values

/// What the planner decides, driven by hand.
@Suite struct PlannerTests {
    private func key(_ name: String, _ more: String = "") -> String {
        "resource \"sample_key\" \"\(name)\" {\n  \(more.contains("name =") ? "" : "name = \"\(name)\"")\n  \(more)\n}\n"
    }

    // MARK: - One instance

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// More of the block.
        var block = ""
        /// The object in the state: nil for none.
        var label: String??
        var owner: String?
        var isTainted = false
        var isReplaced = false
        var wanted: [String]
    }

    @Test(
        "The decision table of one instance",
        arguments: [
            Row(testDescription: "nothing there", wanted: ["create sample_key.a"]),
            Row(testDescription: "as it is to be", label: .some(nil), wanted: []),
            Row(
                testDescription: "an argument added", block: "label = \"l\"", label: .some(nil),
                wanted: ["update sample_key.a"]),
            Row(testDescription: "an argument removed", label: .some("l"), wanted: ["update sample_key.a"]),
            Row(
                testDescription: "a forcing argument changed", block: "owner = \"o2\"", label: .some(nil), owner: "o1",
                wanted: ["delete-create sample_key.a (replace_because_cannot_update)"]),
            Row(
                testDescription: "the same, made before destroyed",
                block: "owner = \"o2\"\nlifecycle {\n create_before_destroy = true\n}", label: .some(nil), owner: "o1",
                wanted: ["create-delete sample_key.a (replace_because_cannot_update)"]),
            Row(
                testDescription: "tainted", label: .some(nil), isTainted: true,
                wanted: ["delete-create sample_key.a (replace_because_tainted)"]),
            Row(
                testDescription: "replaced by request", label: .some(nil), isReplaced: true,
                wanted: ["delete-create sample_key.a (replace_by_request)"]),
            Row(
                testDescription: "a change that is ignored",
                block: "label = \"x\"\nlifecycle {\n ignore_changes = [label]\n}", label: .some("l"), wanted: []),
            Row(
                testDescription: "every change ignored",
                block: "owner = \"x\"\nlifecycle {\n ignore_changes = all\n}", label: .some("l"), owner: "o",
                wanted: []),
        ])
    func decision(_ row: Row) throws {
        var planned = PlannedCase(text: key("a", row.block))
        if let label = row.label {
            try planned.manage("a", id: "A", label: label, owner: row.owner, isTainted: row.isTainted)
        }
        if row.isReplaced { planned.options.replaced = [PlannedCase.address("a")] }
        let outcome = planned.run()
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.changes == row.wanted)
        #expect(outcome.plan?.isEmpty == row.wanted.isEmpty)
    }

    @Test("What must not be destroyed is an error, whether it is destroyed or replaced", arguments: [true, false])
    func preventDestroy(isDestroying: Bool) throws {
        var planned = PlannedCase(text: key("a", "owner = \"o2\"\nlifecycle {\n prevent_destroy = true\n}"))
        try planned.manage("a", id: "A", owner: "o1")
        if isDestroying { planned.options.mode = .destroy }
        let outcome = planned.run()
        #expect(outcome.plan == nil)
        #expect(outcome.diagnostics.map(\.summary) == ["Instance cannot be destroyed"])
    }

    @Test("-replace of an instance that is nowhere changes nothing, as in Terraform")
    func replaceNothing() throws {
        var planned = PlannedCase(text: key("a", "count = 2"))
        planned.options.replaced = [InstanceAddress(PlannedCase.address("a").resource, .index(7))]
        let outcome = planned.run()
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.plan?.changes.map(\.action) == [.create, .create])
    }

    @Test("-replace of a resource with several instances warns and names them")
    func replaceSeveral() throws {
        var planned = PlannedCase(text: key("a", "count = 2"))
        planned.options.replaced = [PlannedCase.address("a")]
        let problem = try #require(planned.run().diagnostics.first)
        #expect(problem.severity == .warning)
        #expect(problem.detail.contains("  -replace=\"sample_key.a[0]\"\n  -replace=\"sample_key.a[1]\""))
    }

    // MARK: - Orphans

    @Test("What the configuration does not want any more is destroyed, and says why")
    func orphans() throws {
        var planned = PlannedCase(
            text: key("counted", "count = 1\nname = \"c\"") + key("each", "for_each = { b = 1 }\nname = \"e\"")
                + key("turned", "for_each = { b = 1 }\nname = \"t\"") + key("single"))
        for index in 0..<3 { try planned.manage("counted", .index(index), id: "C\(index)", called: "c") }
        for letter in ["a", "b"] { try planned.manage("each", .key(letter), id: "E\(letter)", called: "e") }
        try planned.manage("turned", .index(0), id: "T", called: "t")
        try planned.manage("single", .index(1), id: "S", called: "single")
        try planned.manage("gone", id: "G")
        #expect(
            planned.run().changes == [
                "delete sample_key.counted[1] (delete_because_count_index)",
                "delete sample_key.counted[2] (delete_because_count_index)",
                "delete sample_key.each[\"a\"] (delete_because_each_key)",
                "delete sample_key.gone (delete_because_no_resource_config)",
                "create sample_key.single", "delete sample_key.single[1] (delete_because_wrong_repetition)",
                "delete sample_key.turned[0] (delete_because_wrong_repetition)", "create sample_key.turned[\"b\"]",
            ])
    }

    @Test("Deposed objects are destroyed, with and without a current one")
    func deposed() throws {
        var planned = PlannedCase(text: key("a"))
        try planned.manage("a", id: "A")
        try planned.manage("a", id: "OLD", deposed: "00000001")
        try planned.manage("b", id: "B", deposed: "00000002")
        #expect(
            planned.run().changes == ["delete sample_key.a deposed 00000001", "delete sample_key.b deposed 00000002"])
    }

    @Test("Destroying destroys everything, and asks for no data source")
    func destroying() throws {
        var planned = PlannedCase(text: key("a") + "data \"sample_place\" \"p\" {\n name = \"x\"\n}\n")
        try planned.manage("a", id: "A")
        try planned.manage("b", id: "B", deposed: "00000002")
        planned.options.mode = .destroy
        let outcome = planned.run()
        #expect(outcome.changes == ["delete sample_key.a", "delete sample_key.b deposed 00000002"])
        #expect(!outcome.asked.contains { if case .data = $0 { true } else { false } })
    }

    // MARK: - Refresh

    @Test("What is gone is made anew, what changed is changed back, and both are told")
    func drift() throws {
        var planned = PlannedCase(text: key("a") + key("b") + key("c"))
        for name in ["a", "b", "c"] { try planned.manage(name, id: name.uppercased()) }
        planned.cloud = ["A": .gone, "B": .object(PlannedCase.object(id: "B", name: "other"))]
        let outcome = planned.run()
        #expect(outcome.changes == ["create sample_key.a", "update sample_key.b"])
        #expect(outcome.plan?.drift.map(\.address.description) == ["sample_key.a", "sample_key.b"])
        #expect(outcome.plan?.state[PlannedCase.address("a")] == nil)
        planned.options.refreshes = false
        let blind = planned.run()
        #expect(blind.changes.isEmpty)
        #expect(!blind.asked.contains { if case .object = $0 { true } else { false } })
    }

    @Test("What could not be read ends planning with the reason")
    func unread() throws {
        var planned = PlannedCase(text: key("a") + key("b"))
        try planned.manage("a", id: "A")
        try planned.manage("b", id: "B")
        planned.cloud = ["A": .failed(.error("No answer", "Try again."))]
        let outcome = planned.run()
        #expect(outcome.plan == nil)
        #expect(outcome.diagnostics.map(\.summary) == ["No answer"])
    }

    @Test("Objects of another organization are not touched")
    func otherPlace() throws {
        var planned = PlannedCase(text: key("a"))
        try planned.manage("a", id: "A", in: "other")
        let outcome = planned.run()
        #expect(outcome.diagnostics.map(\.summary) == ["Objects of another organization"])
        #expect(!outcome.asked.contains { if case .object = $0 { true } else { false } })
    }

    @Test("An object without its id, or of a newer schema, is an error that names it")
    func unusableObjects() throws {
        var planned = PlannedCase(text: key("a") + key("b"))
        try planned.manage("a", id: "")
        try planned.manage("b", id: "B")
        var object = try #require(planned.state[PlannedCase.address("b")])
        object.schemaVersion = 1
        planned.state.set(object, at: PlannedCase.address("b"), deposed: nil)
        let problems = planned.run().diagnostics
        #expect(problems.map(\.summary) == ["Object without an id", "Object of a newer provider"])
        #expect(problems.map(\.address) == ["sample_key.a", "sample_key.b"])
    }

    @Test("One object at two addresses is an error")
    func objectTwice() throws {
        var planned = PlannedCase(text: key("a") + key("b"))
        try planned.manage("a", id: "A")
        try planned.manage("b", id: "A")
        #expect(planned.run().diagnostics.map(\.summary) == ["Object at two addresses"])
    }

    // MARK: - Data sources

    private let place = "data \"sample_place\" \"p\" {\n name = \"x\"\n}\n"

    @Test("A data source is read while planning, and its value is used")
    func dataSource() throws {
        let outcome = PlannedCase(text: place + key("a", "label = data.sample_place.p.id")).run()
        #expect(outcome.changes == ["create sample_key.a"])
        #expect(outcome.plan?.changes.first?.after.fields?["label"]?.string == "place-1")
    }

    @Test("A data source that needs what is not made yet is read during apply, after it")
    func deferredDataSource() {
        let text = key("a") + "data \"sample_place\" \"p\" {\n name = sample_key.a.id\n}\n"
        let outcome = PlannedCase(text: text + key("b", "label = data.sample_place.p.id")).run()
        #expect(
            outcome.changes == [
                "read data.sample_place.p (read_because_config_unknown)", "create sample_key.a", "create sample_key.b",
            ])
        #expect(outcome.waits("read data.sample_place.p", for: "create sample_key.a"))
        #expect(outcome.waits("create sample_key.b", for: "read data.sample_place.p"))
    }

    @Test(
        "A data source that depends on a change is read during apply; on what stays, while planning",
        arguments: [true, false])
    func dependingDataSource(isChanging: Bool) throws {
        let text = key("a") + "data \"sample_place\" \"p\" {\n name = \"x\"\n depends_on = [sample_key.a]\n}\n"
        var planned = PlannedCase(text: text)
        if !isChanging { try planned.manage("a", id: "A") }
        let reads = planned.run().changes.filter { $0.hasPrefix("read") }
        #expect(reads == (isChanging ? ["read data.sample_place.p (read_because_dependency_pending)"] : []))
    }

    // MARK: - Interrupted creates and look-alikes

    @Test("An interrupted create whose secret is stored is taken over, and nothing is made")
    func finished() throws {
        var planned = PlannedCase(text: key("a"))
        planned.intents = [planned.intent("a")]
        planned.evidence = SettlementEvidence(
            candidates: [Candidate(id: "A", createdAt: 950, object: PlannedCase.object(id: "A", name: "a"))],
            stored: ["intent-a": "A"], serverTime: 1_000)
        let outcome = planned.run()
        #expect(outcome.changes.isEmpty)
        #expect(outcome.plan?.steps.contains { $0.work == .settle(.finish(planned.intents[0], id: "A")) } == true)
        #expect(outcome.plan?.state[PlannedCase.address("a")]?.id == "A")
        #expect(outcome.plan?.isEmpty == false)
    }

    @Test("A key that no state is to have is done with once its secret is stored, whatever the configuration has there")
    func finishedUnmanaged() throws {
        var planned = PlannedCase(text: key("a"))
        var intent = planned.intent("a")
        intent.isManaged = false
        planned.intents = [intent]
        planned.evidence = SettlementEvidence(
            candidates: [Candidate(id: "A", createdAt: 950, object: PlannedCase.object(id: "A", name: "a"))],
            stored: [intent.id: "A"], serverTime: 1_000)
        let outcome = planned.run()
        #expect(outcome.plan?.steps.contains { $0.work == .settle(.finish(intent, id: "A")) } == true)
        #expect(outcome.plan?.state[PlannedCase.address("a")] == nil)
        #expect(outcome.changes == ["create sample_key.a"])
    }

    @Test("An interrupted create without its secret is discarded before the new one is made")
    func discarded() throws {
        var planned = PlannedCase(text: key("a"))
        planned.intents = [planned.intent("a")]
        planned.evidence.candidates = [
            Candidate(id: "LOST", createdAt: 950, object: PlannedCase.object(id: "LOST", name: "a"))
        ]
        planned.lookAlikes = [("LOST", "env/LOST")]
        let outcome = planned.run()
        #expect(outcome.changes == ["create sample_key.a"])
        #expect(outcome.plan?.steps.first?.work == .settle(.discard(planned.intents[0], ids: ["LOST"])))
        #expect(outcome.waits("create sample_key.a", for: "settle sample_key.a"))
        // It is not offered for import either.
        #expect(outcome.plan?.lookAlikes.isEmpty == true)
    }

    @Test("A key that is being imported is not what an interrupted create left")
    func importing() throws {
        var planned = PlannedCase(text: "")
        planned.intents = [planned.intent("a")]
        planned.evidence.candidates = ["X", "Y"].map {
            Candidate(id: $0, createdAt: 950, object: PlannedCase.object(id: $0, name: "a"))
        }
        #expect(planned.run().diagnostics.map(\.summary) == ["Interrupted create cannot be settled"])
        planned.options.importing = ["X"]
        let outcome = planned.run()
        #expect(outcome.plan?.steps.contains { $0.work == .settle(.discard(planned.intents[0], ids: ["Y"])) } == true)
    }

    @Test("A key that took the place of an interrupted one stays; the interrupted one goes")
    func placeTaken() throws {
        var planned = PlannedCase(text: key("a"))
        try planned.manage("a", id: "NEW")
        planned.intents = [planned.intent("a")]
        planned.evidence = SettlementEvidence(
            candidates: [Candidate(id: "OLD", createdAt: 950, object: PlannedCase.object(id: "OLD", name: "a"))],
            stored: ["intent-a": "OLD"], serverTime: 1_000)
        let outcome = planned.run()
        #expect(outcome.changes.isEmpty)
        #expect(outcome.plan?.steps.contains { $0.work == .settle(.discard(planned.intents[0], ids: ["OLD"])) } == true)
        #expect(outcome.plan?.state[PlannedCase.address("a")]?.id == "NEW")
    }

    @Test("Nothing found is watched on, which alone is no change")
    func watched() {
        var planned = PlannedCase(text: "")
        planned.intents = [planned.intent("a")]
        let outcome = planned.run()
        #expect(outcome.plan?.isEmpty == true)
        #expect(outcome.plan?.steps.contains { if case .settle(.watch) = $0.work { true } else { false } } == true)
    }

    @Test("A key that nobody here made, like one to be made, is shown; one of this state is not")
    func lookAlikes() throws {
        var planned = PlannedCase(text: key("a") + key("b", "name = \"a\""))
        try planned.manage("b", id: "B", called: "a")
        planned.lookAlikes = [("B", "env/B"), ("X", "env/X")]
        let outcome = planned.run()
        #expect(outcome.plan?.lookAlikes == [Plan.LookAlike(address: PlannedCase.address("a"), importID: "env/X")])
    }

    // MARK: - Outputs

    @Test("Outputs are made, changed and removed; one of a key to be made is known after apply")
    func outputs() throws {
        var planned = PlannedCase(
            text: key("a") + "output \"new\" {\n value = \"n\"\n}\noutput \"same\" {\n value = 1\n}\n"
                + "output \"later\" {\n value = sample_key.a.id\n}\n")
        planned.state.outputs = [
            "same": OutputState(value: 1, type: "number", isSensitive: false),
            "old": OutputState(value: "x", type: "string", isSensitive: false),
        ]
        let outputs = try #require(planned.run().plan).outputs.map { "\($0.action.rawValue) \($0.name)" }
        #expect(outputs == ["create later", "create new", "delete old", "no-op same"])
    }

    @Test(
        "A value that no state file can hold is an error",
        arguments: [("[local.a1]", 250), ("{ x = local.a1 }", 3_000)])
    func deepValues(form: String, levels: Int) {
        let locals = (0..<levels).map { "  a\($0) = \(form.replacing("a1", with: "a\($0 + 1)"))\n" }.joined()
        let text = "locals {\n\(locals)  a\(levels) = 1\n}\noutput \"deep\" {\n value = local.a0\n}\n"
        let outcome = PlannedCase(text: text).run()
        #expect(outcome.plan == nil)
        #expect(Set(outcome.diagnostics.map(\.summary)) == ["Value nested too deeply"])
        #expect(outcome.diagnostics.count < 30)
        let infinite = PlannedCase(text: "output \"x\" {\n value = 1/0\n}\n").run()
        #expect(infinite.diagnostics.map(\.summary) == ["Invalid output value"])
    }

    @Test("An output with a secret must say that it is sensitive, and is no change while its key stays")
    func secretOutput() throws {
        let output = "output \"s\" {\n value = sample_key.a.secret\n"
        #expect(
            PlannedCase(text: key("a") + output + "}\n").run().diagnostics.map(\.summary)
                == ["Output refers to sensitive values"])
        var planned = PlannedCase(text: key("a") + output + "  sensitive = true\n}\n")
        try planned.manage("a", id: "A")
        #expect(planned.run().plan?.isEmpty == true)
    }

    // MARK: - The whole

    @Test("The order of the answers and of the blocks decides nothing")
    func order() throws {
        let blocks = [key("a"), key("b", "label = sample_key.a.id"), key("c", "owner = \"x\""), place]
        var planned = PlannedCase(text: blocks.joined())
        try planned.manage("a", id: "A", called: "old")
        try planned.manage("c", id: "C", owner: "y")
        try planned.manage("d", id: "D")
        let first = planned.run()
        planned.isBackwards = true
        let second = planned.run()
        #expect(first.plan?.fileBytes() == second.plan?.fileBytes())
        planned.text = blocks.reversed().joined()
        #expect(planned.run().changes == first.changes)
        #expect(first.changes.count == 4)
    }
}
