import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_flink_compute_pool"`: a compute pool of an environment, by id or by name.
enum ComputePoolDataSource: DataSource {
    static let typeName = "confluent_flink_compute_pool"

    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("api_version", .string, .computed), AttributeSchema("cloud", .string, .computed),
                AttributeSchema("default_pool", .bool, .computed),
                AttributeSchema("display_name", .string, .optionalComputed),
                AttributeSchema("id", .string, .optionalComputed), AttributeSchema("kind", .string, .computed),
                AttributeSchema("max_cfu", .number, .computed), AttributeSchema("region", .string, .computed),
                AttributeSchema("resource_name", .string, .computed),
            ],
            blocks: [
                NestedBlockSchema(
                    "environment", minimum: 1, maximum: 1,
                    block: BlockSchema(attributes: [AttributeSchema("id", .string, .required)]))
            ]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let environment = configuration.block("environment")?["id"] ?? ""
        let pool: ComputePool
        switch try Lookup(configuration) {
        case .id(let id):
            pool = try await Calls.perform { () async throws(APIError) in
                try await cloud.client.computePool(id: id, environment: environment)
            }
        case .name(let name, let argument):
            let all = try await Calls.perform { () async throws(APIError) in
                try await cloud.shared.value("compute pools \(environment)") { () async throws(APIError) in
                    try await cloud.client.computePools(environment: environment).items
                }
            }
            pool = try Lookup.only(all.filter { $0.displayName == name }, "compute pools", argument, name)
        }
        return ComputePoolResource.cloudObject(pool).value.keeping(schema)
    }
}
