import Applying
import BuiltinProvider
import Configuring
import Planning
import Testing
import Values

/// `terraform_data`, as Terraform 1.11.4 was seen to treat it.
@Suite struct ValueResourceTests {
    private static let surroundings = Surroundings(
        now: { (0, 0) }, clock: ContinuousClock(), elapsed: { .zero }, random: { 7 })

    private static func arguments(_ input: Value, triggers: Value = .null(.dynamic)) -> Value {
        .object(["id": .null(.string), "input": input, "output": .null(.dynamic), "triggers_replace": triggers])
    }

    private static func planned(_ arguments: Value, prior: Value? = nil) -> Value {
        ObjectPlanning.proposed(ValueResource.schema, configuration: arguments, prior: prior)
    }

    private static func made(_ arguments: Value) async throws -> Value {
        let provider = BuiltinProvider(surroundings: surroundings, reader: KeptOutputs())
        let answer = await provider.create(type: ValueResource.typeName, planned: planned(arguments))
        guard case .created(let object, secret: nil) = answer else { return try #require(nil) }
        return object
    }

    @Test("A new object's output is known after apply, in the type of its input")
    func creation() async throws {
        let input = Value.object(["a": .number(1)])
        let planned = Self.planned(Self.arguments(input))
        #expect(planned.fields?["id"]?.isUnknown == true)
        #expect(planned.fields?["output"] == .unknown(input.type))
        let made = try await Self.made(Self.arguments(input))
        #expect(made.fields?["output"] == input)
        #expect(made.fields?["id"]?.string?.count == 36)
    }

    @Test("Without an input there is no output, and that is known")
    func empty() {
        #expect(Self.planned(Self.arguments(.null(.dynamic))).fields?["output"] == .null(.dynamic))
    }

    @Test("Nothing changes while the arguments are the same")
    func same() async throws {
        let arguments = Self.arguments(.tuple([.string("a")]), triggers: .number(2))
        let made = try await Self.made(arguments)
        #expect(Self.planned(arguments, prior: made) == made)
    }

    @Test(
        "Another value, or the same of another type, changes the output",
        arguments: [Value.string("2"), .number(1), .null(.dynamic), .list(.number, [.number(2)]), .unknown(.number)])
    func change(_ input: Value) async throws {
        let made = try await Self.made(Self.arguments(.number(2)))
        let planned = Self.planned(Self.arguments(input), prior: made)
        #expect(planned.fields?["id"] == made.fields?["id"])
        // What becomes null is known after apply, too, as Terraform has it.
        #expect(planned.fields?["output"] == .unknown(input.type))
        let differences = ObjectPlanning.differences(ValueResource.schema.block, before: made, after: planned)
        #expect(differences.map(\.path.description) == [".input", ".output"])
        #expect(!differences.contains { $0.forcesReplacement })
    }

    @Test("Another trigger makes a new object, even if the input stays")
    func replacement() async throws {
        let made = try await Self.made(Self.arguments(.number(2), triggers: .tuple([.number(1)])))
        let planned = Self.planned(
            Self.arguments(.number(2), triggers: .list(.number, [.number(1)])), prior: made)
        let forcing = ObjectPlanning.differences(ValueResource.schema.block, before: made, after: planned)
            .filter(\.forcesReplacement)
        #expect(forcing.map(\.path.description) == [".triggers_replace"])
        #expect(planned.fields?["output"] == .unknown(.number))
    }

    @Test("An object is updated in place with the id that it has")
    func update() async throws {
        let made = try await Self.made(Self.arguments(.number(2)))
        let updated = try await BuiltinProvider(surroundings: Self.surroundings, reader: KeptOutputs()).update(
            type: ValueResource.typeName, prior: made,
            planned: Self.planned(Self.arguments(.string("x").withMarks(.sensitive)), prior: made))
        #expect(updated.fields?["id"] == made.fields?["id"])
        #expect(updated.fields?["output"] == .string("x"))
    }
}
