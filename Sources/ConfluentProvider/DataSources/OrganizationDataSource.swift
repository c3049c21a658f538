import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_organization"`: the organisation of the credentials.
enum OrganizationDataSource: DataSource {
    static let typeName = "confluent_organization"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed), AttributeSchema("resource_name", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let organization = try await Calls.perform { () async throws(APIError) in
            try await cloud.shared.value("organization") { () async throws(APIError) in
                try await cloud.client.organization()
            }
        }
        return .object(["id": .string(organization.id), "resource_name": .string(organization.resourceName)])
    }
}
