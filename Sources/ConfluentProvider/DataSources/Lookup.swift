package import ConfluentClient
package import Diagnostics
import Values

/// How a data source names its object: by id or by one of its names, not both and not neither.
enum Lookup {
    case id(String)
    /// The name, and the argument that gives it.
    case name(String, argument: String)

    /// Reads the arguments of a data source whose object is found by `id` or by one of `names`.
    init(_ configuration: Value, names: [String] = ["display_name"]) throws(Diagnostic) {
        let arguments = ["id"] + names
        let given = arguments.filter { configuration[$0] != nil }
        guard given.count == 1, let argument = given.first, let value = configuration[argument] else {
            let list = arguments.dropLast().map { "\"\($0)\"" }.joined(separator: ", ")
            throw .error(
                "Invalid combination of arguments",
                "Exactly one of \(list) and \"\(arguments[arguments.count - 1])\" must be given.")
        }
        self = argument == "id" ? .id(value) : .name(value, argument: argument)
    }

    /// The only one of what was found under a name.
    static func only<Item>(
        _ found: [Item], _ kind: String, _ argument: String, _ name: String
    ) throws(Diagnostic) -> Item {
        guard let first = found.first else {
            throw .error(
                "Data source not found",
                "There are no \(kind) with \(argument) \"\(VisibleText.escaped(name))\" that these credentials can see."
            )
        }
        guard found.count == 1 else { throw .several(kind, name) }
        return first
    }
}

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
