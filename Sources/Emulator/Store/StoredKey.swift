import GRDB

/// What a key opens.
package enum KeyKind: String, CaseIterable, Sendable {
    /// The control plane of the organization.
    case cloud
    /// Flink statements in one environment and region.
    case flink
    /// One Kafka cluster.
    case kafka
    /// One Schema Registry.
    case schemaRegistry = "schema-registry"
    /// One ksqlDB cluster.
    case ksql
    /// Tableflow.
    case tableflow
    /// Resources of all kinds.
    case global
}

/// An API key as it really exists, with the secret that the service shows only once.
package struct StoredKey: Hashable, Sendable {
    /// The id, which clients show as the key.
    package var id: String
    /// The secret.
    package var secret: String
    /// What the key opens.
    package var kind: KeyKind
    /// The id of the user or service account that owns it.
    package var owner: String
    /// The id of the environment; nil for kinds without one.
    package var environment: String?
    /// What it opens, for a Flink key the region: `aws.us-east-1`.
    package var resource: String
    /// The display name; empty if it has none.
    package var name: String
    /// The description; empty if it has none.
    package var description: String
    /// When it was made.
    package var created: Timestamp
    /// When its name or description was last set.
    package var updated: Timestamp

    /// The Flink region, such as `aws.us-east-1`; nil for other kinds of keys.
    package var region: String? { kind == .flink ? resource : nil }

    /// What it is made for.
    var scope: KeyScope { KeyScope(kind: kind, resource: resource, environment: environment) }

    init(
        id: String, secret: String, scope: KeyScope, owner: String, name: String, description: String,
        created: Timestamp
    ) {
        self.id = id
        self.secret = secret
        kind = scope.kind
        self.owner = owner
        environment = scope.environment
        resource = scope.resource
        self.name = name
        self.description = description
        self.created = created
        updated = created
    }

    init(_ row: Row) {
        id = row["id"]
        secret = row["secret"]
        kind = KeyKind(rawValue: row["kind"]) ?? .cloud
        owner = row["owner"]
        environment = row["environment"]
        resource = row["resource"]
        name = row["name"]
        description = row["description"]
        created = Timestamp(microseconds: row["created"])
        updated = Timestamp(microseconds: row["updated"])
    }

    /// The key with that id, nil if there is none.
    static func find(_ id: String, in database: Database) throws -> StoredKey? {
        let statement = try database.cachedStatement(sql: "SELECT * FROM api_keys WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map(StoredKey.init)
    }

    /// All keys, by the time they were made.
    static func all(in database: Database) throws -> [StoredKey] {
        try Row.fetchAll(database, sql: "SELECT * FROM api_keys ORDER BY created, id").map(StoredKey.init)
    }

    /// Takes the key with that id out of the table, if it is there.
    static func delete(_ id: String, in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM api_keys WHERE id = ?").execute(arguments: [id])
    }

    /// Adds the key to the table.
    func insert(in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO api_keys
                  (id, secret, kind, owner, environment, resource, name, description, created, updated)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            id, secret, kind.rawValue, owner, environment, resource, name, description, created.microseconds,
            updated.microseconds,
        ])
    }

    /// Writes name, description and the time of their setting to the table.
    func update(in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE api_keys SET name = ?, description = ?, updated = ? WHERE id = ?")
        try statement.execute(arguments: [name, description, updated.microseconds, id])
    }
}
