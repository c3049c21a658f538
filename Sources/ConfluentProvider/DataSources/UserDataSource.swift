import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_user"`: a person's account, by id, by address or by full name.
enum UserDataSource: DataSource {
    static let typeName = "confluent_user"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("api_version", .string, .computed), AttributeSchema("email", .string, .optionalComputed),
            AttributeSchema("full_name", .string, .optionalComputed),
            AttributeSchema("id", .string, .optionalComputed), AttributeSchema("kind", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let user: CloudUser
        switch try Lookup(configuration, names: ["email", "full_name"]) {
        case .id(let id):
            user = try await Calls.perform { () async throws(APIError) in try await cloud.client.user(id: id) }
        case .name(let name, let argument):
            let all = try await Calls.perform { () async throws(APIError) in try await users(cloud) }
            let found = all.filter { (argument == "email" ? $0.email : $0.fullName) == name }
            user = try Lookup.only(found, "users", argument, name)
        }
        return .object([
            "api_version": .string(user.apiVersion), "email": .string(user.email),
            "full_name": .string(user.fullName), "id": .string(user.id), "kind": .string(user.kind),
        ])
    }

    /// All users, listed once for a whole run: the API has no filters for them.
    static func users(_ cloud: CloudAccess) async throws(APIError) -> [CloudUser] {
        try await cloud.shared.value("users") { () async throws(APIError) in try await cloud.client.users().items }
    }
}
