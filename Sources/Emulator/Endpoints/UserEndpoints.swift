import GRDB
import JSON

/// `/iam/v2/users`: list, read, update, delete.
///
/// Users come by invitation, so none is created here.
enum UserEndpoints: TableGroup {
    static let table = "users"
    static let tables = """
        CREATE TABLE users (
          id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL, full_name TEXT NOT NULL, auth_type TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static let collection = Collection(
        path: "/iam/v2/users", type: "User",
        members: [
            .required("email", .string), .required("full_name", .string),
            .required("auth_type", .string(oneOf: "AUTH_TYPE_LOCAL", "AUTH_TYPE_SSO")),
        ])

    static let routes = [
        collection.list { visit in
            var listing = Listing(table: table, collection: collection)
            listing.isVisible = { isVisible($0["id"], visit) }
            return try listing.answer(visit) { json($0, visit) }
        },
        collection.read { .json(200, json(try find($0), $0)) },
        collection.update(.object(.optional("full_name", .string(0...255)))) { visit in
            let row = try find(visit)
            try visit.database.execute(
                sql: "UPDATE users SET full_name = ?, updated = ? WHERE id = ?",
                arguments: [
                    visit.member("full_name")?.string ?? row["full_name"], visit.now.microseconds, visit.id,
                ])
            return .json(200, json(try find(visit), visit))
        },
        collection.delete { visit in
            _ = try find(visit)
            try visit.requireOrganizationAdmin()
            try visit.database.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [visit.id])
            try visit.cascade(from: visit.id)
            return .empty(204)
        },
    ]

    /// A user sees itself only, unless it administers the organization.
    private static func isVisible(_ id: String, _ visit: Visit) -> Bool {
        id == visit.caller.account || visit.caller.holds([], on: visit.resourceName())
    }

    private static func find(_ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM users WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [visit.id]) else {
            throw Problem.notFound("The user (id=\(visit.id)) does not exist.", code: "user_not_found")
        }
        guard isVisible(visit.id, visit) else { throw Problem.unauthorized }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        return collection.json(
            id, visit, resourceName: visit.resourceName(("user", id)),
            created: Timestamp(microseconds: row["created"]), updated: Timestamp(microseconds: row["updated"]),
            [
                "email": .string(row["email"]), "full_name": .string(row["full_name"]),
                "auth_type": .string(row["auth_type"]),
            ])
    }
}
