/// The readiness probe: one look at the statements of a region, made with the new key.
extension ConfluentClient {
    /// Asks the data plane at `endpoint` once, with the key that is to be probed and not with the client's own.
    ///
    /// Never retries and never throws: when and how often to ask is the caller's matter. `endpoint` is a region's HTTP
    /// endpoint; it must be HTTPS or a loopback address.
    package func probeStatements(
        endpoint: String, organization: String, environment: String, key: Credentials
    ) async -> ProbeAnswer {
        let region: Endpoint
        do {
            region = try Endpoint(endpoint)
            try key.check()
        } catch {
            return .unclear(reason: error.description)
        }
        let probe = Exchange(
            endpoint: region, credentials: key, userAgent: exchange.userAgent, timeout: exchange.timeout,
            retry: Retry(maximumRetries: 0), transport: exchange.transport, timing: exchange.timing, pace: Pace())
        let path =
            Request.path(
                Request.path("/sql/v1/organizations", organization) + "/environments", environment) + "/statements"
        switch await probe.perform(Request(.get, path, query: [("page_size", "1")])) {
        case .success(let reply): return Self.verdict(reply.answer)
        case .failure(let failure): return Self.verdict(failure)
        }
    }

    private static func verdict(_ answer: Answer) -> ProbeAnswer {
        do {
            _ = try AnswerReader(try AnswerReader.json(answer.body))
            return .ready
        } catch {
            return .unclear(reason: "the data plane's answer cannot be used: \(error.text)")
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
