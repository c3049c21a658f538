import Configuring
import Diagnostics
import JSON
import Planning
import TestSupport
import Testing
import Values

/// What an adoption takes from a Terraform state, what it leaves, and what stops it.
@Suite struct AdoptionTests {
    private static let provider = "provider[\"example.com/a/sample\"]"

    /// An instance of a key as Terraform writes it.
    private func instance(
        _ id: String, _ name: String = "a", secret: JSONValue = .string(Canary.secret), more: JSONObject = [:]
    ) -> JSONValue {
        var members: JSONObject = [
            "schema_version": 0,
            "attributes": [
                "id": .string(id), "label": nil, "name": .string(name), "owner": nil, "secret": secret,
            ],
            "sensitive_attributes": [[["type": "get_attr", "value": "secret"]]], "private": "bnVsbA==",
        ]
        for (key, value) in more { members[key] = value }
        return .object(members)
    }

    private func resource(
        _ name: String, _ instances: [JSONValue], type: String = "sample_key", mode: String = "managed",
        provider: String = provider, module: String? = nil
    ) -> JSONValue {
        var members = JSONObject()
        if let module { members["module"] = .string(module) }
        members["mode"] = .string(mode)
        members["type"] = .string(type)
        members["name"] = .string(name)
        members["provider"] = .string(provider)
        members["instances"] = .array(instances)
        return .object(members)
    }

    private func file(_ resources: [JSONValue], serial: Int = 3, outputs: JSONObject = [:]) throws -> TerraformState {
        try TerraformState(json: [
            "version": 4, "terraform_version": "1.11.4", "serial": .number(JSONNumber(serial)), "lineage": "theirs",
            "outputs": .object(outputs), "resources": .array(resources), "check_results": nil,
        ])
    }

    private func adoption(
        _ resources: [JSONValue], into state: State = State(lineage: "ours"), serial: Int = 3,
        configured: Set<String>? = nil
    ) throws -> Adoption {
        let addresses = try configured.map { names in
            Set(try names.map { try ResourceAddress(parsing: $0.contains(".") ? $0 : "sample_key.\($0)") })
        }
        return Adoption(
            of: try file(resources, serial: serial), into: state, catalog: PlannedCase.catalog, configured: addresses)
    }

    /// The state after an adoption, with the answers that the cloud gives to its questions.
    private func adopted(
        _ resources: [JSONValue], into state: State = State(lineage: "ours"), serial: Int = 3
    ) throws -> State {
        var adoption = try adoption(resources, into: state, serial: serial)
        #expect(adoption.answer(adoption.questions.map { .object($0.prior) }).isEmpty)
        #expect(adoption.conflicts.isEmpty)
        return adoption.applied(
            to: state, place: Origin(organization: "o", endpoint: "e", secretStore: nil, run: "r"),
            known: Set(adoption.secrets.keys), store: "store")
    }

    // MARK: - What is taken

    @Test("An object is taken as it is: all but its secret, which is given out once")
    func whole() throws {
        let resources = [
            resource(
                "a",
                [
                    instance("X", more: ["dependencies": ["sample_key.b"], "create_before_destroy": true]),
                    instance("Y", more: ["index_key": nil, "deposed": "0a1b2c3d"]),
                ]),
            resource("b", [instance("Z", "b", secret: nil, more: ["index_key": "k", "status": "tainted"])]),
        ]
        let adoption = try adoption(resources)
        #expect(adoption.secrets == ["X": Canary.secret, "Y": Canary.secret])
        #expect(adoption.source == AdoptedState(lineage: "theirs", serial: 3, isWhole: true))
        let state = try adopted(resources)
        #expect(Leaks.find(Canary.secret, in: state.fileBytes()).isEmpty)
        #expect(Leaks.find(Canary.secret, in: String(reflecting: adoption)).isEmpty)
        let current = try #require(state[PlannedCase.address("a")])
        #expect(current.attributes["secret"] == .null)
        #expect(current.dependencies == [PlannedCase.address("b").resource])
        #expect(current.createBeforeDestroy)
        #expect(current.record.organization == "o" && current.record.secretStore == "store")
        #expect(current.record.foreign == .some(.null))
        #expect(state[PlannedCase.address("a"), deposed: "0a1b2c3d"]?.id == "Y")
        let tainted = try #require(state[PlannedCase.address("b", .key("k"))])
        #expect(tainted.isTainted && !tainted.record.isSecretKnown && tainted.record.secretStore == nil)
        #expect(state.adoptions == [adoption.source])
    }

