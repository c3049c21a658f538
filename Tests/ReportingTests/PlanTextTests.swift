import Configuring
import HCL
import Planning
import Reporting
import Testing
import Values

@Suite("Plans as text")
struct PlanTextTests {
    @Test("A new key shows what is set, what is known after apply, and nothing of its secret")
    func create() {
        let after = Sample.key(id: nil, name: "one")
        let text = Sample.text([Sample.change(.create, before: .null(after.type), after: after)])
        #expect(
            text == """
                flinkform used the selected providers to generate the following execution
                plan. Resource actions are indicated with the following symbols:
                  + create

                flinkform will perform the following actions:

                  # sample_key.k will be created
                  + resource "sample_key" "k" {
                      + id     = (known after apply)
                      + name   = "one"
                      + secret = (sensitive value)

                      + owner {
                          + id = "sa-1"
                        }
                    }

                Plan: 1 to add, 0 to change, 0 to destroy.

                """)
    }

    @Test("An update shows the id, what changes, and how much does not")
    func update() {
        let text = Sample.text([
            Sample.change(.update, before: Sample.key(id: "K1", name: "one"), after: Sample.key(id: "K1", name: "two"))
        ])
        #expect(
            text.contains(
                """
                  # sample_key.k will be updated in-place
                  ~ resource "sample_key" "k" {
                        id     = "K1"
                      ~ name   = "one" -> "two"
                        # (1 unchanged attribute hidden)

                        # (1 unchanged block hidden)
                    }

                Plan: 0 to add, 1 to change, 0 to destroy.
                """))
    }

    @Test(
        "A replacement says what forces it, and in which order",
        arguments: [Action.deleteThenCreate, .createThenDelete])
    func replace(action: Action) {
        var change = Sample.change(
            action, before: Sample.key(id: "K1", name: "one"), after: Sample.key(id: nil, name: "one", owner: "sa-2"))
        change.reason = .cannotUpdate
        change.replacePaths = [ValuePath([.attribute("owner"), .index(.number(0)), .attribute("id")])]
        let text = Sample.text([change])
        let symbol = action == .deleteThenCreate ? "-/+" : "+/-"
        #expect(text.contains("  # sample_key.k must be replaced\n\(symbol) resource \"sample_key\" \"k\" {\n"))
        #expect(text.contains("      ~ id     = \"K1\" -> (known after apply)\n"))
        #expect(text.contains("          ~ id = \"sa-1\" -> \"sa-2\" # forces replacement\n"))
        #expect(text.contains("Plan: 1 to add, 0 to change, 1 to destroy.\n"))
    }

    @Test(
        "Each reason has its words",
        arguments: [
            (ChangeReason.noConfiguration, InstanceKey.none, "because sample_key.k is not in configuration"),
            (.countIndex, .index(1), "because index [1] is out of range for count"),
            (.eachKey, .key("a"), "because key [\"a\"] is not in for_each map"),
            (.wrongRepetition, .none, "because resource uses count or for_each"),
            (.wrongRepetition, .index(0), "because resource does not use count"),
            (.wrongRepetition, .key("a"), "because resource does not use for_each"),
        ])
    func reasons(reason: ChangeReason, key: InstanceKey, words: String) {
        let before = Sample.key(id: "K1", name: "one")
        var change = Sample.change(.delete, before: before, after: .null(before.type), key: key)
        change.reason = reason
        #expect(Sample.text([change]).contains("\n  # (\(words))\n  - resource"))
    }

    @Test("A deposed object is called so")
    func deposed() {
        let before = Sample.key(id: "K1", name: "one")
        var change = Sample.change(.delete, before: before, after: .null(before.type))
        change.deposed = "0a1b2c3d"
        #expect(Sample.text([change]).contains("  # sample_key.k (deposed object 0a1b2c3d) will be destroyed\n"))
    }

    @Test("Names from outside cannot write to the terminal")
    func escapes() {
        let after = Sample.key(id: nil, name: "\u{1b}[31mred\u{7}\u{202e}")
        let text = Sample.text([Sample.change(.create, before: .null(after.type), after: after)])
        #expect(text.contains(#"name   = "\u001b[31mred\u0007\u202e""#))
        #expect(!text.unicodeScalars.contains("\u{1b}"))
    }

    @Test("A sensitive value is shown nowhere")
    func sensitive() {
        let name = Value.string("hidden-name").withMarks(.sensitive)
        let after = Sample.key(id: nil, nameValue: name)
        let text = Sample.text([Sample.change(.create, before: .null(after.type), after: after)])
        #expect(text.contains("+ name   = (sensitive value)"))
        #expect(!text.contains("hidden-name"))
    }

    @Test("No changes are said, and interrupted creates come first")
    func settlements() {
        var plan = Sample.plan([])
        #expect(
            PlanText(plan, catalog: Sample.catalog, isColored: false).text.hasPrefix("No changes. Your infrastructure"))
        let intent = Intent(
            id: "i", address: Sample.address(), provider: "sample", organization: "o", endpoint: "e",
            fingerprint: Fingerprint([:]), known: [], openedAt: 0)
        plan.steps = [Step(.settle(.discard(intent, ids: ["K9"])))]
        let text = PlanText(plan, catalog: Sample.catalog, isColored: false).text
        #expect(!plan.isEmpty)
        #expect(text.contains("sample_key.k: key K9 was made, but its secret was lost with the run, so it is deleted"))
        plan.steps = [Step(.settle(.watch(intent)))]
        #expect(plan.isEmpty)
    }

    @Test("Durations read as Terraform writes them", arguments: [(9, "9s"), (60, "1m0s"), (3725, "1h2m5s")])
    func durations(seconds: Int, text: String) {
        #expect(DurationText.text(.seconds(seconds)) == text)
    }
}

