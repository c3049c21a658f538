import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_environment"`: an environment, by id or by name.
enum EnvironmentDataSource {
    private static let governance = BlockSchema(attributes: [AttributeSchema("package", .string, .computed)])

    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("display_name", .string, .optionalComputed),
                AttributeSchema("id", .string, .optionalComputed),
                AttributeSchema("resource_name", .string, .computed),
            ], blocks: [NestedBlockSchema("stream_governance", maximum: 1, block: governance)]))

    static func read(_ configuration: Value, _ client: ConfluentClient) async throws(Diagnostic) -> Value {
        let wanted = try Lookup(configuration)
        let environment: CloudEnvironment
        switch wanted {
        case .id(let id):
            environment = try await Calls.perform { () async throws(APIError) in try await client.environment(id: id) }
        case .name(let name):
            let all = try await Calls.perform { () async throws(APIError) in try await client.environments() }.items
            environment = try wanted.only(all.filter { $0.displayName == name }, "environments")
        }
        let package = environment.streamGovernancePackage.map { [Value.object(["package": .string($0)])] } ?? []
        return .object([
            "display_name": .string(environment.displayName), "id": .string(environment.id),
            "resource_name": .string(environment.resourceName),
            "stream_governance": .list(governance.impliedType, package),
        ])
    }
}
