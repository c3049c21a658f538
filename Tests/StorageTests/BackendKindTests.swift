import Configuring
import Diagnostics
import Storage
import Testing

/// What is wrong with a `backend` block before its backend is made.
@Suite struct BackendKindTests {
    private static func block(_ type: String, _ arguments: [String: String] = [:]) -> BackendBlock {
        var block = BackendBlock(type: type)
        block.arguments = arguments
        return block
    }

    @Test("A backend that there is takes its own arguments")
    func accepted() {
        #expect(BackendKind.problems(of: Self.block("local", ["path": "x.tfstate", "workspace_dir": "d"])) == [])
    }

    @Test(
        "What a backend does not know is named, with what it may have meant",
        arguments: [
            (block("locl"), "Unsupported backend", "local"), (block("cloud"), "Unsupported backend", "HCP Terraform"),
            (block("local", ["paht": "x"]), "Unsupported argument", "\"path\""),
        ])
    func refused(_ block: BackendBlock, _ summary: String, _ part: String) {
        let problems = BackendKind.problems(of: block)
        #expect(problems.map(\.summary) == [summary])
        #expect(problems.first?.detail.contains(part) == true, "\(problems)")
    }
}
