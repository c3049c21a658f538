package import Configuring
import Diagnostics
import JSON
import Values

/// Refreshing: what the objects of the state are now, and what interrupted runs left.
extension Planner {
    /// An object of the state, by where it is.
    struct Place: Hashable {
        let address: InstanceAddress
        let deposed: String?
    }

    /// What no two objects share.
    private struct ObjectName: Hashable {
        let type: String
        let id: String

        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// The object that the state had at a place in the beginning.
    private func recorded(at place: Place) -> ObjectState? {
        inputs.state.object(at: place.address, deposed: place.deposed)
    }

    /// Looks at all objects that state has, and reads those that are planned for, once for all that follows.
    mutating func readObjects() {
        for address in state.instanceAddresses where address.resource.mode == .managed {
            guard let instance = state.resources[address.resource]?.instances[address.key] else { continue }
            if instance.current != nil { recorded.append(Place(address: address, deposed: nil)) }
            for deposed in instance.deposed.keys.sorted() {
                recorded.append(Place(address: address, deposed: deposed))
            }
        }
        if selection.isWhole { values.reserveCapacity(recorded.count) }
        var addresses: [ObjectName: InstanceAddress] = [:]
        addresses.reserveCapacity(recorded.count)
        for place in recorded {
            guard let object = recorded(at: place) else { continue }
            if let problem = problem(of: object, at: place.address) {
                diagnostics.append(problem)
            } else if let id = object.id,
                let other = addresses.updateValue(
                    place.address, forKey: ObjectName(type: place.address.resource.type, id: id))
            {
                diagnostics.append(.objectTwice(id, at: other, and: place.address))
            } else if selection.has(place.address) {
                values[place] = decoded(object, at: place)
            }
        }
    }

    /// Why an object of the state cannot be worked with, whatever its attributes are; nil when it can.
    private func problem(of object: ObjectState, at address: InstanceAddress) -> Diagnostic? {
        guard let schema = inputs.catalog.schema(for: address.resource) else { return nil }
        if object.schemaVersion > schema.version { return .newerObject(address, version: object.schemaVersion) }
        if object.id?.isEmpty ?? true { return .objectWithoutID(address) }
        return nil
    }

    /// Makes sure that the state's objects live where the provider now points.
    mutating func checkPlaces() {
        for (name, here) in places {
            var strangers: [String: [InstanceAddress]] = [:]
            for place in recorded where providerName(of: place.address.resource) == name {
                guard let object = recorded(at: place) else { continue }
                let organization = object.record.organization ?? state.origin?.organization ?? here.organization
                let endpoint = object.record.endpoint ?? state.origin?.endpoint ?? here.endpoint
                guard organization != here.organization || endpoint != here.endpoint else { continue }
                strangers["organization \(organization) at \(endpoint)", default: []].append(place.address)
            }
            for intent in inputs.intents
            where intent.provider == name
                && (intent.organization != here.organization || intent.endpoint != here.endpoint)
            {
                strangers["organization \(intent.organization) at \(intent.endpoint)", default: []]
                    .append(intent.address)
            }
            for (other, addresses) in strangers.sorted(by: { $0.key < $1.key }) {
                diagnostics.append(.otherPlace(addresses, there: other, here: here))
            }
        }
    }

    /// The objects that live in the state alone, with their ids, in order: reading them again needs no question.
    package var unasked: [(address: InstanceAddress, id: String)] {
        guard inputs.options.refreshes else { return [] }
        // Before targets are destroyed, they are read with what they depend on, as for any other plan.
        var options = inputs.options
        options.mode = .normal
        let selection =
            options.mode == inputs.options.mode ? selection : Selection(options, inputs.configuration, state)
        return state.instanceAddresses.flatMap { address -> [(address: InstanceAddress, id: String)] in
            guard address.resource.mode == .managed, selection.has(address),
                !(removals.forgets(address.resource) && inputs.configuration.resource(address.resource) == nil),
                inputs.catalog.provider(having: address.resource)?.isBuiltin == true,
                let instance = state.resources[address.resource]?.instances[address.key]
            else { return [] }
            let objects =
                [instance.current].compactMap { $0 } + instance.deposed.sorted { $0.key < $1.key }.map(\.value)
            return objects.compactMap { object in object.id.map { (address, $0) } }
        }
    }

    /// What must be read again, as far as it was not answered yet.
    func refreshRequests() -> [Request] {
        guard inputs.options.refreshes else { return [] }
        var requests: [Request] = []
        for place in recorded where selection.has(place.address) && !forgets(place.address) {
            let key = Request.Key.object(place.address, deposed: place.deposed)
            guard answers[key] == nil, let provider = providerName(of: place.address.resource),
                inputs.catalog.provider(of: provider)?.isBuiltin != true,
                let prior = values[place]
            else { continue }
            requests.append(
                Request(
                    key: key, provider: provider,
                    question: .read(type: place.address.resource.type, prior: prior)))
        }
        return requests
    }

