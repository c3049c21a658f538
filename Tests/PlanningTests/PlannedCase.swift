import Configuring
import Diagnostics
import HCL
import Planning
import Values

/// Planning with everything in the test's own hands: a configuration, a state, and what the cloud answers.
struct PlannedCase {
    /// The configuration, without its `provider` block.
    var text: String
    var state = State(lineage: "l")
    var intents: [Intent] = []
    var options = PlanOptions()
    /// Object id to what reading it gives; an object that is not in it is as the state says.
    var cloud: [String: Answer] = [:]
    /// What is found of interrupted creates.
    var evidence = SettlementEvidence(candidates: [], stored: [:], serverTime: 1_000)
    /// The objects that look alike, for every create.
    var lookAlikes: [(id: String, importID: String)] = []
    /// Whether the answers are given from the last to the first.
    var isBackwards = false

    /// What came of it.
    struct Outcome {
        var plan: Plan?
        var diagnostics: [Diagnostic]
        /// Everything that was asked, in the order of asking.
        var asked: [Request.Key]

        /// The changes but for no-ops: action, address, and in parentheses the reason.
        var changes: [String] {
            (plan?.changes ?? []).filter { $0.action != .noOp }.map { change in
                let deposed = change.deposed.map { " deposed \($0)" } ?? ""
                let reason = change.reason.map { " (\($0.rawValue))" } ?? ""
                return "\(change.action.rawValue) \(change.address)\(deposed)\(reason)"
            }
        }

        /// The position of a step: `create k.a`, `update …`, `delete …`, `read …`, `settle …`; nil when there is none.
        func step(_ name: String) -> Int? {
            guard let plan else { return nil }
            return plan.steps.firstIndex { step in
                switch step.work {
                case .create(let change, _): "create \(plan.changes[change].address)" == name
                case .update(let change): "update \(plan.changes[change].address)" == name
                case .read(let change): "read \(plan.changes[change].address)" == name
                case .forget(let change): "forget \(plan.changes[change].address)" == name
                case .delete(let change): "delete \(plan.changes[change].address)" == name
                case .settle(let settlement): "settle \(settlement.intent.address)" == name
                case .gather, .outputs: false
                }
            }
        }

        /// Whether one step waits for another, through others too.
        func waits(_ later: String, for earlier: String) -> Bool {
            guard let plan, let later = step(later), let earlier = step(earlier) else { return false }
            var pending = [later]
            var seen: Set<Int> = []
            while let next = pending.popLast() {
                if next == earlier { return true }
                for wait in plan.steps[next].waits where seen.insert(wait).inserted { pending.append(wait) }
            }
            return false
        }
    }

    func run() -> Outcome {
        let source = "provider \"sample\" {}\n" + text
        let (configuration, problems) = Configuration.load([("main.tf", Array(source.utf8))], catalog: Self.catalog)
        guard !problems.hasErrors else { return Outcome(plan: nil, diagnostics: problems, asked: []) }
        var planner = Planner(
            PlanInputs(
                configuration: configuration, variables: [:], variablesSet: [], state: state, intents: intents,
                catalog: Self.catalog, functions: FunctionTable([]), directory: "/here", options: options))
        var asked: [Request.Key] = []
        while true {
            switch planner.advance() {
            case .settled(let plan, let diagnostics):
                return Outcome(plan: plan, diagnostics: problems + diagnostics, asked: asked)
            case .failed(_, let diagnostics):
                return Outcome(plan: nil, diagnostics: problems + diagnostics, asked: asked)
            case .needs(let requests):
                asked += requests.map(\.key)
                for request in isBackwards ? requests.reversed() : requests {
                    planner.answer(request.key, with: answer(request.question))
                }
            }
        }
    }

    private func answer(_ question: Request.Question) -> Answer {
        switch question {
        case .configure: .place(organization: "o", endpoint: "e")
        case .read(_, let prior): cloud[prior.fields?["id"]?.string ?? ""] ?? .object(prior)
        case .evidence: .evidence(evidence)
        case .resemblances: .resemblances(lookAlikes)
        case .imported(_, let id):
            if case .object(let object) = cloud[id] {
                .imported(object, id: id, secretStore: nil)
            } else {
                .failed(.error("Not found", id))
            }
        case .data(_, let configuration):
            .object(.object(["name": configuration.fields?["name"] ?? .null(.string), "id": .string("place-1")]))
        }
    }

    // MARK: - A catalogue

    /// A key: `name` and `label` can be changed, `owner` forces another key.
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed),
            AttributeSchema("name", .string, .required),
            AttributeSchema("label", .string, .optional),
            AttributeSchema("owner", .string, .optional, forcesReplacement: true),
            AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
        ]),
        fingerprint: { object in
            guard let name = object.fields?["name"]?.string, let owner = object.fields?["owner"] else { return nil }
            return Fingerprint(["display_name": name, "owner": owner.string ?? ""])
        })

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

    // MARK: - Objects

    static func address(_ name: String, _ key: InstanceKey = .none) -> InstanceAddress {
        InstanceAddress(ResourceAddress(mode: .managed, type: "sample_key", name: name), key)
    }

    static func object(id: String, name: String, label: String? = nil, owner: String? = nil) -> Value {
        .object([
            "id": .string(id), "name": .string(name), "label": label.map { .string($0) } ?? .null(.string),
            "owner": owner.map { .string($0) } ?? .null(.string),
            "secret": Value.null(.string).withMarks([.sensitive, .secret]),
        ])
    }

    /// Puts an object into the state, as if it had been made.
    mutating func manage(
        _ name: String, _ key: InstanceKey = .none, id: String, called: String? = nil, label: String? = nil,
        owner: String? = nil, deposed: String? = nil, isTainted: Bool = false, after dependencies: [String] = [],
        in organization: String = "o"
    ) throws {
        var object = try ObjectState(
            Self.object(id: id, name: called ?? name, label: label, owner: owner), schema: Self.schema,
            record: ObjectRecord(organization: organization, endpoint: "e"),
            dependencies: dependencies.map { Self.address($0).resource }, createBeforeDestroy: false)
        object.isTainted = isTainted
        state.set(
            object, at: Self.address(name, key), deposed: deposed,
            provider: "provider[\"example.com/a/sample\"]")
    }

    func intent(_ name: String, missedAt: Int? = nil) -> Intent {
        var intent = Intent(
            id: "intent-\(name)", address: Self.address(name), provider: "sample", organization: "o", endpoint: "e",
            fingerprint: Fingerprint(["display_name": name, "owner": ""]), known: [], openedAt: 900)
        intent.missedAt = missedAt
        return intent
    }
}
