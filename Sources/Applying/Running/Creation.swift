import Configuring
import Diagnostics
import Planning
import Values

/// Makes one object so that neither it nor its secret can be lost: intent, call, secret, record, each durable before the next.
struct Creation: Sendable {
    /// What is to be made.
    struct Order: Sendable {
        var address: InstanceAddress
        var provider: String
        var planned: Value
        var schema: Schema
        var dependencies: [ResourceAddress]
        var createBeforeDestroy: Bool
        /// Whether state is to have the object.
        var isManaged = true
        /// The key under which the object in use is deposed first; nil when none is.
        var deposing: String?
        /// Objects of the same fingerprint that are not this run's and were there before; sorted.
        var known: [String]
        /// The objects that the state had when the run began.
        var managed: Set<String>
        /// Objects of the same fingerprint that this run made.
        var made: Set<String>
        /// The cloud's clock when `known` was listed; nil for types that need no intent.
        var serverTime: Int?
    }

    /// What came of it.
    struct Outcome: Sendable {
        /// What the journal was given, for the state in memory.
        var records: [JournalRecord] = []
        /// The new object; nil when none was made.
        var object: Value?
        /// Its secret; nil for types without one.
        var secret: String?
        /// Who was handed the secret, and who was not.
        var delivery = Delivering.Outcome()
        /// Why none was made.
        var failure: Diagnostic?
        /// Whether no further create may start: what must be kept cannot be.
        var endsCreates = false
        /// Whether it was not begun, because the secret of another could not be kept meanwhile.
        var isRefused = false
        /// Whether the object is there with its secret, so that the next run finishes what this one could not record.
        var isKept = false
    }

    /// How often an object is made anew after answers that were lost.
    private static let attempts = 4

    let provider: any Provider
    let state: any StateStore
    let secrets: any SecretStore
    let answering: Answering
    let surroundings: Surroundings
    let secretStore: String?
    let stop: StopSignal
    let gate: CreationGate
    let calls: CallSlots

    /// Makes the object, or says why not.
    func perform(_ order: Order) async -> Outcome {
        var outcome = Outcome()
        if let key = order.deposing {
            guard await journal([.deposed(order.address, key: key)], into: &outcome) else { return outcome }
        }
        var isOver = false
        for attempt in 1...Self.attempts where !isOver {
            if attempt > 1 && (stop.isRequested || !gate.isOpen) { break }
            isOver = await self.isOver(order, &outcome)
        }
        if !isOver, let failure = outcome.failure { outcome.failure = .notAnswered(failure) }
        if outcome.object == nil, !outcome.isKept, let key = order.deposing {
            let failure = outcome.failure
            _ = await journal([.restored(order.address, key: key)], into: &outcome)
            outcome.failure = failure ?? outcome.failure
        }
        return outcome
    }

    /// One attempt; false when the call must be made again, because it is certain that nothing is left of this one.
    private func isOver(_ order: Order, _ outcome: inout Outcome) async -> Bool {
        let intent = intent(for: order)
        if let intent {
            guard await journal([.opened(intent)], into: &outcome) else { return true }
        }
        let hasWaited = await calls.enter()
        // Another create may have closed the gate meanwhile; and what had to wait is not in flight yet when a run is to stop.
        guard gate.isOpen, !(hasWaited && stop.isRequested) else {
            await calls.leave()
            outcome.isRefused = true
            if let intent { _ = await journal([.settled(intent: intent.id)], into: &outcome) }
            return true
        }
        let answer = await provider.create(type: order.address.resource.type, planned: order.planned)
        await calls.leave()
        switch answer {
        case .created(let object, let secret):
            await keep(object, secret, order, intent, &outcome)
            return true
        case .refused(let diagnostic):
            outcome.failure = diagnostic
            if let intent { _ = await journal([.settled(intent: intent.id)], into: &outcome) }
            return true
        case .ambiguous(let diagnostic):
            outcome.failure = diagnostic
            guard let intent else { return true }
            return await !isSettled(intent, order, &outcome)
        }
    }

    private func intent(for order: Order) -> Intent? {
        guard let place = provider.place, let fingerprint = order.schema.fingerprint?(order.planned),
            let openedAt = order.serverTime
        else { return nil }
        return Intent(
            id: surroundings.hexadecimal(digits: 32), address: order.address, provider: order.provider,
            organization: place.organization, endpoint: place.endpoint,
            isManaged: order.isManaged, fingerprint: fingerprint, known: order.known, openedAt: openedAt)
    }