    /// The object of a place as a value; a diagnostic and nil when the state's attributes do not fit the schema.
    mutating func decoded(_ object: ObjectState, at place: Place) -> Value? {
        if let value = values[place] { return value }
        guard let schema = inputs.catalog.schema(for: place.address.resource) else { return nil }
        do {
            return try object.value(schema)
        } catch {
            diagnostics.append(.unfittingState(place.address, error))
            return nil
        }
    }

    /// Takes over what reading the objects gave.
    mutating func takeRefreshed() {
        guard inputs.options.refreshes else { return }
        for place in recorded where !answers.isEmpty {
            guard let answer = answers[.object(place.address, deposed: place.deposed)],
                let object = recorded(at: place), let schema = inputs.catalog.schema(for: place.address.resource),
                let provider = providerName(of: place.address.resource), let before = values[place]
            else { continue }
            switch answer {
            case .object(let now):
                refresh(place, located(object, at: place, provider), schema, provider, before: before, now: now)
            case .gone where object.record.organization == nil && places[provider] != nil:
                // It may never have been in this organisation.
                diagnostics.append(.nowhere(place.address, object.id ?? "", places[provider]?.organization ?? ""))
            case .gone:
                replaceObject(at: place, with: nil)
                noteDrift(
                    Change(
                        address: place.address, deposed: place.deposed, provider: provider, action: .delete,
                        before: before, after: .null(schema.type)))
            case .failed(var diagnostic):
                diagnostic.address = diagnostic.address ?? place.address.description
                let range = inputs.configuration.resource(place.address.resource)?.range
                diagnostic.subject = diagnostic.subject ?? range
                diagnostics.append(diagnostic)
            default: diagnostics.append(.unfittingAnswer)
            }
        }
    }

    /// The object with the place where it was seen, in the state too, when it had none.
    private mutating func located(_ object: ObjectState, at place: Place, _ provider: String) -> ObjectState {
        guard object.record.organization == nil, let here = places[provider] else { return object }
        var located = object
        (located.record.organization, located.record.endpoint) = (here.organization, here.endpoint)
        state.set(located, at: place.address, deposed: place.deposed)
        return located
    }

    private mutating func refresh(
        _ place: Place, _ object: ObjectState, _ schema: Schema, _ provider: String, before: Value, now: Value
    ) {
        let marked = ObjectMarks.marked(now, by: schema.block)
        guard !ObjectPlanning.differences(schema.block, before: before, after: marked).isEmpty else { return }
        do {
            var refreshed = try ObjectState(
                marked, schema: schema, record: object.record, dependencies: object.dependencies,
                createBeforeDestroy: object.createBeforeDestroy)
            refreshed.isTainted = object.isTainted
            refreshed.sensitiveAttributes = object.sensitiveAttributes
            replaceObject(at: place, with: refreshed)
            noteDrift(
                Change(
                    address: place.address, deposed: place.deposed, provider: provider, action: .update,
                    before: before, after: marked))
        } catch {
            diagnostics.append(.unfittingState(place.address, error))
        }
    }

    private mutating func noteDrift(_ change: Change) {
        var change = change
        change.previous = moves?.origins[change.address]
        drift.append(change)
    }

    private mutating func replaceObject(at place: Place, with object: ObjectState?) {
        values[place] = nil
        state.set(object, at: place.address, deposed: place.deposed)
    }

    // MARK: - Interrupted creates

    /// The unfinished intents that can be mistaken for one another, oldest first.
    private var intentGroups: [[Intent]] {
        var groups: [Fingerprint: [Intent]] = [:]
        var order: [Fingerprint] = []
        for intent in inputs.intents {
            if groups[intent.fingerprint] == nil { order.append(intent.fingerprint) }
            groups[intent.fingerprint, default: []].append(intent)
        }
        return order.compactMap { groups[$0] }
    }

    /// What must be found out about interrupted creates, as far as it was not answered yet.
    func evidenceRequests() -> [Request] {
        intentGroups.compactMap { group in
            guard let first = group.first, answers[.evidence(intent: first.id)] == nil else { return nil }
            return Request(
                key: .evidence(intent: first.id), provider: first.provider,
                question: .evidence(type: first.address.resource.type, intents: group))
        }
    }

    /// Settles what interrupted runs left, and takes finished objects over into the state.
    mutating func takeEvidence() {
        // Whoever imports an object says that it is not what an interrupted run left.
        guard !inputs.intents.isEmpty else { return }
        let managed = inputs.state.objectIDs.union(inputs.options.importing)
        for group in intentGroups {
            guard let first = group.first, let answer = answers[.evidence(intent: first.id)] else { continue }
            switch answer {
            case .evidence(let evidence):
                do {
                    let schema = inputs.catalog.schema(for: first.address.resource)
                    let decided = try Settlement.decide(
                        group, evidence: evidence, managed: managed, hasSecret: schema?.secretAttribute != nil)
                    for settlement in decided { take(settlement, evidence) }
                } catch {
                    diagnostics.append(error)
                }
            case .failed(let diagnostic): diagnostics.append(diagnostic)
            default: diagnostics.append(.unfittingAnswer)
            }
        }
    }

