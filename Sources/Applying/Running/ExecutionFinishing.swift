import Configuring
import Diagnostics
import Planning
import Values

/// Finishing steps: what came of each, and what may start then.
extension Execution {
    mutating func finish(
        _ index: Int, _ outcome: Creation.Outcome, _ elapsed: Duration, _ group: inout TaskGroup<Happening>
    ) {
        running -= 1
        take(outcome.records)
        take(outcome.delivery)
        endsCreates = endsCreates || outcome.endsCreates
        guard case .create(let number, _) = plan.steps[index].work else { return }
        let change = plan.changes[number]
        if outcome.isRefused {
            operations[index] = nil
            if isStopping || effects.stop.isRequested {
                isHeldBack = true
                return
            }
            refuse(index, change.address)
            return
        }
        if let fingerprint = fingerprints.removeValue(forKey: index) {
            release(fingerprint, made: outcome.object?.fields?["id"]?.string)
        }
        guard let object = outcome.object else {
            fail(index, outcome.failure ?? .notCreated([change.address]))
            return
        }
        counts.added += 1
        let marked = ObjectMarks.marked(object, like: change.after)
        resolver.record(change.address, marked)
        checkAfter(index, change, marked)
        let id = object.fields?["id"]?.string ?? ""
        guard awaitsReadiness, catalog.provider(of: change.provider)?.isBuiltin != true else {
            tellFinished(index, id: id, elapsed)
            complete(index)
            return
        }
        awaitReadiness(index, change, object, id: id, outcome.secret, &group)
    }

    /// Waits for a new object to become usable; the slot is free for others meanwhile.
    mutating func awaitReadiness(
        _ index: Int, _ change: Change, _ object: Value, id: String, _ secret: String?,
        _ group: inout TaskGroup<Happening>
    ) {
        awaitingReadiness += 1
        readiness[change.address] = index
        operations[index]?.id = id
        let effects = effects
        group.addTask {
            await withTaskGroup(of: Readiness?.self) { race in
                race.addTask {
                    guard let provider = try? await effects.providers.provider(change.provider) else { return nil }
                    return await provider.awaitReady(
                        type: change.address.resource.type, object: object, secret: secret)
                }
                race.addTask {
                    await effects.stop.wait()
                    return nil
                }
                let first = await race.next() ?? nil
                race.cancelAll()
                return .ready(change.address, first ?? .notReady("The run was stopped before it was tried."))
            }
        }
    }

    mutating func finish(_ address: InstanceAddress, _ result: Readiness, _ elapsed: Duration) {
        awaitingReadiness -= 1
        guard let index = readiness.removeValue(forKey: address) else { return }
        let id = operations[index]?.id
        tellFinished(index, id: id, elapsed)
        if case .notReady(let reason) = result { unready[reason, default: []].append((address, id ?? "")) }
        complete(index)
    }

    mutating func finish(_ index: Int, _ outcome: StepOutcome, _ elapsed: Duration) {
        running -= 1
        take(outcome.records)
        endedKeys += outcome.ended
        if let failure = outcome.failure {
            fail(index, failure)
            return
        }
        switch plan.steps[index].work {
        case .settle(let settlement): effects.report(.settled(settlement))
        case .update(let change):
            counts.changed += 1
            if let object = outcome.object {
                let marked = ObjectMarks.marked(object, like: plan.changes[change].after)
                resolver.record(plan.changes[change].address, marked)
                checkAfter(index, plan.changes[change], marked)
            }
        case .read(let change):
            if let object = outcome.object {
                resolver.record(plan.changes[change].address, object)
                checkAfter(index, plan.changes[change], object)
            }
        case .delete: counts.destroyed += 1
        case .create, .forget, .gather, .outputs: break
        }
        tellFinished(index, id: operations[index]?.id, elapsed)
        complete(index)
    }

    mutating func tellFinished(_ index: Int, id: String?, _ elapsed: Duration) {
        guard let operation = operations.removeValue(forKey: index) else { return }
        effects.report(.finished(operation.address, operation.kind, id: id, elapsed: elapsed - operation.started))
    }

    /// Lets the steps go that waited for this one.
    mutating func complete(_ index: Int) {
        for follower in followers[index] {
            missing[follower] -= 1
            if let cause = causes[index], causes[follower] == nil, !isOutputs(follower) { causes[follower] = cause }
            if missing[follower] == 0 { ready.append(follower) }
        }
    }

