import GRDB
import JSON

/// `/iam/v2/api-keys`: list, create, read, update, delete.
enum APIKeyEndpoints: TableGroup {
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

    static let collection = Collection(
        path: "/iam/v2/api-keys", type: "ApiKey",
        members: [
            .required(
                "spec",
                .object(
                    .required("display_name", .string), .required("description", .string),
                    .optional("secret", .string), .required("owner", Principal.reference),
                    .required("resource", KeyScope.reference)))
        ])

    static let routes = [
        collection.list(
            [
                Route.Parameter(name: "spec.owner", schema: .string, meaning: "The owner's id."),
                Route.Parameter(
                    name: "spec.resource", schema: .string, meaning: "The id of what the keys open, or cloud, global …"),
            ], perform: list),
        collection.create(
            .object(
                .required(
                    "spec",
                    .object(
                        .optional("display_name", .string), .optional("description", .string),
                        .required("owner", .object(.required("id", .id))),
                        .optional(
                            "resource",
                            .object(
                                .required("id", .id), .optional("environment", .string(0...255)),
                                .optional("api_version", .string)))))),
            statuses: [200, 201, 202], refusals: [402], perform: create),
        collection.read { .json(200, json(try find($0), $0)) },
        collection.update(
            .object(
                .required(
                    "spec", .object(.optional("display_name", .string), .optional("description", .string)))),
            perform: update),
        collection.delete { visit in
            try StoredKey.delete(find(visit).id, in: visit.database)
            return .empty(204)
        },
    ]

    /// The keys of an account go with it; those of an environment by a switch.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(sql: "DELETE FROM api_keys WHERE owner = ?", arguments: [id])
        if visit.switches.environmentDeletesKeys {
            try visit.database.execute(sql: "DELETE FROM api_keys WHERE environment = ?", arguments: [id])
        }
    }

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, collection: collection)
        if let owner = visit.item("spec.owner") {
            listing.conditions.append(("owner = ?", [owner]))
            listing.filters.append(("spec.owner", owner))
        }
        if let resource = visit.item("spec.resource") {
            listing.conditions.append(resourceCondition(resource))
            listing.filters.append(("spec.resource", resource))
        }
        listing.isVisible = { isVisible(StoredKey($0), visit) }
        return try listing.answer(visit) { json(StoredKey($0), visit) }
    }

    /// Whether the caller may see a key and do with it what it likes.
    private static func isVisible(_ key: StoredKey, _ visit: Visit) -> Bool {
        !visit.switches.hiddenOwners.contains(key.owner) && key.scope.isOpen(toCallerOf: visit, owner: key.owner)
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
        let owner = visit.member("spec", "owner", "id")?.string ?? ""
        var scope = try KeyScope(visit.member("spec", "resource"))
        guard try Principal.exists(owner, in: visit.database) else {
            throw Problem.unknownReference(
                status: visit.switches.unknownOwnerStatus, "service account is not valid", pointer: "/spec/owner/id")
        }
        try scope.check(visit)
        guard scope.isOpen(toCallerOf: visit, owner: owner) else { throw Problem.unauthorized }
        try visit.check(.keysPerOwner, "SELECT count(*) FROM api_keys WHERE owner = ?", [owner])
        if scope.kind == .cloud {
            try visit.check(.cloudKeys, "SELECT count(*) FROM api_keys WHERE resource = 'cloud'")
        }
        let key = try make(
            scope: scope, owner: owner, name: visit.member("spec", "display_name")?.string ?? "",
            description: visit.member("spec", "description")?.string ?? "", created: visit.now,
            format: visit.switches.secretFormat, in: visit.database)
        return .json(
            visit.switches.createStatus, json(key, visit, showsSecret: true),
            headers: [collection.location(key.id, visit)])
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

    private static func update(_ visit: Visit) throws -> CloudResponse {
        var key = try find(visit)
        if visit.switches.refusesImmutableChanges {
            for name in ["owner", "resource"] where visit.body["spec"]?[name] != nil {
                throw Problem.invalid("\"\(name)\" cannot be changed.", pointer: "/spec/\(name)")
            }
        }
        key.name = visit.member("spec", "display_name")?.string ?? key.name
        key.description = visit.member("spec", "description")?.string ?? key.description
        key.updated = visit.now
        try key.update(in: visit.database)
        return .json(200, json(key, visit))
    }

    /// The key with that id, if the caller may see it by now.
    private static func find(_ visit: Visit) throws -> StoredKey {
        if let key = try StoredKey.find(visit.id, in: visit.database) {
            guard isVisible(key, visit) else { throw Problem.forbidden() }
            if key.created.advanced(by: visit.switches.readLag) <= visit.now { return key }
        }
        throw visit.switches.goneStatus == 404
            ? Problem.notFound("The API key (id=\(visit.id)) does not exist.", code: "api_key_not_found")
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
        spec["resource"] = key.scope.reference(visit)
        let name = visit.resourceName(
            (Principal.crnName(key.owner), key.owner), ("api-key", key.id), authority: "api.confluent.cloud")
        return collection.json(
            key.id, visit, resourceName: name, created: key.created, updated: key.updated, ["spec": .object(spec)])
    }
}