    @Test("There and back is every attribute and all else of the file, in its bytes")
    func roundTrip() throws {
        let resources = [
            resource("a", [instance("X", more: ["private": "eyJzY2hlbWFfdmVyc2lvbiI6IjAifQ=="])]),
            resource("b", [instance("Y", "b")]),
        ]
        let state = try State(json: JSONValue(parsing: try adopted(resources).fileBytes()))
        let (back, missing) = state.forTerraform(
            secrets: ["X": Canary.secret, "Y": Canary.secret], catalog: PlannedCase.catalog)
        #expect(missing.isEmpty)
        #expect(back.fileBytes() == (try file(resources, serial: 4).fileBytes()))
        let without = state.forTerraform(secrets: ["X": Canary.secret], catalog: PlannedCase.catalog)
        #expect(without.missing == [PlannedCase.address("b")])
    }

    @Test("A state of which a part stayed goes back as one of its own lineage")
    func partial() throws {
        let state = try adopted([resource("a", [instance("X")]), resource("o", [], type: "other_thing")])
        #expect(state.forTerraform(secrets: [:], catalog: PlannedCase.catalog).state.lineage == "theirs")
        let partial = try adopted([
            resource("a", [instance("X")]), resource("o", [["attributes": [:]]], type: "other_thing"),
        ])
        #expect(partial.forTerraform(secrets: [:], catalog: PlannedCase.catalog).state.lineage == "ours")
    }

    @Test("The adoption is remembered when Terraform writes the state and drops what it does not know")
    func remembered() throws {
        let state = try adopted([resource("a", [instance("X")])])
        var json = try #require(try JSONValue(parsing: state.fileBytes()).object)
        json["flinkform"] = nil
        let read = try State(json: .object(json))
        #expect(read.adoptions.map(\.lineage) == ["theirs"])
        #expect(read.adoptions.map(\.serial) == [3])
    }

    // MARK: - What stays

