import ConfluentClient
import Configuring
import Diagnostics
import Values

/// `data "confluent_flink_region"`: a region that has Flink.
enum FlinkRegionDataSource {
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
