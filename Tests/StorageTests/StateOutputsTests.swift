import Diagnostics
import JSON
import Planning
import Storage
import Testing

/// Output values of states that other configurations keep.
@Suite struct StateOutputsTests {
    private func outputs(_ text: String) throws(Diagnostic) -> [String: OutputState]? {
        try StateOutputs.read(Array(text.utf8), at: "other.tfstate", Encryption())
    }

    @Test("Resources of any type, and secrets in clear, do not keep the outputs from being read")
    func foreign() throws {
        let found = try outputs(
            """
            {"version": 4, "terraform_version": "1.11.4", "serial": 2, "lineage": "l",
             "outputs": {"a": {"value": "x", "type": "string"}, "b": {"value": 1, "type": "number", "sensitive": true}},
             "resources": [{"mode": "managed", "type": "aws_thing", "name": "t", "provider": "p", "instances": [{"odd": true}]}]}
            """)
        #expect(found?["a"] == OutputState(value: "x", type: "string", isSensitive: false))
        #expect(found?["b"]?.isSensitive == true)
    }

    @Test("No bytes are no state, and a state without outputs has none")
    func empty() throws {
        #expect(try outputs("") == nil)
        #expect(try outputs(#"{"version": 4, "serial": 0, "lineage": "l"}"#)?.isEmpty == true)
    }

    @Test(
        "What is no state of this format is an error",
        arguments: ["{}", "not json", #"{"version": 3}"#, #"{"version": 5}"#, #"{"version": 4, "outputs": []}"#])
    func faults(_ text: String) {
        #expect { try outputs(text) } throws: { error in
            (error as? Diagnostic)?.summary == "Unsupported state file format"
        }
    }
}
