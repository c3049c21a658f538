import Configuring
import Diagnostics
import HCL
import Values

/// Managed resources: which instances there are to be, and what that changes.
extension Planner {
    /// Plans all instances of a resource of the configuration, in all instances of its module; returns what must be asked first.
    mutating func planManaged(_ resource: ResourceConfiguration) -> [Request] {
        let modules = evaluation.instances(of: resource.address.module)
        guard let requests = importRequests(for: resource) else {
            for module in modules {
                evaluation.set(.resource(resource.address), in: module, to: .unknown(.dynamic))
            }
            return []
        }
        guard requests.isEmpty else { return requests }
        for module in modules { planManaged(resource, in: module) }
        return []
    }

    private mutating func planManaged(_ resource: ResourceConfiguration, in module: ModuleAddress) {
        let address = resource.address.inInstance(module)
        let node = Node.resource(resource.address)
        let scope = evaluation.scope(for: node, in: module)
        let expansion = resource.repetition.expansion(
            in: scope, of: resource.construct, diagnostics: &diagnostics)
        let existing = state.resources[address]?.instances ?? [:]
        var planned: [(key: InstanceKey, value: Value)] = []
        for (key, names) in expansion.instances {
            let instance = InstanceAddress(address, key)
            let value =
                selection.has(instance) && inputs.options.mode == .normal
                ? planInstance(resource, instance, scope.with(names), existing[key])
                : leftAlone(instance, existing[key], resource, scope.with(names))
            planned.append((key, value))
        }
        let isComplete = inputs.options.mode == .normal && selection.isWhole
        evaluation.set(
            node, in: module,
            to: isComplete || !expansion.isKnown
                ? expansion.collection(planned.map(\.value), type: resource.schema.type)
                : present(resource, address, planned))
        let reference = inputs.catalog.reference(to: resource.provider)
        if !existing.isEmpty, state.resources[address]?.provider != reference {
            state.resources[address]?.provider = reference
        }
        guard expansion.isKnown, inputs.options.mode == .normal else { return }
        let wanted = Set(planned.map(\.key))
        for key in existing.keys.sorted()
        where !wanted.contains(key) && selection.has(InstanceAddress(address, key)) {
            planDestroy(InstanceAddress(address, key), reason: expansion.reason(toDestroy: key))
        }
    }

    /// What expressions see of a resource that is not planned for, or not as a whole: the instances that are there or are made.
    private mutating func present(
        _ resource: ResourceConfiguration, _ address: ResourceAddress, _ planned: [(key: InstanceKey, value: Value)]
    ) -> Value {
        var values: [InstanceKey: Value] = [:]
        for (key, instance) in state.resources[address]?.instances ?? [:] {
            let place = Place(address: InstanceAddress(address, key), deposed: nil)
            guard let object = instance.current.flatMap({ decoded($0, at: place) }) else { continue }
            values[key] = forExpressions(object, resource.schema)
        }
        let isPlanning = inputs.options.mode == .normal
        for (key, value) in planned
        where values[key] != nil || (isPlanning && selection.has(InstanceAddress(address, key))) {
            values[key] = value
        }
        return resource.repetition.collection(values, type: resource.schema.type)
    }

    /// The value, for expressions, of an instance that is not planned for: as state has it.
    private mutating func leftAlone(
        _ address: InstanceAddress, _ existing: InstanceState?, _ resource: ResourceConfiguration, _ scope: Scope
    ) -> Value {
        let object = existing?.current.flatMap { decoded($0, at: Place(address: address, deposed: nil)) }
        let value = object.map { forExpressions($0, resource.schema) } ?? .unknown(resource.schema.type)
        if inputs.options.mode == .refreshOnly, selection.has(address) {
            if object != nil { noted.append(address) }
            if inputs.options.isInternal {
                // Whoever imports asks which instances there are to be.
                let value = object ?? .null(resource.schema.type)
                note(Change(address: address, provider: resource.provider, action: .noOp, before: value, after: value))
            }
            _ = holds(resource.lifecycle.preconditions, .precondition, resource, address, scope)
            if object == nil, address.key != .none, !inputs.options.isInternal {
                // As in Terraform, an instance of several has no self before it is there.
                var hasNone = false
                if case .index = address.key {
                    hasNone = state.resources[address.resource]?.instances.isEmpty ?? true
                }
                diagnostics += resource.lifecycle.postconditions.map { .noSelf($0, in: resource, hasNone: hasNone) }
            } else {
                _ = holds(resource.lifecycle.postconditions, .postcondition, resource, address, scope, own: value)
            }
        }
        return value
    }

