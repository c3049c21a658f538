package import Configuring
package import Diagnostics
package import Planning
import Values

/// Takes an existing object into the state, with its secret if that is known.
package struct Importing: Sendable {
    /// Where the secret comes from.
    package enum SecretSource: Sendable {
        /// Someone gave it.
        case given(String)
        /// The store may have it already; else it is not known.
        case store
    }

    /// What was imported.
    package struct Outcome: Sendable {
        /// The state as it was written.
        package var state: State
        /// The object's id.
        package var id: String
        /// Whether its secret is known now; nil for types without one.
        package var isSecretKnown: Bool?
        /// Warnings.
        package var diagnostics: [Diagnostic]
    }

    private let effects: Effects
    private let catalog: Catalog
    private let run: String

    /// Makes the means to import.
    package init(effects: Effects, catalog: Catalog, run: String) {
        self.effects = effects
        self.catalog = catalog
        self.run = run
    }

    /// Imports an object.
    ///
    /// The lock is held, and interrupted creates are settled already.
    ///
    /// The secret is stored before the object is recorded, so that a crash between the two loses nothing.
    ///
    /// - Parameters:
    ///   - address: Where the object goes; the configuration has it.
    ///   - provider: The provider's local name; configured already.
    ///   - importID: What the user called the object.
    ///   - secret: Where its secret comes from.
    ///   - state: The state of now.
    ///   - intents: The open intents, which stay.
    ///   - prepared: Called once the object is found.
    ///   - outputs: The outputs that a state gives.
    package func perform(
        _ address: InstanceAddress, provider name: String, importID: String, secret: SecretSource, state: State,
        intents: [Intent], prepared: () -> Void = {}, outputs: (State) -> [String: OutputState] = \.outputs
    ) async throws(Diagnostic) -> Outcome {
        guard let schema = catalog.schema(for: address.resource) else { throw .unknownType(address) }
        let provider = try await effects.providers.provider(name)
        let type = address.resource.type
        let imported = try await provider.importObject(type: type, id: importID)
        prepared()
        if state[address] != nil { throw .alreadyManaged(address) }
        if let other = state.address(of: imported.id, type: type) {
            throw .managedElsewhere(imported.id, at: other, wanted: address)
        }
        var warnings: [Diagnostic] = []
        var isKnown = false
        var store = try await effects.secrets.id()
        let hasSecret = schema.secretAttribute != nil
        switch secret {
        case .given where !hasSecret: throw .noSecret(type, imported.id)
        case .given(let text):
            warnings = try await provider.check(secret: text, of: imported.object, type: type)
            let prepared = try await effects.secrets.prepare()
            store = prepared.id
            warnings += prepared.warnings
            if let known = try await effects.secrets.entry(imported.id), known.secret != text {
                try await effects.secrets.close()
                throw .otherSecret(imported.id)
            }
            try await effects.secrets.put(
                SecretEntry(
                    key: imported.id, secret: text, intent: nil, stored: effects.surroundings.timestamp()))
            isKnown = true
        case .store:
            isKnown = try await effects.secrets.entry(imported.id) != nil
        }
        let record = ObjectRecord(
            organization: provider.place?.organization, endpoint: provider.place?.endpoint,
            secretStore: isKnown ? store : nil, isSecretKnown: isKnown || !hasSecret)
        let object: ObjectState
        do {
            object = try ObjectState(
                ObjectMarks.marked(imported.object, by: schema.block), schema: schema, record: record,
                dependencies: [], createBeforeDestroy: false)
        } catch {
            throw .unreadableObject(address, error)
        }
        var result = state
        result.set(object, at: address, deposed: nil, provider: catalog.reference(to: name))
        if let place = provider.place {
            result.origin = Origin(
                organization: place.organization, endpoint: place.endpoint,
                secretStore: store ?? state.origin?.secretStore, run: run)
        }
        result.outputs = outputs(result)
        // As in Terraform, nothing is recorded of conditions.
        result.record(CheckResults())
        let written = try await effects.state.write(result, intents: intents)
        try await effects.secrets.close()
        return Outcome(
            state: written, id: imported.id, isSecretKnown: hasSecret ? isKnown : nil, diagnostics: warnings)
    }
}

extension State {
    /// The instance whose current or deposed object has that id, or nil.
    package func address(of id: String, type: String) -> InstanceAddress? {
        for (address, resource) in resources where address.mode == .managed && address.type == type {
            for (key, instance) in resource.instances {
                let objects = [instance.current].compactMap { $0 } + instance.deposed.values
                if objects.contains(where: { $0.id == id }) { return InstanceAddress(address, key) }
            }
        }
        return nil
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func alreadyManaged(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Resource already managed by flinkform",
            """
            flinkform is already managing a remote object for \(address). To import to this address you must first remove the \
            existing object from the state.
            """)
    }

    fileprivate static func noSecret(_ type: String, _ id: String) -> Diagnostic {
        .error(
            "Type without a secret",
            "Objects of type \(type) have no secret, so none can be stored for \(VisibleText.escaped(id)). Nothing was imported. Import it without one."
        )
    }

    fileprivate static func otherSecret(_ id: String) -> Diagnostic {
        .error(
            "Another secret is stored",
            """
            The secret store has another secret of \(VisibleText.escaped(id)), perhaps the only copy. Nothing was imported.

            Leave the secret out to import the key with the one that is stored, or replace that first: flinkform secret set \
            -overwrite \(VisibleText.escaped(id))
            """)
    }

    fileprivate static func managedElsewhere(
        _ id: String, at other: InstanceAddress, wanted: InstanceAddress
    ) -> Diagnostic {
        .error(
            "Object already in state",
            """
            \(VisibleText.escaped(id)) is already managed at \(other), so it cannot be imported to \(wanted), too: one key at \
            two addresses would be destroyed by the first change of either. Take it out there first: \
            flinkform state rm '\(other)'
            """)
    }
}
