import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_environment"`: an environment, by id or by name.
enum EnvironmentDataSource: DataSource {
    static let typeName = "confluent_environment"

    private static let governance = BlockSchema(attributes: [AttributeSchema("package", .string, .computed)])

    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("display_name", .string, .optionalComputed),
                AttributeSchema("id", .string, .optionalComputed),
                AttributeSchema("resource_name", .string, .computed),
            ], blocks: [NestedBlockSchema("stream_governance", maximum: 1, block: governance)]))

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let environment: CloudEnvironment
        switch try Lookup(configuration) {
        case .id(let id):
            environment = try await Calls.perform { () async throws(APIError) in
                try await cloud.client.environment(id: id)
            }
        case .name(let name, let argument):
            let all = try await Calls.perform { () async throws(APIError) in try await environments(cloud) }
            environment = try Lookup.only(all.filter { $0.displayName == name }, "environments", argument, name)
        }
        let package = environment.streamGovernancePackage.map { [Value.object(["package": .string($0)])] } ?? []
        return .object([
            "display_name": .string(environment.displayName), "id": .string(environment.id),
            "resource_name": .string(environment.resourceName),
            "stream_governance": .list(governance.impliedType, package),
        ])
    }

    /// All environments, listed once for a whole run.
    static func environments(_ cloud: CloudAccess) async throws(APIError) -> [CloudEnvironment] {
        try await cloud.shared.value("environments") { () async throws(APIError) in
            try await cloud.client.environments().items
        }
    }
}