    /// Stores the secret, then records the object; a secret that cannot be stored takes its object with it.
    private func keep(
        _ object: Value, _ secret: String?, _ order: Order, _ intent: Intent?, _ outcome: inout Outcome
    ) async {
        let type = order.address.resource.type
        let id = object.fields?["id"]?.string ?? ""
        if let secret {
            do {
                try await secrets.put(
                    SecretEntry(key: id, secret: secret, intent: intent?.id, stored: surroundings.timestamp()))
            } catch {
                gate.close()
                outcome.endsCreates = true
                outcome.failure = await destroyed(type, id, intent, because: error, &outcome)
                return
            }
        }
        outcome.isKept = true
        guard order.isManaged else {
            // Its secret is stored: whether the journal takes this or not, nothing is lost.
            outcome.failure = nil
            if let intent { _ = await journal([.settled(intent: intent.id)], into: &outcome) }
            (outcome.object, outcome.secret) = (object, secret)
            return
        }
        do {
            let place = provider.place
            let record = ObjectRecord(
                organization: place?.organization, endpoint: place?.endpoint,
                secretStore: secret == nil ? nil : secretStore)
            let objectState = try ObjectState(
                ObjectMarks.marked(object, like: order.planned), schema: order.schema, record: record,
                dependencies: order.dependencies, createBeforeDestroy: order.createBeforeDestroy)
            let recorded = JournalRecord.recorded(
                order.address, objectState, provider: order.provider, intent: intent?.id)
            guard await journal([recorded], into: &outcome) else { return }
            outcome.object = object
            outcome.secret = secret
            outcome.failure = nil
        } catch {
            outcome.endsCreates = true
            outcome.failure = .unreadableObject(order.address, error)
        }
    }

    /// Destroys a new object whose secret cannot be kept; returns what the user is told.
    private func destroyed(
        _ type: String, _ id: String, _ intent: Intent?, because cause: Diagnostic, _ outcome: inout Outcome
    ) async -> Diagnostic {
        do {
            try await provider.delete(type: type, id: id, like: intent?.fingerprint)
            if let intent { _ = await journal([.settled(intent: intent.id)], into: &outcome) }
            return .secretNotStored(cause, id: id, isDestroyed: true)
        } catch {
            // The intent stays open: the next run destroys it.
            return .secretNotStored(cause, id: id, isDestroyed: false)
        }
    }

    /// Settles a call whose answer was lost; true when another may be made.
    private func isSettled(_ intent: Intent, _ order: Order, _ outcome: inout Outcome) async -> Bool {
        let type = order.address.resource.type
        do {
            guard let evidence = try await answering.evidence(type, [[intent]], provider).first else { return false }
            let managed = order.managed.union(order.made)
            let hasSecret = order.schema.secretAttribute != nil
            for settlement in try Settlement.decide(
                [intent], evidence: evidence, managed: managed, hasSecret: hasSecret)
            {
                switch settlement {
                case .finish(_, let id):
                    // It was made after all; without a secret nothing of it is lost.
                    guard !hasSecret, let made = evidence.candidates.first(where: { $0.id == id }) else { return false }
                    await keep(made.object, nil, order, intent, &outcome)
                    return false
                case .discard(_, let ids):
                    for id in ids { try await provider.delete(type: type, id: id, like: intent.fingerprint) }
                    guard await journal([.settled(intent: intent.id)], into: &outcome) else { return false }
                case .gone:
                    guard await journal([.settled(intent: intent.id)], into: &outcome) else { return false }
                case .watch(let missed), .drop(let missed):
                    let record = JournalRecord.missed(intent: intent.id, at: missed.missedAt ?? evidence.serverTime)
                    guard await journal([record], into: &outcome) else { return false }
                }
            }
            return true
        } catch {
            // The intent stays open: the next run settles it.
            outcome.failure = .unsettled(order.address, error)
            return false
        }
    }

    /// Makes records durable, if the object is not in the state alone; on failure no further create may start, since nothing could be recorded.
    private func journal(_ records: [JournalRecord], into outcome: inout Outcome) async -> Bool {
        do {
            try await state.add(records, of: provider)
            outcome.records += records
            return true
        } catch {
            outcome.endsCreates = true
            outcome.failure = error
            return false
        }
    }
}

extension Surroundings {
    /// The time of now, RFC 3339 in UTC, to the second.
    package func timestamp() -> String { CivilTime(secondsSince1970: now().seconds).text }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func secretNotStored(_ cause: Diagnostic, id: String, isDestroyed: Bool) -> Diagnostic {
        let key = VisibleText.escaped(id)
        let after =
            isDestroyed
            ? "The new key \(key) was deleted again, so nothing is left over."
            : "The new key \(key) could not be deleted either; the next apply deletes it."
        return .error(
            "Secret could not be stored",
            """
            \(cause.detail)

            A key's secret is shown only once. \(after) No further key is created in this run. Mend the secret store, then \
            run apply again.
            """)
    }

    fileprivate static func unsettled(_ address: InstanceAddress, _ cause: Diagnostic) -> Diagnostic {
        .error(
            "Unclear whether the object exists",
            """
            The answer to the create call was lost, and looking for the object failed, too: \(cause.detail)

            What was about to happen is recorded: the next plan shows how it is settled, and apply does it.
            """)
    }

    /// No attempt was answered clearly, and nothing of them is left.
    fileprivate static func notAnswered(_ failure: Diagnostic) -> Diagnostic {
        var result = failure
        result.detail += """


            As far as can be seen, nothing is left of this call. The next runs look for one that shows late.
            """
        return result
    }

    static func unreadableObject(_ address: InstanceAddress, _ error: ValueError) -> Diagnostic {
        .error(
            "Object could not be recorded",
            "The cloud's answer for \(address) has no form that state can hold: \(error.message) This is a bug in flinkform."
        )
    }
}
