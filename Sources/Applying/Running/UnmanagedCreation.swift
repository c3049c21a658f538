package import Configuring
package import Diagnostics
package import Planning
package import Values

/// Makes an object that no state is to have, with the same care: intent, call, secret, each durable before the next.
///
/// An interruption is settled by the next run that settles anything: if the secret is stored, there is nothing left to do, else
/// the object is destroyed.
package struct UnmanagedCreation: Sendable {
    /// What was made.
    package struct Outcome: Sendable {
        /// The object's id.
        package var id: String
        /// Its secret; nil for types without one.
        package var secret: String?
        /// Warnings, and errors that kept something from being tidied up.
        package var diagnostics: [Diagnostic]
    }

    private let effects: Effects
    private let catalog: Catalog

    /// Makes the means to create.
    package init(effects: Effects, catalog: Catalog) {
        self.effects = effects
        self.catalog = catalog
    }

    /// Makes an object.
    ///
    /// The lock is held, the provider is configured, and interrupted creates are settled already.
    ///
    /// - Parameters:
    ///   - address: Its type, and what messages call it.
    ///   - provider: The provider's local name.
    ///   - arguments: Its arguments, all known.
    ///   - state: The state of now, which stays as it is.
    ///   - intents: The open intents, which stay.
    package func perform(
        _ address: InstanceAddress, provider name: String, arguments: Value, state: State, intents: [Intent]
    ) async throws(Diagnostic) -> Outcome {
        guard let schema = catalog.schema(for: address.resource) else { throw .unknownType(address) }
        let planned = ObjectPlanning.proposed(schema, configuration: arguments, prior: nil)
        let provider = try await effects.providers.provider(name)
        let prepared = try await effects.prepareSecrets(for: state, acceptsNewStore: false)
        var outcome = Creation.Outcome()
        var diagnostics = prepared.warnings
        do {
            let order = try await order(address, name, planned, schema, state, provider)
            let answering = Answering(
                providers: effects.providers, secrets: effects.secrets, catalog: catalog, parallelism: 1,
                elapsed: effects.surroundings.elapsed, report: effects.report)
            let creation = Creation(
                provider: provider, state: effects.state, secrets: effects.secrets, answering: answering,
                surroundings: effects.surroundings, secretStore: prepared.id, stop: effects.stop, gate: CreationGate(),
                calls: CallSlots(1))
            outcome = await creation.perform(order)
        } catch {
            outcome.failure = error
        }
        var open = intents
        for record in outcome.records { open.apply(record) }
        do {
            _ = try await effects.state.write(state, intents: open)
            try await effects.secrets.close()
        } catch {
            diagnostics.append(error)
        }
        guard let object = outcome.object else { throw outcome.failure ?? .notCreated([address]) }
        if let failure = outcome.failure { diagnostics.append(failure) }
        return Outcome(id: object.fields?["id"]?.string ?? "", secret: outcome.secret, diagnostics: diagnostics)
    }

    /// What is to be made, with what looks like it at the cloud already.
    private func order(
        _ address: InstanceAddress, _ provider: String, _ planned: Value, _ schema: Schema, _ state: State,
        _ cloud: any Provider
    ) async throws(Diagnostic) -> Creation.Order {
        let managed = state.objectIDs
        var order = Creation.Order(
            address: address, provider: provider, planned: planned, schema: schema, dependencies: [],
            createBeforeDestroy: false, isManaged: false, known: [], managed: managed, made: [])
        guard let fingerprint = schema.fingerprint?(planned) else { return order }
        let findings = try await cloud.find(type: address.resource.type, like: [fingerprint], matching: nil)
        order.known = findings.found.map(\.id).filter { !managed.contains($0) }
        order.serverTime = findings.serverTime
        return order
    }
}
