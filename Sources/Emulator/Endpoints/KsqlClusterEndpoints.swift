import JSON

/// `/ksqldbcm/v2/clusters`, and the description of a ksqlDB server.
///
/// That `/info` is what a key is tried on is inferred: the service's clients wait for a fixed time instead.
enum KsqlClusterEndpoints: ClusterGroup {
    static let table = "ksql_clusters"
    static let key = KeyKind.ksql
    static let prefix = "lksqlc-"
    static let crnName = "ksql"

    static let collection = Collection.clusters(
        "/ksqldbcm/v2/clusters",
        spec: [
            .required("display_name", .string), .required("csu", Schema(shape: .choice([1, 2, 4, 8, 12]))),
            .required("use_detailed_processing_log", .bool),
        ], status: [.required("http_endpoint", .string), .required("is_paused", .bool)])

    static let probe = ClusterProbe(
        path: "/info", summary: "Read what a ksqlDB server says of itself.",
        answer: Schema.object(
            .required(
                "KsqlServerInfo",
                .object(
                    .required("version", .string), .required("ksqlServiceId", .string),
                    .required("serverStatus", .string))))
    )

    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject) {
        (
            ["display_name": .string(cluster.id), "csu": 1, "use_detailed_processing_log": true],
            ["http_endpoint": address(cluster.id, visit), "is_paused": false]
        )
    }

    static func served(_ cluster: Cluster, _ visit: Visit) -> JSONValue {
        [
            "KsqlServerInfo": [
                "version": "0.29.0", "ksqlServiceId": .string("pksqlc-\(cluster.id.dropFirst(prefix.count))"),
                "serverStatus": "RUNNING",
            ]
        ]
    }

    static let unauthenticated = CloudResponse.json(
        401, ["@type": "generic_error", "error_code": 40100, "message": "Unauthorized"])
}
