import Configuring
import ConfluentClient
import Diagnostics
import Networking
import Values

/// The arguments of `provider "confluent"`, and the environment variables that stand in for them.
///
/// Names and types are those of the real provider, so that its configurations work; those of other services than the control
/// plane are accepted and not used.
enum ProviderArguments {
    static let schema: Schema = {
        let strings = [
            "catalog_rest_endpoint", "endpoint", "environment_id", "flink_compute_pool_id", "flink_principal_id",
            "flink_rest_endpoint", "kafka_id", "kafka_rest_endpoint", "organization_id", "schema_registry_id",
            "schema_registry_rest_endpoint", "user_agent_suffix",
        ]
        let services = ["cloud", "flink", "kafka", "schema_registry", "tableflow"]
        let attributes =
            strings.map { AttributeSchema($0, .string, .optional) }
            + services.map { AttributeSchema("\($0)_api_key", .string, .optional, isSensitive: true) }
            + services.map {
                AttributeSchema("\($0)_api_secret", .string, .optional, isSensitive: true, isSecret: true)
            }
            + [AttributeSchema("max_retries", .number, .optional, problem: retriesProblem)]
        let oauth = [
            AttributeSchema("oauth_external_access_token", .string, .optional, isSensitive: true, isSecret: true),
            AttributeSchema("oauth_external_client_id", .string, .optional),
            AttributeSchema("oauth_external_client_secret", .string, .optional, isSensitive: true, isSecret: true),
            AttributeSchema("oauth_external_token_scope", .string, .optional),
            AttributeSchema("oauth_external_token_url", .string, .optional),
            AttributeSchema("oauth_identity_pool_id", .string, .required),
            AttributeSchema("oauth_sts_token_expired_in_seconds", .string, .optional),
        ]
        return Schema(
            block: BlockSchema(
                attributes: attributes,
                blocks: [NestedBlockSchema("oauth", maximum: 1, block: BlockSchema(attributes: oauth))]))
    }()

    private static func retriesProblem(_ value: Value) -> String? {
        guard let count = value.number?.int, (4...100).contains(count) else {
            return "max_retries must be a whole number of at least 4, the provider's default, and at most 100."
        }
        return nil
    }

    /// The client's settings of a provider block's value and the environment.
    ///
    /// - Parameters:
    ///   - configuration: The value of the block.
    ///   - environment: The environment variables.
    ///   - login: What `login` remembered; asked for when neither block nor environment gives a Cloud API key.
    ///   - version: This program's version, for the user agent.
    static func settings(
        _ configuration: Value, environment: [String: String], login: LoginSource, version: String
    ) throws(Diagnostic) -> ClientSettings {
        func text(_ argument: String, _ variable: String) -> String? {
            let given = configuration.fields?[argument]?.string ?? environment[variable]
            return given?.isEmpty == false ? given : nil
        }
        if configuration.fields?["oauth"]?.elements?.isEmpty == false { throw .oauth }
        var key = text("cloud_api_key", "CONFLUENT_CLOUD_API_KEY")
        var secret = text("cloud_api_secret", "CONFLUENT_CLOUD_API_SECRET")
        var endpoint = text("endpoint", "CONFLUENT_CLOUD_ENDPOINT")
        if key == nil, secret == nil, let login = try login() {
            // A login's secret goes nowhere but where it was checked.
            if let endpoint, !login.isFor(endpoint) { throw .loginElsewhere(login.endpoint, endpoint) }
            (key, secret, endpoint) = (login.key, login.secret, login.endpoint)
        }
        guard let key, let secret else { throw .missingCredentials(hasKey: key != nil, hasSecret: secret != nil) }
        let retries =
            configuration.fields?["max_retries"]?.number?.int
            ?? environment["TF_PROVIDER_CONFLUENT_MAX_RETRIES"].flatMap { Int($0) } ?? 4
        let suffix = configuration.fields?["user_agent_suffix"]?.string.map { " " + $0 } ?? ""
        do throws(ClientError) {
            return ClientSettings(
                endpoint: endpoint ?? ClientSettings.defaultEndpoint,
                credentials: Credentials(key: key, secret: secret), maximumRetries: max(4, min(retries, 100)),
                userAgent: "flinkform/\(version)\(suffix)", proxy: try ProxySettings(environment: environment))
        } catch {
            throw .error("Invalid provider configuration", error.description)
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static var oauth: Diagnostic {
        .error(
            "Not supported yet",
            "The \"oauth\" block of provider \"confluent\" is not supported by this version of flinkform. Use a Cloud API key: cloud_api_key and cloud_api_secret."
        )
    }

    fileprivate static func missingCredentials(hasKey: Bool, hasSecret: Bool) -> Diagnostic {
        let what =
            hasKey == hasSecret
            ? "No Cloud API key is given."
            : "Only the \(hasKey ? "key" : "secret") of the Cloud API key is given; both belong together."
        return .error(
            "Missing provider credentials",
            """
            \(what) flinkform talks to Confluent Cloud with a Cloud API key. Set the environment variables:
                export CONFLUENT_CLOUD_API_KEY=...
                export CONFLUENT_CLOUD_API_SECRET=...

            or the arguments cloud_api_key and cloud_api_secret of provider "confluent", or let flinkform remember one: \
            flinkform login. A Cloud API key is made in the Confluent Cloud Console under API keys, with scope "Cloud resource \
            management".
            """)
    }

    fileprivate static func loginElsewhere(_ known: String, _ wanted: String) -> Diagnostic {
        .error(
            "Login of another endpoint",
            """
            The Cloud API key that "flinkform login" remembers is for \(VisibleText.escaped(known)), but the endpoint is set to \
            \(VisibleText.escaped(wanted)). Its secret was not sent there.

            Log in again for that endpoint, or take the endpoint out of provider "confluent" and CONFLUENT_CLOUD_ENDPOINT.
            """)
    }
}