    /// Plans one instance; returns its value for expressions.
    private mutating func planInstance(
        _ resource: ResourceConfiguration, _ address: InstanceAddress, _ scope: Scope, _ existing: InstanceState?
    ) -> Value {
        guard holds(resource.lifecycle.preconditions, .precondition, resource, address, scope) else {
            return .unknown(resource.schema.type)
        }
        planDeposed(of: address, existing, provider: resource.provider)
        let errorsBefore = diagnostics.count
        let configuration = resource.evaluate(in: scope, of: address, diagnostics: &diagnostics)
        let isFaulty = diagnostics[errorsBefore...].contains { $0.severity == .error }
        let current = existing?.current
        let prior = current.flatMap { decoded($0, at: Place(address: address, deposed: nil)) }
        if isFaulty || (current != nil && prior == nil) { return .unknown(resource.schema.type) }
        var change = decide(resource, address, configuration, prior: prior, isTainted: current?.isTainted ?? false)
        change.dependencies = inputs.configuration.resourceDependencies(of: resource.address)
        change.createBeforeDestroy = createsBeforeDestroying(resource)
        change.importing = importing[address]?.id
        let errors = diagnostics.count
        let isTriggered = isTriggered(resource, scope, in: address.resource.module)
        if diagnostics[errors...].contains(where: { $0.severity == .error }) { return .unknown(resource.schema.type) }
        if isTriggered {
            if change.action == .update || change.action == .noOp {
                change.after = ObjectPlanning.proposed(resource.schema, configuration: configuration, prior: nil)
                change.isConfigurationUnknown = !configuration.isWhollyKnown
                change.action = replacement(of: resource)
            }
            change.reason = .triggered
        }
        check(change, preventsDestroy: resource.lifecycle.preventDestroy, at: resource)
        note(change)
        let value = forExpressions(change.after, resource.schema)
        _ = holds(resource.lifecycle.postconditions, .postcondition, resource, address, scope, own: value)
        return value
    }

    /// The decision table of one instance.
    ///
    /// What is ignored of the configuration is ignored as long as the object stays; another one is made as it is written.
    private func decide(
        _ resource: ResourceConfiguration, _ address: InstanceAddress, _ configuration: Value, prior: Value?,
        isTainted: Bool
    ) -> Change {
        let block = resource.schema.block
        let null = Value.null(resource.schema.type)
        var change = Change(
            address: address, provider: resource.provider, action: .create, before: null,
            after: ObjectPlanning.proposed(resource.schema, configuration: configuration, prior: nil),
            isConfigurationUnknown: !configuration.isWhollyKnown)
        guard let prior else { return change }
        change.before = prior
        let kept = ObjectPlanning.ignoring(
            resource.lifecycle.ignored, block, configuration: configuration, prior: prior)
        let updated = ObjectPlanning.proposed(resource.schema, configuration: kept, prior: prior)
        let differences = ObjectPlanning.differences(block, before: prior, after: updated)
        let forcing = differences.filter(\.forcesReplacement).map(\.path)
        let replacement = replacement(of: resource)
        if isTainted {
            (change.action, change.reason) = (replacement, .tainted)
        } else if inputs.options.replaced.contains(address) {
            (change.action, change.reason) = (replacement, .requested)
        } else if !forcing.isEmpty {
            (change.action, change.reason, change.replacePaths) = (replacement, .cannotUpdate, forcing)
        } else {
            let isSame = differences.isEmpty && !SensitivePath.differ(prior, updated)
            change.action = isSame ? .noOp : .update
            (change.after, change.isConfigurationUnknown) = (updated, !kept.isWhollyKnown)
        }
        return change
    }

