import Configuring
import Diagnostics
import Planning
import Values

/// Starting steps: each becomes a child task that hands back what it did.
extension Execution {
    mutating func start(_ index: Int, into group: inout TaskGroup<Happening>, elapsed: Duration) {
        if let cause = causes[index] ?? cause(fromModuleOf: plan.steps[index]) {
            skip(index, because: cause)
            return
        }
        do {
            switch plan.steps[index].work {
            case .delete where keepsPredecessor(index): complete(index)
            case .gather, .outputs: complete(index)
            case .settle(let settlement): startSettling(index, settlement, into: &group)
            case .read(let change): try startReading(index, plan.changes[change], into: &group, elapsed)
            case .create(let change, _) where endsCreates || !gate.isOpen: refuse(index, plan.changes[change].address)
            case .create(let change, let deposing):
                try startCreating(index, change, deposing: deposing, into: &group, elapsed)
            case .update(let change): try startUpdating(index, plan.changes[change], into: &group, elapsed)
            case .delete(let change): startDeleting(index, change, into: &group, elapsed)
            case .forget(let change): startForgetting(index, plan.changes[change], into: &group)
            }
        } catch {
            // Whoever waited for this one may go.
            if let fingerprint = fingerprints.removeValue(forKey: index) { release(fingerprint, made: nil) }
            fail(index, error)
        }
    }

    /// The instance at which it was found that the module of a step's instance has wrong variables; nil when it has not.
    private func cause(fromModuleOf step: Step) -> InstanceAddress? {
        guard !brokenModules.isEmpty else { return nil }
        return plan.address(of: step).flatMap { brokenModules[$0.resource.module] }
    }

    /// Leaves a create undone, because what it makes could not be recorded.
    mutating func refuse(_ index: Int, _ address: InstanceAddress) {
        if let fingerprint = fingerprints.removeValue(forKey: index) { release(fingerprint, made: nil) }
        forgetPlanned(index)
        notCreated.append(address)
        causes[index] = address
        complete(index)
    }

    private mutating func begin(_ index: Int, _ operation: Operation) {
        running += 1
        operations[index] = operation
        effects.report(.started(operation.address, operation.kind, id: operation.id))
    }

    private mutating func startCreating(
        _ index: Int, _ number: Int, deposing: Bool, into group: inout TaskGroup<Happening>, _ elapsed: Duration
    ) throws(Diagnostic) {
        let change = plan.changes[number]
        guard let schema = catalog.schema(for: change.address.resource) else { throw .unknownType(change.address) }
        try checkBefore(change)
        let planned = try resolver.resolve(change)
        let fingerprint = schema.fingerprint?(planned)
        if let fingerprint {
            fingerprints[index] = fingerprint
            guard inFlight.insert(fingerprint).inserted else {
                parked[fingerprint, default: []].append(index)
                return
            }
        }
        let key = deposing ? freshDeposedKey(at: change.address) : nil
        deposedKeys[number] = key
        let order = Creation.Order(
            address: change.address, provider: change.provider, planned: planned, schema: schema,
            dependencies: change.dependencies, createBeforeDestroy: change.createBeforeDestroy, deposing: key,
            known: fingerprint.flatMap { listings[$0] } ?? [], managed: managed,
            made: fingerprint.flatMap { made[$0] } ?? [],
            serverTime: fingerprint == nil ? nil : serverTimes[change.provider])
        begin(index, Operation(address: change.address, kind: .creating, id: nil, started: elapsed))
        let (effects, answering, secretStore, gate, calls) = (effects, answering, secretStore, gate, calls)
        let isListed = fingerprint.map { listings[$0] != nil } ?? true
        group.addTask {
            do throws(Diagnostic) {
                let provider = try await effects.providers.provider(change.provider)
                var order = order
                if !isListed, let fingerprint {
                    let type = change.address.resource.type
                    let findings = try await provider.find(type: type, like: [fingerprint], matching: nil)
                    order.known = findings.found.map(\.id).filter {
                        !order.managed.contains($0) && !order.made.contains($0)
                    }
                    order.serverTime = findings.serverTime
                }
                let creation = Creation(
                    provider: provider, state: effects.state, secrets: effects.secrets, answering: answering,
                    surroundings: effects.surroundings, secretStore: secretStore, stop: effects.stop, gate: gate,
                    calls: calls)
                var outcome = await creation.perform(order)
                if let secret = outcome.secret, let delivering = Delivering(effects) {
                    outcome.delivery = await delivering.perform(new: secret, recorded: outcome.records, order.address)
                }
                return .made(step: index, outcome)
            } catch {
                return .made(step: index, Creation.Outcome(failure: error))
            }
        }
    }

    private func freshDeposedKey(at address: InstanceAddress) -> String {
        let taken = state.resources[address.resource]?.instances[address.key]?.deposed ?? [:]
        while true {
            let key = effects.surroundings.hexadecimal(digits: 8)
            if taken[key] == nil { return key }
        }
    }

