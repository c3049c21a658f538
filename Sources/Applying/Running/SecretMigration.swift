package import Diagnostics
import Planning

/// Takes all secrets from one store to another.
///
/// Nothing is removed before each secret was read back from where it is to be and the state names the new store. Every step can
/// be done again, so that a migration that was interrupted is finished by the next one.
package struct SecretMigration: Sendable {
    /// What was done.
    package struct Outcome: Sendable {
        /// How many secrets the new store has of the old one.
        package var count: Int
        /// Warnings.
        package var warnings: [Diagnostic]
    }

    private let old: any SecretStore
    private let new: any SecretStore
    private let rereading: any SecretStore
    private let state: any StateStore

    /// Makes it ready.
    ///
    /// - Parameters:
    ///   - old: Where the secrets are.
    ///   - new: Where they are to be.
    ///   - rereading: The new store once more, with nothing of it in memory, to read back what was written.
    ///   - state: Where the state rests; its lock is held.
    package init(
        from old: any SecretStore, to new: any SecretStore, rereading: any SecretStore, state: any StateStore
    ) {
        (self.old, self.new, self.rereading, self.state) = (old, new, rereading, state)
    }

    /// How many secrets there are to be moved; throws when the stores cannot be those of the state.
    package func count(for stored: StoredState) async throws(Diagnostic) -> Int {
        let (oldID, newID) = (try await old.id(), try await new.id())
        guard oldID == nil || oldID != newID else { throw .sameStore }
        if let recorded = stored.state?.secretStores.sorted().first(where: { $0 != oldID && $0 != newID }) {
            throw .otherSecretStore(recorded: recorded, found: oldID, "Nothing was moved.")
        }
        return try await old.entries().count
    }

    /// Moves them, as the state that was read under its lock has them.
    package func perform(_ stored: StoredState) async throws(Diagnostic) -> Outcome {
        _ = try await count(for: stored)
        guard let oldID = try await old.id() else { return Outcome(count: 0, warnings: []) }
        let entries = try await old.entries()
        let prepared = try await new.prepare()
        do throws(Diagnostic) {
            try await put(entries)
            try await new.close()
        } catch {
            try? await new.close()
            throw error
        }
        try await readBack(entries)
        if var current = stored.state {
            current.moveSecrets(from: oldID, to: prepared.id)
            _ = try await state.write(current, intents: stored.intents)
        }
        _ = try await old.prepare()
        try await old.remove(entries.map(\.key))
        try await old.close()
        return Outcome(count: entries.count, warnings: prepared.warnings)
    }

    private func put(_ entries: [SecretEntry]) async throws(Diagnostic) {
        var known: [String: String] = [:]
        for entry in try await new.entries() { known[entry.key] = entry.secret }
        if let entry = entries.first(where: { known[$0.key].map { [secret = $0.secret] in $0 != secret } ?? false }) {
            throw .differentSecret(entry.key)
        }
        let missing = entries.filter { known[$0.key] == nil }
        let store = new
        let failure = await withTaskGroup(of: Diagnostic?.self) { group in
            var first: Diagnostic?
            for (index, entry) in missing.enumerated() {
                if index >= 32, let failure = await group.next() ?? nil { first = first ?? failure }
                if first != nil { break }
                group.addTask {
                    do throws(Diagnostic) {
                        try await store.put(entry)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for await failure in group { first = first ?? failure }
            return first
        }
        if let failure { throw failure }
    }

    private func readBack(_ entries: [SecretEntry]) async throws(Diagnostic) {
        var found: [String: SecretEntry] = [:]
        for entry in try await rereading.entries() { found[entry.key] = entry }
        for entry in entries {
            guard let kept = found[entry.key], kept.secret == entry.secret, kept.intent == entry.intent else {
                throw .notReadBack(entry.key)
            }
        }
    }
}

extension State {
    /// Takes note that what one secret store had is in another.
    fileprivate mutating func moveSecrets(from old: String, to new: String) {
        for (address, var resource) in resources {
            for (key, var instance) in resource.instances {
                if instance.current?.record.secretStore == old { instance.current?.record.secretStore = new }
                for (name, object) in instance.deposed where object.record.secretStore == old {
                    instance.deposed[name]?.record.secretStore = new
                }
                resource.instances[key] = instance
            }
            resources[address] = resource
        }
        if origin?.secretStore == old { origin?.secretStore = new }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static var sameStore: Diagnostic {
        .error(
            "Secrets are there already",
            "The store that the secrets are to be taken from is the one of flinkform.hcl. Name the settings of another one with -from=FILE; to encrypt a file, or to change its key: flinkform secret rotate-key"
        )
    }

    fileprivate static func differentSecret(_ id: String) -> Diagnostic {
        .error(
            "Another secret is stored",
            "The new store has another secret of \(VisibleText.escaped(id)), and a key has only one. Nothing was removed. Find out which one works, and take the other one out of its store."
        )
    }

    fileprivate static func notReadBack(_ id: String) -> Diagnostic {
        .error(
            "Secret was not kept",
            "The secret of \(VisibleText.escaped(id)) was put into the new store, and reading it again did not give it back. Nothing was removed; the state names the old store."
        )
    }
}
