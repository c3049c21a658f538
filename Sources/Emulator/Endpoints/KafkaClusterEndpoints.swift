import JSON

/// `/cmk/v2/clusters`, and the topics of a Kafka cluster, which are always none.
enum KafkaClusterEndpoints: ClusterGroup {
    static let table = "kafka_clusters"
    static let key = KeyKind.kafka
    static let prefix = "lkc-"
    static let crnName = "cloud-cluster"

    static let collection = Collection.clusters(
        "/cmk/v2/clusters",
        spec: [
            .required("display_name", .string), .required("availability", .string), .required("cloud", .string),
            .required("region", .string), .required("config", .object(.required("kind", .string))),
            .required("kafka_bootstrap_endpoint", .string), .required("http_endpoint", .string),
        ])

    static let probe = ClusterProbe(
        path: "/kafka/v3/clusters/{id}/topics", summary: "List a Kafka cluster's topics: there are none.",
        answer: Schema.object(
            .required("kind", .string(oneOf: "KafkaTopicList")), .required("metadata", .anything),
            .required("data", .array(.anything)))
    )

    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject) {
        let host = visit.origin.split(separator: "/").last.map(String.init) ?? ""
        return (
            [
                "display_name": .string(cluster.id), "availability": "SINGLE_ZONE", "cloud": "AWS",
                "region": "us-east-1", "config": ["kind": "Basic"],
                "kafka_bootstrap_endpoint": .string("SASL_SSL://\(host)"),
                "http_endpoint": address(cluster.id, visit),
            ],
            [:]
        )
    }

    static func served(_ cluster: Cluster, _ visit: Visit) -> JSONValue {
        [
            "kind": "KafkaTopicList",
            "metadata": ["self": .string(visit.origin + visit.request.path), "next": .null], "data": [],
        ]
    }

    /// The REST proxy in front of Kafka refuses with a page, not with JSON.
    static let unauthenticated = CloudResponse(
        status: 401, headers: [("WWW-Authenticate", #"Basic realm="""#)], contentType: "text/html",
        body: Array("<html><body><h2>HTTP ERROR 401 Unauthorized</h2></body></html>\n".utf8))
}
