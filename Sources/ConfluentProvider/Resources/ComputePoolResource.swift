import ConfluentClient
import Configuring
import Diagnostics
import Planning
import Values

/// `confluent_flink_compute_pool`: what statements of a region run in.
enum ComputePoolResource: ResourceType {
    static let typeName = "confluent_flink_compute_pool"
    static let noun = "compute pool"
    static let localArguments = ["timeouts"]
    static let needsFilter = true

    private static let environment = NestedBlockSchema(
        "environment", minimum: 1, maximum: 1, forcesReplacement: true,
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .required, forcesReplacement: true, problem: Validation.notEmpty)
        ]))

    /// How long waiting may take; the arguments of the real provider, of which only the first is of use here.
    private static let timeouts = NestedBlockSchema(
        "timeouts", isSingle: true,
        block: BlockSchema(attributes: ["create", "delete"].map { AttributeSchema($0, .string, .optional) }))

    static let schema = Schema(
        block: BlockSchema(
            attributes: [
                AttributeSchema("api_version", .string, .computed),
                AttributeSchema(
                    "cloud", .string, .required, forcesReplacement: true,
                    problem: Validation.oneOf(["AWS", "AZURE", "GCP"])),
                AttributeSchema("default_pool", .bool, .optional, isEquivalent: isSameFlag),
                AttributeSchema("display_name", .string, .required, problem: Validation.notEmpty),
                AttributeSchema("id", .string, .computed), AttributeSchema("kind", .string, .computed),
                AttributeSchema("max_cfu", .number, .optionalComputed, problem: unitsProblem),
                AttributeSchema("region", .string, .required, forcesReplacement: true, problem: Validation.notEmpty),
                AttributeSchema("resource_name", .string, .computed),
            ], blocks: [environment, timeouts]), fingerprint: fingerprint)

    private static func unitsProblem(_ value: Value) -> String? {
        guard let number = value.number?.int, number > 0 else {
            return "The number of Confluent Flink units is a whole number such as 5, 10, 20, 30, 40 or 50."
        }
        return nil
    }

    /// A flag that is not set and one that is false are the same to the cloud.
    private static func isSameFlag(_ first: Value, _ second: Value) -> Bool {
        (first.bool ?? false) == (second.bool ?? false)
    }

    private static func fingerprint(_ object: Value) -> Fingerprint? {
        guard let name = object["display_name"], let cloud = object["cloud"], let region = object["region"],
            let environment = filter(of: object)
        else { return nil }
        return Fingerprint([
            "kind": "ComputePool", "display_name": name, "cloud": cloud, "region": region, "environment": environment,
        ])
    }

    static func cloudObject(_ pool: ComputePool) -> CloudObject {
        let value = Value.object([
            "api_version": .string(pool.apiVersion), "cloud": .string(pool.cloud),
            "default_pool": .bool(pool.isDefault ?? false), "display_name": .string(pool.displayName),
            "environment": environment.value(of: [.object(["id": .string(pool.environment)])]),
            "id": .string(pool.id), "kind": .string(pool.kind),
            "max_cfu": pool.maximumUnits.map { .number($0) } ?? .null(.number), "region": .string(pool.region),
            "resource_name": .string(pool.resourceName), "timeouts": timeouts.value(of: []),
        ])
        return CloudObject(id: pool.id, createdAt: pool.createdAt, value: value)
    }

    static func filter(of object: Value) -> String? { object.block("environment")?["id"] }

    static func filters(_ cloud: CloudAccess, owner: String?) async throws(APIError) -> [String?] {
        try await EnvironmentDataSource.environments(cloud).map(\.id)
    }

    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject> {
        guard let filter else { return Listing(items: [], serverDate: nil) }
        return try await client.computePools(environment: filter, until: isEnough).map(cloudObject)
    }

    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject {
        cloudObject(try await client.computePool(id: object.id, environment: filter(of: object) ?? ""))
    }

    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject> {
        let wanted = ConfluentClient.ComputePoolRequest(
            displayName: planned["display_name"], cloud: planned["cloud"], region: planned["region"],
            maximumUnits: units(planned), isDefault: planned.fields?["default_pool"]?.bool)
        return await client.createComputePool(wanted, environment: filter(of: planned) ?? "").map(cloudObject)
    }

    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject {
        let isDefault = planned.fields?["default_pool"]?.bool ?? false
        let changes = ConfluentClient.ComputePoolRequest(
            displayName: planned.changedText("display_name", from: prior),
            maximumUnits: units(planned) == units(prior) ? nil : units(planned),
            isDefault: isDefault == prior.fields?["default_pool"]?.bool ?? false ? nil : isDefault)
        return cloudObject(
            try await client.updateComputePool(id: prior.id, environment: filter(of: prior) ?? "", changes))
    }

    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError) {
        try await client.deleteComputePool(id: object.id, environment: filter(of: object) ?? "")
    }

    private static func units(_ object: Value) -> Int? { object.fields?["max_cfu"]?.number?.int }

    static func circles(of object: Value) -> [String] { filter(of: object).map { ["environment \($0)"] } ?? [] }

    /// The pools of an environment go with it.
    static func isProvenGone(_ client: ConfluentClient, _ object: Value) async -> Bool {
        guard let environment = filter(of: object) else { return false }
        do throws(APIError) {
            _ = try await client.environment(id: environment)
            return false
        } catch {
            return error.kind == .notFound
        }
    }

    static func object(id: String, like fingerprint: Fingerprint?) -> Value {
        var object = schema.object(id: id)
        guard let environment = fingerprint?.parts["environment"], let fields = object.fields else { return object }
        let block = Self.environment.value(of: [.object(["id": .string(environment)])])
        object.content = .object(fields.replacing("environment", with: block))
        return object
    }

    static func object(importID: String) throws(Diagnostic) -> Value {
        let parts = importID.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].hasPrefix("env-"), !parts[1].isEmpty else {
            throw .malformedImportID(
                importID, noun: noun, forms: ["ENVIRONMENT_ID/COMPUTE_POOL_ID"], example: "env-abc123/lfcp-abc123")
        }
        return object(id: parts[1], like: Fingerprint(["environment": parts[0]]))
    }

    static func importID(of object: Value) -> String { "\(filter(of: object) ?? "")/\(object.id)" }

    /// A pool works when the cloud has provisioned it.
    static func probe(_ cloud: CloudAccess, _ object: Value, secret: String?) async -> Probe? {
        let environment = filter(of: object) ?? ""
        return Probe(place: "The compute pool", limit: .seconds(1200)) {
            do throws(APIError) {
                let pool = try await cloud.client.computePool(id: object.id, environment: environment)
                return ["PROVISIONING", ""].contains(pool.phase)
                    ? .notYet(status: nil, detail: "is still being provisioned")
                    : pool.phase == "PROVISIONED" ? .ready : .unclear(reason: "its phase is \(pool.phase)")
            } catch {
                return error.probeAnswer
            }
        }
    }
}