    private mutating func startUpdating(
        _ index: Int, _ change: Change, into group: inout TaskGroup<Happening>, _ elapsed: Duration
    ) throws(Diagnostic) {
        guard let schema = catalog.schema(for: change.address.resource) else { throw .unknownType(change.address) }
        try checkBefore(change)
        let planned = try resolver.resolve(change)
        let update = resolver.update(change, resolved: planned)
        if update == .nothing {
            resolver.record(change.address, change.before)
            checkAfter(index, change, change.before)
            complete(index)
            return
        }
        let record = state[change.address]?.record ?? ObjectRecord()
        begin(
            index,
            Operation(
                address: change.address, kind: .modifying, id: change.before.fields?["id"]?.string, started: elapsed))
        let (effects, calls) = (effects, calls)
        perform(index, change, into: &group) { provider throws(Diagnostic) in
            var outcome = StepOutcome()
            var object = planned
            if update == .values {
                object = try await calls.perform { () throws(Diagnostic) in
                    try await provider.update(
                        type: change.address.resource.type, prior: change.before, planned: planned)
                }
            }
            let objectState: ObjectState
            do throws(ValueError) {
                objectState = try ObjectState(
                    ObjectMarks.marked(object, like: planned), schema: schema, record: record,
                    dependencies: change.dependencies, createBeforeDestroy: change.createBeforeDestroy)
            } catch {
                throw .unreadableObject(change.address, error)
            }
            outcome.records = [.recorded(change.address, objectState, provider: change.provider, intent: nil)]
            outcome.object = object
            try await effects.state.add(outcome.records, of: provider)
            return outcome
        }
    }

    private mutating func startDeleting(
        _ index: Int, _ number: Int, into group: inout TaskGroup<Happening>, _ elapsed: Duration
    ) {
        let change = plan.changes[number]
        let deposed = change.deposed ?? deposedKeys[number]
        let id = change.before.fields?["id"]?.string
        begin(
            index,
            Operation(
                address: change.address, kind: .destroying(deposed: deposed), id: id, started: elapsed))
        let (effects, calls) = (effects, calls)
        perform(index, change, into: &group) { provider throws(Diagnostic) in
            try await calls.perform { () throws(Diagnostic) in
                try await provider.delete(type: change.address.resource.type, prior: change.before)
            }
            let records = [JournalRecord.removed(change.address, deposed: deposed)]
            try await effects.state.add(records, of: provider)
            return StepOutcome(records: records, ended: id.map { [$0] } ?? [])
        }
    }

    /// Takes an object out of the state; nobody else is told.
    private mutating func startForgetting(_ index: Int, _ change: Change, into group: inout TaskGroup<Happening>) {
        running += 1
        let effects = effects
        group.addTask {
            let records = [JournalRecord.removed(change.address, deposed: change.deposed)]
            do throws(Diagnostic) {
                // Nothing is done outside of the state, and what is lost is planned again.
                try await effects.state.note(records)
                return .done(step: index, StepOutcome(records: records))
            } catch {
                return .done(step: index, StepOutcome(failure: error))
            }
        }
    }

    private mutating func startReading(
        _ index: Int, _ change: Change, into group: inout TaskGroup<Happening>, _ elapsed: Duration
    ) throws(Diagnostic) {
        guard let schema = catalog.schema(for: change.address.resource) else { throw .unknownType(change.address) }
        try checkBefore(change)
        let configuration = try resolver.resolve(change)
        begin(index, Operation(address: change.address, kind: .reading, id: nil, started: elapsed))
        let (effects, calls) = (effects, calls)
        perform(index, change, into: &group) { provider throws(Diagnostic) in
            let read = try await calls.perform { () throws(Diagnostic) in
                try await provider.readData(type: change.address.resource.type, configuration: configuration)
            }
            let object = ObjectMarks.marked(read, by: schema.block)
            let objectState: ObjectState
            do throws(ValueError) {
                objectState = try ObjectState(
                    object, schema: schema, record: ObjectRecord(), dependencies: [], createBeforeDestroy: false)
            } catch {
                throw .unreadableObject(change.address, error)
            }
            let record = JournalRecord.recorded(change.address, objectState, provider: change.provider, intent: nil)
            try await effects.state.note([record])
            return StepOutcome(records: [record], object: object)
        }
    }

    private mutating func startSettling(
        _ index: Int, _ settlement: Settlement, into group: inout TaskGroup<Happening>
    ) {
        running += 1
        let (effects, object, secretStore) = (effects, state[settlement.intent.address], secretStore)
        let hasSecret = catalog.schema(for: settlement.intent.address.resource)?.secretAttribute != nil
        group.addTask {
            do throws(Diagnostic) {
                let outcome = try await settlement.perform(
                    effects, recorded: object, hasSecret: hasSecret, secretStore: secretStore)
                return .done(step: index, outcome)
            } catch {
                return .done(step: index, StepOutcome(failure: error))
            }
        }
    }

    private func perform(
        _ index: Int, _ change: Change, into group: inout TaskGroup<Happening>,
        _ work: @escaping @Sendable (any Provider) async throws(Diagnostic) -> StepOutcome
    ) {
        let providers = effects.providers
        group.addTask {
            do throws(Diagnostic) {
                return .done(step: index, try await work(try await providers.provider(change.provider)))
            } catch {
                return .done(step: index, StepOutcome(failure: error))
            }
        }
    }
}
