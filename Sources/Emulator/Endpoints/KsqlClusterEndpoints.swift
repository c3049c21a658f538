import JSON

/// `/ksqldbcm/v2/clusters`, and the description of a ksqlDB server.
///
/// That `/info` is what a key is tried on is inferred: the service's clients wait for a fixed time instead.
enum KsqlClusterEndpoints: ClusterGroup {
    static let path = "/ksqldbcm/v2/clusters"
    static let table = "ksql_clusters"
    static let key = KeyKind.ksql
    static let prefix = "lksqlc-"
    static let apiVersion = "ksqldbcm/v2"
    static let crnName = "ksql"

    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject) {
        (
            ["display_name": .string(cluster.id), "csu": 1, "use_detailed_processing_log": true],
            ["http_endpoint": .string(address(cluster.id, visit)), "is_paused": false]
        )
    }

    static func served(_ path: [String], of cluster: Cluster, _ visit: Visit) -> CloudResponse? {
        guard path == ["info"] else { return nil }
        return .json(
            200,
            [
                "KsqlServerInfo": [
                    "version": "0.29.0", "ksqlServiceId": .string("pksqlc-\(cluster.id.dropFirst(prefix.count))"),
                    "serverStatus": "RUNNING",
                ]
            ])
    }

    static let unauthenticated = CloudResponse.json(
        401, ["@type": "generic_error", "error_code": 40100, "message": "Unauthorized"])
}
