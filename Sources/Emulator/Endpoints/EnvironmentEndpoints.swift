import GRDB
import JSON

/// `/org/v2/environments`: list, create, read, update, delete.
enum EnvironmentEndpoints: TableGroup {
    static let table = "environments"
    static let tables = """
        CREATE TABLE environments (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, package TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static let collection = Collection(
        path: "/org/v2/environments", type: "Environment", keys: [.cloud, .global],
        members: [
            .required("display_name", .string),
            .optional("stream_governance_config", .object(.required("package", packages))),
        ])

    static let routes = [
        collection.list { visit in
            var listing = Listing(table: table, collection: collection)
            listing.isVisible = { visit.caller.isConcerned(with: name($0["id"], visit)) }
            return try listing.answer(visit) { json($0, visit) }
        },
        collection.create(
            .object(.required("display_name", displayName), governance), refusals: [402, 409], perform: create),
        collection.read { .json(200, json(try find($0), $0)) },
        collection.update(
            .object(.optional("display_name", displayName), governance), refusals: [409], perform: update),
        collection.delete { visit in
            _ = try find(visit)
            try visit.require(["EnvironmentAdmin"], on: name(visit.id, visit))
            try visit.database.execute(sql: "DELETE FROM environments WHERE id = ?", arguments: [visit.id])
            try visit.cascade(from: visit.id)
            return .empty(204)
        },
    ]

    private static let displayName = Schema.string(1...64)
    private static let packages = Schema.string(oneOf: "ESSENTIALS", "ADVANCED")
    private static let governance = Schema.Member.optional(
        "stream_governance_config", .object(.optional("package", packages)))

    /// Whether there is an environment with that id.
    static func exists(_ id: String, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM environments WHERE id = ?)")
        return try Bool.fetchOne(statement, arguments: [id]) ?? false
    }

    /// Adds an environment to the table.
    static func insert(
        id: String, name: String, package: String, at now: Timestamp, in database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO environments VALUES (?, ?, ?, ?, ?)",
            arguments: [id, name, package, now.microseconds, now.microseconds])
    }

    /// The resource name of an environment.
    static func name(_ id: String, _ visit: Visit) -> String {
        visit.resourceName(("environment", id))
    }

    /// The reference to an environment in objects that are in it.
    static func reference(_ id: String, _ visit: Visit) -> JSONValue {
        [
            "id": .string(id), "related": .string("\(visit.origin)\(collection.path)/\(id)"),
            "resource_name": .string(name(id, visit)),
        ]
    }

    /// What that reference looks like.
    static let reference = Schema.object(
        .required("id", .id), .optional("environment", .id), .required("related", .string),
        .required("resource_name", .string), name: "EnvironmentReference")

    private static func create(_ visit: Visit) throws -> CloudResponse {
        try visit.requireOrganizationAdmin()
        let name = visit.member("display_name")?.string ?? ""
        let package = visit.member("stream_governance_config", "package")?.string ?? "ESSENTIALS"
        try checkFree(name, visit)
        try visit.check(.environments, "SELECT count(*) FROM environments")
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("env", using: &generator)
        try insert(id: id, name: name, package: package, at: visit.now, in: visit.database)
        return .json(201, json(try find(id, visit), visit), headers: [collection.location(id, visit)])
    }

    private static func update(_ visit: Visit) throws -> CloudResponse {
        let row = try find(visit)
        try visit.require(["EnvironmentAdmin"], on: name(visit.id, visit))
        let name = visit.member("display_name")?.string ?? row["name"]
        let package = visit.member("stream_governance_config", "package")?.string ?? row["package"]
        if name != row["name"] { try checkFree(name, visit) }
        try visit.database.execute(
            sql: "UPDATE environments SET name = ?, package = ?, updated = ? WHERE id = ?",
            arguments: [name, package, visit.now.microseconds, visit.id])
        return .json(200, json(try find(visit), visit))
    }

    private static func checkFree(_ name: String, _ visit: Visit) throws {
        let sql = "SELECT id FROM environments WHERE name = ?"
        if let taken = try String.fetchOne(visit.database, sql: sql, arguments: [name]) {
            throw Problem.taken("The environment's name is taken.", location: collection.location(taken, visit))
        }
    }

    private static func find(_ visit: Visit) throws -> Row {
        let row = try find(visit.id, visit)
        guard visit.isSpread(row) else { throw missing(visit.id) }
        return row
    }

    private static func missing(_ id: String) -> Problem {
        .notFound("The environment (id=\(id)) does not exist.", code: "resource_not_found")
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM environments WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw missing(id)
        }
        guard visit.caller.isConcerned(with: name(id, visit)) else { throw Problem.unauthorized }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return collection.json(
            id, visit, resourceName: name(id, visit), created: Timestamp(microseconds: row["created"]),
            updated: Timestamp(microseconds: row["updated"]),
            [
                "display_name": .string(row["name"]),
                "stream_governance_config": ["package": .string(row["package"])],
            ])
    }
}

extension Visit {
    /// The environment that the query names, which many lists and objects are asked for together with.
    func environmentOfQuery() throws -> String {
        let id = item("environment") ?? ""
        try checkEnvironment(id, pointer: nil)
        guard caller.isConcerned(with: EnvironmentEndpoints.name(id, self)) else { throw Problem.unauthorized }
        return id
    }

    /// Refuses a reference to an environment that is not there.
    func checkEnvironment(_ id: String, pointer: String?) throws {
        guard try EnvironmentEndpoints.exists(id, in: database) else {
            throw Problem.unknownReference(
                status: switches.unknownEnvironmentStatus, "The environment \"\(id)\" was not found.", pointer: pointer)
        }
    }
}
