import GRDB
import JSON

/// `/iam/v2/service-accounts`: list, create, read, update, delete.
enum ServiceAccountEndpoints: EndpointGroup {
    static let path = "/iam/v2/service-accounts"

    static let table = "service_accounts"
    static let tables = """
        CREATE TABLE service_accounts (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil): return try list(visit)
        case ("POST", nil): return try create(visit)
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("PATCH", let id?): return try update(id, visit)
        case ("DELETE", let id?):
            _ = try find(id, visit)
            try visit.database.execute(sql: "DELETE FROM service_accounts WHERE id = ?", arguments: [id])
            try visit.cascade(from: id)
            return .empty(204)
        case (_, nil): throw Problem.methodNotAllowed(["GET", "POST"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH", "DELETE"])
        }
    }

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, kind: "ServiceAccountList", apiVersion: "iam/v2")
        listing.filters = try visit.request.queryItems().filter { $0.name == "display_name" }
        if !listing.filters.isEmpty {
            let marks = listing.filters.map { _ in "?" }.joined(separator: ", ")
            listing.conditions = [("name IN (\(marks))", listing.filters.map(\.value))]
        }
        return try listing.answer(visit) { json($0, visit) }
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let body = try RequestBody(visit.request.body)
        let name = try body.requiredString("display_name", lengthMax: 64)
        let description = try body.string("description", lengthMax: 128) ?? ""
        try checkFree(name, visit)
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("sa", using: &generator)
        try insert(id: id, name: name, description: description, at: visit.now, in: visit.database)
        return .json(
            201, json(try find(id, visit), visit), headers: [("Location", "\(visit.origin)\(path)/\(id)")])
    }

    /// Adds a service account to the table.
    static func insert(id: String, name: String, description: String, at now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO service_accounts VALUES (?, ?, ?, ?, ?)",
            arguments: [id, name, description, now.microseconds, now.microseconds])
    }

    private static func update(_ id: String, _ visit: Visit) throws -> CloudResponse {
        let row = try find(id, visit)
        let body = try RequestBody(visit.request.body)
        let name = try body.string("display_name", lengthMax: 64) ?? row["name"]
        guard !name.isEmpty else {
            throw Problem.badRequest("\"display_name\" must not be empty.", pointer: "/display_name")
        }
        let description = try body.string("description", lengthMax: 128) ?? row["description"]
        if name != row["name"] { try checkFree(name, visit) }
        try visit.database.execute(
            sql: "UPDATE service_accounts SET name = ?, description = ?, updated = ? WHERE id = ?",
            arguments: [name, description, visit.now.microseconds, id])
        return .json(200, json(try find(id, visit), visit))
    }

    private static func checkFree(_ name: String, _ visit: Visit) throws {
        let sql = "SELECT id FROM service_accounts WHERE name = ?"
        if let taken = try String.fetchOne(visit.database, sql: sql, arguments: [name]) {
            throw Problem.taken("Service name is already in use.", location: "\(visit.origin)\(path)/\(taken)")
        }
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM service_accounts WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw Problem.notFound(
                "The service account (id=\(id)) does not exist.", code: "service_account_not_found")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return [
            "api_version": "iam/v2", "kind": "ServiceAccount", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(("service-account", id)),
                created: Timestamp(microseconds: row["created"]), updated: Timestamp(microseconds: row["updated"])),
            "display_name": .string(row["name"]), "description": .string(row["description"]),
        ]
    }
}
