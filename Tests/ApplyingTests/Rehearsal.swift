import Applying
import Configuring
import Diagnostics
import HCL
import Planning
import Testing
import Values

/// One run of a plan with effects in memory.
struct Rehearsal {
    let course = Course()
    let time = HandTime()
    let stop = StopSignal()
    let cloud: PretendCloud
    let store: PretendStateStore
    let secrets: PretendSecretStore
    /// The state before the run.
    var state = State(lineage: "l")
    /// What earlier runs left open.
    var intents: [Intent] = []
    private let providers: Providers

    init(hasSecretStore: Bool = true) {
        cloud = PretendCloud(course)
        store = PretendStateStore(course)
        secrets = PretendSecretStore(course, exists: hasSecretStore)
        let cloud = cloud
        providers = Providers { _, _ in cloud }
    }

    /// Puts a key into state and cloud, and its secret into the store, as if an earlier run had made it.
    mutating func manage(
        _ name: String, _ key: InstanceKey = .none, id: String, called: String? = nil, label: String? = nil,
        owner: String? = nil, after dependencies: [String] = []
    ) throws {
        let object = Sample.object(id: id, name: called ?? name, label: label, owner: owner)
        cloud.put(object)
        secrets.keep(id, intent: nil)
        let recorded = try ObjectState(
            object, schema: Sample.schema, record: ObjectRecord(organization: "o", endpoint: "e", secretStore: "store"),
            dependencies: dependencies.map { Sample.address($0).resource }, createBeforeDestroy: false)
        state.set(
            recorded, at: Sample.address(name, key), deposed: nil, provider: Sample.catalog.reference(to: "sample"))
    }

    /// Leaves an intent of an earlier run open.
    mutating func leave(_ intent: Intent) {
        intents.append(intent)
        store.know(intent)
    }

    /// A plan, and what it was made of.
    struct Planned {
        var plan: Plan
        var configuration: Configuration
    }

    /// Plans, and forgets what happened meanwhile.
    func plan(_ text: String, _ options: PlanOptions = PlanOptions()) async throws -> Planned {
        let source = "provider \"sample\" {}\n" + text
        let (configuration, problems) = Configuration.load([("main.tf", Array(source.utf8))], catalog: Sample.catalog)
        try #require(!problems.hasErrors, "\(problems)")
        let answering = Answering(
            providers: providers, secrets: secrets, catalog: Sample.catalog, parallelism: 10,
            elapsed: { .zero }, report: { _ in })
        let planned = await answering.plan(
            PlanInputs(
                configuration: configuration, variables: [:], variablesSet: [], state: state, intents: intents,
                catalog: Sample.catalog, functions: FunctionTable([]), directory: "/here", options: options))
        course.forget()
        return Planned(plan: try #require(planned.plan, "\(planned.diagnostics)"), configuration: configuration)
    }

    /// Applies a plan.
    func apply(
        _ planned: Planned, parallelism: Int = 10, acceptsNewSecretStore: Bool = false
    ) async -> ApplyResult {
        let resolver = Resolver(
            plan: planned.plan, configuration: planned.configuration, variables: [:], functions: FunctionTable([]),
            catalog: Sample.catalog, directory: "/here")
        let course = course
        var execution = Execution(
            plan: planned.plan, intents: intents, resolver: resolver, catalog: Sample.catalog,
            effects: Effects(
                providers: providers, state: store, secrets: secrets, surroundings: time.surroundings(), stop: stop,
                report: { event in if let text = Self.text(event) { course.note(text) } }),
            parallelism: parallelism, run: "run")
        return await execution.perform(acceptsNewSecretStore: acceptsNewSecretStore)
    }

    /// Plans and applies.
    func apply(_ text: String, parallelism: Int = 10) async throws -> ApplyResult {
        await apply(try await plan(text), parallelism: parallelism)
    }

    private static func text(_ event: ApplyEvent) -> String? {
        switch event {
        case .skipped(let address, because: let cause):
            "skipped \(PretendStateStore.short(address)) because of \(PretendStateStore.short(cause))"
        case .progressed(let address, _, id: _, let elapsed):
            "progress \(PretendStateStore.short(address)) \(elapsed.components.seconds)s"
        case .finished(let address, _, id: _, elapsed: _): "finished \(PretendStateStore.short(address))"
        case .settled(let settlement): "told settled \(PretendStateStore.short(settlement.intent.address))"
        case .stopping: "stopping"
        case .imported(let address, id: _): "imported \(PretendStateStore.short(address))"
        case .refreshing, .refreshed, .started, .failed, .preparingImport: nil
        }
    }
}

/// A small provider's types: a key and a place.
enum Sample {
    /// A key: `name` and `label` can be changed, `owner` forces another key.
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed),
            AttributeSchema("name", .string, .required),
            AttributeSchema("label", .string, .optional),
            AttributeSchema("owner", .string, .optional, forcesReplacement: true),
            AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
        ]), fingerprint: fingerprint)

    /// Name and owner; nil while one of them is not known.
    @Sendable static func fingerprint(_ object: Value) -> Fingerprint? {
        guard let name = object.fields?["name"]?.string, let owner = object.fields?["owner"], !owner.isUnknown else {
            return nil
        }
        return Fingerprint(["display_name": name, "owner": owner.string ?? ""])
    }

    static let catalog = Catalog([
        ProviderSchema(
            name: "sample", source: "example.com/a/sample", configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: ["sample_key": schema],
            dataSources: [
                "sample_place": Schema(
                    block: BlockSchema(attributes: [
                        AttributeSchema("id", .string, .computed), AttributeSchema("name", .string, .required),
                    ]))
            ])
    ])

    static func address(_ name: String, _ key: InstanceKey = .none) -> InstanceAddress {
        InstanceAddress(ResourceAddress(mode: .managed, type: "sample_key", name: name), key)
    }

    static func object(id: String, name: String, label: String? = nil, owner: String? = nil) -> Value {
        .object([
            "id": .string(id), "name": .string(name), "label": label.map { .string($0) } ?? .null(.string),
            "owner": owner.map { .string($0) } ?? .null(.string), "secret": .null(.string),
        ])
    }

    /// The block of a key that is called like its resource, or as its lines say.
    static func key(_ name: String, _ more: String = "", owner: String? = nil, called: String? = nil) -> String {
        let owner = owner.map { "owner = \"\($0)\"" } ?? ""
        return """
            resource "sample_key" "\(name)" {
              name = \(called ?? "\"\(name)\"")
              \(owner)
              \(more)
            }

            """
    }

    static let createsFirst = "lifecycle {\n create_before_destroy = true\n}"

    static func intent(
        _ name: String, id: String? = nil, known: [String] = [], openedAt: Int = 900, missedAt: Int? = nil
    ) -> Intent {
        Intent(
            id: id ?? "intent-\(name)", address: address(name), provider: "sample", organization: "o", endpoint: "e",
            fingerprint: Fingerprint(["display_name": name, "owner": ""]), known: known, openedAt: openedAt,
            missedAt: missedAt)
    }
}
