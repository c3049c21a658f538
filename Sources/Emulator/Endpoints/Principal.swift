import GRDB
import JSON

/// What can own a key: a service account (`sa-…`) or a user (`u-…`).
enum Principal {
    /// Whether there is a service account or a user with that id.
    static func exists(_ id: String, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM \(isUser(id) ? "users" : "service_accounts") WHERE id = ?)")
        return try Bool.fetchOne(statement, arguments: [id]) ?? false
    }

    /// The word for its kind in resource names.
    static func crnName(_ id: String) -> String {
        isUser(id) ? "user" : "service-account"
    }

    /// What the reference looks like in answers.
    static let reference = Schema.object(
        .required("api_version", .string), .required("kind", .string(oneOf: "User", "ServiceAccount")),
        .required("id", .id), .required("related", .string), .required("resource_name", .string))

    /// The `owner` reference of a key's answer.
    static func reference(_ id: String, _ visit: Visit) -> JSONValue {
        let path = (isUser(id) ? UserEndpoints.collection : ServiceAccountEndpoints.collection).path
        let name = visit.resourceName((crnName(id), id), authority: "api.confluent.cloud")
        return [
            "api_version": "iam/v2", "kind": isUser(id) ? "User" : "ServiceAccount", "id": .string(id),
            "related": .string("\(visit.origin)\(path)/\(id)"), "resource_name": .string(name),
        ]
    }

    private static func isUser(_ id: String) -> Bool {
        id.hasPrefix("u-")
    }
}
