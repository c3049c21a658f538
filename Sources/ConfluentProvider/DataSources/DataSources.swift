import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_flink_region"`: a region that has Flink.
enum FlinkRegionData {
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("api_version", .string, .computed),
            AttributeSchema("cloud", .string, .required, problem: cloudProblem),
            AttributeSchema("id", .string, .computed),
            AttributeSchema("kind", .string, .computed),
            AttributeSchema("private_rest_endpoint", .string, .computed),
            AttributeSchema("region", .string, .required),
            AttributeSchema("rest_endpoint", .string, .computed),
        ]))

    private static func cloudProblem(_ value: Value) -> String? {
        let clouds = ["AWS", "AZURE", "GCP"]
        guard let text = value.string, !clouds.contains(text.uppercased()) else { return nil }
        return "The cloud must be \"AWS\", \"AZURE\" or \"GCP\"."
    }

    static func read(_ configuration: Value, _ client: ConfluentClient) async throws(Diagnostic) -> Value {
        let cloud = configuration.fields?["cloud"]?.string ?? ""
        let region = configuration.fields?["region"]?.string ?? ""
        let found = try await Calls.perform { () async throws(APIError) in
            try await client.flinkRegions(cloud: cloud.uppercased(), region: region)
        }.items.filter { $0.cloud.uppercased() == cloud.uppercased() && $0.regionName == region }
        guard let first = found.first else { throw .noSuchRegion(cloud, region) }
        guard found.count == 1 else { throw .several("Flink regions", "\(cloud) \(region)") }
        return .object([
            "api_version": .string(first.apiVersion), "cloud": .string(cloud), "id": .string(first.id),
            "kind": .string(first.kind), "private_rest_endpoint": .string(first.privateHTTPEndpoint),
            "region": .string(region), "rest_endpoint": .string(first.httpEndpoint),
        ])
    }
}

/// `data "confluent_environment"`: an environment, by id or by name.
enum EnvironmentData {
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

/// `data "confluent_organization"`: the organisation of the credentials.
enum OrganizationData {
    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed), AttributeSchema("resource_name", .string, .computed),
        ]))

    static func read(_ configuration: Value, _ client: ConfluentClient) async throws(Diagnostic) -> Value {
        let organization = try await Calls.perform { () async throws(APIError) in try await client.organization() }
        return .object(["id": .string(organization.id), "resource_name": .string(organization.resourceName)])
    }
}

/// `data "confluent_service_account"`: a service account, by id or by name.
enum ServiceAccountData {
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

/// How a data source names its object: by id or by name, not both and not neither.
private enum Lookup {
    case id(String)
    case name(String)

    init(_ configuration: Value) throws(Diagnostic) {
        switch (configuration.fields?["id"]?.string, configuration.fields?["display_name"]?.string) {
        case (let id?, nil): self = .id(id)
        case (nil, let name?): self = .name(name)
        default:
            throw .error("Invalid combination of arguments", "Exactly one of \"id\" and \"display_name\" must be given.")
        }
    }

    /// The only one of what was found.
    func only<Item>(_ found: [Item], _ kind: String) throws(Diagnostic) -> Item {
        guard case .name(let name) = self else { throw .several(kind, "") }
        guard let first = found.first else {
            throw .error("Data source not found", "There are no \(kind) named \"\(VisibleText.escaped(name))\" that these credentials can see.")
        }
        guard found.count == 1 else { throw .several(kind, name) }
        return first
    }
}

/// Calls whose failure a user is told as it stands.
enum Calls {
    static func perform<Result>(
        _ call: () async throws(APIError) -> Result
    ) async throws(Diagnostic) -> Result {
        do throws(APIError) {
            return try await call()
        } catch {
            throw .api(error)
        }
    }
}

extension Diagnostic {
    /// A call failed.
    static func api(_ error: APIError) -> Diagnostic {
        let advice: String
        switch error.kind {
        case .unauthorized:
            advice = "\n\nCheck CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET: it must be a Cloud API key, not the key of a cluster or of Flink."
        case .forbidden: advice = "\n\nThe owner of the Cloud API key lacks a role for this."
        case .quota: advice = "\n\nAsk Confluent for a higher limit, or delete keys that are not used."
        case .network: advice = "\n\nCheck the network, the endpoint, and HTTPS_PROXY."
        default: advice = ""
        }
        return .error("Request to Confluent Cloud failed", error.description + advice)
    }

    fileprivate static func several(_ kind: String, _ name: String) -> Diagnostic {
        .error("Data source is ambiguous", "There are several \(kind) named \"\(VisibleText.escaped(name))\". Name the one that is meant by its id.")
    }

    fileprivate static func noSuchRegion(_ cloud: String, _ region: String) -> Diagnostic {
        .error("Data source not found", "There aren't any Flink regions with cloud \"\(VisibleText.escaped(cloud))\" and region \"\(VisibleText.escaped(region))\". The names are those of the cloud provider, such as cloud = \"AWS\" and region = \"us-east-1\".")
    }
}
