/// Clusters that API keys open, read only for where they are: `/cmk/v2`, `/srcm/v3` and `/ksqldbcm/v2`.
extension ConfluentClient {
    /// A kind of cluster that has keys of its own.
    package enum ClusterKind: String, Sendable {
        /// Kafka, ids `lkc-…`.
        case kafka = "/cmk/v2/clusters"
        /// Schema Registry, ids `lsrc-…`.
        case schemaRegistry = "/srcm/v3/clusters"
        /// ksqlDB, ids `lksqlc-…`.
        case ksqlDB = "/ksqldbcm/v2/clusters"
    }

    /// Where a cluster is reached over HTTP; empty when the server does not say.
    package func clusterEndpoint(
        _ service: ClusterKind, id: String, environment: String
    ) async throws(APIError) -> String {
        let request = Request(
            .get, Request.path(service.rawValue, id), query: [("environment", environment)])
        return try await object(request) { (reader) throws(AnswerMistake) in
            for part in ["spec", "status"] {
                let text = try reader.optionalObject(part)?.text("http_endpoint") ?? ""
                if !text.isEmpty { return text }
            }
            return ""
        }
    }
}
