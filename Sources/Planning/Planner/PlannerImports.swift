import Configuring
import Diagnostics
import HCL
import Values

/// Import blocks: objects that exist and come into the state by this plan.
extension Planner {
    /// What must be found out about the objects that are imported to a resource; empty once all are in the state.
    ///
    /// Nil when it cannot be said what those are, which is reported.
    mutating func importRequests(for resource: ResourceConfiguration) -> [Request]? {
        guard inputs.options.mode == .normal else { return [] }
        let blocks = inputs.configuration.imports(of: resource.address)
        guard !blocks.isEmpty else { return [] }
        let targets: [ImportTarget]
        if let known = imports[resource.address] {
            targets = known
        } else {
            guard let found = importTargets(of: blocks, resource) else { return nil }
            imports[resource.address] = found
            targets = found
        }
        let requests = targets.filter { answers[.imported($0.address)] == nil }.map { request($0, resource.provider) }
        guard requests.isEmpty else { return requests }
        let before = diagnostics.count
        for target in targets { take(target, resource.schema, resource.provider) }
        return diagnostics.count == before ? [] : nil
    }

    /// The objects that blocks name, as far as they are not in the state; nil when something is wrong.
    private mutating func importTargets(
        of blocks: [ImportBlock], _ resource: ResourceConfiguration
    ) -> [ImportTarget]? {
        let scope = evaluation.scope(for: .resource(resource.address))
        let before = diagnostics.count
        var all: [ImportTarget] = []
        for block in blocks where diagnostics.count == before {
            all += evaluation.targets(of: block, resource.repetition, in: scope, diagnostics: &diagnostics)
        }
        guard diagnostics.count == before, haveInstances(all, resource) else { return nil }
        // What an interrupted run made has its place by now, and its block is of no use any more.
        for target in all where state[target.address] == nil && selection.has(target.address) {
            importing[target.address] = target
        }
        return all.filter { importing[$0.address]?.isSame(as: $0) ?? false }
    }

    /// Whether the configuration has all instances that something is imported to; what is missing is reported.
    private mutating func haveInstances(_ targets: [ImportTarget], _ resource: ResourceConfiguration) -> Bool {
        var instances: Set<InstanceAddress> = []
        for module in evaluation.instances(of: resource.address.module) {
            var problems: [Diagnostic] = []
            let scope = evaluation.scope(for: .resource(resource.address), in: module)
            let expansion = resource.repetition.expansion(in: scope, of: resource.construct, diagnostics: &problems)
            // That is reported by whoever plans them.
            guard problems.isEmpty else { return true }
            let address = resource.address.inInstance(module)
            for (key, _) in expansion.instances { instances.insert(InstanceAddress(address, key)) }
        }
        let missing = targets.filter { !instances.contains($0.address) && state[$0.address] == nil }
        diagnostics += missing.map { .importWithoutInstance($0.address) }
        return missing.isEmpty
    }

    private func request(_ target: ImportTarget, _ provider: String) -> Request {
        Request(
            key: .imported(target.address), provider: provider,
            question: .imported(type: target.address.resource.type, importID: target.id))
    }

    /// Takes an object over into the state.
    private mutating func take(_ target: ImportTarget, _ schema: Schema, _ provider: String) {
        guard let found = importedObject(target) else { return }
        let (address, place) = (target.address.resource, places[provider])
        let record = ObjectRecord(
            organization: place?.organization, endpoint: place?.endpoint, secretStore: found.secretStore,
            isSecretKnown: found.secretStore != nil || schema.secretAttribute == nil)
        do {
            let recorded = try ObjectState(
                ObjectMarks.marked(found.object, by: schema.block), schema: schema, record: record,
                dependencies: inputs.configuration.resourceDependencies(of: address),
                createBeforeDestroy: precreated.contains(address.inConfiguration))
            state.set(recorded, at: target.address, deposed: nil, provider: inputs.catalog.reference(to: provider))
        } catch {
            diagnostics.append(.unfittingState(target.address, error))
        }
    }

