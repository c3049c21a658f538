import GRDB
import JSON

/// `/iam/v2/api-keys`: list, create, read, update, delete.
enum APIKeyEndpoints: EndpointGroup {
    static let path = "/iam/v2/api-keys"

    static let table = "api_keys"
    static let tables = """
        CREATE TABLE api_keys (
          id TEXT PRIMARY KEY NOT NULL, secret TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
          environment TEXT, resource TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX api_keys_by_owner ON api_keys (owner, id);
        CREATE INDEX api_keys_by_resource ON api_keys (resource, id);
        CREATE INDEX api_keys_by_environment ON api_keys (environment);
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil): return try list(visit)
        case ("POST", nil): return try create(visit)
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("PATCH", let id?): return try update(id, visit)
        case ("DELETE", let id?):
            try StoredKey.delete(find(id, visit).id, in: visit.database)
            return .empty(204)
        case (_, nil): throw Problem.methodNotAllowed(["GET", "POST"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH", "DELETE"])
        }
    }

    /// The keys of an account go with it; those of an environment by a switch.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(sql: "DELETE FROM api_keys WHERE owner = ?", arguments: [id])
        if visit.switches.environmentDeletesKeys {
            try visit.database.execute(sql: "DELETE FROM api_keys WHERE environment = ?", arguments: [id])
        }
    }

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, kind: "ApiKeyList", apiVersion: "iam/v2")
        for item in try visit.request.queryItems() where !item.value.isEmpty {
            switch item.name {
            case "spec.owner":
                listing.conditions.append(("owner = ?", [item.value]))
            case "spec.resource":
                listing.conditions.append(resourceCondition(item.value))
            default: continue
            }
            listing.filters.append(item)
        }
        if visit.switches.listLag > .zero {
            let latest = visit.now.advanced(by: .zero - visit.switches.listLag)
            listing.conditions.append(("created <= ?", [latest.microseconds]))
        }
        for owner in visit.switches.hiddenOwners.sorted() {
            listing.conditions.append(("owner <> ?", [owner]))
        }
        return try listing.answer(visit) { json(StoredKey($0), visit) }
    }

    /// The condition for a resource, which may be named with its environment, as in older ids.
    private static func resourceCondition(_ value: String) -> (String, [any DatabaseValueConvertible]) {
        let parts = value.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 2, parts[1].contains("."), parts[0].hasPrefix("env-") {
            return ("resource = ? AND environment = ?", [parts[1], parts[0]])
        }
        return ("resource = ?", [["cloud", "global", "tableflow"].first { $0 == value.lowercased() } ?? value])
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let spec = try RequestBody(visit.request.body).requiredObject("spec")
        let owner = try spec.requiredObject("owner").requiredString("id", lengthMax: 255)
        let name = try spec.string("display_name") ?? ""
        let description = try spec.string("description") ?? ""
        var scope = try KeyScope(spec.object("resource"))
        guard try Principal.exists(owner, in: visit.database) else {
            throw Problem.unknownReference(
                status: visit.switches.unknownOwnerStatus, "service account is not valid", pointer: "/spec/owner/id")
        }
        try scope.check(visit)
        try checkQuota(of: owner, visit)
        let key = try make(
            scope: scope, owner: owner, name: name, description: description, created: visit.now,
            format: visit.switches.secretFormat, in: visit.database)
        return .json(
            visit.switches.createStatus, json(key, visit, showsSecret: true),
            headers: [("Location", "\(visit.origin)\(path)/\(key.id)")])
    }

    /// Adds a key with a new id and secret.
    static func make(
        scope: KeyScope, owner: String, name: String, description: String, created: Timestamp, format: SecretFormat,
        in database: Database
    ) throws -> StoredKey {
        var generator = SystemRandomNumberGenerator()
        // 80 random bits do not meet twice; should they, the table refuses, and the request fails visibly.
        let key = StoredKey(
            id: Identifier.key(using: &generator), secret: format.secret(using: &generator), scope: scope,
            owner: owner, name: name, description: description, created: created)
        try key.insert(in: database)
        return key
    }

    private static func checkQuota(of owner: String, _ visit: Visit) throws {
        guard let most = visit.switches.keysPerOwnerMax else { return }
        let statement = try visit.database.cachedStatement(sql: "SELECT count(*) FROM api_keys WHERE owner = ?")
        let count = try Int.fetchOne(statement, arguments: [owner]) ?? 0
        guard count < most else {
            throw Problem(
                status: 402, code: "quota_exceeded", title: "Quota Exceeded",
                detail: "The number of API keys for \(owner) is currently limited to \(most) keys.")
        }
    }

    private static func update(_ id: String, _ visit: Visit) throws -> CloudResponse {
        var key = try find(id, visit)
        let spec = try RequestBody(visit.request.body).requiredObject("spec")
        if visit.switches.refusesImmutableChanges {
            for name in ["owner", "resource"] where spec.has(name) {
                throw Problem.invalid("\"\(name)\" cannot be changed.", pointer: "/spec/\(name)")
            }
        }
        key.name = try spec.string("display_name") ?? key.name
        key.description = try spec.string("description") ?? key.description
        key.updated = visit.now
        try key.update(in: visit.database)
        return .json(200, json(key, visit))
    }

    /// The key with that id, if the caller may see it by now.
    private static func find(_ id: String, _ visit: Visit) throws -> StoredKey {
        if let key = try StoredKey.find(id, in: visit.database) {
            if visit.switches.hiddenOwners.contains(key.owner) { throw Problem.forbidden() }
            if key.created.advanced(by: visit.switches.readLag) <= visit.now { return key }
        }
        throw visit.switches.goneStatus == 404
            ? Problem.notFound("The API key (id=\(id)) does not exist.", code: "api_key_not_found")
            : Problem.forbidden()
    }

    private static func json(_ key: StoredKey, _ visit: Visit, showsSecret: Bool = false) -> JSONValue {
        var spec: JSONObject = [
            "display_name": .string(key.name), "description": .string(key.description),
        ]
        if showsSecret {
            spec["secret"] = .string(key.secret)
        } else if visit.switches.secretOnRead == .empty {
            spec["secret"] = ""
        }
        spec["owner"] = Principal.reference(key.owner, visit)
        let scope = KeyScope(kind: key.kind, resource: key.resource, environment: key.environment)
        spec["resource"] = scope.reference(visit)
        let name = visit.resourceName(
            (Principal.crnName(key.owner), key.owner), ("api-key", key.id), authority: "api.confluent.cloud")
        return [
            "api_version": "iam/v2", "kind": "ApiKey", "id": .string(key.id),
            "metadata": visit.metadata(
                path: "\(path)/\(key.id)", resourceName: name, created: key.created, updated: key.updated),
            "spec": .object(spec),
        ]
    }
}
