import Configuring
import Diagnostics
import Planning
import Values

/// What is done about interrupted creates: before, so that the run's own can be settled; as steps; and once more at the end.
extension Execution {
    /// Lists what is at the cloud before anything is made, so that each intent can say what was there already.
    mutating func listBeforeCreating() async throws(Diagnostic) {
        var wanted: [String: [String: [Fingerprint]]] = [:]
        for change in plan.changes where change.action == .create || change.action.isReplacement {
            guard let fingerprint = catalog.schema(for: change.address.resource)?.fingerprint?(change.after) else {
                continue
            }
            wanted[change.provider, default: [:]][change.address.resource.type, default: []].append(fingerprint)
        }
        guard !wanted.isEmpty else { return }
        for (name, types) in wanted.sorted(by: { $0.key < $1.key }) {
            let provider = try await effects.providers.provider(name)
            for (type, fingerprints) in types.sorted(by: { $0.key < $1.key }) {
                let findings = try await provider.find(type: type, like: fingerprints, matching: nil)
                // What was asked for and not found has an empty listing: it is known to be new.
                for fingerprint in fingerprints { listings[fingerprint] = listings[fingerprint] ?? [] }
                for found in findings.found where !managed.contains(found.id) {
                    listings[found.fingerprint, default: []].append(found.id)
                }
                serverTimes[name] = min(serverTimes[name] ?? findings.serverTime, findings.serverTime)
            }
        }
    }

    /// Looks once more for what interrupted creates may have left, late commits included.
    mutating func lookAgain() async {
        var groups: [Fingerprint: [Intent]] = [:]
        for intent in intents where intent.missedAt != nil { groups[intent.fingerprint, default: []].append(intent) }
        guard !groups.isEmpty else { return }
        let managed = state.objectIDs
        let byProvider = Dictionary(grouping: groups.values) { [$0[0].provider, $0[0].address.resource.type] }
        for (place, groups) in byProvider.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            do {
                let provider = try await effects.providers.provider(place[0])
                let groups = groups.sorted { $0[0].id < $1[0].id }
                let found = try await answering.evidence(place[1], groups, provider)
                for (group, evidence) in zip(groups, found) {
                    let schema = catalog.schema(for: group[0].address.resource)
                    try await discard(
                        try Settlement.decide(
                            group, evidence: evidence, managed: managed, hasSecret: schema?.secretAttribute != nil))
                }
            } catch {
                diagnostics.append(.lookedInVain(groups[0][0].address, error))
            }
        }
    }

    private mutating func discard(_ settlements: [Settlement]) async throws(Diagnostic) {
        for var settlement in settlements {
            // What shows late cannot be taken over any more when another object took its place.
            if case .finish(let intent, let id) = settlement, intent.isManaged, state[intent.address] != nil {
                settlement = .discard(intent, ids: [id])
            }
            guard case .discard = settlement else { continue }
            let outcome = try await settlement.perform(
                effects, recorded: nil, hasSecret: true, secretStore: secretStore)
            take(outcome.records)
            effects.report(.settled(settlement))
        }
    }
}

extension Settlement {
    /// Performs it: what is left at the cloud is destroyed, and the journal is told.
    ///
    /// - Parameters:
    ///   - effects: What the run works with.
    ///   - object: For a finished create, the object as the plan's state has it.
    ///   - hasSecret: Whether objects of this type have a secret, which the cloud shows once.
    ///   - secretStore: The id of the secret store in use.
    func perform(
        _ effects: Effects, recorded object: ObjectState?, hasSecret: Bool, secretStore: String?
    ) async throws(Diagnostic) -> Execution.StepOutcome {
        var outcome = Execution.StepOutcome()
        switch self {
        case .finish(let intent, _) where !intent.isManaged:
            outcome.records = [.settled(intent: intent.id)]
        case .finish(let intent, _):
            guard var object else { return outcome }
            if hasSecret { object.record.secretStore = try await effects.secrets.id() ?? secretStore }
            outcome.records = [
                .recorded(intent.address, object, provider: intent.provider, intent: intent.id)
            ]
        case .discard(let intent, let ids):
            let provider = try await effects.providers.provider(intent.provider)
            for id in ids {
                try await provider.delete(type: intent.address.resource.type, id: id, like: intent.fingerprint)
            }
            outcome.records = [.settled(intent: intent.id)]
            outcome.ended = ids
        case .gone(let intent, let id):
            outcome.records = [.settled(intent: intent.id)]
            outcome.ended = [id]
        case .watch(let intent):
            guard let time = intent.missedAt else { return outcome }
            outcome.records = [.missed(intent: intent.id, at: time)]
        case .drop(let intent):
            outcome.records = [.settled(intent: intent.id)]
        }
        try await effects.state.append(outcome.records)
        return outcome
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func lookedInVain(_ address: InstanceAddress, _ cause: Diagnostic) -> Diagnostic {
        .warning(
            "Interrupted create still watched",
            """
            Looking again for what an interrupted create of \(address) may have left did not work: \(cause.detail)

            It is recorded, and the next run looks for it.
            """)
    }

    static func unknownType(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Unsupported resource type",
            "The plan has \(address), whose type this version of flinkform does not know. Make a new plan.")
    }

    static func notCreated(_ addresses: [InstanceAddress]) -> Diagnostic {
        let list = addresses.prefix(20).map { "    \(VisibleText.escaped($0.description))" }
        let more = addresses.count > 20 ? "\n    and \(addresses.count - 20) more" : ""
        return .error(
            "Not created",
            """
            An earlier error of this run keeps new objects from being recorded safely, so these were not created:

            \(list.joined(separator: "\n"))\(more)

            Mend what that error names, then run apply again.
            """)
    }

    /// New keys that are safe but were not usable in time; one diagnostic for all with the same reason.
    static func notReady(_ keys: [(address: InstanceAddress, id: String)], _ reason: String) -> Diagnostic {
        let list = keys.prefix(20).map {
            "    \(VisibleText.escaped($0.address.description))  \(VisibleText.escaped($0.id))"
        }
        let more = keys.count > 20 ? "\n    and \(keys.count - 20) more" : ""
        return .warning(
            "New objects not usable yet",
            """
            These were created and recorded, the secrets of keys are stored, but they are not usable yet:

            \(list.joined(separator: "\n"))\(more)

            \(reason) Nothing is lost; a new key usually becomes usable within a minute.
            """)
    }

    static func untouched(_ addresses: [InstanceAddress], because cause: InstanceAddress) -> Diagnostic {
        let list = addresses.prefix(20).map { "    \($0)" }.joined(separator: "\n")
        let more = addresses.count > 20 ? "\n    and \(addresses.count - 20) more" : ""
        return .warning(
            "Skipped after a failure",
            "These were not touched, because they wait for \(cause), which failed:\n\n\(list)\(more)")
    }

    static var stopped: Diagnostic {
        .error(
            "Stopped before the end",
            """
            The run was asked to stop. What was in flight was finished and recorded; the rest was not started. Run the \
            command again to go on.
            """)
    }
}
