import JSON

/// `/srcm/v3/clusters`, and the subjects of a Schema Registry, which are always none.
enum SchemaRegistryEndpoints: ClusterGroup {
    static let path = "/srcm/v3/clusters"
    static let table = "schema_registries"
    static let key = KeyKind.schemaRegistry
    static let prefix = "lsrc-"
    static let apiVersion = "srcm/v3"
    static let crnName = "schema-registry"

    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject) {
        let address = JSONValue.string(address(cluster.id, visit))
        return (
            [
                "display_name": "Stream Governance Package", "package": "ESSENTIALS", "cloud": "AWS",
                "region": "us-east-1", "http_endpoint": address, "private_http_endpoint": address,
                "catalog_http_endpoint": address,
            ],
            [:]
        )
    }

    static func served(_ path: [String], of cluster: Cluster, _ visit: Visit) -> CloudResponse? {
        path == ["subjects"] ? .json(200, []) : nil
    }

    static let unauthenticated = CloudResponse.json(401, ["error_code": 401, "message": "Unauthorized"])
}