    @Test("What flinkform cannot manage stays, and each says why")
    func staying() throws {
        let fraction = try #require(JSONNumber(literal: "1.5"))
        let odd: JSONObject = ["attributes": ["id": "N", "name": "n", "label": nil, "owner": nil, "colour": "red"]]
        let adoption = try adoption(
            [
                resource("d", [instance("D")], type: "sample_place", mode: "data"),
                resource("m", [instance("M")], module: "m"),
                resource("o", [instance("O")], type: "other_thing"),
                resource("p", [instance("P")], provider: "provider[\"example.com/b/other\"]"),
                resource("w", [instance("W")], provider: Self.provider + ".west"),
                resource("v", [instance("V", more: ["schema_version": 1])]),
                resource("f", [["schema_version": 0, "attributes_flat": ["id": "F"]]]),
                resource("i", [instance("")]), resource("n", [.object(odd)]),
                resource("u", [instance("U")]), resource("x", [instance("X", more: ["index_key": .number(fraction)])]),
            ], configured: ["a"])
        #expect(adoption.takings.isEmpty)
        #expect(
            adoption.remainders.map(\.name) == [
                "data.sample_place.d", "m.sample_key.m", "other_thing.o", "sample_key.p", "sample_key.w",
                "sample_key.v", "sample_key.f", "sample_key.i", "sample_key.n", "sample_key.u", "sample_key.x[1.5]",
            ])
        #expect(Set(adoption.remainders.map(\.reason)).count == 10)
        #expect(adoption.remainders.filter(\.isData).count == 1)
        #expect(!adoption.source.isWhole)
    }

    @Test("An object of a module is taken where its module is in the configuration")
    func inModule() throws {
        let file = resource("a", [instance("X", more: ["index_key": 1])], module: "module.m[\"k\"].module.n")
        let found = try adoption([file], configured: ["module.m.module.n.sample_key.a"]).takings
        #expect(found.map(\.name) == ["module.m[\"k\"].module.n.sample_key.a[1]"])
        #expect(try adoption([file], configured: ["sample_key.a"]).takings.isEmpty)
    }

    @Test("An object of OpenTofu's registry is one of ours")
    func otherRegistry() throws {
        let file = resource("a", [instance("X")], provider: "provider[\"registry.opentofu.org/a/sample\"]")
        #expect(try adoption([file]).takings.map(\.id) == ["X"])
    }

    @Test("What is gone from the cloud stays; what cannot be read is an error")
    func gone() throws {
        var adoption = try adoption([resource("a", [instance("X")]), resource("b", [instance("Y", "b")])])
        #expect(adoption.questions.map(\.address) == [PlannedCase.address("a"), PlannedCase.address("b")])
        var failing = adoption
        #expect(failing.answer([.gone, .failed(.error("Key not visible", ""))]).map(\.summary) == ["Key not visible"])
        #expect(adoption.answer([.gone, .object(adoption.questions[1].prior)]).isEmpty)
        #expect(adoption.takings.map(\.id) == ["Y"])
        #expect(adoption.remainders.map(\.name) == ["sample_key.a"])
        #expect(adoption.goneCount == 1)
    }

    // MARK: - Again

    @Test("The same file once more takes nothing")
    func again() throws {
        let resources = [resource("a", [instance("X")])]
        let state = try adopted(resources)
        let again = try adoption(resources, into: state)
        #expect(again.takesNothing && again.questions.isEmpty && again.conflicts.isEmpty)
        #expect(try adopted(resources, into: state) == state)
    }

    @Test("What Terraform changed since is taken; what changed here only is not")
    func changed() throws {
        let state = try adopted([resource("a", [instance("X")]), resource("b", [instance("Y", "b")])])
        let resources = [
            resource("a", [instance("X", "renamed", more: ["status": "tainted"])]), resource("b", [instance("Y", "b")]),
        ]
        #expect(try adoption(resources, into: state).takesNothing)
        let newer = try adoption(resources, into: state, serial: 4)
        #expect(newer.takings.map(\.fate) == [.changed(["name", "status"]), .kept])
        let after = try adopted(resources, into: state, serial: 4)
        #expect(after[PlannedCase.address("a")]?.attributes["name"] == "renamed")
        #expect(after[PlannedCase.address("a")]?.record.organization == "o")
        #expect(after.adoptions.map(\.serial) == [4])
        #expect(after[PlannedCase.address("b")]?.record.adopted?.serial == 4)
    }

    @Test("An object that was imported here is left alone; its secret is taken")
    func imported() throws {
        var planned = PlannedCase(text: "")
        try planned.manage("a", id: "X", called: "ours")
        let resources = [resource("a", [instance("X", "theirs")])]
        let adoption = try adoption(resources, into: planned.state)
        #expect(adoption.takings.map(\.fate) == [.kept])
        #expect(adoption.secrets.keys.sorted() == ["X"])
        let state = try adopted(resources, into: planned.state)
        #expect(state[PlannedCase.address("a")]?.attributes["name"] == "ours")
        #expect(state[PlannedCase.address("a")]?.record.secretStore == "store")
        #expect(state[PlannedCase.address("a")]?.record.adopted == nil)
    }

    @Test("Of two objects at one address the one that is there is taken; if both are, or may be, nothing is")
    func occupied() throws {
        var planned = PlannedCase(text: "")
        try planned.manage("a", id: "OLD")
        let first = try adoption([resource("a", [instance("NEW")])], into: planned.state)
        #expect(first.questions.count == 2)
        func object(_ index: Int) -> Answer { .object(first.questions[index].prior) }
        func outcome(_ own: Answer, _ rival: Answer) -> (fates: [Adoption.Taking.Fate], conflicts: Int) {
            var adoption = first
            #expect(adoption.answer([own, rival]).isEmpty)
            return (adoption.takings.map(\.fate), adoption.conflicts.count)
        }
        #expect(outcome(object(0), .gone) == ([.replaces(id: "OLD")], 0))
        #expect(outcome(.gone, object(1)) == ([], 0))
        #expect(outcome(object(0), object(1)).conflicts == 1)
        var unasked = first
        unasked.goOnUnasked()
        #expect(unasked.conflicts.map(\.summary) == ["Address is taken"])
    }

    @Test("An object at two addresses is an error; one that is being replaced is not")
    func elsewhere() throws {
        var planned = PlannedCase(text: "")
        try planned.manage("b", id: "X")
        let moved = try adoption([resource("a", [instance("X")])], into: planned.state)
        #expect(moved.conflicts.map(\.summary) == ["Object already in state"])
        let twice = try adoption([resource("a", [instance("X")]), resource("b", [instance("X")])])
        #expect(twice.conflicts.map(\.summary) == ["Object at two addresses"])
        var replacing = PlannedCase(text: "")
        try replacing.manage("a", id: "NEW")
        try replacing.manage("a", id: "X", deposed: "0a1b2c3d")
        let stale = try adoption([resource("a", [instance("X")])], into: replacing.state)
        #expect(stale.conflicts.isEmpty && stale.takesNothing && stale.questions.isEmpty)
        #expect(
            try adopted([resource("a", [instance("X")])], into: replacing.state)[PlannedCase.address("a")]?.id == "NEW")
    }

    // MARK: - The first plan

    @Test("An object whose place is not known is never taken for gone; one that is seen has its place from then on")
    func placeless() throws {
        var planned = PlannedCase(text: "resource \"sample_key\" \"a\" {\n  name = \"a\"\n}\n")
        var adoption = try adoption([resource("a", [instance("X")])])
        adoption.goOnUnasked()
        planned.state = adoption.applied(to: planned.state, place: nil, known: ["X"], store: "store")
        planned.cloud = ["X": .gone]
        #expect(planned.run().diagnostics.map(\.summary) == ["Object not found in this organization"])
        planned.cloud = ["X": .object(PlannedCase.object(id: "X", name: "a"))]
        let plan = try #require(planned.run().plan)
        #expect(plan.isEmpty)
        #expect(plan.state[PlannedCase.address("a")]?.record.organization == "o")
    }

    // MARK: - Scrubbing

    @Test("Secrets that are kept elsewhere go, in outputs too and in Base64; everything else stays as it is")
    func scrubbing() throws {
        let number = try #require(JSONNumber(literal: "1.50e3"))
        let other = String(Canary.secret.reversed())
        let encoded: JSONValue =
            "Basic WDpjZmx0Q2FuYXJ5K09mL1Rlc3RzK1RoYXQvTXVzdCtOZXZlci9TaW5nK091dHNpZGUvMDEyMzQ1Njc4bDlDczZR"
        let resources = [
            resource("a", [instance("X"), instance("Y", more: ["deposed": "0a1b2c3d"])]),
            resource("b", [instance("Z", secret: .string(other))]),
            resource(
                "s", [["attributes": ["text": .string("X:\(Canary.secret)"), "number": .number(number)]]], type: "other"
            ),
        ]
        let outputs: JSONObject = [
            "plain": ["value": "X", "type": "string"],
            "both": [
                "value": ["id": "X", "header": encoded, "list": [.string(Canary.secret), "y"]], "type": "dynamic",
                "sensitive": true,
            ],
        ]
        let file = try file(resources, outputs: outputs)
        let scrubbed = file.scrubbed(of: ["X": Canary.secret, "Z": Canary.secret], catalog: PlannedCase.catalog)
        #expect(scrubbed.objects == ["sample_key.a"])
        #expect(scrubbed.outputs == ["both"])
        #expect(scrubbed.kept == ["sample_key.a (deposed object 0a1b2c3d)", "sample_key.b"])
        #expect(scrubbed.elsewhere == ["other.s"])
        #expect(scrubbed.content.serial == 3)
        let json = try JSONValue(parsing: scrubbed.content.fileBytes())
        #expect(json["outputs"]?["both"]?["value"] == ["id": "X", "header": nil, "list": [nil, "y"]])
        #expect(json["resources"]?.array?[0]["instances"]?.array?[0]["attributes"]?["secret"]?.isNull == true)
        #expect(json["resources"]?.array?[2] == resources[2])
        #expect(try scrubbed.content.withNextSerial().serial == 4)
        let nothing = file.scrubbed(of: [:], catalog: PlannedCase.catalog)
        #expect(!nothing.isChanged && nothing.content.fileBytes() == file.fileBytes())
    }

    @Test(
        "What is no Terraform state is refused",
        arguments: [
            "[]", "{}", #"{"version": 4}"#, #"{"version": 4, "serial": -1, "lineage": "l"}"#,
            #"{"version": 4, "serial": 1, "lineage": "l", "resources": {}}"#,
            #"{"version": 4, "serial": 1, "lineage": "l", "outputs": []}"#, #"{"encrypted_data": "x"}"#,
        ])
    func refused(_ text: String) {
        #expect(throws: StateFileError.self) { try TerraformState(json: JSONValue(parsing: text)) }
    }
}
