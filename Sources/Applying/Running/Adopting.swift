import Configuring
package import Diagnostics
package import Planning
import Values

/// Takes a Terraform state over: secrets to the secret store first, then everything else to the state.
///
/// Every step can be done again, so an adoption that was interrupted is finished by the next one.
package struct Adopting: Sendable {
    /// What was done.
    package struct Outcome: Sendable {
        /// The state as it was written.
        package var state: State
        /// How many secrets the store did not have before.
        package var storedCount: Int
        /// Warnings.
        package var diagnostics: [Diagnostic]
    }

    private let effects: Effects
    private let run: String

    /// Makes the means to adopt.
    package init(effects: Effects, run: String) {
        self.effects = effects
        self.run = run
    }

    /// Looks for the objects at the cloud; returns an answer for each of the adoption's questions.
    ///
    /// The provider is configured already.
    package func lookUp(_ adoption: Adoption, provider name: String) async throws(Diagnostic) -> [Answer] {
        let provider = try await effects.providers.provider(name)
        for question in adoption.questions {
            effects.report(.refreshing(question.address, id: question.prior.fields?["id"]?.string ?? ""))
        }
        let answers = await provider.read(
            adoption.questions.map { ReadRequest(type: $0.address.resource.type, prior: $0.prior) })
        return answers.map { answer in
            switch answer {
            case .object(let value): .object(value)
            case .gone: .gone
            case .failed(let diagnostic): .failed(diagnostic)
            }
        }
    }

    /// The ids of all objects whose secrets are known already.
    ///
    /// Throws when one of them is not the one that the Terraform state has, and when the store is not the one of the state.
    package func knownSecrets(_ adoption: Adoption, _ state: State) async throws(Diagnostic) -> Set<String> {
        let (secrets, store) = (adoption.secrets, try await effects.secrets.id())
        if let recorded = state.secretStores.sorted().first(where: { $0 != store }) {
            throw .otherSecretStore(recorded: recorded, found: store, "Nothing was adopted.")
        }
        var known: Set<String> = []
        for entry in try await effects.secrets.entries() {
            if let secret = secrets[entry.key], secret != entry.secret { throw .otherSecret(entry.key) }
            known.insert(entry.key)
        }
        return known
    }

    /// Takes over what was decided; the lock of the state is held.
    ///
    /// - Parameters:
    ///   - adoption: What was decided, without conflicts or open questions.
    ///   - state: The state that it was decided for.
    ///   - intents: The open intents, which stay.
    ///   - place: Where the objects were seen; nil when the cloud was not asked.
    ///   - rereading: The secret store once more, with nothing of it in memory, to read back what was written.
    ///   - outputs: The output values of a state, as the state has them.
    package func perform(
        _ adoption: Adoption, state: State, intents: [Intent], place: ProviderPlace?, rereading: any SecretStore,
        outputs: (State) -> [String: OutputState]
    ) async throws(Diagnostic) -> Outcome {
        do throws(Diagnostic) {
            let kept = try await keepSecrets(adoption, state, rereading)
            let origin = place.map {
                Origin(organization: $0.organization, endpoint: $0.endpoint, secretStore: nil, run: run)
            }
            var next = adoption.applied(to: state, place: origin, known: kept.known, store: kept.store)
            next.outputs.merge(outputs(next)) { old, _ in old }
            let written = try await effects.state.write(next, intents: intents)
            try await effects.secrets.close()
            return Outcome(state: written, storedCount: kept.count, diagnostics: kept.warnings)
        } catch {
            try? await effects.secrets.close()
            throw error
        }
    }

    /// What became of the secrets.
    private struct Kept {
        /// The ids of all objects whose secrets are known.
        var known: Set<String> = []
        /// The id of the secret store; nil when there is none.
        var store: String?
        /// How many secrets the store did not have before.
        var count = 0
        var warnings: [Diagnostic] = []
    }

    /// Stores the secrets of the file that the store lacks, and reads all of them back.
    private func keepSecrets(
        _ adoption: Adoption, _ state: State, _ rereading: any SecretStore
    ) async throws(Diagnostic) -> Kept {
        let secrets = adoption.secrets
        var kept = Kept(known: try await knownSecrets(adoption, state), store: try await effects.secrets.id())
        let new = secrets.filter { !kept.known.contains($0.key) }
        if !new.isEmpty {
            let prepared = try await effects.secrets.prepare()
            (kept.store, kept.warnings, kept.count) = (prepared.id, prepared.warnings, new.count)
            try await put(new)
        }
        try await readBack(secrets, from: rereading)
        kept.known.formUnion(secrets.keys)
        return kept
    }

    /// Puts all secrets into the store; they share syncs.
    private func put(_ secrets: [String: String]) async throws(Diagnostic) {
        let (store, stored) = (effects.secrets, effects.surroundings.timestamp())
        let failure = await withTaskGroup(of: Diagnostic?.self) { group in
            for (key, secret) in secrets {
                group.addTask {
                    do throws(Diagnostic) {
                        try await store.put(SecretEntry(key: key, secret: secret, intent: nil, stored: stored))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var first: Diagnostic?
            for await failure in group { first = first ?? failure }
            return first
        }
        if let failure { throw failure }
    }

    /// Makes sure that the store gives back every secret that was put.
    private func readBack(_ secrets: [String: String], from store: any SecretStore) async throws(Diagnostic) {
        var found: [String: String] = [:]
        for entry in try await store.entries() { found[entry.key] = entry.secret }
        if let key = secrets.keys.sorted().first(where: { found[$0] != secrets[$0] }) { throw .notReadBack(key) }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func otherSecret(_ id: String) -> Diagnostic {
        .error(
            "Another secret is stored",
            """
            The secret store has another secret of \(VisibleText.escaped(id)) than the Terraform state, and a key has only one. \
            Nothing was adopted.

            Find out which one works. If it is the one of the Terraform state, store it first, then adopt again: flinkform \
            secret set -overwrite \(VisibleText.escaped(id))

            If it is the stored one, let Terraform forget the key, and import it: terraform state rm ADDRESS, flinkform import \
            ADDRESS \(VisibleText.escaped(id))
            """)
    }

    fileprivate static func notReadBack(_ id: String) -> Diagnostic {
        .error(
            "Secret was not kept",
            """
            The secret of \(VisibleText.escaped(id)) was stored, and reading the secret store again did not give it back. Nothing \
            else was adopted, and the Terraform state is as it was. Look for another program that writes that file.
            """)
    }
}
