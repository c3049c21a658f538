import GRDB
import JSON

/// `/iam/v2/role-bindings`: list, create, read, delete; a binding cannot be changed.
enum RoleBindingEndpoints: EndpointGroup {
    static let path = "/iam/v2/role-bindings"

    static let table = "role_bindings"
    static let tables = """
        CREATE TABLE role_bindings (
          id TEXT PRIMARY KEY NOT NULL, principal TEXT NOT NULL, role TEXT NOT NULL, pattern TEXT NOT NULL,
          created INTEGER NOT NULL, UNIQUE (principal, role, pattern)
        ) WITHOUT ROWID;
        CREATE INDEX role_bindings_by_pattern ON role_bindings (pattern, id);
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil): return try list(visit)
        case ("POST", nil): return try create(visit)
        case ("GET", let id?): return .json(200, json(try find(id, visit), visit))
        case ("DELETE", let id?):
            let row = try find(id, visit)
            try visit.database.execute(sql: "DELETE FROM role_bindings WHERE id = ?", arguments: [id])
            // Unlike the others, this service shows what it deleted.
            return .json(200, json(row, visit))
        case (_, nil): throw Problem.methodNotAllowed(["GET", "POST"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "DELETE"])
        }
    }

    /// The bindings of an account go with it.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(
            sql: "DELETE FROM role_bindings WHERE principal = ?", arguments: ["User:\(id)"])
    }

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, kind: "RoleBindingList", apiVersion: "iam/v2")
        let columns = ["crn_pattern": "pattern", "principal": "principal", "role_name": "role"]
        for item in try visit.request.queryItems() where !item.value.isEmpty {
            guard let column = columns[item.name] else { continue }
            listing.conditions.append(("\(column) = ?", [item.value]))
            listing.filters.append(item)
        }
        guard listing.filters.contains(where: { $0.name == "crn_pattern" }) else {
            throw Problem.badRequest("\"crn_pattern\" is required.", parameter: "crn_pattern")
        }
        return try listing.answer(visit) { json($0, visit) }
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let body = try RequestBody(visit.request.body)
        let principal = try body.requiredString("principal", lengthMax: 255)
        let role = try body.requiredString("role_name", lengthMax: 255)
        let pattern = try body.requiredString("crn_pattern", lengthMax: 4096)
        guard principal.hasPrefix("User:") || principal.hasPrefix("Group:") else {
            throw Problem.badRequest("The principal must begin with User: or Group:.", pointer: "/principal")
        }
        guard pattern.hasPrefix("crn://") else {
            throw Problem.badRequest("The pattern must begin with crn://.", pointer: "/crn_pattern")
        }
        let account = principal.hasPrefix("User:") ? String(principal.dropFirst("User:".count)) : nil
        if let account, try !Principal.exists(account, in: visit.database) {
            throw Problem.unknownReference(
                status: visit.switches.unknownOwnerStatus, "There is no account \"\(account)\".", pointer: "/principal")
        }
        let taken = try String.fetchOne(
            visit.database, sql: "SELECT id FROM role_bindings WHERE principal = ? AND role = ? AND pattern = ?",
            arguments: [principal, role, pattern])
        if let taken {
            throw Problem.taken("The role binding exists.", location: "\(visit.origin)\(path)/\(taken)")
        }
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("rb", using: &generator)
        try visit.database.execute(
            sql: "INSERT INTO role_bindings VALUES (?, ?, ?, ?, ?)",
            arguments: [id, principal, role, pattern, visit.now.microseconds])
        return .json(201, json(try find(id, visit), visit), headers: [("Location", "\(visit.origin)\(path)/\(id)")])
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
        return [
            "api_version": "iam/v2", "kind": "RoleBinding", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(("role-binding", id)), created: created,
                updated: created),
            "principal": .string(row["principal"]), "role_name": .string(row["role"]),
            "crn_pattern": .string(row["pattern"]),
        ]
    }
}

/// The refusal of this service, which has an envelope of its own.
struct MissingRoleBinding: Error {
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
