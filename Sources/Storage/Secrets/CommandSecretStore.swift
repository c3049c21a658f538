package import Applying
package import Diagnostics
import JSON
import Networking

/// Secrets that a program of the user's keeps.
///
/// It is started once for each request, gets it as a JSON object on standard input, and answers with one on standard output;
/// docs/secrets.md has the protocol. Entries are kept one by one, so that no lock is needed.
package actor CommandSecretStore: SecretStore {
    /// Runs the program once.
    package typealias Runner = @Sendable (_ input: [UInt8]) async throws(ChildProgram.Failure) -> ChildProgram.Outcome

    private let name: String
    private let workspace: String?
    private let newID: String
    private let run: Runner
    private var known: String?
    /// Entries that this run read or put: what others put meanwhile belongs to other states.
    private var all: [String: SecretEntry]?

    /// The key of the entry that has the store's id; no key of the cloud looks like that.
    static let idKey = "flinkform-store"
    private static let version = 1

    /// Makes a store; nothing is started yet.
    ///
    /// - Parameters:
    ///   - name: What the program is called in messages.
    ///   - workspace: The workspace, which each request names; nil for the default one.
    ///   - newID: The random id that the store gets if it has none.
    ///   - run: Runs the program once.
    package init(name: String, workspace: String?, newID: String, run: @escaping Runner) {
        (self.name, self.workspace, self.newID, self.run) = (name, workspace, newID, run)
    }

    // MARK: - The store

    /// The store's random id; nil while there is none.
    package func id() async throws(Diagnostic) -> String? {
        if let known { return known }
        known = try await get([Self.idKey])[Self.idKey]?["id"]?.string
        return known
    }

    /// Gives the store an id if it has none, and makes sure that it is found again.
    package func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        if let id = try await id() { return (id, []) }
        _ = try await request("put", ["secrets": [Self.idKey: ["id": .string(newID)]]], hiding: [])
        guard let id = try await id() else { throw failed("it has not kept what was put", hint: "") }
        return (id, [])
    }

    /// The entry of a key, or nil.
    package func entry(_ key: String) async throws(Diagnostic) -> SecretEntry? {
        if let entry = all?[key] { return entry }
        guard StoredKey.isValid(key) else { return nil }
        return try await entries(of: [key]).first
    }

    /// The entry that was put for an intent, or nil.
    ///
    /// All entries are read for the first one that is asked for, which happens only after an interrupted run.
    package func entry(intent: String) async throws(Diagnostic) -> SecretEntry? {
        try await entries().first { $0.intent == intent }
    }

    /// All entries, sorted by key.
    package func entries() async throws(Diagnostic) -> [SecretEntry] {
        if let all { return all.values.sorted { $0.key < $1.key } }
        let answer = try await request("list", [:], hiding: [])
        guard let names = answer["keys"]?.array?.map(\.string), !names.contains(nil) else {
            throw failed("its answer to \"list\" has no \"keys\", a list of texts", hint: "")
        }
        let keys = names.compactMap(\.self).filter { $0 != Self.idKey && StoredKey.isValid($0) }
        let found = keys.isEmpty ? [] : try await entries(of: keys.sorted())
        all = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
        return found.sorted { $0.key < $1.key }
    }

    /// Adds an entry or replaces the one of the same key.
    package func put(_ entry: SecretEntry) async throws(Diagnostic) {
        guard StoredKey.isValid(entry.key) else { throw .notStorable(entry.key) }
        _ = try await request("put", ["secrets": [entry.key: entry.json]], hiding: [entry.secret])
        all?[entry.key] = entry
    }

    /// Takes entries out.
    package func remove(_ keys: [String]) async throws(Diagnostic) {
        let keys = keys.filter(StoredKey.isValid)
        guard !keys.isEmpty else { return }
        _ = try await request("delete", ["keys": .array(keys.map { .string($0) })], hiding: [])
        for key in keys { all?[key] = nil }
    }

    /// Forgets what was read.
    package func close() async throws(Diagnostic) { all = nil }

    // MARK: - Requests

    private func entries(of keys: [String]) async throws(Diagnostic) -> [SecretEntry] {
        let secrets = try await get(keys)
        var entries: [SecretEntry] = []
        for key in keys {
            guard let json = secrets[key] else { continue }
            guard let entry = SecretEntry(key: key, json: json) else {
                throw failed("what it has for \(VisibleText.escaped(key)) is no entry of flinkform's", hint: "")
            }
            entries.append(entry)
        }
        return entries
    }

    private func get(_ keys: [String]) async throws(Diagnostic) -> JSONObject {
        let answer = try await request("get", ["keys": .array(keys.map { .string($0) })], hiding: [])
        guard let secrets = answer["secrets"]?.object else {
            throw failed("its answer to \"get\" has no \"secrets\", an object", hint: "")
        }
        return secrets
    }

    private func request(
        _ operation: String, _ members: JSONObject, hiding secrets: [String]
    ) async throws(Diagnostic) -> JSONValue {
        var request: JSONObject = [
            "version": .number(JSONNumber(Self.version)), "operation": .string(operation),
        ]
        if let workspace { request["workspace"] = .string(workspace) }
        for (name, value) in members { request[name] = value }
        let outcome: ChildProgram.Outcome
        do throws(ChildProgram.Failure) {
            outcome = try await run(JSONValue.object(request).bytes(.compact) + [0x0A])
        } catch {
            throw failed(error.description, hint: " It was to do: \(operation).")
        }
        guard outcome.status == 0 else {
            throw failed(outcome.failureText(hiding: secrets), hint: " It was to do: \(operation).")
        }
        // What it wrote is not shown: it may be a secret.
        guard let answer = try? JSONValue(parsing: outcome.output), answer.object != nil else {
            throw failed(
                "its answer to \"\(operation)\" is not one JSON object (\(outcome.output.count) bytes)", hint: "")
        }
        if let problem = answer["error"]?.string {
            throw failed("it says: \(ServerText.cleaned(problem, hiding: secrets))", hint: "")
        }
        return answer
    }

    private func failed(_ reason: String, hint: String) -> Diagnostic {
        .error(
            "Secret store did not answer",
            "The program \(VisibleText.escaped(name)), which keeps the secrets as flinkform.hcl says, failed: \(reason).\(hint) docs/secrets.md says what it is asked and has to answer."
        )
    }
}

/// What the keys of entries look like, where they become names of files or parts of a URL.
enum StoredKey {
    /// Whether a text is of letters, digits, dots, dashes and underscores, and begins with a letter or a digit.
    static func isValid(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || [45, 46, 95].contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }
}

extension Diagnostic {
    static func notStorable(_ key: String) -> Diagnostic {
        .error(
            "Secret could not be stored",
            "\"\(VisibleText.escaped(key))\" cannot be the name of an entry in the secret store: it is of letters, digits, dots, dashes and underscores, at most 128."
        )
    }
}
