package import ConfluentClient
package import Diagnostics

/// Calls whose failure a user is told as it stands.
package enum Calls {
    /// Makes a call, and throws its failure as a diagnostic that says what to do.
    package static func perform<Result>(
        _ call: () async throws(APIError) -> Result
    ) async throws(Diagnostic) -> Result {
        do throws(APIError) {
            return try await call()
        } catch {
            throw .api(error)
        }
    }
}

extension Diagnostic {
    /// A call failed.
    package static func api(_ error: APIError) -> Diagnostic {
        let advice: String
        switch error.kind {
        case .unauthorized:
            advice =
                "\n\nCheck CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET, the arguments of provider \"confluent\", or the login: it must be a Cloud API key, not the key of a cluster or of Flink."
        case .forbidden:
            advice =
                "\n\nThe owner of the Cloud API key lacks a role for this, or what the request names does not exist: Confluent Cloud answers alike for both."
        case .quota: advice = "\n\nAsk Confluent for a higher limit, or delete keys that are not used."
        case .network: advice = "\n\nCheck the network, the endpoint, and HTTPS_PROXY."
        case .server:
            advice =
                "\n\nThe fault is on Confluent's side. Run the command again later; if it stays, give Confluent's support the request id."
        case .rateLimited: advice = "\n\nRun the command again later, or with a lower -parallelism."
        case .malformed:
            advice =
                "\n\nSomething between here and Confluent Cloud may have answered in its place. Check the endpoint and HTTPS_PROXY."
        case .invalid, .conflict: advice = "\n\nChange what the answer names, then run the command again."
        case .notFound: advice = "\n\nCheck the id, and that the credentials are of the right organization."
        case .cancelled: advice = ""
        }
        return .error("Request to Confluent Cloud failed", error.description + advice)
    }
}