    /// How an object of a resource is replaced.
    private func replacement(of resource: ResourceConfiguration) -> Action {
        createsBeforeDestroying(resource) ? .createThenDelete : .deleteThenCreate
    }

    /// Whether something changes that a resource names in `replace_triggered_by`.
    private mutating func isTriggered(
        _ resource: ResourceConfiguration, _ scope: Scope, in module: ModuleAddress
    ) -> Bool {
        resource.lifecycle.triggers.contains { trigger in
            let address = trigger.resource.inInstance(module)
            var named = triggering[address] ?? []
            var key: InstanceKey?
            if let expression = trigger.key {
                let value = expression.evaluate(in: scope, of: resource.construct, diagnostics: &diagnostics)
                key = value.string.map { .key($0) } ?? value.number?.int.map { .index($0) }
            }
            if let key { named = triggeringInstances[InstanceAddress(address, key)].map { [$0] } ?? [] }
            let wanted = key ?? (trigger.path.isEmpty ? nil : InstanceKey.none)
            if named.isEmpty, !isPlanned(address, wanted) {
                diagnostics.append(.nothingTriggers(trigger.resource, wanted, in: module))
                return false
            }
            return named.contains { position in
                let change = changes[position]
                return trigger.path.isEmpty
                    || change.before.part(at: trigger.path)?.unmarked != change.after.part(at: trigger.path)?.unmarked
                    || change.after.part(at: trigger.path)?.isWhollyKnown == false
            }
        }
    }

    /// Whether anything was planned for an instance of a resource, or for any where no key is given.
    private func isPlanned(_ address: ResourceAddress, _ key: InstanceKey?) -> Bool {
        if let key { return planned.contains(InstanceAddress(address, key)) }
        return plannedResources.contains(address)
    }

    /// Whether replacements of a resource are made before the old object is destroyed: its own wish, or that of a dependant.
    private func createsBeforeDestroying(_ resource: ResourceConfiguration) -> Bool {
        precreated.contains(resource.address)
    }

    /// The planned value as expressions see it: a secret that may be there is unknown to them while planning.
    private func forExpressions(_ object: Value, _ schema: Schema) -> Value {
        guard let name = schema.secretAttribute, let fields = object.fields,
            let attribute = schema.block.attribute(name)
        else { return object }
        let secret = Value.unknown(attribute.type).withMarks(ObjectMarks.marks(of: attribute))
        return Value(.object(fields.replacing(name, with: secret)), marks: object.marks)
    }

    /// Takes a change into the plan.
    mutating func note(_ change: Change) {
        var change = change
        change.previous = moves?.origins[change.address]
        if change.deposed == nil, change.action == .update || change.action.isReplacement {
            triggering[change.address.resource, default: []].append(changes.count)
            triggeringInstances[change.address] = changes.count
        }
        changes.append(change)
        if inputs.configuration.hasTriggers, change.deposed == nil {
            planned.insert(change.address)
            plannedResources.insert(change.address.resource)
        }
        guard change.action != .noOp else { return }
        let resource = change.address.resource.inConfiguration
        changing.insert(resource)
        if change.action == .create || change.action.isReplacement { making.insert(resource) }
    }

    // MARK: - Destroying

    /// Plans to destroy the current object of an instance and all its deposed ones.
    mutating func planDestroy(_ address: InstanceAddress, reason: ChangeReason?) {
        guard let instance = state.resources[address.resource]?.instances[address.key],
            let provider = providerName(of: address.resource)
        else { return }
        planDeposed(of: address, instance, provider: provider)
        let place = Place(address: address, deposed: nil)
        guard let current = instance.current, let before = decoded(current, at: place) else { return }
        let change = Change(
            address: address, provider: provider, action: .delete, reason: reason, before: before,
            after: .null(before.type), dependencies: current.dependencies,
            createBeforeDestroy: current.createBeforeDestroy)
        if let resource = inputs.configuration.resource(address.resource) {
            check(change, preventsDestroy: resource.lifecycle.preventDestroy, at: resource)
        }
        note(change)
    }