    private mutating func take(_ settlement: Settlement, _ evidence: SettlementEvidence) {
        guard case .finish(let intent, let id) = settlement, intent.isManaged else {
            settlements.append(settlement)
            return
        }
        guard let found = evidence.candidates.first(where: { $0.id == id }),
            let schema = inputs.catalog.schema(for: intent.address.resource), state[intent.address] == nil
        else {
            // Something else took its place.
            settlements.append(.discard(intent, ids: [id]))
            return
        }
        do {
            let object = try ObjectState(
                ObjectMarks.marked(found.object, by: schema.block), schema: schema,
                record: ObjectRecord(organization: intent.organization, endpoint: intent.endpoint),
                dependencies: inputs.configuration.resourceDependencies(of: intent.address.resource),
                createBeforeDestroy: precreated.contains(intent.address.resource.inConfiguration))
            state.set(object, at: intent.address, deposed: nil, provider: inputs.catalog.reference(to: intent.provider))
            settlements.append(settlement)
        } catch {
            diagnostics.append(.unfittingState(intent.address, error))
        }
    }
}

extension State {
    /// Puts an object in its place, or takes it out; a resource without instances goes.
    ///
    /// - Parameters:
    ///   - object: The object; nil takes it out.
    ///   - address: The instance.
    ///   - deposed: The key of a deposed object; nil means the current one.
    ///   - provider: Needed only when the resource is not in the state yet.
    package mutating func set(
        _ object: ObjectState?, at address: InstanceAddress, deposed: String?, provider: String = ""
    ) {
        var resource = resources[address.resource] ?? ResourceState(provider: provider)
        resources[address.resource] = nil
        var instance = resource.instances[address.key] ?? InstanceState()
        if let deposed { instance.deposed[deposed] = object } else { instance.current = object }
        let isEmpty = instance.current == nil && instance.deposed.isEmpty
        resource.instances[address.key] = isEmpty ? nil : instance
        resources[address.resource] = resource.instances.isEmpty ? nil : resource
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func otherPlace(_ addresses: [InstanceAddress], there: String, here: Origin) -> Diagnostic {
        let shown = addresses.prefix(5).map { VisibleText.escaped($0.description) }.joined(separator: ", ")
        let more = addresses.count > 5 ? " and \(addresses.count - 5) more" : ""
        return .error(
            "Objects of another organization",
            """
            \(shown)\(more) live in \(VisibleText.escaped(there)), but the provider's credentials are of organization \
            \(VisibleText.escaped(here.organization)) at \(VisibleText.escaped(here.endpoint)).

            Nothing was compared or changed. Use the credentials and the endpoint that belong to this state, or another \
            directory for the other organization.
            """)
    }

    fileprivate static func nowhere(_ address: InstanceAddress, _ id: String, _ organization: String) -> Diagnostic {
        var diagnostic = Diagnostic.error(
            "Object not found in this organization",
            """
            Organization \(VisibleText.escaped(organization)) has no \(VisibleText.escaped(id)), and the state does not say which \
            organization it is from, so it is not taken for deleted. Nothing was compared or changed.

            Use the credentials of its organization. If it was deleted there, take it out of the state: \
            flinkform state rm '\(VisibleText.escaped(address.description))'
            """)
        diagnostic.address = address.description
        return diagnostic
    }

    fileprivate static func newerObject(_ address: InstanceAddress, version: Int) -> Diagnostic {
        var diagnostic = Diagnostic.error(
            "Object of a newer provider",
            """
            The state has this object in version \(version) of its schema, which this version of flinkform does not know. Use a \
            newer flinkform, or restore an older state from its backup.
            """)
        diagnostic.address = address.description
        return diagnostic
    }

    fileprivate static func objectWithoutID(_ address: InstanceAddress) -> Diagnostic {
        var diagnostic = Diagnostic.error(
            "Object without an id",
            """
            The state has this object without its id, so nobody can tell which one at the cloud it is. The state may have been \
            changed by hand. Restore it from its backup, or take the object out with "flinkform state rm" and import it again.
            """)
        diagnostic.address = address.description
        return diagnostic
    }

    fileprivate static func objectTwice(
        _ id: String, at first: InstanceAddress, and second: InstanceAddress
    ) -> Diagnostic {
        .error(
            "Object at two addresses",
            """
            The state has \(VisibleText.escaped(id)) both at \(VisibleText.escaped(first.description)) and at \
            \(VisibleText.escaped(second.description)). Destroying or replacing one would take it from the other, too, so nothing \
            was planned. Take it out of the state at one of them with "flinkform state rm".
            """)
    }

    static func unfittingState(_ address: InstanceAddress, _ error: ValueError) -> Diagnostic {
        var diagnostic = Diagnostic.error(
            "Object does not fit its type",
            """
            The attributes of this object do not fit the schema of its resource type: \(error.message)

            The state may have been changed by hand or written by another version. Restore it from its backup, or take the \
            object out with "flinkform state rm" and import it again.
            """)
        diagnostic.address = address.description
        return diagnostic
    }
}
