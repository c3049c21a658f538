import Configuring
import Diagnostics
import HCL
import Values

/// Import blocks: objects that exist and come into the state by this plan.
extension Planner {
    /// Finds out which objects are to be imported: those of import blocks whose addresses have no object yet.
    mutating func readImports() {
        guard inputs.options.mode == .normal, !inputs.configuration.imports.isEmpty else { return }
        let scope = evaluation.scopeOfConstants()
        for block in inputs.configuration.imports
        where state[block.address] == nil && selection.has(block.address) {
            guard inputs.configuration.resource(block.address.resource) != nil else {
                diagnostics.append(.importWithoutResource(block))
                continue
            }
            let before = diagnostics.count
            let id = block.id.evaluate(in: scope, diagnostics: &diagnostics)
            guard diagnostics.count == before else { continue }
            guard let text = id.string, !text.isEmpty, id.allMarks.isEmpty else {
                diagnostics.append(.importIDUnusable(block, id))
                continue
            }
            importing[block.address] = text
        }
    }

    /// What must be found out about objects to import, as far as it was not answered yet.
    func importRequests() -> [Request] {
        inputs.configuration.imports.compactMap { block in
            let key = Request.Key.imported(block.address)
            guard let id = importing[block.address], answers[key] == nil,
                let provider = inputs.configuration.resource(block.address.resource)?.provider
            else { return nil }
            return Request(
                key: key, provider: provider,
                question: .imported(type: block.address.resource.type, importID: id))
        }
    }

    /// Takes the objects over into the state.
    mutating func takeImported() {
        // What an interrupted run made has its place by now, and the block is of no use any more.
        importing = importing.filter { state[$0.key] == nil }
        guard !importing.isEmpty else { return }
        var known = state.objectIDs
        for block in inputs.configuration.imports where importing[block.address] != nil {
            switch answers[.imported(block.address)] {
            case .imported(let object, let id, let secretStore):
                guard known.insert(id).inserted else {
                    diagnostics.append(.importedElsewhere(block, id))
                    continue
                }
                take(object, secretStore: secretStore, block)
            case .failed(var diagnostic):
                diagnostic.subject = block.range
                diagnostic.address = block.address.description
                diagnostics.append(diagnostic)
            default: diagnostics.append(.unfittingAnswer)
            }
        }
    }

    private mutating func take(_ object: Value, secretStore: String?, _ block: ImportBlock) {
        guard let resource = inputs.configuration.resource(block.address.resource) else { return }
        let (schema, place) = (resource.schema, places[resource.provider])
        let record = ObjectRecord(
            organization: place?.organization, endpoint: place?.endpoint, secretStore: secretStore,
            isSecretKnown: secretStore != nil || schema.secretAttribute == nil)
        do {
            let recorded = try ObjectState(
                ObjectMarks.marked(object, by: schema.block), schema: schema, record: record,
                dependencies: inputs.configuration.resourceDependencies(of: resource.address),
                createBeforeDestroy: inputs.configuration.createsBeforeDestroying(resource.address))
            state.set(
                recorded, at: block.address, deposed: nil, provider: inputs.catalog.reference(to: resource.provider))
        } catch {
            diagnostics.append(.unfittingState(block.address, error))
        }
    }

    /// Whether an object was imported to an instance that the configuration does not have; that is reported, since the plan
    /// would destroy it.
    mutating func isImportedWithoutInstance(_ address: InstanceAddress, _ expansion: Expansion) -> Bool {
        guard importing[address] != nil,
            let block = inputs.configuration.imports.first(where: { $0.address == address })
        else { return false }
        diagnostics.append(.importWithoutInstance(block, expansion.instances.map(\.key)))
        return true
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func importWithoutResource(_ block: ImportBlock) -> Diagnostic {
        .error(
            "Import target not configured",
            """
            The configuration has no resource \(block.address.resource), so the imported object would have nothing to be \
            compared with. Add the block, or let "flinkform query -generate-config-out=FILE" write it.
            """, at: block.range)
    }

    fileprivate static func importWithoutInstance(_ block: ImportBlock, _ keys: [InstanceKey]) -> Diagnostic {
        let list = keys.sorted().prefix(5).map { "\n    \(InstanceAddress(block.address.resource, $0))" }.joined()
        return .error(
            "Import target not configured",
            """
            \(block.address) is not an instance of the resource in the configuration, so the imported object would be \
            destroyed again. \(keys.isEmpty ? "It has no instance at all." : "Its instances are:" + list)
            """, at: block.range)
    }

    fileprivate static func importIDUnusable(_ block: ImportBlock, _ id: Value) -> Diagnostic {
        let why =
            !id.allMarks.isEmpty
            ? "It is sensitive, and ids are shown."
            : id.isUnknown
                ? "It is known only after apply: use a literal, an input variable, or a local value made of those."
                : "It must be a string that is not empty."
        return .error(
            "Invalid import id", "The id of the object to import to \(block.address) cannot be used. \(why)",
            at: block.id.range)
    }

    fileprivate static func importedElsewhere(_ block: ImportBlock, _ id: String) -> Diagnostic {
        .error(
            "Object already in state",
            """
            \(VisibleText.escaped(id)) is already managed at another address, or imported twice, so it cannot be imported to \
            \(block.address), too: one object at two addresses would be destroyed by the first change of either. Take the \
            import block out, or take the object out of the state at the other address first: flinkform state rm
            """, at: block.range)
    }
}