    /// What an object is that is imported; nil, and reported, when that was not found out or it is managed elsewhere.
    private mutating func importedObject(_ target: ImportTarget) -> (object: Value, secretStore: String?)? {
        switch answers[.imported(target.address)] {
        case .imported(let object, let id, let secretStore):
            var known = importedIDs ?? state.objectIDs
            // Held once, so that nothing is copied.
            importedIDs = nil
            let isNew = known.insert(id).inserted
            importedIDs = known
            guard isNew else {
                diagnostics.append(.importedElsewhere(target, id))
                return nil
            }
            return (object, secretStore)
        case .failed(var diagnostic):
            diagnostic.subject = target.block.range
            diagnostic.address = target.address.description
            diagnostics.append(diagnostic)
        default: diagnostics.append(.unfittingAnswer)
        }
        return nil
    }

    // MARK: - Without configuration

    /// Says which blocks import to resources that the configuration does not have; or, where configuration is to be generated
    /// for them, finds out what must be asked for that.
    mutating func generationRequests() -> [Request] {
        guard inputs.options.mode == .normal else { return [] }
        let blocks = inputs.configuration.importsWithoutResource.filter {
            selection.has($0.resource) && $0.forEach == nil && $0.address?.key == InstanceKey.none
        }
        guard !blocks.isEmpty else { return [] }
        if generating == nil {
            generating = []
            let scope = evaluation.scopeOfConstants()
            for block in blocks {
                guard inputs.options.generates else {
                    diagnostics.append(Diagnostic.importWithoutResource(block).inside("import"))
                    continue
                }
                let targets = evaluation.targets(of: block, nil, in: scope, diagnostics: &diagnostics)
                generating? += targets.filter { state[$0.address] == nil }
            }
        }
        return (generating ?? []).compactMap { target in
            guard answers[.imported(target.address)] == nil,
                let provider = inputs.catalog.provider(having: target.address.resource)
            else { return nil }
            return request(target, provider.name)
        }
    }

    /// What is said of configuration that is generated; nil when there is none.
    var generationWarning: Diagnostic? {
        guard changes.contains(where: { $0.generated != nil }) else { return nil }
        return .warning(
            "Config generation is experimental",
            "Generating configuration during import is currently experimental, and the generated configuration format may change in future versions."
        )
    }

    /// Plans to import the objects that configuration is generated for, and generates it.
    mutating func planGenerated() {
        for target in generating ?? [] {
            let address = target.address.resource
            guard let provider = inputs.catalog.provider(having: address), let schema = provider.schema(for: address)
            else {
                diagnostics.append(Diagnostic.importWithoutType(target.block).inside("import"))
                continue
            }
            importing[target.address] = target
            take(target, schema, provider.name)
            guard let object = state[target.address],
                let value = decoded(object, at: Place(address: target.address, deposed: nil))
            else { continue }
            var change = Change(
                address: target.address, provider: provider.name, action: .noOp, before: value, after: value)
            change.importing = target.id
            change.generated = GeneratedConfiguration.wholeBlock(address, schema.block, value)
            note(change)
        }
    }
}

extension ImportTarget {
    /// Whether it is the same object at the same address by the same block.
    fileprivate func isSame(as other: ImportTarget) -> Bool {
        address == other.address && id == other.id && block.range == other.block.range
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func importWithoutResource(_ block: ImportBlock) -> Diagnostic {
        .error(
            "Configuration for import target does not exist",
            """
            The configuration for the given import target \(block.resource) does not exist. If you wish to automatically generate \
            config for this resource, use the -generate-config-out option within flinkform plan. Otherwise, make sure the target \
            resource exists within your configuration. For example:

              flinkform plan -generate-config-out=generated.tf
            """, at: block.target.range)
    }

    fileprivate static func importWithoutType(_ block: ImportBlock) -> Diagnostic {
        .error(
            "Unsupported resource type",
            "There is no resource type \"\(VisibleText.escaped(block.resource.type))\" in this version of flinkform, so nothing can be imported to \(block.resource). Correct the type, or take the import block out.",
            at: block.target.range)
    }

    fileprivate static func importWithoutInstance(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Configuration for import target does not exist",
            """
            The configuration for the given import \(VisibleText.escaped(address.description)) does not exist. All target \
            instances must have an associated configuration to be imported.
            """)
    }

    fileprivate static func importedElsewhere(_ target: ImportTarget, _ id: String) -> Diagnostic {
        .error(
            "Object already in state",
            """
            \(VisibleText.escaped(id)) is already managed at another address, or imported twice, so it cannot be imported to \
            \(VisibleText.escaped(target.address.description)), too: one object at two addresses would be destroyed by the first change of either. Take the \
            import block out, or take the object out of the state at the other address first: flinkform state rm
            """, at: target.block.range)
    }
}
