import GRDB
import JSON

/// `/iam/v2/role-bindings`: list, create, read, delete; a binding cannot be changed.
enum RoleBindingEndpoints: TableGroup {
    static let table = "role_bindings"
    static let tables = """
        CREATE TABLE role_bindings (
          id TEXT PRIMARY KEY NOT NULL, principal TEXT NOT NULL, role TEXT NOT NULL, pattern TEXT NOT NULL,
          created INTEGER NOT NULL, UNIQUE (principal, role, pattern)
        ) WITHOUT ROWID;
        CREATE INDEX role_bindings_by_pattern ON role_bindings (pattern, id);
        """

    static let collection = Collection(
        path: "/iam/v2/role-bindings", type: "RoleBinding",
        members: [.required("principal", .string), .required("role_name", .string), .required("crn_pattern", .string)])

    static let routes = [
        collection.list(
            [
                Route.Parameter(
                    name: "crn_pattern", schema: .string(1...4096), isRequired: true,
                    meaning: "What the role is on, as a resource name."),
                Route.Parameter(
                    name: "principal", schema: .string, meaning: "Who has the role: User:sa-… or User:u-…."),
                Route.Parameter(name: "role_name", schema: .string, meaning: "The role."),
            ], perform: list),
        collection.create(
            .object(
                .required(
                    "principal",
                    .string(Schema.StringRule(lengthMin: 1, lengthMax: 255, prefixes: ["User:", "Group:"]))),
                .required("role_name", .string(1...255)),
                .required(
                    "crn_pattern", .string(Schema.StringRule(lengthMin: 1, lengthMax: 4096, prefixes: ["crn://"])))),
            refusals: [409], perform: create),
        collection.read { .json(200, json(try find($0), $0)) }.refusing(as: MissingRoleBinding.schema),
        // Unlike the others, this service shows what it deleted.
        collection.delete(answersObject: true) { visit in
            let row = try find(visit)
            try visit.database.execute(sql: "DELETE FROM role_bindings WHERE id = ?", arguments: [visit.id])
            return .json(200, json(row, visit))
        }.refusing(as: MissingRoleBinding.schema),
    ]

    /// The bindings of an account go with it, and so do those on an object.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(
            sql: "DELETE FROM role_bindings WHERE principal = ? OR instr(pattern || '/', '=' || ? || '/')",
            arguments: ["User:\(id)", id])
    }

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, collection: collection)
        for (name, column) in [("crn_pattern", "pattern"), ("principal", "principal"), ("role_name", "role")] {
            guard let value = visit.item(name) else { continue }
            listing.conditions.append(("\(column) = ?", [value]))
            listing.filters.append((name, value))
        }
        listing.isVisible = { isVisible($0, visit) }
        return try listing.answer(visit) { json($0, visit) }
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let principal = visit.member("principal")?.string ?? ""
        let role = visit.member("role_name")?.string ?? ""
        let pattern = visit.member("crn_pattern")?.string ?? ""
        let account = principal.hasPrefix("User:") ? String(principal.dropFirst("User:".count)) : nil
        if let account, try !Principal.exists(account, in: visit.database) {
            throw Problem.unknownReference(
                status: visit.switches.unknownOwnerStatus, "There is no account \"\(account)\".", pointer: "/principal")
        }
        try visit.require(administrators, on: pattern)
        let taken = try String.fetchOne(
            visit.database, sql: "SELECT id FROM role_bindings WHERE principal = ? AND role = ? AND pattern = ?",
            arguments: [principal, role, pattern])
        if let taken {
            throw Problem.taken("The role binding exists.", location: collection.location(taken, visit))
        }
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("rb", using: &generator)
        try visit.database.execute(
            sql: "INSERT INTO role_bindings VALUES (?, ?, ?, ?, ?)",
            arguments: [id, principal, role, pattern, visit.now.microseconds])
        return .json(201, json(try find(id, visit), visit), headers: [collection.location(id, visit)])
    }

    /// Whoever may give roles on something sees who has them.
    private static let administrators: Set<String> = ["EnvironmentAdmin", "CloudClusterAdmin", "ResourceOwner"]

    private static func isVisible(_ row: Row, _ visit: Visit) -> Bool {
        visit.caller.holds(administrators, on: row["pattern"])
            || visit.caller.account.map { "User:\($0)" } == row["principal"]
    }

    private static func find(_ visit: Visit) throws -> Row {
        let row = try find(visit.id, visit)
        guard isVisible(row, visit), visit.isSpread(row) else { throw MissingRoleBinding() }
        return row
    }

    /// The binding with that id; one that is missing looks like one that may not be seen.
    private static func find(_ id: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(sql: "SELECT * FROM role_bindings WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { throw MissingRoleBinding() }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        let created = Timestamp(microseconds: row["created"])
        return collection.json(
            id, visit, resourceName: visit.resourceName(("role-binding", id)), created: created, updated: created,
            [
                "principal": .string(row["principal"]), "role_name": .string(row["role"]),
                "crn_pattern": .string(row["pattern"]),
            ])
    }
}

/// The refusal of this service, which has an envelope of its own.
struct MissingRoleBinding: Error {
    /// What it looks like.
    static let schema = Schema.object(
        .required("error_code", Schema(shape: .choice([40301]))), .required("message", .string),
        name: "MissingRoleBinding")

    /// The answer.
    var response: CloudResponse {
        .json(
            403,
            [
                "error_code": 40301,
                "message": "Either unauthorized to access role binding or role binding does not exist",
            ])
    }
}
