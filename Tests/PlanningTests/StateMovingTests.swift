import Configuring
import Diagnostics
import JSON
import Planning
import Testing

/// Looking things up in a state, and moving them.
@Suite("Addresses of a state")
struct StateMovingTests {
    private static let texts = [
        "terraform_data.a", "terraform_data.many[0]", "terraform_data.many[10]", "terraform_data.many[2]",
        "module.m.terraform_data.in", "module.k[\"x\"].terraform_data.in", "module.k[\"x\"].module.d.terraform_data.in",
        "module.k[\"y\"].terraform_data.in",
    ]

    private static func state(_ texts: [String] = texts) throws -> State {
        var state = State(lineage: "11111111-2222-3333-4444-555555555555")
        for text in texts {
            let object = ObjectState(schemaVersion: 0, attributes: ["id": .string(text)])
            state.set(object, at: try InstanceAddress(parsing: text), deposed: nil, provider: "provider[\"p\"]")
        }
        return state
    }

    private static func target(_ text: String) throws -> Target { try Target(parsing: text, as: "address") }

    private func moved(_ source: String, _ destination: String, in state: inout State) throws -> [String] {
        try state.move(Self.target(source), to: Self.target(destination)).map { "\($0.source) \($0.destination)" }
    }

    private func refusal(_ source: String, _ destination: String) throws -> String {
        var state = try Self.state()
        let (source, destination) = (try Self.target(source), try Self.target(destination))
        do throws(StateMoveRefusal) {
            _ = try state.move(source, to: destination)
        } catch {
            guard case .unfit(let diagnostics) = error else { return "module exists" }
            return diagnostics.map(\.detail).joined(separator: "\n")
        }
        return "moved"
    }

    @Test(
        "An address means an instance, a resource's instances, or all of a module",
        arguments: [
            ("terraform_data.a", "terraform_data.a"),
            ("terraform_data.many", "terraform_data.many[0] terraform_data.many[2] terraform_data.many[10]"),
            ("terraform_data.many[2]", "terraform_data.many[2]"),
            ("terraform_data.many[3]", ""), ("terraform_data.a[0]", ""), ("terraform_data.none", ""),
            ("module.m", "module.m.terraform_data.in"),
            (
                "module.k",
                "module.k[\"x\"].terraform_data.in module.k[\"y\"].terraform_data.in module.k[\"x\"].module.d.terraform_data.in"
            ),
            ("module.k[\"x\"]", "module.k[\"x\"].terraform_data.in module.k[\"x\"].module.d.terraform_data.in"),
            ("module.k.module.d", ""), ("module.k[\"x\"].module.d", "module.k[\"x\"].module.d.terraform_data.in"),
            ("module.k.terraform_data.in", ""), ("module.none", ""),
        ])
    func selecting(_ text: String, _ found: String) throws {
        let instances = try Self.state().instances(at: Self.target(text))
        #expect(instances.map(\.description).joined(separator: " ") == found)
    }

