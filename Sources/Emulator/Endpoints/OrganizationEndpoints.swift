import GRDB
import JSON

/// `/org/v2/organizations`: list, read, update.
///
/// There is one, the caller's.
enum OrganizationEndpoints: EndpointGroup {
    static let path = "/org/v2/organizations"
    static let keys: Set<KeyKind> = [.cloud, .global]

    static let table = "organizations"
    static let tables = """
        CREATE TABLE organizations (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, jit_enabled INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil):
            let listing = Listing(table: table, kind: "OrganizationList", apiVersion: "org/v2")
            return try listing.answer(visit) { json($0, visit) }
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("PATCH", let id?): return try update(id, visit)
        case (_, nil): throw Problem.methodNotAllowed(["GET"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH"])
        }
    }

    private static func update(_ id: String, _ visit: Visit) throws -> CloudResponse {
        let row = try find(id, visit)
        let body = try RequestBody(visit.request.body)
        let name = try body.string("display_name") ?? row["name"]
        guard (1...31).contains(name.unicodeScalars.count), !name.contains(where: { "<>#%'*^`{|}~\"".contains($0) })
        else {
            throw Problem.badRequest(
                "The name must have 1 to 31 characters and none of <>#%'*^`{|}~\".", pointer: "/display_name")
        }
        let isJITEnabled = try body.bool("jit_enabled") ?? row["jit_enabled"]
        try visit.database.execute(
            sql: "UPDATE organizations SET name = ?, jit_enabled = ?, updated = ? WHERE id = ?",
            arguments: [name, isJITEnabled, visit.now.microseconds, id])
        return .json(200, json(try find(id, visit), visit))
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let sql = "SELECT * FROM organizations WHERE id = ?"
        guard let row = try Row.fetchOne(visit.database, sql: sql, arguments: [id]) else {
            throw Problem.notFound("The organization (id=\(id)) does not exist.", code: "resource_not_found")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return [
            "api_version": "org/v2", "kind": "Organization", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(),
                created: Timestamp(microseconds: row["created"]), updated: Timestamp(microseconds: row["updated"])),
            "display_name": .string(row["name"]), "jit_enabled": .bool(row["jit_enabled"]),
        ]
    }
}
