import Configuring
import Diagnostics
import JSON
import Planning
import Testing
import Values

/// What is moved in the state before anything is planned, and what is forgotten.
@Suite struct MoveTests {
    private static func moved(_ from: String, _ to: String) -> String {
        "moved {\n  from = \(from)\n  to   = \(to)\n}\n"
    }

    private static func key(_ name: String, _ more: String = "") -> String {
        "resource \"sample_key\" \"\(name)\" {\n  name = \"n\"\n\(more)}\n"
    }

    @Test("An object is planned for where it is now, and the plan says where it was")
    func plan() throws {
        var planned = PlannedCase(
            text: Self.key("c") + Self.moved("sample_key.b", "sample_key.c")
                + Self.moved("sample_key.a", "sample_key.b"))
        try planned.manage("a", id: "A", called: "n", deposed: nil)
        try planned.manage("a", id: "D", called: "n", deposed: "0a1b2c3d")
        let outcome = planned.run()
        let plan = try #require(outcome.plan)
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.changes == ["delete sample_key.c deposed 0a1b2c3d"])
        #expect(plan.changes.map(\.previous) == [PlannedCase.address("a"), PlannedCase.address("a")])
        #expect(plan.moves == [Plan.Move(from: PlannedCase.address("a"), to: PlannedCase.address("c"))])
        #expect(plan.state[PlannedCase.address("a")] == nil)
        #expect(plan.state[PlannedCase.address("c")]?.id == "A")
        #expect(!plan.isEmpty)
        #expect(outcome.asked.contains(.object(PlannedCase.address("c"), deposed: nil)))
    }

    @Test("The journal takes a state to where the plan has it, all moves at once")
    func replay() throws {
        var planned = PlannedCase(
            text: Self.key("b", "  count = 3\n") + Self.moved("sample_key.a", "sample_key.b"))
        for index in 0..<3 { try planned.manage("a", .index(index), id: "A\(index)", called: "n") }
        let plan = try #require(planned.run().plan)
        #expect(plan.moves.count == 3)
        var state = planned.state
        state.apply(.moved(plan.moves), catalog: PlannedCase.catalog)
        #expect(state.resources == plan.state.resources)
        // Two that change places do not run into one another.
        let back = [
            Plan.Move(from: PlannedCase.address("b", .index(0)), to: PlannedCase.address("b", .index(1))),
            Plan.Move(from: PlannedCase.address("b", .index(1)), to: PlannedCase.address("b", .index(0))),
        ]
        state.apply(.moved(back), catalog: PlannedCase.catalog)
        #expect(state[PlannedCase.address("b", .index(0))]?.id == "A1")
        #expect(state[PlannedCase.address("b", .index(1))]?.id == "A0")
    }

    @Test("A null_resource becomes a terraform_data, with its triggers, in the state and in the journal")
    func otherType() throws {
        let catalog = Catalog([
            ProviderSchema(
                name: "terraform", source: "terraform.io/builtin/terraform",
                configuration: Schema(block: BlockSchema(attributes: [])),
                resourceTypes: ["terraform_data": Schema(block: BlockSchema(attributes: []))], dataSources: [:])
        ])
        let old = InstanceAddress(ResourceAddress(mode: .managed, type: "null_resource", name: "n"))
        let new = InstanceAddress(ResourceAddress(mode: .managed, type: "terraform_data", name: "d"))
        let (configuration, problems) = Configuration.load(
            [("main.tf", Array(Self.moved("null_resource.n", "terraform_data.d").utf8))], catalog: catalog)
        #expect(problems.isEmpty)
        var state = State(lineage: "l")
        state.set(
            ObjectState(schemaVersion: 0, attributes: ["id": "7", "triggers": ["a": "b"]]), at: old, deposed: nil,
            provider: "provider[\"registry.terraform.io/hashicorp/null\"]")
        let moves = StateMoves(configuration, state, catalog: catalog)
        let attributes = moves.state[new]?.attributes
        #expect(attributes?["id"] == "7")
        #expect(
            attributes?["triggers_replace"]
                == ["value": ["a": "b"], "type": ["object", ["a": "string"]]])
        #expect(moves.state.resources[new.resource]?.provider == "provider[\"terraform.io/builtin/terraform\"]")
        state.apply(.moved([Plan.Move(from: old, to: new)]), catalog: catalog)
        #expect(state.resources == moves.state.resources)
    }

    @Test("What an interrupted run left is settled where it is moved to")
    func interrupted() throws {
        var planned = PlannedCase(text: Self.key("b") + Self.moved("sample_key.a", "sample_key.b"))
        planned.intents = [planned.intent("a")]
        planned.evidence = SettlementEvidence(
            candidates: [Candidate(id: "A", createdAt: 950, object: PlannedCase.object(id: "A", name: "n"))],
            stored: ["intent-a": "A"], serverTime: 1_000)
        let plan = try #require(planned.run().plan)
        #expect(plan.state[PlannedCase.address("b")]?.id == "A")
        #expect(plan.state.resources.count == 1)
        #expect(plan.moves.isEmpty)
        #expect(plan.changes.map(\.previous) == [nil])
        planned.evidence = SettlementEvidence(
            candidates: [Candidate(id: "A", createdAt: 950, object: PlannedCase.object(id: "A", name: "n"))],
            stored: [:], serverTime: 1_000)
        #expect(planned.run().waits("create sample_key.b", for: "settle sample_key.b"))
    }

    @Test("Objects of other types are not moved to one another")
    func mismatch() {
        let outcome = PlannedCase(text: Self.moved("sample_key.a", "sample_place.b")).run()
        #expect(outcome.diagnostics.map(\.summary) == ["Resource type mismatch"])
    }

    @Test("A command's own plan leaves everything where it is")
    func ownPlan() throws {
        var planned = PlannedCase(text: Self.key("b") + Self.moved("sample_key.a", "sample_key.b"))
        try planned.manage("a", id: "A", called: "n")
        planned.options.isInternal = true
        planned.options.targets = []
        let plan = try #require(planned.run().plan)
        #expect(plan.moves.isEmpty)
        #expect(plan.state[PlannedCase.address("a")]?.id == "A")
    }

    @Test("What is excluded may not be half of a move")
    func excluded() throws {
        var planned = PlannedCase(text: Self.key("b") + Self.moved("sample_key.a", "sample_key.b"))
        try planned.manage("a", id: "A", called: "n")
        planned.options.excluded = [Target(PlannedCase.address("a").resource)]
        #expect(planned.run().diagnostics.map(\.summary).contains("Moved resource instances excluded by targeting"))
    }

    @Test("Ten thousand moves cost ten times what a thousand cost, in chains, keys and modules")
    func linear() throws {
        func steps(_ count: Int) throws -> Int {
            var text = ""
            var state = State(lineage: "l")
            for index in 0..<count {
                let module = ModuleAddress.root.child("m", .index(index))
                text += Self.moved("sample_key.a[\(index)]", "sample_key.b[\"\(index)\"]")
                text += Self.moved("sample_key.b[\"\(index)\"]", "sample_key.c[\"\(index)\"]")
                text += Self.moved("module.m[\(index)]", "module.n[\"\(index)\"]")
                let resources = [
                    ResourceAddress(mode: .managed, type: "sample_key", name: "a"),
                    ResourceAddress(module, mode: .managed, type: "sample_key", name: "k"),
                ]
                for (place, resource) in resources.enumerated() {
                    let key = place == 0 ? InstanceKey.index(index) : .none
                    state.resources[resource, default: ResourceState(provider: "p")].instances[key] = InstanceState(
                        current: ObjectState(schemaVersion: 0, attributes: ["id": .string("\(place)-\(index)")]))
                }
            }
            let (configuration, problems) = Configuration.load(
                [("main.tf", Array(text.utf8))], catalog: PlannedCase.catalog)
            #expect(problems.isEmpty)
            let clock = ContinuousClock()
            var moves: StateMoves?
            let time = clock.measure { moves = StateMoves(configuration, state, catalog: PlannedCase.catalog) }
            let origins = try #require(moves?.origins)
            #expect(origins.count == 2 * count)
            #expect(
                origins[PlannedCase.address("c", .key("\(count - 1)"))]
                    == PlannedCase.address("a", .index(count - 1)))
            return Int(time / .microseconds(1))
        }
        _ = try steps(100)
        let (few, many) = (try steps(500), try steps(5_000))
        // A square would be a hundred times; the rest is for a machine that is busy.
        #expect(many < few * 40)
    }

    @Test("What is forgotten is neither asked for nor destroyed")
    func forgotten() throws {
        var planned = PlannedCase(
            text: """
                removed {
                  from = sample_key.a
                  lifecycle {
                    destroy = false
                  }
                }
                """)
        try planned.manage("a", .index(0), id: "A", called: "n")
        try planned.manage("b", id: "B", called: "n")
        let outcome = planned.run()
        #expect(
            outcome.changes == [
                "forget sample_key.a[0] (delete_because_no_resource_config)",
                "delete sample_key.b (delete_because_no_resource_config)",
            ])
        #expect(outcome.step("forget sample_key.a[0]") != nil)
        #expect(!outcome.asked.contains(.object(PlannedCase.address("a", .index(0)), deposed: nil)))
        #expect(outcome.diagnostics.map(\.summary) == ["Some objects will no longer be managed by flinkform"])
    }

    @Test("An import of many asks for each once, and takes each where its key says")
    func importing() throws {
        var planned = PlannedCase(
            text: """
                locals {
                  ids = { x = "X", y = "Y" }
                }

                resource "sample_key" "a" {
                  for_each = local.ids
                  name     = "n"
                }

                import {
                  for_each = local.ids
                  to       = sample_key.a[each.key]
                  id       = each.value
                }
                """)
        for id in ["X", "Y"] { planned.cloud[id] = .object(PlannedCase.object(id: id, name: "n")) }
        let outcome = planned.run()
        let plan = try #require(outcome.plan)
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.changes.isEmpty)
        #expect(plan.changes.map(\.importing) == ["X", "Y"])
        #expect(plan.state[PlannedCase.address("a", .key("y"))]?.id == "Y")
        #expect(outcome.asked.filter { if case .imported = $0 { true } else { false } }.count == 2)
    }

    @Test("Configuration is generated for what only an import block names")
    func generating() throws {
        var planned = PlannedCase(text: "import {\n  to = sample_key.a\n  id = \"X\"\n}\n")
        planned.cloud["X"] = .object(PlannedCase.object(id: "X", name: "n", owner: "o\"${x}"))
        #expect(planned.run().diagnostics.map(\.summary) == ["Configuration for import target does not exist"])
        planned.options.generates = true
        let outcome = planned.run()
        let change = try #require(outcome.plan?.changes.first)
        #expect(outcome.diagnostics.map(\.summary) == ["Config generation is experimental"])
        #expect(change.importing == "X" && change.action == .noOp)
        #expect(
            change.generated == """
                resource "sample_key" "a" {
                  label = null
                  name  = "n"
                  owner = "o\\"$${x}"
                }
                """)
    }
}
