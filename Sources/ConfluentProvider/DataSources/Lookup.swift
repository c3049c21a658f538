import ConfluentClient
import Diagnostics
import Values

/// How a data source names its object: by id or by name, not both and not neither.
enum Lookup {
    case id(String)
    case name(String)

    init(_ configuration: Value) throws(Diagnostic) {
        switch (configuration.fields?["id"]?.string, configuration.fields?["display_name"]?.string) {
        case (let id?, nil): self = .id(id)
        case (nil, let name?): self = .name(name)
        default:
            throw .error(
                "Invalid combination of arguments", "Exactly one of \"id\" and \"display_name\" must be given.")
        }
    }

    /// The only one of what was found.
    func only<Item>(_ found: [Item], _ kind: String) throws(Diagnostic) -> Item {
        guard case .name(let name) = self else { throw .several(kind, "") }
        guard let first = found.first else {
            throw .error(
                "Data source not found",
                "There are no \(kind) named \"\(VisibleText.escaped(name))\" that these credentials can see.")
        }
        guard found.count == 1 else { throw .several(kind, name) }
        return first
    }
}

/// Calls whose failure a user is told as it stands.
enum Calls {
    static func perform<Result>(
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
    static func api(_ error: APIError) -> Diagnostic {
        let advice: String
        switch error.kind {
        case .unauthorized:
            advice =
                "\n\nCheck CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET: it must be a Cloud API key, not the key of a cluster or of Flink."
        case .forbidden: advice = "\n\nThe owner of the Cloud API key lacks a role for this."
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

    static func several(_ kind: String, _ name: String) -> Diagnostic {
        .error(
            "Data source is ambiguous",
            "There are several \(kind) named \"\(VisibleText.escaped(name))\". Name the one that is meant by its id.")
    }

    static func noSuchRegion(_ cloud: String, _ region: String) -> Diagnostic {
        .error(
            "Data source not found",
            "There aren't any Flink regions with cloud \"\(VisibleText.escaped(cloud))\" and region \"\(VisibleText.escaped(region))\". The names are those of the cloud provider, such as cloud = \"AWS\" and region = \"us-east-1\"."
        )
    }
}
