package import Configuring
package import Diagnostics
package import HCL
package import Values

/// Everything a plan is made from, but what the cloud says.
package struct PlanInputs: Sendable {
    /// The configuration, checked.
    package var configuration: Configuration
    /// The input variables' values: converted, and marked where sensitive.
    package var variables: [String: Value]
    /// The names of the variables that were set from outside, that is, not by their defaults.
    package var variablesSet: Set<String>
    /// The values of those as they were given, where they were converted.
    package var variablesGiven: [String: Value] = [:]
    /// The state; an empty one of a new lineage when there is none yet.
    package var state: State
    /// Intents of earlier runs that are not settled.
    package var intents: [Intent]
    /// The resource types there are.
    package var catalog: Catalog
    /// The functions that expressions may call.
    package var functions: FunctionTable
    /// The working directory, for `path.cwd`.
    package var directory: String
    /// How to plan.
    package var options: PlanOptions

    /// Makes inputs.
    package init(
        configuration: Configuration, variables: [String: Value], variablesSet: Set<String>, state: State,
        intents: [Intent], catalog: Catalog, functions: FunctionTable, directory: String, options: PlanOptions
    ) {
        self.configuration = configuration
        self.variables = variables
        self.variablesSet = variablesSet
        self.state = state
        self.intents = intents
        self.catalog = catalog
        self.functions = functions
        self.directory = directory
        self.options = options
    }
}

