package import Applying
import Configuring
package import Diagnostics
import JSON
import Networking

/// Secrets in a key-value engine, version 2, of HashiCorp Vault or OpenBao.
///
/// Each entry is a secret of its own below one path, with the members `key`, `secret`, `intent` and `stored`. It is written with
/// check-and-set, so that nobody's write is lost, and no lock is needed.
package actor VaultSecretStore: SecretStore {
    private let client: VaultClient
    private let mount: String
    private let path: String
    private let newID: String
    private var known: String?
    private var all: [String: SecretEntry]?

    /// How many secrets are read at once.
    private static let readersMaximum = 16

    /// Makes a store; nothing is asked yet.
    init(client: VaultClient, mount: String, path: String, newID: String) {
        func trimmed(_ text: String) -> String {
            text.split(separator: "/").map { PercentEncoding.encoded(String($0)) }.joined(separator: "/")
        }
        (self.client, self.newID) = (client, newID)
        (self.mount, self.path) = (trimmed(mount), trimmed(path))
    }

    // MARK: - The store

    /// The store's random id; nil while there is none.
    package func id() async throws(Diagnostic) -> String? {
        if let known { return known }
        known = try await read(CommandSecretStore.idKey).members?["id"]?.string
        return known
    }

    /// Gives the store an id if it has none, which shows that it can be written.
    package func prepare() async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        if let id = try await id() { return (id, []) }
        let version = try await read(CommandSecretStore.idKey).version
        _ = try await write(CommandSecretStore.idKey, ["id": .string(newID)], after: version, hiding: [])
        // Whoever was first has decided.
        guard let id = try await id() else {
            throw refused("keep its id", VaultClient.Reply(status: 200, json: .null, problem: ""))
        }
        return (id, [])
    }

    /// The entry of a key, or nil.
    package func entry(_ key: String) async throws(Diagnostic) -> SecretEntry? {
        if let entry = all?[key] { return entry }
        guard StoredKey.isValid(key), let members = try await read(key).members else { return nil }
        return try entry(key, members)
    }

    /// The entry that was put for an intent, or nil.
    ///
    /// All entries are read for the first one that is asked for, which happens only after an interrupted run.
    package func entry(intent: String) async throws(Diagnostic) -> SecretEntry? {
        try await entries().first { $0.intent == intent }
    }

    /// All entries, sorted by key: one request lists them, and one more reads each.
    package func entries() async throws(Diagnostic) -> [SecretEntry] {
        if let all { return all.values.sorted { $0.key < $1.key } }
        let reply = try await client.request("GET", "\(mount)/metadata/\(path)?list=true")
        guard reply.status == 200 || reply.status == 404 else { throw refused("list its secrets", reply) }
        let names = (reply.json["data"]?["keys"]?.array ?? []).compactMap(\.string)
        let keys = names.filter { $0 != CommandSecretStore.idKey && StoredKey.isValid($0) }.sorted()
        let found = try await read(all: keys)
        all = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
        return found.sorted { $0.key < $1.key }
    }

    /// Adds an entry or replaces the one of the same key.
    package func put(_ entry: SecretEntry) async throws(Diagnostic) {
        guard StoredKey.isValid(entry.key) else { throw .notStorable(entry.key) }
        var members: JSONObject = ["key": .string(entry.key)]
        for (name, value) in entry.json.object ?? [:] { members[name] = value }
        // A new key has no entry, as a rule; where a lost answer made one, or a user replaces one, its version is asked for.
        var version = 0
        for _ in 0..<Self.writesMaximum {
            if try await write(entry.key, members, after: version, hiding: [entry.secret]) {
                all?[entry.key] = entry
                return
            }
            let current = try await read(entry.key)
            if current.members.flatMap({ SecretEntry(key: entry.key, json: .object($0)) }) == entry {
                all?[entry.key] = entry
                return
            }
            version = current.version
        }
        throw .error(
            "Secret could not be stored",
            "The secret \(path)/\(entry.key) in Vault at \(client.endpoint) is written by somebody else all the time. Find out who writes there: each state needs a path of its own."
        )
    }

    private static let writesMaximum = 4

    /// Takes entries out, with all their versions.
    package func remove(_ keys: [String]) async throws(Diagnostic) {
        for key in keys where StoredKey.isValid(key) {
            let reply = try await client.request("DELETE", "\(mount)/metadata/\(path)/\(PercentEncoding.encoded(key))")
            guard [200, 204, 404].contains(reply.status) else { throw refused("remove a secret", reply) }
            all?[key] = nil
        }
    }

    /// Forgets what was read; connections that are not used close by themselves.
    package func close() async throws(Diagnostic) { all = nil }

    // MARK: - Requests

    /// What is stored under a name.
    private struct Stored: Sendable {
        /// The members; nil when there is nothing, or it was deleted.
        var members: JSONObject?
        /// The version that the next write comes after; 0 when there was never any.
        var version: Int
    }

    private func address(_ key: String) -> String { "\(mount)/data/\(path)/\(PercentEncoding.encoded(key))" }

    private func read(_ key: String) async throws(Diagnostic) -> Stored {
        let reply = try await client.request("GET", address(key))
        let found = reply.json["data"]
        let version = found?["metadata"]?["version"]?.int ?? 0
        switch reply.status {
        case 200: return Stored(members: found?["data"]?.object, version: version)
        case 404: return Stored(members: nil, version: version)
        default: throw refused("read a secret", reply)
        }
    }

    /// Writes a secret if its current version is still the given one; false when it is not.
    private func write(
        _ key: String, _ members: JSONObject, after version: Int, hiding secrets: [String]
    ) async throws(Diagnostic) -> Bool {
        let body: JSONValue = [
            "options": ["cas": .number(JSONNumber(version))], "data": .object(members),
        ]
        let reply = try await client.request("POST", address(key), body, hiding: secrets)
        if reply.status == 200 || reply.status == 204 { return true }
        if reply.status == 400, reply.problem.contains("check-and-set") { return false }
        throw refused("store a secret", reply)
    }

    private func read(all keys: [String]) async throws(Diagnostic) -> [SecretEntry] {
        let results = await withTaskGroup(of: Result<SecretEntry?, Diagnostic>.self) { group in
            var results: [Result<SecretEntry?, Diagnostic>] = []
            for (index, key) in keys.enumerated() {
                if index >= Self.readersMaximum, let result = await group.next() {
                    results.append(result)
                    if case .failure = result { break }
                }
                group.addTask {
                    do throws(Diagnostic) {
                        return .success(try await self.stored(key))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for await result in group { results.append(result) }
            return results
        }
        var entries: [SecretEntry] = []
        for result in results { if let entry = try result.get() { entries.append(entry) } }
        return entries
    }

    private func stored(_ key: String) async throws(Diagnostic) -> SecretEntry? {
        guard let members = try await read(key).members else { return nil }
        return try entry(key, members)
    }

    private func entry(_ key: String, _ members: JSONObject) throws(Diagnostic) -> SecretEntry {
        if let entry = SecretEntry(key: key, json: .object(members)) { return entry }
        throw .error(
            "Secret store cannot be used",
            "What Vault at \(client.endpoint) has under \(path)/\(key) is no entry of flinkform's: it has no \"secret\". Each state needs a path of its own."
        )
    }

    private func refused(_ what: String, _ reply: VaultClient.Reply) -> Diagnostic {
        let advice =
            reply.status == 403
            ? " The token needs a policy with create, read and update on \(mount)/data/\(path)/*, and read, list and delete on \(mount)/metadata/\(path)/*."
            : " Check mount and path in flinkform.hcl: the mount must be a KV engine of version 2."
        return .error(
            "Secret store refused",
            "Vault at \(client.endpoint) was to \(what) below \(path) and answered with status \(reply.status)\(reply.problem).\(advice)"
        )
    }
}

extension VaultSecretStore {
    /// Makes a store as settings and environment say; nothing is asked yet.
    ///
    /// The variables are those of the command lines of Vault and OpenBao; OpenBao's count first.
    static func store(
        _ settings: SecretStoreSettings.Vault, workspace: String?, in place: SecretStorePlace
    ) throws(Diagnostic) -> VaultSecretStore {
        func variable(_ name: String) -> String? {
            ["BAO_\(name)", "VAULT_\(name)"].lazy.compactMap { place.environment[$0] }.first { !$0.isEmpty }
        }
        func setting(_ text: SettingText?, _ name: String) throws(Diagnostic) -> String? {
            guard let text else { return variable(name) }
            return try text.text(place.environment)
        }
        guard let address = try setting(settings.address, "ADDR") else { throw .noVaultAddress }
        let namespace = try setting(settings.namespace, "NAMESPACE")
        var tls = TLSSettings()
        if let file = try setting(settings.authorityFile, "CACERT") {
            tls.authorities = String(decoding: try place.file(place.path(file)), as: UTF8.self)
        }
        let login = try login(settings.login, variable("TOKEN"), place)
        let path = try settings.path.text(place.environment) + (workspace.map { "/\($0)" } ?? "")
        do throws(ClientError) {
            try tls.check()
            let transport = HTTPTransport(
                proxy: try ProxySettings(environment: place.environment), connectTimeout: .seconds(10),
                readTimeout: .seconds(30), tls: tls)
            let client = VaultClient(
                endpoint: try Endpoint(address), namespace: namespace, login: login, transport: transport,
                surroundings: place.surroundings)
            return VaultSecretStore(
                client: client, mount: settings.mount, path: path, newID: place.surroundings.uuid())
        } catch {
            throw .vaultSettings(error)
        }
    }

    private static func login(
        _ settings: SecretStoreSettings.Vault.Login, _ token: String?, _ place: SecretStorePlace
    ) throws(Diagnostic) -> VaultClient.Login {
        switch settings {
        case .token(let text):
            guard let token = try text?.text(place.environment) ?? token else { throw .noVaultToken }
            return .token(Secret(token))
        case .appRole(let mount, let role, let secret):
            var members: JSONObject = ["role_id": .string(try role.text(place.environment))]
            if let secret { members["secret_id"] = .string(try secret.text(place.environment)) }
            return .request(path: "auth/\(mount)/login") { [members] in members }
        case .kubernetes(let mount, let role, let tokenFile):
            let role = try role.text(place.environment)
            let path = place.path(try tokenFile.text(place.environment))
            // The cluster puts a new token there before the old one ends.
            return .request(path: "auth/\(mount)/login") { () throws(Diagnostic) in
                let text = String(decoding: try place.file(path, limit: 1 << 16), as: UTF8.self)
                let token = String(text.filter { !$0.isWhitespace })
                return ["role": .string(role), "jwt": .string(token)]
            }
        }
    }
}

extension Diagnostic {
    fileprivate static var noVaultAddress: Diagnostic {
        .error(
            "No address of Vault",
            "The secrets are in Vault or OpenBao, and its address is not known: write address = \"https://…\" into flinkform.hcl, or set BAO_ADDR or VAULT_ADDR."
        )
    }

    fileprivate static var noVaultToken: Diagnostic {
        .error(
            "No token for Vault",
            "The secrets are in Vault or OpenBao, and nothing says how to log in: set BAO_TOKEN or VAULT_TOKEN, or write a block approle or kubernetes into flinkform.hcl."
        )
    }

    fileprivate static func vaultSettings(_ error: ClientError) -> Diagnostic {
        .error(
            "Settings of Vault cannot be used",
            "\(error.description) It is about Vault or OpenBao, where the secrets are.")
    }
}
