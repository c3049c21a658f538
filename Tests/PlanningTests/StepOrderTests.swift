import Configuring
import Planning
import Testing
import Values

/// Which step waits for which.
@Suite struct StepOrderTests {
    private func key(_ name: String, _ more: String = "", owner: String = "o1") -> String {
        "resource \"sample_key\" \"\(name)\" {\n  name = \"\(name)\"\n  owner = \"\(owner)\"\n  \(more)\n}\n"
    }

    /// Every wait is for an earlier step, and the outputs come last.
    private func expectSound(_ outcome: PlannedCase.Outcome) throws {
        let steps = try #require(outcome.plan).steps
        for (index, step) in steps.enumerated() { #expect(step.waits.allSatisfy { (0..<index).contains($0) }) }
        #expect(steps.last?.work == .outputs)
    }

    @Test("Dependants are made after, and destroyed before, what they depend on")
    func dependants() throws {
        let made = PlannedCase(text: key("a") + key("b", "label = sample_key.a.id") + key("c")).run()
        #expect(made.waits("create sample_key.b", for: "create sample_key.a"))
        #expect(!made.waits("create sample_key.c", for: "create sample_key.a"))
        try expectSound(made)
        var planned = PlannedCase(text: "")
        try planned.manage("a", id: "A")
        try planned.manage("b", id: "B", after: ["a"])
        let destroyed = planned.run()
        #expect(destroyed.waits("delete sample_key.a", for: "delete sample_key.b"))
        try expectSound(destroyed)
    }

    @Test("A replacement destroys first; its dependant is updated when the new one is there")
    func replacement() throws {
        var planned = PlannedCase(text: key("a", owner: "o2") + key("b", "label = sample_key.a.id"))
        try planned.manage("a", id: "A", owner: "o1")
        try planned.manage("b", id: "B", label: "A", owner: "o1", after: ["a"])
        let outcome = planned.run()
        #expect(outcome.waits("create sample_key.a", for: "delete sample_key.a"))
        #expect(outcome.waits("update sample_key.b", for: "create sample_key.a"))
        try expectSound(outcome)
    }

    @Test("Made before destroyed: the old one goes when its dependant has let go of it")
    func createBeforeDestroy() throws {
        let lifecycle = "lifecycle {\n create_before_destroy = true\n}"
        var planned = PlannedCase(text: key("a", lifecycle, owner: "o2") + key("b", "label = sample_key.a.id"))
        try planned.manage("a", id: "A", owner: "o1")
        try planned.manage("b", id: "B", label: "A", owner: "o1", after: ["a"])
        let outcome = planned.run()
        #expect(outcome.waits("update sample_key.b", for: "create sample_key.a"))
        #expect(outcome.waits("delete sample_key.a", for: "update sample_key.b"))
        try expectSound(outcome)
    }

    @Test("What a resource made before destroyed depends on is made so, too")
    func contagion() throws {
        let lifecycle = "lifecycle {\n create_before_destroy = true\n}"
        var planned = PlannedCase(
            text: key("a", owner: "o2") + key("b", "label = sample_key.a.id\n\(lifecycle)", owner: "o2"))
        try planned.manage("a", id: "A", owner: "o1")
        try planned.manage("b", id: "B", label: "A", owner: "o1", after: ["a"])
        let outcome = planned.run()
        #expect(outcome.changes.allSatisfy { $0.hasPrefix("create-delete") })
        #expect(outcome.waits("delete sample_key.a", for: "delete sample_key.b"))
        #expect(outcome.waits("delete sample_key.b", for: "create sample_key.b"))
        try expectSound(outcome)
    }

    @Test("An update that lets go of something comes before that is destroyed")
    func lettingGo() throws {
        var planned = PlannedCase(text: key("b"))
        try planned.manage("a", id: "A", owner: "o1")
        try planned.manage("b", id: "B", label: "A", owner: "o1", after: ["a"])
        let outcome = planned.run()
        #expect(outcome.changes.count == 2)
        #expect(outcome.waits("delete sample_key.a", for: "update sample_key.b"))
        try expectSound(outcome)
    }

    @Test("Dependencies that a hand tied into a knot do not keep anything from being destroyed")
    func knot() throws {
        var planned = PlannedCase(text: "")
        try planned.manage("a", id: "A", after: ["b"])
        try planned.manage("b", id: "B", after: ["a"])
        let outcome = planned.run()
        #expect(outcome.step("delete sample_key.a") != nil && outcome.step("delete sample_key.b") != nil)
        try expectSound(outcome)
    }

    @Test("The number of waits grows with the instances, not with their pairs")
    func linear() throws {
        let text = key("a", "count = 300") + key("b", "count = 300\nlabel = sample_key.a[0].id")
        let plan = try #require(PlannedCase(text: text).run().plan)
        let waits = plan.steps.map(\.waits.count).reduce(0, +)
        #expect(plan.steps.count < 610)
        #expect(waits < 1_300, "\(waits)")
    }
}