/// Decides what to do, as a value that can be stopped and taken up again.
///
/// `advance()` goes on as far as it can. It either settles, or names what it must be told; the caller answers each request and
/// calls it again. Every round answers at least one new request, so it ends.
package struct Planner: Sendable {
    /// How far planning came.
    package enum Progress: Sendable {
        /// These must be answered first; in an order that depends on nothing but the inputs.
        case needs([Request])
        /// The plan is made.
        case settled(Plan, [Diagnostic])
        /// No plan can be made; with what was planned all the same, for showing it, as far as planning came to that.
        case failed(Plan?, [Diagnostic])
    }

    private enum Phase { case places, objects, evaluation, done }

    let inputs: PlanInputs
    let selection: Selection
    /// What was moved before anything is planned; nil when that is not asked for.
    let moves: StateMoves?
    /// All of them, those that are not reported included.
    let allMoves: [Plan.Move]
    /// What becomes of objects that the configuration does not have any more.
    let removals: Removals
    /// The resources whose replacements are made before the old objects are destroyed: by their own wish, or that of a dependant
    /// that is planned for, too.
    let precreated: Set<ResourceAddress>
    var evaluation: Evaluation
    var diagnostics: [Diagnostic] = []
    /// The state as refreshed so far.
    var state: State
    /// Where the state that was read has managed objects; sorted.
    var recorded: [Place] = []
    /// The objects as values, as far as they were asked for; one that the refresh changed is not among them.
    var values: [Place: Value] = [:]
    var answers: [Request.Key: Answer] = [:]
    var settlements: [Settlement] = []
    /// The objects that import blocks name, by where they go: those that are not in the state before.
    var importing: [InstanceAddress: ImportTarget] = [:]
    /// What the import blocks of each resource name, once they are evaluated.
    var imports: [ResourceAddress: [ImportTarget]] = [:]
    /// The ids of all objects in the state; nil while nothing is imported.
    var importedIDs: Set<String>?
    /// The objects that configuration is generated for; nil while that is not known.
    var generating: [ImportTarget]?
    var drift: [Change] = []
    var changes: [Change] = []
    var outputs: [OutputChange] = []
    var lookAlikes: [Plan.LookAlike] = []
    /// What came of the conditions, and of those of each instance.
    var checks = CheckResults()
    var conditions: [InstanceAddress: [CheckRule.Result]] = [:]
    /// The `check` blocks whose data source could not be read, and in which instances of their module.
    var brokenChecks: [String: Set<ModuleAddress>] = [:]
    /// The organisation and endpoint of each provider in use.
    var places: [String: Origin] = [:]
    /// The resources, as the configuration knows them, with a change that is not a no-op, and those with an instance to be made.
    var changing: Set<ResourceAddress> = []
    var making: Set<ResourceAddress> = []
    /// The instances that were planned for, where something is replaced with others.
    var planned: Set<InstanceAddress> = []
    /// Their resources.
    var plannedResources: Set<ResourceAddress> = []
    /// The instances that are there and are only taken note of.
    var noted: [InstanceAddress] = []
    private var phase = Phase.places
    /// Whether what goes before the plan failed, so that there is none.
    private var isRefused = false
    private var pendingNodes: [Node] = []
    private var doneNodes: Set<Node> = []
    /// The nodes with an error, and those that depend on them.
    private var faultyNodes: Set<Node> = []
    private var areOrphansPlanned = false
    /// The resources whose plan rests on something that went wrong.
    private var doubtful: Set<ResourceAddress> = []
    /// The positions of the updates and replacements of each resource, which may replace others.
    var triggering: [ResourceAddress: [Int]] = [:]
    /// The position of the update or the replacement of each instance.
    var triggeringInstances: [InstanceAddress: Int] = [:]

    /// Starts planning.
    package init(_ inputs: PlanInputs) {
        var inputs = inputs
        (state, moves, allMoves) = Self.moves(&inputs)
        // Everything starts from where the objects are now.
        inputs.state = state
        self.inputs = inputs
        self.removals = Removals(inputs.configuration)
        let selection = Selection(inputs.options, inputs.configuration, state)
        self.selection = selection
        let configuration = inputs.configuration
        self.precreated = configuration.precreated(
            by: configuration.resources.lazy.map(\.address).filter { selection.has($0) })
        self.evaluation = Evaluation(
            configuration: inputs.configuration, variables: inputs.variables, functions: inputs.functions,
            directory: inputs.directory)
    }

    /// Whether it got as far as the objects, or to asking where they are.
    package var hasLooked: Bool { phase != .places || !diagnostics.hasErrors }

    /// Answers a request that `advance()` named.
    package mutating func answer(_ key: Request.Key, with answer: Answer) { answers[key] = answer }

    /// Goes on until something must be answered or everything is decided.
    package mutating func advance() -> Progress {
        while phase != .done {
            let requests: [Request]
            switch phase {
            case .places:
                requests = placeRequests()
                if requests.isEmpty { beginObjects() }
            case .objects:
                requests = objectRequests()
                if requests.isEmpty { beginEvaluation() }
            case .evaluation:
                requests = evaluationRequests()
                if requests.isEmpty { phase = .done }
            case .done: requests = []
            }
            if diagnostics.hasErrors && phase != .evaluation && phase != .done { return .failed(nil, diagnostics) }
            if !requests.isEmpty { return .needs(requests) }
        }
        if isRefused { return .failed(nil, diagnostics) }
        let problems = moveProblems()
        // They may be what brought everything else about.
        if !problems.isEmpty { return .failed(nil, partiality + problems) }
        let plan = finished()
        return diagnostics.hasErrors ? .failed(plan, diagnostics) : .settled(plan, diagnostics)
    }

    // MARK: - Places

    private mutating func placeRequests() -> [Request] {
        unsupportedInState()
        checkBlocks()
        checkBuiltinAliases()
        var requests: [Request] = []
        for name in providersInUse {
            let key = Request.Key.place(provider: name)
            switch answers[key] {
            case nil:
                if let configuration = providerConfiguration(name) {
                    requests.append(Request(key: key, provider: name, question: .configure(configuration)))
                }
            case .place(let organization, let endpoint):
                places[name] = Origin(organization: organization, endpoint: endpoint, secretStore: nil, run: "")
            case .failed(let diagnostic):
                diagnostics.append(diagnostic)
            default:
                diagnostics.append(.unfittingAnswer)
            }
        }
        return diagnostics.hasErrors ? [] : requests
    }

    /// The providers whose types the configuration or the state uses, and that must be asked for anything; sorted.
    private var providersInUse: [String] {
        var names = Set(inputs.configuration.resources.map(\.provider))
        for address in state.resources.keys {
            if let name = providerName(of: address) { names.insert(name) }
        }
        for intent in inputs.intents { names.insert(intent.provider) }
        if inputs.options.generates {
            let imported = inputs.configuration.importsWithoutResource.map(\.resource)
            names.formUnion(imported.compactMap { inputs.catalog.provider(having: $0)?.name })
        }
        return names.filter { inputs.catalog.provider(of: $0)?.isBuiltin != true }.sorted()
    }

    /// The provider configuration of a managed resource: what the configuration says, else the state.
    func providerName(of address: ResourceAddress) -> String? {
        if let resource = inputs.configuration.resource(address) { return resource.provider }
        guard address.mode == .managed, let provider = inputs.catalog.provider(having: address) else { return nil }
        let alias = (state.resources[address]?.provider).flatMap(Catalog.alias(inReference:))
        return ProviderName(provider.name, alias: alias).description
    }

    private mutating func providerConfiguration(_ name: String) -> Value? {
        guard let schema = inputs.catalog.provider(of: name)?.configuration else { return nil }
        guard ProviderName(name).alias == nil || inputs.configuration.providers[name] != nil else {
            let users = state.resources.keys.filter { $0.mode == .managed && providerName(of: $0) == name }
            let intents = inputs.intents.filter { $0.provider == name }.map(\.address.resource)
            diagnostics.append(.providerNotPresent(name, Set(users).union(intents).sorted()))
            return nil
        }
        let value = evaluation.providerArguments(name, schema: schema, diagnostics: &diagnostics)
        if !value.isWhollyKnown && !diagnostics.hasErrors { diagnostics.append(.providerUnknown(name)) }
        return diagnostics.hasErrors ? nil : value
    }

    /// Makes sure that the provider configurations which objects of the state were made with are there, where nothing is asked of
    /// them.
    private mutating func checkBuiltinAliases() {
        var users: [String: [ResourceAddress]] = [:]
        for address in state.resources.keys where address.mode == .managed {
            guard let name = providerName(of: address), ProviderName(name).alias != nil,
                inputs.catalog.provider(of: name)?.isBuiltin == true, inputs.configuration.providers[name] == nil
            else { continue }
            users[name, default: []].append(address)
        }
        for (name, addresses) in users.sorted(by: { $0.key < $1.key }) {
            diagnostics.append(.providerNotPresent(name, addresses.sorted()))
        }
    }

    private mutating func unsupportedInState() {
        let unknown = state.resources.keys.filter { $0.mode == .managed && inputs.catalog.schema(for: $0) == nil }
        if !unknown.isEmpty { diagnostics.append(.unsupportedInState(unknown.sorted())) }
    }

    // MARK: - Objects

    private mutating func beginObjects() {
        guard !diagnostics.hasErrors else { return }
        readObjects()
        checkPlaces()
        phase = .objects
    }

    private mutating func objectRequests() -> [Request] {
        var requests = refreshRequests()
        requests += evidenceRequests()
        guard requests.isEmpty else { return requests }
        takeRefreshed()
        takeEvidence()
        return []
    }

    // MARK: - Evaluation

    private mutating func beginEvaluation() {
        guard !diagnostics.hasErrors else { return }
        phase = .evaluation
        if inputs.options.mode == .destroy {
            isRefused = !takeOutputsAnew()
            if !isRefused { planDestroyOfEverything() }
            return
        }
        let order = inputs.configuration.topologicalOrder()
        diagnostics += order.diagnostics
        pendingNodes = Self.validatingEarly(order.nodes.filter(selection.has), inputs.configuration)
    }

    /// The nodes with each validation as early as it can be: what depends on a variable is not looked at when its rules are broken.
    private static func validatingEarly(_ nodes: [Node], _ configuration: Configuration) -> [Node] {
        let validations = nodes.filter { if case .validation = $0.kind { true } else { false } }
        guard !validations.isEmpty else { return nodes }
        let selected = Set(nodes)
        var missing: [Node: Int] = [:]
        var followers: [Node: [Node]] = [:]
        for validation in validations {
            let needs = Set(configuration.dependencies(of: validation)).intersection(selected)
            missing[validation] = needs.count
            for need in needs { followers[need, default: []].append(validation) }
        }
        var result: [Node] = []
        var placed: Set<Node> = []
        for node in validations.filter({ missing[$0] == 0 }) + nodes where placed.insert(node).inserted {
            var ready = [node]
            var next = 0
            while next < ready.count {
                result.append(ready[next])
                for validation in followers[ready[next]] ?? [] {
                    missing[validation, default: 1] -= 1
                    if missing[validation] == 0, placed.insert(validation).inserted { ready.append(validation) }
                }
                next += 1
            }
        }
        return result
    }

    /// Plans every node whose dependencies are planned, and tells what the others wait for.
    private mutating func evaluationRequests() -> [Request] {
        var requests: [Request] = []
        var waiting: [Node] = []
        for node in pendingNodes {
            let needs = inputs.configuration.dependencies(of: node)
            guard needs.allSatisfy(doneNodes.contains) else {
                waiting.append(node)
                continue
            }
            let isBehindFault = !faultyNodes.isEmpty && needs.contains(where: faultyNodes.contains)
            let before = diagnostics.count
            if let request = isBehindFault && node.isLast ? nil : plan(node) {
                requests += request
                waiting.append(node)
            } else {
                doneNodes.insert(node)
                if isBehindFault { diagnostics.removeSubrange(before...) }
                if isBehindFault || diagnostics[before...].contains(where: { $0.severity == .error }) {
                    faultyNodes.insert(node)
                    if case .validation(let name) = node.kind { faultyNodes.insert(.variable(name, in: node.module)) }
                }
                if isBehindFault, case .resource(let address) = node.kind { doubtful.insert(address) }
            }
        }
        pendingNodes = waiting
        requests += generationRequests()
        guard requests.isEmpty else { return requests }
        if !areOrphansPlanned && inputs.options.mode == .normal {
            planGenerated()
            planOrphans()
            checkReplaced()
        }
        areOrphansPlanned = true
        return diagnostics.hasErrors ? [] : resemblanceRequests()
    }

    /// Plans a node; returns what must be answered first, or nil when it is done.
    private mutating func plan(_ node: Node) -> [Request]? {
        switch node.kind {
        case .provider: return nil
        case .variable where node.module.isRoot: return nil
        case .output(let name) where node.module.isRoot:
            if let output = inputs.configuration.outputs[name] { plan(output) }
            return nil
        case .check(let name):
            check(node, name)
            return nil
        case .validation(let name):
            validate(node, name)
            return nil
        case .variable, .local, .call:
            evaluation.evaluate(node, diagnostics: &diagnostics)
            return nil
        case .output(let name):
            if let output = inputs.configuration.modules[node.module]?.outputs[name] {
                for module in evaluation.instances(of: node.module) { check(output, in: module) }
            }
            evaluation.evaluate(node, diagnostics: &diagnostics)
            return nil
        case .resource(let address):
            guard let resource = inputs.configuration.resource(address) else { return nil }
            let requests = address.mode == .managed ? planManaged(resource) : planData(resource)
            return requests.isEmpty ? nil : requests
        }
    }

    /// Makes sure that what moved, removed and import blocks say can be done, as far as that needs no values.
    private mutating func checkBlocks() {
        guard !diagnostics.hasErrors else { return }
        checkMovedTargets()
        if !diagnostics.hasErrors { checkRemoved() }
        if diagnostics.hasErrors { diagnostics.insert(contentsOf: partiality, at: 0) }
    }

    /// What is said of a plan that is not about everything, where somebody chose its parts.
    private var partiality: [Diagnostic] {
        selection.isWhole ? [] : [inputs.options.partialityWarning].compactMap { $0 }
    }

    // MARK: - The end

    private mutating func finished() -> Plan {
        if selection.isWhole {
            planRemovedOutputs()
            forgetData()
        }
        let blocked = diagnostics.hasErrors ? nil : blockedWarning
        diagnostics.insert(
            contentsOf: partiality + [blocked, forgettingWarning, generationWarning].compactMap { $0 }, at: 0)
        noteMoved()
        if !doubtful.isEmpty { changes.removeAll { doubtful.contains($0.address.resource.inConfiguration) } }
        changes.sort { ($0.address, $0.deposed ?? "") < ($1.address, $1.deposed ?? "") }
        recordOrders()
        outputs.sort { $0.name < $1.name }
        let steps = StepOrder(
            changes: changes, settlements: settlements, state: state, configuration: inputs.configuration,
            hasOutputs: true
        ).steps()
        // The steps were put in order by what depended on what before.
        let recordsAnew = inputs.options.refreshes && refreshDependencies()
        let variables = inputs.variables.filter {
            inputs.variablesSet.contains($0.key) && inputs.configuration.variables[$0.key]?.isSensitive == false
                && !$0.value.allMarks.contains(.secret)
        }
        var plan = Plan(
            mode: inputs.options.mode, lineage: inputs.state.lineage, serial: inputs.state.serial,
            origin: places.min { $0.key < $1.key }?.value, places: places, sources: inputs.configuration.planSources,
            variables: variables,
            sensitiveVariables: inputs.variablesSet.subtracting(variables.keys).sorted(), state: state,
            drift: drift, changes: changes, outputs: outputs, steps: steps,
            lookAlikes: lookAlikes.sorted { ($0.address, $0.importID) < ($1.address, $1.importID) })
        noteCheckable()
        plan.checks = checks
        plan.workspace = inputs.configuration.workspace
        plan.isPartial = !selection.isWhole
        plan.recordsAnew = recordsAnew
        plan.variablesGiven = inputs.variablesGiven.filter { variables[$0.key] != nil && variables[$0.key] != $0.value }
        plan.moves = allMoves
        return plan
    }
}

