import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_service_account"`: a service account, by id or by name.
enum ServiceAccountDataSource {
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("api_version", .string, .computed), AttributeSchema("description", .string, .computed),
            AttributeSchema("display_name", .string, .optionalComputed),
            AttributeSchema("id", .string, .optionalComputed), AttributeSchema("kind", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ client: ConfluentClient) async throws(Diagnostic) -> Value {
        let wanted = try Lookup(configuration)
        let account: ServiceAccount
        switch wanted {
        case .id(let id):
            account = try await Calls.perform { () async throws(APIError) in try await client.serviceAccount(id: id) }
        case .name(let name):
            let all = try await Calls.perform { () async throws(APIError) in
                try await client.serviceAccounts(displayName: name)
            }.items
            account = try wanted.only(all.filter { $0.displayName == name }, "service accounts")
        }
        return .object([
            "api_version": .string(account.apiVersion), "description": .string(account.description),
            "display_name": .string(account.displayName), "id": .string(account.id), "kind": .string(account.kind),
        ])
    }
}
