import ConfluentClient
import Configuring
import Values

/// `confluent_service_account`: an account for programs.
enum ServiceAccountResource: ResourceType {
    static let typeName = "confluent_service_account"
    static let noun = "service account"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("api_version", .string, .computed),
            AttributeSchema("description", .string, .optionalComputed),
            AttributeSchema("display_name", .string, .required, problem: nameProblem),
            AttributeSchema("id", .string, .computed), AttributeSchema("kind", .string, .computed),
        ]), fingerprint: fingerprint)

    /// The longest name, in characters.
    private static let nameMaximum = 64

    private static func nameProblem(_ value: Value) -> String? {
        guard let name = value.string, name.isEmpty || name.count > nameMaximum else { return nil }
        return "The name of a service account has 1 to \(nameMaximum) characters."
    }

    private static func fingerprint(_ object: Value) -> Fingerprint? {
        guard let name = object["display_name"] else { return nil }
        return Fingerprint(["kind": "ServiceAccount", "display_name": name])
    }

    private static func cloudObject(_ account: ServiceAccount) -> CloudObject {
        let value = Value.object([
            "api_version": .string(account.apiVersion), "description": .string(account.description),
            "display_name": .string(account.displayName), "id": .string(account.id), "kind": .string(account.kind),
        ])
        return CloudObject(id: account.id, createdAt: account.createdAt, value: value)
    }

    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject> {
        try await client.serviceAccounts(until: isEnough).map(cloudObject)
    }

    static func candidates(
        _ client: ConfluentClient, like fingerprints: [Fingerprint]
    ) async throws(APIError) -> Listing<CloudObject> {
        let names = Set(fingerprints.compactMap { $0.parts["display_name"] }).sorted()
        return try await client.serviceAccounts(named: names).map(cloudObject)
    }

    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject {
        cloudObject(try await client.serviceAccount(id: object.id))
    }

    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject> {
        await client.createServiceAccount(
            displayName: planned["display_name"] ?? "", description: planned["description"] ?? ""
        ).map(cloudObject)
    }

    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject {
        cloudObject(
            try await client.updateServiceAccount(
                id: prior.id, displayName: planned.changedText("display_name", from: prior),
                description: planned.changedText("description", from: prior)))
    }

    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError) {
        try await client.deleteServiceAccount(id: object.id)
    }
}
