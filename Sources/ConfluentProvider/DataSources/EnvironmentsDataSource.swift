import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_environments"`: the ids of all environments that the credentials see.
enum EnvironmentsDataSource: DataSource {
    static let typeName = "confluent_environments"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed), AttributeSchema("ids", .list(.string), .computed),
        ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let all = try await Calls.perform { () async throws(APIError) in
            try await EnvironmentDataSource.environments(cloud)
        }
        return .object([
            // A list has no id of its own; the organisation's tells two lists apart.
            "id": .string(cloud.place.organization),
            "ids": .list(.string, all.map { .string($0.id) }),
        ])
    }
}
