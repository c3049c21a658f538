import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_users"`: the ids of all users that the credentials see.
enum UsersDataSource: DataSource {
    static let typeName = "confluent_users"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed), AttributeSchema("ids", .list(.string), .computed),
        ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let all = try await Calls.perform { () async throws(APIError) in try await UserDataSource.users(cloud) }
        return .object([
            // A list has no id of its own; the organisation's tells two lists apart.
            "id": .string(cloud.place.organization),
            "ids": .list(.string, all.map { .string($0.id) }),
        ])
    }
}