    private mutating func planDeposed(of address: InstanceAddress, _ instance: InstanceState?, provider: String) {
        for (key, object) in (instance?.deposed ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let before = decoded(object, at: Place(address: address, deposed: key)) else { continue }
            note(
                Change(
                    address: address, deposed: key, provider: provider, action: .delete, before: before,
                    after: .null(before.type), dependencies: object.dependencies))
        }
    }

    /// Destroys what the configuration does not have any more: resources, and what is in modules or in instances of them.
    mutating func planOrphans() {
        var modules: [ModuleAddress: Set<ModuleAddress>] = [:]
        for address in state.instanceAddresses
        where address.resource.mode == .managed && selection.has(address) {
            guard inputs.configuration.resource(address.resource) != nil else {
                if importing[address] != nil { continue }
                let reason: ChangeReason = moves?.origins[address] == nil ? .noConfiguration : .noMoveTarget
                if forgets(address) {
                    planForgetting(address, reason: reason)
                } else {
                    planDestroy(address, reason: reason)
                }
                continue
            }
            let module = address.resource.module
            guard !module.isRoot else { continue }
            let wanted =
                modules[module.inConfiguration] ?? Set(evaluation.instances(of: module.inConfiguration))
            modules[module.inConfiguration] = wanted
            if !wanted.contains(module) { planDestroy(address, reason: .noModule) }
        }
    }

    /// Destroys everything in state.
    mutating func planDestroyOfEverything() {
        let addresses = state.instanceAddresses.filter { $0.resource.mode == .managed && selection.has($0) }
        // As in Terraform, an object that must stay keeps what it depends on from being planned at all.
        var kept: Set<ResourceAddress> = []
        for address in addresses
        where inputs.configuration.resource(address.resource)?.lifecycle.preventDestroy == true {
            kept.formUnion(state[address]?.dependencies ?? [])
        }
        for address in addresses where !kept.contains(address.resource.inConfiguration) {
            planDestroy(address, reason: nil)
        }
    }

    /// Reports a change that `prevent_destroy` forbids.
    private mutating func check(_ change: Change, preventsDestroy: Bool, at resource: ResourceConfiguration) {
        guard preventsDestroy, change.action == .delete || change.action.isReplacement else { return }
        diagnostics.append(.mustNotBeDestroyed(change, at: resource))
    }

    /// Tells of what is to be replaced and lacks the key of an instance; what is not there at all is of no interest, as in Terraform.
    mutating func checkReplaced() {
        for address in inputs.options.replaced where address.key == .none && selection.has(address.resource) {
            guard let resource = inputs.configuration.resource(address.resource), resource.repetition.isRepeated,
                evaluation.instances(of: resource.address.module).contains(address.resource.module)
            else { continue }
            let instances = changes.filter {
                $0.address.resource == address.resource && $0.deposed == nil && $0.action != .delete
            }
            diagnostics.append(.nothingToReplace(address, among: instances.map(\.address).sorted()))
        }
    }

    // MARK: - Look-alikes

    /// Whether a change makes an object that another may look like.
    private func isLikable(_ change: Change) -> Bool {
        change.action == .create && change.deposed == nil
            && inputs.catalog.schema(for: change.address.resource)?.fingerprint != nil
    }