    @Test("An instance, a resource and a module take another address, with all that they have")
    func moving() throws {
        var state = try Self.state()
        #expect(
            try moved("terraform_data.a", "terraform_data.b[\"k\"]", in: &state) == [
                "terraform_data.a terraform_data.b[\"k\"]"
            ])
        #expect(try moved("terraform_data.many", "module.n.terraform_data.many", in: &state).count == 1)
        #expect(
            try moved("module.k[\"x\"]", "module.m2[0]", in: &state)
                == ["module.k[\"x\"] module.m2[0]", "module.k[\"x\"].module.d module.m2[0].module.d"])
        #expect(try moved("module.m", "module.m.module.m", in: &state) == ["module.m module.m.module.m"])
        #expect(
            state.instanceAddresses.map(\.description) == [
                "terraform_data.b[\"k\"]", "module.k[\"y\"].terraform_data.in", "module.m2[0].terraform_data.in",
                "module.n.terraform_data.many[0]", "module.n.terraform_data.many[2]",
                "module.n.terraform_data.many[10]",
                "module.m.module.m.terraform_data.in", "module.m2[0].module.d.terraform_data.in",
            ])
        let object = state[try InstanceAddress(parsing: "module.m2[0].module.d.terraform_data.in")]
        #expect(object?.id == "module.k[\"x\"].module.d.terraform_data.in")
        #expect(state.resources.values.allSatisfy { $0.provider == "provider[\"p\"]" })
    }

    @Test("A deposed object goes with its instance, and dependencies on what moved are forgotten")
    func dependencies() throws {
        var state = try Self.state(["terraform_data.a", "terraform_data.b", "terraform_data.c"])
        let (a, b, c) = (
            try InstanceAddress(parsing: "terraform_data.a"), try InstanceAddress(parsing: "terraform_data.b"),
            try InstanceAddress(parsing: "terraform_data.c")
        )
        for (address, dependencies) in [(b, [a.resource]), (c, [a.resource, b.resource])] {
            var object = try #require(state[address])
            object.dependencies = dependencies
            state.set(object, at: address, deposed: nil)
        }
        state.set(state[b], at: b, deposed: "12345678")
        var other = state
        _ = try moved("terraform_data.b", "terraform_data.d", in: &state)
        let instance = state.resources[try ResourceAddress(parsing: "terraform_data.d")]?.instances[.none]
        #expect(instance?.current?.dependencies == [a.resource])
        #expect(instance?.deposed["12345678"]?.dependencies == [a.resource])
        #expect(state[c]?.dependencies == [])
        _ = try moved("terraform_data.c", "terraform_data.e", in: &other)
        #expect(other[b]?.dependencies == [a.resource])
    }

    @Test(
        "What does not fit is refused",
        arguments: [
            ("terraform_data.none", "terraform_data.b", "does not match anything in the current state"),
            ("module.none", "module.x", "does not match anything in the current state"),
            ("module.k", "module.x", "does not match anything in the current state"),
            (
                "terraform_data.many[7]", "terraform_data.b",
                "The current state does not contain terraform_data.many[7]."
            ),
            ("terraform_data.a", "module.x", "the target must also be a resource instance"),
            ("module.m", "terraform_data.b", "the target must also be a module"),
            ("terraform_data.many", "terraform_data.b[0]", "so the target must also be a whole resource"),
            ("terraform_data.many", "terraform_data.a", "there is already a resource at that address"),
            ("terraform_data.a", "terraform_data.many[2]", "there is already a resource instance at that address"),
            ("terraform_data.a", "terraform_data.a", "there is already a resource instance at that address"),
            ("terraform_data.a", "data.other.a", "a managed resource can be moved only"),
            ("terraform_data.a", "data.other.a", "resource types don't match"),
            ("module.m", "module.k[\"y\"]", "module exists"), ("module.m", "module.m", "module exists"),
            ("module.k[\"x\"].module.d", "module.k[\"x\"]", "module exists"),
        ])
    func refusals(_ source: String, _ destination: String, _ reason: String) throws {
        #expect(try refusal(source, destination).contains(reason))
    }

    @Test("A provider is replaced in all its resources, aliases kept")
    func providers() throws {
        var state = State(lineage: "11111111-2222-3333-4444-555555555555")
        for (name, provider) in [
            ("a", "provider[\"registry.terraform.io/hashicorp/x\"]"),
            ("b", "provider[\"registry.terraform.io/hashicorp/x\"].eu"),
            ("c", "provider[\"registry.terraform.io/hashicorp/xy\"]"),
        ] {
            state.set(
                ObjectState(schemaVersion: 0, attributes: [:]),
                at: InstanceAddress(ResourceAddress(mode: .managed, type: "x_y", name: name)), deposed: nil,
                provider: provider)
        }
        let changed = state.replaceProvider(
            try ProviderAddress(parsing: "x", as: "from"),
            with: try ProviderAddress(parsing: "Example.com/acme/Y", as: "to"))
        #expect(changed.map(\.name) == ["a", "b"])
        #expect(
            state.resources.sorted { $0.key < $1.key }.map(\.value.provider) == [
                "provider[\"example.com/acme/y\"]", "provider[\"example.com/acme/y\"].eu",
                "provider[\"registry.terraform.io/hashicorp/xy\"]",
            ])
    }

    @Test("Marks come and go, and are refused where there is nothing to mark")
    func tainting() throws {
        var state = try Self.state()
        let address = try InstanceAddress(parsing: "terraform_data.many[2]")
        #expect(try state.taint(address, true) == nil)
        #expect(state[address]?.isTainted == true)
        #expect(try state.taint(address, false) == nil)
        #expect(state[address]?.isTainted == false)
        #expect(throws: (any Error).self) { try state.taint(address, false) }
        let absent = try InstanceAddress(parsing: "terraform_data.many")
        #expect(try state.taint(absent, true)?.summary == "No such resource instance")
        var object = try #require(state[address])
        object.attributes["id"] = "old"
        state.set(object, at: address, deposed: "12345678")
        state.set(nil, at: address, deposed: nil)
        #expect(throws: (any Error).self) { try state.taint(address, true) }
    }
}
