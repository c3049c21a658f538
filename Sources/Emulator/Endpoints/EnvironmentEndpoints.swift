import GRDB
import JSON

/// `/org/v2/environments`: list, create, read, update, delete.
enum EnvironmentEndpoints: EndpointGroup {
    static let path = "/org/v2/environments"
    static let keys: Set<KeyKind> = [.cloud, .global]

    static let table = "environments"
    static let tables = """
        CREATE TABLE environments (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, package TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil):
            return try Listing(table: table, kind: "EnvironmentList", apiVersion: "org/v2").answer(visit) {
                json($0, visit)
            }
        case ("POST", nil): return try create(visit)
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("PATCH", let id?): return try update(id, visit)
        case ("DELETE", let id?):
            _ = try find(id, visit)
            try visit.database.execute(sql: "DELETE FROM environments WHERE id = ?", arguments: [id])
            try visit.cascade(from: id)
            return .empty(204)
        case (_, nil): throw Problem.methodNotAllowed(["GET", "POST"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH", "DELETE"])
        }
    }

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

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let body = try RequestBody(visit.request.body)
        let name = try body.requiredString("display_name", lengthMax: 64)
        let package = try streamGovernancePackage(body) ?? "ESSENTIALS"
        try checkFree(name, visit)
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("env", using: &generator)
        try insert(id: id, name: name, package: package, at: visit.now, in: visit.database)
        return .json(
            201, json(try find(id, visit), visit), headers: [("Location", "\(visit.origin)\(path)/\(id)")])
    }

    private static func update(_ id: String, _ visit: Visit) throws -> CloudResponse {
        let row = try find(id, visit)
        let body = try RequestBody(visit.request.body)
        let name = try body.string("display_name", lengthMax: 64) ?? row["name"]
        guard !name.isEmpty else {
            throw Problem.badRequest("\"display_name\" must not be empty.", pointer: "/display_name")
        }
        let package = try streamGovernancePackage(body) ?? row["package"]
        if name != row["name"] { try checkFree(name, visit) }
        try visit.database.execute(
            sql: "UPDATE environments SET name = ?, package = ?, updated = ? WHERE id = ?",
            arguments: [name, package, visit.now.microseconds, id])
        return .json(200, json(try find(id, visit), visit))
    }

    private static func streamGovernancePackage(_ body: RequestBody) throws -> String? {
        guard let package = try body.object("stream_governance_config")?.string("package") else { return nil }
        guard ["ESSENTIALS", "ADVANCED"].contains(package) else {
            throw Problem.badRequest(
                "The package must be ESSENTIALS or ADVANCED.", pointer: "/stream_governance_config/package")
        }
        return package
    }

    private static func checkFree(_ name: String, _ visit: Visit) throws {
        let sql = "SELECT id FROM environments WHERE name = ?"
        if let taken = try String.fetchOne(visit.database, sql: sql, arguments: [name]) {
            throw Problem.taken("The environment's name is taken.", location: "\(visit.origin)\(path)/\(taken)")
        }
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM environments WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw Problem.notFound("The environment (id=\(id)) does not exist.", code: "resource_not_found")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return [
            "api_version": "org/v2", "kind": "Environment", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(("environment", id)),
                created: Timestamp(microseconds: row["created"]), updated: Timestamp(microseconds: row["updated"])),
            "display_name": .string(row["name"]),
            "stream_governance_config": ["package": .string(row["package"])],
        ]
    }
}

extension Visit {
    /// The environment that the query names, which many lists and objects are asked for together with.
    func environmentOfQuery() throws -> String {
        let value = try request.queryItems().last { $0.name == "environment" }?.value ?? ""
        guard !value.isEmpty else { throw Problem.badRequest("\"environment\" is required.", parameter: "environment") }
        guard try EnvironmentEndpoints.exists(value, in: database) else {
            throw Problem.unknownReference(
                status: switches.unknownEnvironmentStatus, "The environment \"\(value)\" was not found.", pointer: nil)
        }
        return value
    }
}