    /// Asks for objects nobody here knows that look like one that is to be created, as far as that was not answered.
    mutating func resemblanceRequests() -> [Request] {
        lookAlikes = []
        guard changes.contains(where: { isLikable($0) }) else { return [] }
        var requests: [Request] = []
        let managed = state.objectIDs
        let left = Set(
            settlements.flatMap { settlement -> [String] in
                switch settlement {
                case .discard(_, let ids): ids
                case .finish(_, let id): [id]
                case .gone, .watch, .drop: []
                }
            })
        for change in changes where isLikable(change) {
            guard let schema = inputs.catalog.schema(for: change.address.resource),
                let fingerprint = schema.fingerprint?(change.after), fingerprint.parts["display_name"]?.isEmpty == false
            else { continue }
            let key = Request.Key.resemblances(change.address)
            switch answers[key] {
            case nil:
                requests.append(
                    Request(
                        key: key, provider: change.provider,
                        question: .resemblances(type: change.address.resource.type, fingerprint)))
            case .resemblances(let found):
                for other in found where !managed.contains(other.id) && !left.contains(other.id) {
                    lookAlikes.append(Plan.LookAlike(address: change.address, importID: other.importID))
                }
            case .failed(let diagnostic): diagnostics.append(diagnostic)
            default: diagnostics.append(.unfittingAnswer)
            }
        }
        return requests
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func nothingToReplace(_ address: InstanceAddress, among others: [InstanceAddress]) -> Diagnostic
    {
        func option(_ address: InstanceAddress) -> String {
            let text = VisibleText.escaped(address.description)
            return "\n  -replace=\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        }
        let cause = others.isEmpty ? "this resource doesn't have any instances" : "it lacks an instance key"
        var advice = ""
        if !others.isEmpty {
            advice =
                others.count == 1
                ? "\n\nTo force replacement of the single declared instance, use the following option instead:"
                : "\n\nTo force replacement of particular instances, use one or more of the following options instead:"
        }
        return .warning(
            "Incompletely-matched force-replace resource instance",
            """
            Your force-replace request for \(VisibleText.escaped(address.description)) doesn't match any resource instances \
            because \(cause).\(advice)\(others.map(option).joined())
            """)
    }

    fileprivate static func nothingTriggers(
        _ resource: ResourceAddress, _ key: InstanceKey?, in module: ModuleAddress
    ) -> Diagnostic {
        let name = resource.nameInModule + (key?.description ?? "")
        return .error(
            "no change found for \(VisibleText.escaped(name)) in \(module.isRoot ? "the root module" : module.description)",
            "")
    }

    fileprivate static func noSelf(
        _ rule: CheckRule, in resource: ResourceConfiguration, hasNone: Bool
    ) -> Diagnostic {
        Diagnostic.error(
            "Invalid index",
            "The given key does not identify an element in this collection value\(hasNone ? ": the collection has no elements." : ".")",
            at: rule.condition.range
        ).inside(resource.construct)
    }

    fileprivate static func mustNotBeDestroyed(_ change: Change, at resource: ResourceConfiguration) -> Diagnostic {
        .error(
            "Instance cannot be destroyed",
            """
            Resource \(VisibleText.escaped(change.address.description)) has lifecycle.prevent_destroy set, but the plan calls for \
            this resource to be destroyed. To avoid this error and continue with the plan, either disable \
            lifecycle.prevent_destroy or reduce the scope of the plan using the -target option.
            """, at: resource.range)
    }
}

extension Expansion {
    /// Why an instance that state has, and this expansion has not, is destroyed.
    func reason(toDestroy key: InstanceKey) -> ChangeReason {
        switch key {
        case .none: .wrongRepetition
        case .index: isCounted ? .countIndex : .wrongRepetition
        case .key: isEach ? .eachKey : .wrongRepetition
        }
    }
}

extension Configuration {
    /// The files as a plan carries them.
    var planSources: [Plan.Source] { sources.map { Plan.Source(name: $0.name, text: $0.text) } }
}

extension Value {
    /// The part that steps of a reference lead to; nil when they lead nowhere.
    fileprivate func part(at path: [Traversal.Step]) -> Value? {
        var value = self
        for step in path {
            let next: Value? =
                switch step {
                case .attribute(let name): try? value.attribute(name)
                case .index(let key): try? value.index(key)
                case .open: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
