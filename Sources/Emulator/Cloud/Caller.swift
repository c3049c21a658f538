import GRDB

/// Who asks, and what the role bindings of that account allow.
///
/// Roles are looked at only if a switch says so; else everybody may do everything. Which role allows what is restated
/// from the service's documents in part, and in part inferred, since they say little about reading.
struct Caller: Sendable {
    /// A role that the account has on something and everything beneath it.
    private struct Binding: Sendable {
        let role: String
        let pattern: String
    }

    /// The account that owns the key; nil for the seeded key.
    let account: String?
    /// Nil for somebody who may do everything.
    private let bindings: [Binding]?

    /// Somebody who may do everything.
    static let unlimited = Caller(account: nil, bindings: nil)

    private init(account: String?, bindings: [Binding]?) {
        self.account = account
        self.bindings = bindings
    }

    /// The account, with the role bindings it has by now.
    init(account: String, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT role, pattern FROM role_bindings WHERE principal = ?")
        let bindings = try Row.fetchAll(statement, arguments: ["User:\(account)"]).map { row in
            Binding(role: row["role"], pattern: Caller.trunk(row["pattern"]))
        }
        self.init(account: account, bindings: bindings)
    }

    /// Whether the account has one of the roles on the object of that resource name, or on something above it.
    ///
    /// An OrganizationAdmin has every role.
    func holds(_ roles: Set<String>, on name: String) -> Bool {
        guard let bindings else { return true }
        return bindings.contains { binding in
            (binding.role == "OrganizationAdmin" || roles.contains(binding.role))
                && Caller.covers(binding.pattern, name)
        }
    }

    /// Whether the account has any role on the object of that resource name, above it, or beneath it.
    func isConcerned(with name: String) -> Bool {
        guard let bindings else { return true }
        return bindings.contains { Caller.covers($0.pattern, name) || Caller.covers(name, $0.pattern) }
    }

    /// The pattern without a wildcard at its end, which means everything beneath.
    private static func trunk(_ pattern: String) -> String {
        pattern.hasSuffix("/*") ? String(pattern.dropLast(2)) : pattern
    }

    private static func covers(_ pattern: String, _ name: String) -> Bool {
        name == pattern || name.hasPrefix(pattern + "/")
    }
}

extension Visit {
    /// Refuses the request unless the caller has one of the roles on the object of that resource name.
    func require(_ roles: Set<String>, on name: String) throws(Problem) {
        guard caller.holds(roles, on: name) else { throw .unauthorized }
    }

    /// Refuses the request unless the caller administers the organization.
    func requireOrganizationAdmin() throws(Problem) {
        try require([], on: resourceName())
    }
}