extension Node {
    /// Whether nothing depends on it, and what it says is of no use where something before it went wrong.
    fileprivate var isLast: Bool {
        switch kind {
        case .check: true
        case .output: module.isRoot
        case .variable, .local, .call, .validation, .resource, .provider: false
        }
    }
}

extension Planner {
    /// Records what the objects that are there depend on now, and their order; what they depended on before, too, where they
    /// change, for they are recorded once more when they did.
    ///
    /// - Returns: Whether anything is recorded otherwise.
    private mutating func refreshDependencies() -> Bool {
        let kept = changes.filter { change in
            change.deposed == nil && change.address.resource.mode == .managed
                && (change.action == .noOp || change.action == .update || change.action.isReplacement)
        }
        var current = kept.map { (address: $0.address, dependencies: $0.dependencies, stays: $0.action == .noOp) }
        current += noted.map {
            ($0, inputs.configuration.resourceDependencies(of: $0.resource.inConfiguration), false)
        }
        var isDifferent = false
        for (address, dependencies, stays) in current {
            let order = precreated.contains(address.resource.inConfiguration)
            guard let old = state[address], old.dependencies != dependencies || old.createBeforeDestroy != order
            else { continue }
            // No step comes to what stays as it is, so this is the place to forget what it does not depend on any more.
            let all = stays ? dependencies : Set(old.dependencies).union(dependencies).sorted()
            guard old.dependencies != all || old.createBeforeDestroy != order else { continue }
            isDifferent = true
            state.resources[address.resource]?.instances[address.key]?.current?.dependencies = all
            state.resources[address.resource]?.instances[address.key]?.current?.createBeforeDestroy = order
        }
        return isDifferent
    }

