import GRDB
import JSON

/// `/org/v2/organizations`: list, read, update.
///
/// A caller sees one, its own.
enum OrganizationEndpoints: TableGroup {
    static let table = "organizations"
    static let tables = """
        CREATE TABLE organizations (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, jit_enabled INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static let collection = Collection(
        path: "/org/v2/organizations", type: "Organization", keys: [.cloud, .global],
        members: [.required("display_name", .string), .required("jit_enabled", .bool)])

    static let routes = [
        collection.list { visit in
            try Listing(table: table, collection: collection).answer(visit) { json($0, visit) }
        },
        collection.read { .json(200, json(try find($0), $0)) },
        collection.update(
            .object(
                .optional(
                    "display_name",
                    .string(Schema.StringRule(lengthMin: 1, lengthMax: 31, excluded: "<>#%'*^`{|}~\""))),
                .optional("jit_enabled", .bool)), perform: update),
    ]

    private static func update(_ visit: Visit) throws -> CloudResponse {
        let row = try find(visit)
        try visit.requireOrganizationAdmin()
        try visit.database.execute(
            sql: "UPDATE organizations SET name = ?, jit_enabled = ?, updated = ? WHERE id = ?",
            arguments: [
                visit.member("display_name")?.string ?? row["name"],
                visit.member("jit_enabled")?.bool ?? row["jit_enabled"], visit.now.microseconds, visit.id,
            ])
        return .json(200, json(try find(visit), visit))
    }

    private static func find(_ visit: Visit) throws -> Row {
        let sql = "SELECT * FROM organizations WHERE id = ?"
        guard let row = try Row.fetchOne(visit.database, sql: sql, arguments: [visit.id]) else {
            throw Problem.notFound("The organization (id=\(visit.id)) does not exist.", code: "resource_not_found")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        collection.json(
            row["id"], visit, resourceName: visit.resourceName(), created: Timestamp(microseconds: row["created"]),
            updated: Timestamp(microseconds: row["updated"]),
            ["display_name": .string(row["name"]), "jit_enabled": .bool(row["jit_enabled"])])
    }
}
