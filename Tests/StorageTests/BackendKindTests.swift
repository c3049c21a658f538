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

    @Test("What of a block is a secret is known; a connection string is one if there is a password in it")
    func secrets() {
        func found(_ type: String, _ arguments: [String: String]) -> String? {
            BackendKind.secretArgument(of: Self.block(type, arguments))
        }
        #expect(found("s3", ["bucket": "b", "key": "k", "access_key": "a"]) == nil)
        #expect(found("s3", ["bucket": "b", "secret_key": "canary"]) == "secret_key")
        #expect(found("http", ["address": "http://localhost/s", "password": "canary"]) == "password")
        #expect(found("pg", ["conn_str": "postgres://u@localhost/d?sslmode=verify-full"]) == nil)
        #expect(found("pg", ["conn_str": "postgres://u:canary@localhost/d"]) == "conn_str")
        #expect(found("pg", ["conn_str": "host=localhost password=canary"]) == "conn_str")
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
