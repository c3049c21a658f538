import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_service_account"`: a service account, by id or by name.
enum ServiceAccountDataSource: DataSource {
    static let typeName = "confluent_service_account"

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("api_version", .string, .computed), AttributeSchema("description", .string, .computed),
            AttributeSchema("display_name", .string, .optionalComputed),
            AttributeSchema("id", .string, .optionalComputed), AttributeSchema("kind", .string, .computed),
        ]))

    /// From so many names on, one list of all accounts is taken to be cheaper than a request for each name.
    private static let namesMaximum = 10

    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value {
        let account: ServiceAccount
        switch try Lookup(configuration) {
        case .id(let id):
            account = try await Calls.perform { () async throws(APIError) in
                try await cloud.client.serviceAccount(id: id)
            }
        case .name(let name, let argument):
            let found = try await Calls.perform { () async throws(APIError) in try await accounts(name, cloud) }
            account = try Lookup.only(found.filter { $0.displayName == name }, "service accounts", argument, name)
        }
        return .object([
            "api_version": .string(account.apiVersion), "description": .string(account.description),
            "display_name": .string(account.displayName), "id": .string(account.id), "kind": .string(account.kind),
        ])
    }

    private static func accounts(_ name: String, _ cloud: CloudAccess) async throws(APIError) -> [ServiceAccount] {
        let isOneOfMany = await cloud.shared.uses("service account by name") >= namesMaximum
        return try await cloud.shared.value(isOneOfMany ? "service accounts" : "service account \(name)") {
            () async throws(APIError) in
            isOneOfMany
                ? try await cloud.client.serviceAccounts().items
                : try await cloud.client.serviceAccounts(named: [name]).items
        }
    }
}
