import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_flink_region"`: a region that has Flink.
enum FlinkRegionDataSource: DataSource {
    static let typeName = "confluent_flink_region"

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

    /// All regions, listed once for a whole run.
    static func regions(_ cloud: CloudAccess) async throws(APIError) -> [FlinkRegion] {
        try await cloud.shared.value("regions") { () async throws(APIError) in
            try await cloud.client.flinkRegions().items
        }
    }

    static func read(_ configuration: Value, _ access: CloudAccess) async throws(Diagnostic) -> Value {
        let cloud = configuration["cloud"] ?? ""
        let region = configuration["region"] ?? ""
        let found = try await Calls.perform { () async throws(APIError) in try await regions(access) }
            .filter { $0.cloud.uppercased() == cloud.uppercased() && $0.regionName == region }
        guard let first = found.first else { throw .noSuchRegion(cloud, region) }
        guard found.count == 1 else { throw .several("Flink regions", "\(cloud) \(region)") }
        return .object([
            "api_version": .string(first.apiVersion), "cloud": .string(cloud), "id": .string(first.id),
            "kind": .string(first.kind), "private_rest_endpoint": .string(first.privateHTTPEndpoint),
            "region": .string(region), "rest_endpoint": .string(first.httpEndpoint),
        ])
    }
}