    private func isOutputs(_ index: Int) -> Bool { plan.steps[index].work == .outputs }

    mutating func fail(_ index: Int, _ diagnostic: Diagnostic) {
        let address = plan.address(of: plan.steps[index])
        forgetPlanned(index)
        var diagnostic = diagnostic
        if let address, let resource = resolver.resource(of: address), let check = resource.check {
            operations[index] = nil
            take(resource.problem(diagnostic, with: address), ofCheck: check, in: address.resource.module)
            complete(index)
            return
        }
        if let address {
            // What is wrong with an expression has its own place.
            if diagnostic.subject == nil {
                diagnostic.address = diagnostic.address ?? address.description + remark(on: index)
                diagnostic.subject = resolver.range(of: address, argument: diagnostic.argument)
                diagnostic = diagnostic.inside(resolver.resource(of: address)?.construct ?? "")
            }
            causes[index] = address
            if let operation = operations.removeValue(forKey: index), operation.kind != .reading {
                let elapsed = effects.surroundings.elapsed() - operation.started
                effects.report(.failed(operation.address, operation.kind, elapsed: elapsed))
            }
        }
        diagnostics.append(diagnostic)
        complete(index)
    }

    /// Takes what was planned and has not come about away from the outputs.
    mutating func forgetPlanned(_ index: Int) {
        switch plan.steps[index].work {
        case .create(let change, _), .read(let change):
            resolver.record(plan.changes[change].address, .unknown(plan.changes[change].after.type))
        case .update(let change): resolver.record(plan.changes[change].address, plan.changes[change].before)
        case .settle, .delete, .forget, .gather, .outputs: break
        }
    }

    /// Which object of its instance a step is about, when it is not the current one.
    private func remark(on index: Int) -> String {
        guard case .destroying(deposed: let key?) = operations[index]?.kind else { return "" }
        return " (deposed object \(key))"
    }

    mutating func skip(_ index: Int, because cause: InstanceAddress) {
        forgetPlanned(index)
        switch plan.steps[index].work {
        case .gather, .outputs: break
        default:
            // The rest of a replacement that failed is no other instance.
            if let address = plan.address(of: plan.steps[index]), address != cause {
                skipped[cause, default: []].append(address)
                effects.report(.skipped(address, because: cause))
            }
        }
        complete(index)
    }

    /// Lets the creates go that could have been mistaken for one that is settled now.
    mutating func release(_ fingerprint: Fingerprint, made id: String?) {
        inFlight.remove(fingerprint)
        if let id { made[fingerprint, default: []].insert(id) }
        guard let next = parked[fingerprint]?.first else { return }
        parked[fingerprint]?.removeFirst()
        if parked[fingerprint]?.isEmpty == true { parked[fingerprint] = nil }
        ready.append(next)
    }

    // MARK: - Telling

    mutating func tellProgress(_ elapsed: Duration) {
        for (index, operation) in operations.sorted(by: { $0.key < $1.key }) {
            let tens = Int((elapsed - operation.started).components.seconds) / 10
            guard tens > operation.told else { continue }
            operations[index]?.told = tens
            effects.report(
                .progressed(
                    operation.address, operation.kind, id: operation.id, elapsed: .seconds(tens * 10)))
        }
    }

    /// Says which new keys are not usable yet, and which instances were not touched because of failures.
    mutating func tellUntouched() {
        for (reason, keys) in unready.sorted(by: { $0.key < $1.key }) {
            diagnostics.append(.notReady(keys.sorted { $0.address < $1.address }, reason))
        }
        if !predecessorsKept.isEmpty { diagnostics.append(.predecessorsKept(predecessorsKept.sorted())) }
        if !notCreated.isEmpty { diagnostics.append(.notCreated(notCreated.sorted())) }
        for (cause, addresses) in skipped.sorted(by: { $0.key < $1.key }) {
            var untouched = Diagnostic.untouched(Array(Set(addresses)).sorted(), because: cause)
            untouched.subject = resolver.range(of: cause)
            diagnostics.append(untouched)
        }
        let isLeft = ready[nextReady...].contains { plan.address(of: plan.steps[$0]) != nil }
        if isStopping && (isLeft || !parked.isEmpty || isHeldBack) { diagnostics.append(.stopped) }
    }
}
