import EngineSupport
import TestSupport
import Testing

/// Changes whose orders tie Terraform in a cycle, as `fixtures/terraform/cycle-*` has recorded: here they are made.
@Suite struct CycleTests {
    static let cases = TerraformComparisonTests.cases.filter { $0.hasPrefix("cycle-") }

    @Test("What Terraform cannot order is applied, and nothing is left to do", arguments: cases)
    func applied(_ name: String) async throws {
        #expect(try Fixtures.text("terraform/\(name)/recorded.txt").contains("Error: Cycle"))
        try await Workplace.with { place in
            try place.configure(try Fixtures.text("terraform/\(name)/main.tf"))
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(try Fixtures.text("terraform/\(name)/next.tf"))
            let changed = await place.run("apply", "-auto-approve")
            #expect(changed.status == 0, "\(changed.text)")
            let left = await place.run("plan", "-detailed-exitcode")
            #expect(left.status == 0, "\(left.text)")
            let shown = await place.run("show", "-json")
            #expect(!shown.output.contains("deposed_key"), "\(shown.output)")
        }
    }
}
