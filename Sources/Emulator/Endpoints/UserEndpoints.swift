import GRDB
import JSON

/// `/iam/v2/users`: list, read, update, delete.
///
/// Users come by invitation, so none is created here.
enum UserEndpoints: EndpointGroup {
    static let path = "/iam/v2/users"

    static let table = "users"
    static let tables = """
        CREATE TABLE users (
          id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL, full_name TEXT NOT NULL, auth_type TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil):
            return try Listing(table: table, kind: "UserList", apiVersion: "iam/v2").answer(visit) {
                json($0, visit)
            }
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("PATCH", let id?):
            let row = try find(id, visit)
            let name = try RequestBody(visit.request.body).string("full_name", lengthMax: 255) ?? row["full_name"]
            try visit.database.execute(
                sql: "UPDATE users SET full_name = ?, updated = ? WHERE id = ?",
                arguments: [name, visit.now.microseconds, id])
            return .json(200, json(try find(id, visit), visit))
        case ("DELETE", let id?):
            _ = try find(id, visit)
            try visit.database.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id])
            try visit.cascade(from: id)
            return .empty(204)
        case (_, nil): throw Problem.methodNotAllowed(["GET"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH", "DELETE"])
        }
    }

    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM users WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw Problem.notFound("The user (id=\(id)) does not exist.", code: "user_not_found")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return [
            "api_version": "iam/v2", "kind": "User", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(("user", id)),
                created: Timestamp(microseconds: row["created"]), updated: Timestamp(microseconds: row["updated"])),
            "email": .string(row["email"]), "full_name": .string(row["full_name"]),
            "auth_type": .string(row["auth_type"]),
        ]
    }
}
