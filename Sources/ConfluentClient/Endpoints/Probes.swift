package import Networking

/// What a new API key can be tried on.
///
/// The calls are those that Confluent's own Terraform provider makes to find out whether a key of that kind works.
package enum ProbeTarget: Hashable, Sendable {
    /// Flink: the statements of an environment, at a region's HTTP endpoint.
    case statements(endpoint: String, organization: String, environment: String)
    /// Kafka: the topics of a cluster, at the cluster's HTTP endpoint.
    case topics(endpoint: String, cluster: String)
    /// Schema Registry: the subjects, at the cluster's HTTP endpoint.
    case subjects(endpoint: String)
    /// ksqlDB: the server's own description, at the cluster's HTTP endpoint.
    case ksqlServer(endpoint: String)
    /// Cloud and Global keys: the environments, at the client's own endpoint.
    case environments
    /// Tableflow: its regions, at the client's own endpoint.
    case tableflowRegions

    /// The base URL to ask at; nil means the client's own.
    var endpoint: String? {
        switch self {
        case .statements(let endpoint, _, _), .topics(let endpoint, _), .subjects(let endpoint),
            .ksqlServer(let endpoint):
            endpoint
        case .environments, .tableflowRegions: nil
        }
    }

    var request: Request {
        switch self {
        case .statements(_, let organization, let environment):
            let path = Request.path(Request.path("/sql/v1/organizations", organization) + "/environments", environment)
            return Request(.get, path + "/statements", query: [("page_size", "1")])
        case .topics(_, let cluster):
            return Request(.get, Request.path("/kafka/v3/clusters", cluster) + "/topics")
        case .subjects: return Request(.get, "/subjects")
        case .ksqlServer: return Request(.get, "/info")
        case .environments: return Request(.get, "/org/v2/environments", query: [("page_size", "1")])
        case .tableflowRegions: return Request(.get, "/tableflow/v1/regions", query: [("page_size", "1")])
        }
    }
}

/// The readiness probe: one look at something, made with the new key.
extension ConfluentClient {
    /// Asks once, with the key that is to be probed and not with the client's own.
    ///
    /// Never retries and never throws: when and how often to ask is the caller's matter. An endpoint must be HTTPS or a
    /// loopback address.
    package func probe(_ target: ProbeTarget, key: Credentials) async -> ProbeAnswer {
        let place: Endpoint
        do {
            place = try target.endpoint.map { text throws(ClientError) in try Endpoint(text) } ?? endpoint
            try key.check()
        } catch {
            return .unclear(reason: error.description)
        }
        let probe = Exchange(
            endpoint: place, credentials: key, userAgent: exchange.userAgent, timeout: exchange.timeout,
            retry: Retry(maximumRetries: 0), transport: exchange.transport, timing: exchange.timing,
            limiter: Limiter(timing: exchange.timing))
        switch await probe.perform(target.request) {
        case .success(let reply): return Self.verdict(reply.answer)
        case .failure(let failure): return Self.verdict(failure)
        }
    }

    private static func verdict(_ answer: Answer) -> ProbeAnswer {
        do {
            _ = try AnswerReader.json(answer.body)
            return .ready
        } catch {
            return .unclear(reason: "the answer cannot be used: \(error.text)")
        }
    }

    private static func verdict(_ failure: Exchange.Failure) -> ProbeAnswer {
        let error = failure.error
        guard let status = error.status else { return .unreachable(reason: error.detail) }
        switch status {
        case 400, 401, 403, 404: return .notYet(status: status, detail: error.detail)
        case 429, 500...599: return .busy(status: status, wait: failure.wait)
        default: return .unclear(reason: error.description)
        }
    }
}
