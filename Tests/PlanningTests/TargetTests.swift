import Configuring
import JSON
import Planning
import Testing

/// Plans for some resources only.
@Suite("Planning for targets")
struct TargetTests {
    private static let text = """
        locals {
          word = sample_key.base.id
        }

        data "sample_place" "far" {
          name = sample_key.other.name
        }

        resource "sample_key" "base" {
          name = "base"
        }

        resource "sample_key" "top" {
          name  = "top"
          label = local.word
        }

        resource "sample_key" "other" {
          name  = "other"
          label = "changed"
        }

        output "near" {
          value = "${sample_key.top.name} ${local.word}"
        }

        output "mixed" {
          value = "${sample_key.top.name} ${sample_key.other.name}"
        }

        output "apart" {
          value = "nothing"
        }
        """

    private func planned(_ targets: String..., mode: Plan.Mode = .normal) throws -> PlannedCase {
        var planned = PlannedCase(text: Self.text)
        try planned.manage("other", id: "O")
        try planned.manage("gone", id: "G")
        planned.options = PlanOptions(
            mode: mode, targets: targets.map { Target(PlannedCase.address($0).resource) })
        planned.options.isInternal = true
        return planned
    }

    @Test("A target is planned for with all that it depends on, through local values too, and nothing else is")
    func dependencies() throws {
        let planned = try planned("top")
        let outcome = planned.run()
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.changes == ["create sample_key.base", "create sample_key.top"])
        #expect(outcome.waits("create sample_key.top", for: "create sample_key.base"))
        // What is no target is neither read nor asked for.
        #expect(
            !outcome.asked.contains {
                switch $0 {
                case .object, .data: true
                default: false
                }
            })
        #expect(outcome.plan?.state[PlannedCase.address("other")] != nil)
        #expect(outcome.plan?.state[PlannedCase.address("gone")] != nil)
    }

    @Test("An output is planned for when it depends on targets alone")
    func outputs() throws {
        var planned = try planned("top")
        planned.state.outputs["former"] = OutputState(value: "x", type: "string", isSensitive: false)
        #expect(planned.run().plan?.outputs.map(\.name) == ["near"])
        planned.options.targets = nil
        #expect(planned.run().plan?.outputs.map(\.name) == ["apart", "former", "mixed", "near"])
    }

    @Test("What is to be imported elsewhere waits")
    func imports() throws {
        var planned = try planned("base")
        planned.cloud = ["T": .object(PlannedCase.object(id: "T", name: "top"))]
        planned.text += """

            import {
              to = sample_key.top
              id = "T"
            }

            """
        let outcome = planned.run()
        #expect(outcome.diagnostics.isEmpty)
        #expect(outcome.changes == ["create sample_key.base"])
        #expect(outcome.plan?.state[PlannedCase.address("top")] == nil)
        planned.options.targets = [Target(PlannedCase.address("top").resource)]
        planned.options.isInternal = true
        #expect(planned.run().plan?.state[PlannedCase.address("top")] != nil)
    }

    @Test("A target without a block in the configuration is destroyed; other such objects stay")
    func orphan() throws {
        var planned = try planned("gone")
        try planned.manage("lost", id: "L")
        #expect(planned.run().changes == ["delete sample_key.gone (delete_because_no_resource_config)"])
    }

    @Test("Destroying a target destroys what depends on it, too")
    func destroying() throws {
        var planned = try planned("base", mode: .destroy)
        try planned.manage("base", id: "B")
        try planned.manage("top", id: "T", after: ["base"])
        #expect(planned.run().changes == ["delete sample_key.base", "delete sample_key.top"])
    }

    @Test("Interrupted creates are settled, whatever the targets are")
    func settling() throws {
        var planned = try planned("base")
        planned.intents = [planned.intent("other")]
        #expect(planned.run().step("settle sample_key.other") != nil)
    }
}
