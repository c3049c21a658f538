import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_organization"`: the organisation of the credentials.
enum OrganizationDataSource {
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed), AttributeSchema("resource_name", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ client: ConfluentClient) async throws(Diagnostic) -> Value {
        let organization = try await Calls.perform { () async throws(APIError) in try await client.organization() }
        return .object(["id": .string(organization.id), "resource_name": .string(organization.resourceName)])
    }
}
