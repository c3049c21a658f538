import Configuring
import JSON
import Planning
import TestSupport
import Testing
import Values

/// Plans at rest.
@Suite struct PlanJSONTests {
    private static let values: [Value] = [
        .string("a"), .string("").withMarks(.sensitive), .number(3), .bool(true).withMarks(.sensitive), .null(.string),
        .null(.dynamic), Value.number(Number(literal: "0.1") ?? Number(0)), .unknown(.list(.string)),
        .unknown(.string, Refinement(isNotNull: true, prefix: "x-")),
        .unknown(.list(.number), Refinement(isNotNull: true, minimumLength: 1, maximumLength: 4)),
        .unknown(.number, Refinement(minimum: Number(1), maximum: Number(9))),
        .list(.string, [.string("a"), .null(.string)]), .list(.number, []),
        .set(.string, [.string("b"), .string("a")]),
        .map(.string, ["k": .string("v"), "": .unknown(.string)]), .map(.dynamic, [:]),
        .tuple([.number(1), .string("x").withMarks(.sensitive), .object([:])]),
        .object(["a": .object(["b": .tuple([])]), "n": .string("1"), "u": .unknown(.dynamic)]).withMarks(.sensitive),
        .null(.string).withMarks([.secret, .sensitive]), .unknown(.string).withMarks([.secret, .sensitive]),
    ]

    private static func plan(_ values: [Value] = values) -> Plan {
        let changes = values.enumerated().map { index, value in
            Change(
                address: SampleState.key(index), deposed: index % 3 == 0 ? "0a1b2c3d" : nil, provider: "confluent",
                action: index % 2 == 0 ? .noOp : .deleteThenCreate, reason: index % 2 == 0 ? nil : .cannotUpdate,
                before: value, after: index % 4 == 0 ? value : .unknown(.dynamic),
                replacePaths: [ValuePath([.attribute("owner"), .index(.number(0)), .index(.string("k"))])],
                isConfigurationUnknown: index % 2 == 1, dependencies: [SampleState.resource],
                createBeforeDestroy: index % 3 == 1)
        }
        let intent = SampleState.intent(1)
        return Plan(
            mode: .normal, lineage: "l", serial: 4,
            origin: Origin(organization: "o", endpoint: "e", secretStore: nil, run: "r"),
            places: ["p.eu": Origin(organization: "o2", endpoint: "e2", secretStore: nil, run: "")],
            sources: [Plan.Source(name: "main.tf", text: "# \"é\"\r\n")], variables: ["a": .string("x")],
            sensitiveVariables: ["b"], state: SampleState.state(keys: 3), drift: Array(changes.prefix(2)),
            changes: changes,
            outputs: [
                OutputChange(
                    name: "o", action: .update, before: .string("a"), after: .unknown(.string), isSensitive: true)
            ],
            steps: [
                Step(.settle(.finish(intent, id: "K"))), Step(.settle(.discard(intent, ids: ["A", "B"]))),
                Step(.settle(.watch(intent))), Step(.settle(.drop(intent))), Step(.read(change: 0), waits: [0, 1]),
                Step(.settle(.gone(intent, id: "G"))),
                Step(.create(change: 1, deposing: true), waits: [4]), Step(.create(change: 1, deposing: false)),
                Step(.update(change: 2)), Step(.delete(change: 3), waits: [5, 6]),
                Step(.gather(SampleState.resource, .made), waits: [5]), Step(.forget(change: 2)),
                Step(.gather(SampleState.resource, .destroyed)), Step(.outputs, waits: [10, 11]),
            ],
            lookAlikes: [Plan.LookAlike(address: SampleState.key(0), importID: "env-1/K")])
    }

    @Test("A plan comes back as it was")
    func roundTrip() throws {
        var plan = Self.plan()
        plan.moves = [Plan.Move(from: SampleState.key(0), to: SampleState.key(9))]
        plan.changes[0].previous = SampleState.key(0)
        plan.changes[0].generated = "resource"
        plan.changes[1].action = .forget
        let bytes = plan.fileBytes()
        let read = try Plan(fileBytes: bytes)
        #expect(read.moves == plan.moves)
        #expect(read.changes == plan.changes)
        #expect(read.drift == plan.drift)
        #expect(read.outputs == plan.outputs)
        #expect(read.steps == plan.steps)
        #expect(read.state == plan.state)
        #expect(read.variables == plan.variables)
        #expect(read.sensitiveVariables == plan.sensitiveVariables)
        #expect(read.sources == plan.sources)
        #expect(read.origin == plan.origin)
        #expect(read.lookAlikes == plan.lookAlikes)
        #expect(read.lineage == plan.lineage && read.serial == plan.serial && read.mode == plan.mode)
        #expect(read.fileBytes() == bytes)
    }

    @Test("No secret is written, wherever it is; it comes back as null, marked")
    func secrets() throws {
        let secret = Value.string(Canary.secret).withMarks([.secret, .sensitive])
        let values = [
            secret, .object(["secret": secret, "id": .string("K")]), .list(.string, [secret]),
            .tuple([.tuple([secret])]),
            Value.object(["inner": .string(Canary.secret)]).withMarks(.secret), .map(.string, ["m": secret]),
        ]
        var plan = Self.plan(values)
        plan.variables["v"] = secret
        plan.outputs = [
            OutputChange(name: "o", action: .create, before: .null(.dynamic), after: secret, isSensitive: true)
        ]
        plan.steps = []
        let bytes = plan.fileBytes()
        #expect(Leaks.find(Canary.secret, in: bytes).isEmpty)
        let read = try Plan(fileBytes: bytes)
        #expect(read.changes.first?.before == Value.null(.string).withMarks([.secret, .sensitive]))
        #expect(read.changes[1].before.fields?["secret"]?.marks == [.secret, .sensitive])
        #expect(read.changes[1].before.fields?["id"] == .string("K"))
    }

    @Test("Every truncation is refused")
    func truncations() {
        var plan = Self.plan([.object(["a": .unknown(.string)]).withMarks(.sensitive)])
        plan.steps = [Step(.create(change: 0, deposing: true)), Step(.outputs, waits: [0])]
        let bytes = plan.fileBytes()
        // The last byte is the final newline, which carries nothing.
        let read = (0..<(bytes.count - 1)).filter { (try? Plan(fileBytes: Array(bytes.prefix($0)))) != nil }
        #expect(read == [])
    }

    @Test("Steps that name what is not there are refused")
    func unsound() throws {
        var plan = Self.plan()
        plan.steps = [Step(.update(change: 1_000))]
        #expect(throws: PlanFileError.malformed) { try Plan(fileBytes: plan.fileBytes()) }
        plan.steps = [Step(.outputs, waits: [0])]
        #expect(throws: PlanFileError.malformed) { try Plan(fileBytes: plan.fileBytes()) }
        plan.steps = [Step(.outputs), Step(.outputs, waits: [-1])]
        #expect(throws: PlanFileError.malformed) { try Plan(fileBytes: plan.fileBytes()) }
    }

    @Test("Other files are told from plans of other versions")
    func others() throws {
        #expect(throws: PlanFileError.malformed) { try Plan(fileBytes: SampleState.state(keys: 1).fileBytes()) }
        #expect(throws: PlanFileError.malformed) { try Plan(fileBytes: Array("PK\u{3}\u{4}".utf8)) }
        #expect(throws: PlanFileError.version) { try Plan(fileBytes: Array(#"{"format":"flinkform plan 1"}"#.utf8)) }
    }
}
