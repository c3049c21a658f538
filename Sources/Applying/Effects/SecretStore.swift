package import Diagnostics

/// Where secrets rest, apart from state.
///
/// Contract: what `put` was given is durable when it returns and is found by `entry` and `entry(intent:)` from then on, in this
/// run and every later one. `remove` is only called once the object's destruction is recorded. Reading needs no lock; writing
/// takes the store's own lock by itself, for the rest of the run, unless its entries are kept one by one. Errors are diagnostics that never contain a secret.
package protocol SecretStore: Sendable {
    /// The store's random id; nil while the store does not exist.
    func id() async throws(Diagnostic) -> String?

    /// Makes sure that the store exists and can be written; called before the first create of a run.
    ///
    /// Returns the store's id, and warnings about how well it is kept.
    func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic])

    /// The entry of an object's id, or nil.
    func entry(_ key: String) async throws(Diagnostic) -> SecretEntry?

    /// The entry that was put for an intent, or nil.
    func entry(intent: String) async throws(Diagnostic) -> SecretEntry?

    /// All entries, sorted by key.
    func entries() async throws(Diagnostic) -> [SecretEntry]

    /// Adds an entry or replaces the one of the same key. Durable when it returns; calls that overlap may share one sync.
    func put(_ entry: SecretEntry) async throws(Diagnostic)

    /// Takes entries out.
    func remove(_ keys: [String]) async throws(Diagnostic)

    /// Folds what was appended during the run and lets the store's lock go.
    func close() async throws(Diagnostic)
}

/// One secret at rest.
package struct SecretEntry: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The object's id at the cloud: an API key's id.
    package var key: String
    /// The secret.
    package var secret: String
    /// The intent it was made by; nil when a user gave it.
    package var intent: String?
    /// When it was stored, RFC 3339, UTC.
    package var stored: String

    /// Makes an entry.
    package init(key: String, secret: String, intent: String?, stored: String) {
        self.key = key
        self.secret = secret
        self.intent = intent
        self.stored = stored
    }

    /// The key alone.
    package var description: String { "secret of \(key)" }
    /// Nothing, so that no dump shows the secret.
    package var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}
