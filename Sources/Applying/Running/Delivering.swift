package import Configuring
package import Diagnostics
package import Planning

/// Hands on the secrets that some recipient has not got yet.
package struct Delivering: Sendable {
    /// What came of it.
    package struct Outcome: Sendable {
        /// What was noted in the journal, for the state in memory.
        package var records: [JournalRecord] = []
        /// The instances of which some recipient has not got the secret.
        package var undelivered: Set<InstanceAddress> = []
        /// Why not.
        package var failures: [Diagnostic] = []

        mutating func add(_ other: Outcome) {
            records += other.records
            undelivered.formUnion(other.undelivered)
            failures += other.failures
        }
    }

    private let effects: Effects
    private let delivery: any SecretDelivery

    /// How many secrets are handed on at once.
    private static let width = 8

    /// Makes the means to deliver; nil when nobody takes secrets.
    package init?(_ effects: Effects) {
        guard let delivery = effects.delivery else { return nil }
        (self.effects, self.delivery) = (effects, delivery)
    }

    /// The instances of which some recipient has not got the secret, as far as the state tells; sorted.
    package func pending(in state: State, catalog: Catalog) -> [InstanceAddress] {
        state.instanceAddresses.filter { address in
            guard let object = state[address], address.resource.mode == .managed, object.record.isSecretKnown,
                catalog.schema(for: address.resource)?.secretAttribute != nil
            else { return false }
            return !missing(object, address).isEmpty
        }
    }

    private func missing(_ object: ObjectState, _ address: InstanceAddress) -> [SecretRecipient] {
        delivery.recipients(of: address).filter { object.record.deliveries[$0.name] != $0.mark }
    }

    /// Hands on the secrets of instances that the store has.
    package func perform(_ addresses: [InstanceAddress], in state: State) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            var result = Outcome()
            for (index, address) in addresses.enumerated() {
                guard let object = state[address], let id = object.id else { continue }
                if index >= Self.width, let outcome = await group.next() { result.add(outcome) }
                group.addTask { await stored(address, id, object) }
            }
            for await outcome in group { result.add(outcome) }
            return result
        }
    }

    private func stored(_ address: InstanceAddress, _ id: String, _ object: ObjectState) async -> Outcome {
        do throws(Diagnostic) {
            guard let entry = try await effects.secrets.entry(id) else { return Outcome() }
            return await perform(
                DeliveredSecret(address: address, id: id, secret: entry.secret, object: object))
        } catch {
            return Outcome(undelivered: [address], failures: [.notDelivered(address, nil, error)])
        }
    }

    /// Hands on the secret of an object that these records have made.
    func perform(new secret: String, recorded: [JournalRecord], _ address: InstanceAddress) async -> Outcome {
        for case .recorded(address, let object, _, _) in recorded {
            guard let id = object.id else { continue }
            return await perform(DeliveredSecret(address: address, id: id, secret: secret, object: object))
        }
        return Outcome()
    }

    /// Hands a secret to each recipient that has not got it; what was done is noted.
    func perform(_ secret: DeliveredSecret) async -> Outcome {
        var outcome = Outcome()
        for recipient in missing(secret.object, secret.address) {
            do throws(Diagnostic) {
                try await delivery.deliver(secret, to: recipient.name)
                let record = JournalRecord.delivered(secret.address, to: recipient.name, mark: recipient.mark)
                // Should it be lost, the secret is handed on once more.
                try await effects.state.note([record])
                outcome.records.append(record)
            } catch {
                outcome.undelivered.insert(secret.address)
                outcome.failures.append(.notDelivered(secret.address, recipient.name, error))
            }
        }
        return outcome
    }
}

extension State {
    /// Takes note that nobody has the secrets of these instances' objects.
    package mutating func forgetDeliveries(to addresses: [InstanceAddress]) {
        for address in addresses {
            resources[address.resource]?.instances[address.key]?.current?.record.deliveries = [:]
        }
    }
}

extension Execution {
    /// Hands on what earlier runs could not, or what nobody was there for when it was stored.
    mutating func deliverPending() async {
        guard plan.mode == .normal, let delivering = Delivering(effects) else { return }
        // What is about to go needs no recipient any more.
        let ending = Set(
            plan.changes.filter { $0.action == .delete || $0.action == .forget || $0.action.isReplacement }
                .map(\.address))
        let pending = delivering.pending(in: state, catalog: catalog).filter {
            !undelivered.contains($0) && (isOver || !ending.contains($0))
        }
        guard !pending.isEmpty else { return }
        take(await delivering.perform(pending, in: state))
    }

    mutating func take(_ outcome: Delivering.Outcome) {
        take(outcome.records)
        undelivered.formUnion(outcome.undelivered)
        diagnostics += outcome.failures
    }

    /// Whether an object is kept, because the secret of the one that took its place has not arrived.
    mutating func keepsPredecessor(_ index: Int) -> Bool {
        guard case .delete(let number) = plan.steps[index].work else { return false }
        let change = plan.changes[number]
        guard change.deposed ?? deposedKeys[number] != nil, undelivered.contains(change.address) else { return false }
        predecessorsKept.append(change.address)
        return true
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func notDelivered(
        _ address: InstanceAddress, _ recipient: String?, _ cause: Diagnostic
    ) -> Diagnostic {
        var result = Diagnostic.error(
            "Secret could not be delivered",
            """
            \(recipient.map { "deliver \"\(VisibleText.escaped($0))\" did not take the secret of \(address): " } ?? "")\(cause.detail)

            The secret is stored, and the next apply delivers it.
            """)
        result.address = address.description
        return result
    }

    static func predecessorsKept(_ addresses: [InstanceAddress]) -> Diagnostic {
        let list = addresses.prefix(20).map { "    \(VisibleText.escaped($0.description))" }
        let more = addresses.count > 20 ? "\n    and \(addresses.count - 20) more" : ""
        return .warning(
            "Old objects kept",
            """
            These were replaced, and the secrets of the new objects could not be delivered. So that what uses the old ones goes on \
            working, they were not destroyed; the next apply does so, once it has delivered the new secrets:

            \(list.joined(separator: "\n"))\(more)
            """)
    }
}
