import Applying
import BuiltinProvider
import Configuring
import Diagnostics
import JSON
import Planning
import Testing
import Values

/// States in memory: `BACKEND PATH WORKSPACE` to outputs.
struct KeptOutputs: OutputsReader {
    var states: [String: [String: OutputState]] = [:]

    func outputs(
        of backend: String, _ arguments: [String: String], workspace: String
    ) async throws(Diagnostic) -> [String: OutputState]? {
        states["\(backend) \(arguments["path"] ?? "") \(workspace)"]
    }
}

/// `data "terraform_remote_state"`, as Terraform 1.11.4 was seen to treat it.
@Suite struct RemoteStateSourceTests {
    private static let schema = BuiltinProvider.schema { backend, configuration in
        guard backend == "local" else { return .backend("There is no backend type named \"\(backend)\".") }
        return configuration.fields?["pathh"] == nil ? nil : .configuration("unexpected attribute \"pathh\"")
    }

    private static func arguments(
        backend: String = "local", config: Value = .null(.dynamic), defaults: Value = .null(.dynamic),
        workspace: Value = .null(.string)
    ) -> Value {
        .object([
            "backend": .string(backend), "config": config, "defaults": defaults, "outputs": .null(.dynamic),
            "workspace": workspace,
        ])
    }

    private static func read(_ arguments: Value) async throws -> Value? {
        let surroundings = Surroundings(
            now: { (0, 0) }, clock: ContinuousClock(), elapsed: { .zero }, random: { 7 })
        let outputs = [
            "name": OutputState(value: "n", type: "string", isSensitive: false),
            "hidden": OutputState(value: "h", type: "string", isSensitive: true),
        ]
        let reader = KeptOutputs(states: ["local a default": outputs, "local a west": [:]])
        return try await BuiltinProvider(surroundings: surroundings, reader: reader)
            .readData(type: RemoteStateSource.typeName, configuration: arguments).fields?["outputs"]
    }

    private static let place = Value.object(["path": .string("a")])

    @Test("The outputs come first, the defaults where there is none, and what was sensitive is")
    func outputs() async throws {
        let defaults = Value.object(["name": .string("d"), "other": .number(1)])
        let outputs = try await Self.read(Self.arguments(config: Self.place, defaults: defaults))
        #expect(
            outputs
                == .object([
                    "name": .string("n"), "other": .number(1), "hidden": Value.string("h").withMarks(.sensitive),
                ]))
    }

    @Test("A default that is sensitive stays so")
    func sensitiveDefaults() async throws {
        let defaults = Value.object(["other": .number(1)]).withMarks(.sensitive)
        let outputs = try await Self.read(Self.arguments(config: Self.place, defaults: defaults))
        #expect(outputs?.fields?["other"] == Value.number(1).withMarks(.sensitive))
        #expect(outputs?.fields?["name"] == .string("n"))
    }

    @Test("The workspace counts, and an empty name is the default one")
    func workspaces() async throws {
        let west = try await Self.read(Self.arguments(config: Self.place, workspace: .string("west")))
        #expect(west == .object([:]))
        let usual = try await Self.read(Self.arguments(config: Self.place, workspace: .string("")))
        #expect(usual?.fields?["name"] == .string("n"))
    }

    @Test("No state is an error about the workspace, whatever the defaults say")
    func missing() async throws {
        do {
            _ = try await Self.read(
                Self.arguments(config: .object(["path": .string("b")]), defaults: .object(["name": .string("d")])))
            Issue.record("It was read.")
        } catch let problem as Diagnostic {
            #expect(problem.summary == "Unable to find remote state")
            #expect(problem.argument == "workspace")
        }
    }

    @Test(
        "What is wrong with the arguments is told without reading",
        arguments: [
            (arguments(backend: "nope"), "backend: There is no backend type named \"nope\"."),
            (
                arguments(config: .string("x")),
                "config: The given configuration is not valid for backend \"local\": an object is required."
            ),
            (
                arguments(config: .object(["pathh": .string("x")])),
                "config: The given configuration is not valid for backend \"local\": unexpected attribute \"pathh\"."
            ),
            (arguments(defaults: .tuple([])), "defaults: Defaults must be given in an object value."),
            (arguments(config: .unknown(.dynamic), defaults: .unknown(.dynamic)), ""),
            (arguments(config: place, defaults: .object([:])), ""),
        ])
    func problems(_ arguments: Value, _ expected: String) throws {
        let schema = try #require(Self.schema.dataSources[RemoteStateSource.typeName])
        let check = try #require(schema.checking)
        let problems = check(arguments)
        #expect(problems.map { "\($0.argument ?? ""): \($0.detail)" }.joined(separator: "\n") == expected)
    }
}
