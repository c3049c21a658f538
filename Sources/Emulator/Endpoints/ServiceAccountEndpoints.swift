import GRDB
import JSON

/// `/iam/v2/service-accounts`: list, create, read, update, delete.
enum ServiceAccountEndpoints: TableGroup {
    static let table = "service_accounts"
    static let tables = """
        CREATE TABLE service_accounts (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static let collection = Collection(
        path: "/iam/v2/service-accounts", type: "ServiceAccount",
        members: [.required("display_name", .string), .required("description", .string)])

    static let routes = [
        collection.list(
            [
                Route.Parameter(
                    name: "display_name", schema: .string, isRepeatable: true, meaning: "A name to look for.")
            ], perform: list),
        collection.create(
            .object(.required("display_name", displayName), .optional("description", description)),
            refusals: [402, 409], perform: create),
        collection.read { .json(200, json(try find($0), $0)) },
        collection.update(
            .object(.optional("display_name", displayName), .optional("description", description)), refusals: [409],
            perform: update),
        collection.delete { visit in
            _ = try find(visit)
            try visit.require(["ResourceOwner"], on: name(visit.id, visit))
            try visit.database.execute(sql: "DELETE FROM service_accounts WHERE id = ?", arguments: [visit.id])
            try visit.cascade(from: visit.id)
            return .empty(204)
        },
    ]

    private static let displayName = Schema.string(1...64)
    private static let description = Schema.string(0...128)

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, collection: collection)
        listing.filters = visit.query.filter { $0.name == "display_name" }
        if !listing.filters.isEmpty {
            let marks = listing.filters.map { _ in "?" }.joined(separator: ", ")
            listing.conditions = [("name IN (\(marks))", listing.filters.map(\.value))]
        }
        listing.isVisible = { isVisible($0["id"], visit) }
        return try listing.answer(visit) { json($0, visit) }
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        try visit.requireOrganizationAdmin()
        let name = visit.member("display_name")?.string ?? ""
        try checkFree(name, visit)
        try visit.check(.serviceAccounts, "SELECT count(*) FROM service_accounts")
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("sa", using: &generator)
        try insert(
            id: id, name: name, description: visit.member("description")?.string ?? "", at: visit.now,
            in: visit.database)
        return .json(201, json(try find(id, visit), visit), headers: [collection.location(id, visit)])
    }

    /// Adds a service account to the table.
    static func insert(id: String, name: String, description: String, at now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO service_accounts VALUES (?, ?, ?, ?, ?)",
            arguments: [id, name, description, now.microseconds, now.microseconds])
    }

    private static func update(_ visit: Visit) throws -> CloudResponse {
        let row = try find(visit)
        try visit.require(["ResourceOwner"], on: name(visit.id, visit))
        let name = visit.member("display_name")?.string ?? row["name"]
        let description = visit.member("description")?.string ?? row["description"]
        if name != row["name"] { try checkFree(name, visit) }
        try visit.database.execute(
            sql: "UPDATE service_accounts SET name = ?, description = ?, updated = ? WHERE id = ?",
            arguments: [name, description, visit.now.microseconds, visit.id])
        return .json(200, json(try find(visit), visit))
    }

    private static func checkFree(_ name: String, _ visit: Visit) throws {
        let sql = "SELECT id FROM service_accounts WHERE name = ?"
        if let taken = try String.fetchOne(visit.database, sql: sql, arguments: [name]) {
            throw Problem.taken("Service name is already in use.", location: collection.location(taken, visit))
        }
    }

    private static func name(_ id: String, _ visit: Visit) -> String {
        visit.resourceName(("service-account", id))
    }

    /// An account sees itself, and those that it has a role on.
    private static func isVisible(_ id: String, _ visit: Visit) -> Bool {
        id == visit.caller.account || visit.caller.holds(["ResourceOwner", "Assigner"], on: name(id, visit))
    }

    private static func find(_ visit: Visit) throws -> Row {
        let row = try find(visit.id, visit)
        guard visit.isSpread(row) else { throw missing(visit.id) }
        return row
    }

    private static func missing(_ id: String) -> Problem {
        .notFound("The service account (id=\(id)) does not exist.", code: "service_account_not_found")
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM service_accounts WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw missing(id)
        }
        guard isVisible(id, visit) else { throw Problem.unauthorized }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return collection.json(
            id, visit, resourceName: name(id, visit), created: Timestamp(microseconds: row["created"]),
            updated: Timestamp(microseconds: row["updated"]),
            ["display_name": .string(row["name"]), "description": .string(row["description"])])
    }
}
