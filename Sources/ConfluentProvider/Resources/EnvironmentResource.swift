import ConfluentClient
import Configuring
import Values

/// `confluent_environment`: a part of an organisation, with clusters and compute pools of its own.
enum EnvironmentResource: ResourceType {
    static let typeName = "confluent_environment"
    static let noun = "environment"

    private static let governance = NestedBlockSchema(
        "stream_governance", maximum: 1, isComputed: true,
        block: BlockSchema(attributes: [
            AttributeSchema(
                "package", .string, .required, problem: Validation.oneOf(["ESSENTIALS", "ADVANCED"]))
        ]))

    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("display_name", .string, .required, problem: Validation.notEmpty),
                AttributeSchema("id", .string, .computed), AttributeSchema("resource_name", .string, .computed),
            ], blocks: [governance]), fingerprint: fingerprint)

    private static func fingerprint(_ object: Value) -> Fingerprint? {
        guard let name = object["display_name"] else { return nil }
        return Fingerprint(["kind": "Environment", "display_name": name])
    }

    private static func cloudObject(_ environment: CloudEnvironment) -> CloudObject {
        let package = environment.streamGovernancePackage.map { [Value.object(["package": .string($0)])] } ?? []
        let value = Value.object([
            "display_name": .string(environment.displayName), "id": .string(environment.id),
            "resource_name": .string(environment.resourceName), "stream_governance": governance.value(of: package),
        ])
        return CloudObject(id: environment.id, createdAt: environment.createdAt, value: value)
    }

    private static func package(_ object: Value) -> String? { object.block("stream_governance")?["package"] }

    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject> {
        try await client.environments(until: isEnough).map(cloudObject)
    }

    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject {
        cloudObject(try await client.environment(id: object.id))
    }

    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject> {
        await client.createEnvironment(
            displayName: planned["display_name"] ?? "", streamGovernancePackage: package(planned)
        ).map(cloudObject)
    }

    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject {
        let package = package(planned)
        return cloudObject(
            try await client.updateEnvironment(
                id: prior.id, displayName: planned.changedText("display_name", from: prior),
                streamGovernancePackage: package == Self.package(prior) ? nil : package))
    }

    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError) {
        try await client.deleteEnvironment(id: object.id)
    }
}