    /// Says in which order each object that is made or changed is to be replaced one day, as it is recorded with it: by its own
    /// wish, or that of a dependant that changes, too.
    ///
    /// What the others wish is recorded when their objects are next compared.
    private mutating func recordOrders() {
        let precreated = inputs.configuration.precreated(by: changing)
        for index in changes.indices where changes[index].action != .delete {
            let resource = changes[index].address.resource.inConfiguration
            changes[index].createBeforeDestroy =
                precreated.contains(resource)
                || inputs.configuration.resource(resource)?.lifecycle.createBeforeDestroy == true
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func providerUnknown(_ name: String) -> Diagnostic {
        .error(
            "Provider arguments not known",
            """
            The arguments of provider "\(name)" depend on values that are known only after apply, so nothing can be read from \
            the cloud while planning. Use values that are known now: literals, input variables, or environment variables.
            """)
    }

    fileprivate static func providerNotPresent(_ name: String, _ users: [ResourceAddress]) -> Diagnostic {
        let parts = ProviderName(name)
        let list = users.prefix(10).map { "    \(VisibleText.escaped($0.description))" }.joined(separator: "\n")
        return .error(
            "Provider configuration not present",
            """
            To work with these, their provider configuration \(VisibleText.escaped(name)) is required, but it is not in the \
            configuration any more:

            \(list)

            Put the provider "\(VisibleText.escaped(parts.provider))" block with the alias "\(VisibleText.escaped(parts.alias ?? ""))" \
            back until they are destroyed, or take them out of the state with "flinkform state rm".
            """)
    }

    fileprivate static func unsupportedInState(_ addresses: [ResourceAddress]) -> Diagnostic {
        let list = addresses.map { "    \(VisibleText.escaped($0.description))" }.joined(separator: "\n")
        return .error(
            "Unsupported resource type in state",
            """
            The state has resources of types that this version of flinkform does not support:

            \(list)

            Keep them in a Terraform directory of their own, or take them out of this state with "flinkform state rm".
            """)
    }

    static var unfittingAnswer: Diagnostic {
        .error("Unfitting answer", "A request was answered with something else. This is a bug in flinkform.")
    }
}