/// A resource type with a secret, and changes of it.
enum Sample {
    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("id", .string, .computed), AttributeSchema("name", .string, .optional),
                AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
            ],
            blocks: [
                NestedBlockSchema(
                    "owner", minimum: 1, maximum: 1, forcesReplacement: true,
                    block: BlockSchema(attributes: [AttributeSchema("id", .string, .required, forcesReplacement: true)])
                )
            ]))

    static let catalog = Catalog([
        ProviderSchema(
            name: "sample", source: "example.com/a/sample", configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: ["sample_key": schema], dataSources: [:])
    ])

    static func address(_ key: InstanceKey = .none) -> InstanceAddress {
        InstanceAddress(ResourceAddress(mode: .managed, type: "sample_key", name: "k"), key)
    }

    static func key(id: String?, name: String, owner: String = "sa-1") -> Value {
        key(id: id, nameValue: .string(name), owner: owner)
    }

    static func key(id: String?, nameValue: Value, owner: String = "sa-1") -> Value {
        let marks: Marks = [.sensitive, .secret]
        return .object([
            "id": id.map { .string($0) } ?? .unknown(.string), "name": nameValue,
            "secret": (id == nil ? Value.unknown(.string) : .null(.string)).withMarks(marks),
            "owner": .list(.object(ObjectType(["id": .string])), [.object(["id": .string(owner)])]),
        ])
    }

    static func change(_ action: Action, before: Value, after: Value, key: InstanceKey = .none) -> Change {
        Change(address: address(key), provider: "sample", action: action, before: before, after: after)
    }

    static func plan(_ changes: [Change]) -> Plan {
        Plan(
            mode: .normal, lineage: "l", serial: 0, origin: nil, places: [:], sources: [], variables: [:],
            sensitiveVariables: [],
            state: State(lineage: "l"), drift: [], changes: changes, outputs: [], steps: [], lookAlikes: [])
    }

    static func text(_ changes: [Change]) -> String {
        PlanText(plan(changes), catalog: catalog, isColored: false).text
    }
}
