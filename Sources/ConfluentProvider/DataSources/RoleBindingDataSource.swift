import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_role_binding"`: a role binding, by id.
enum RoleBindingDataSource: DataSource {
    static let typeName = "confluent_role_binding"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("crn_pattern", .string, .computed), AttributeSchema("id", .string, .required),
            AttributeSchema("principal", .string, .computed), AttributeSchema("role_name", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let binding = try await Calls.perform { () async throws(APIError) in
            try await cloud.client.roleBinding(id: configuration["id"] ?? "")
        }
        return RoleBindingResource.cloudObject(binding).value.keeping(schema)
    }
}
