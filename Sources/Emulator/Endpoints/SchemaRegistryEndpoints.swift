import JSON

/// `/srcm/v3/clusters`, and the subjects of a Schema Registry, which are always none.
enum SchemaRegistryEndpoints: ClusterGroup {
    static let table = "schema_registries"
    static let key = KeyKind.schemaRegistry
    static let keyVersion = "srcm/v2"
    static let prefix = "lsrc-"
    static let crnName = "schema-registry"

    static let collection = Collection.clusters(
        "/srcm/v3/clusters",
        spec: [
            .required("display_name", .string), .required("package", .string), .required("cloud", .string),
            .required("region", .string), .required("http_endpoint", .string),
            .required("private_http_endpoint", .string), .required("catalog_http_endpoint", .string),
        ])

    static let probe = ClusterProbe(
        path: "/subjects", summary: "List a Schema Registry's subjects: there are none.",
        answer: Schema.array(.string)
    )

    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject) {
        let address = address(cluster.id, visit)
        return (
            [
                "display_name": "Stream Governance Package", "package": "ESSENTIALS", "cloud": "AWS",
                "region": "us-east-1", "http_endpoint": address, "private_http_endpoint": address,
                "catalog_http_endpoint": address,
            ],
            [:]
        )
    }

    static func served(_ cluster: Cluster, _ visit: Visit) -> JSONValue { [] }

    static let unauthenticated = CloudResponse.json(401, ["error_code": 401, "message": "Unauthorized"])
}
