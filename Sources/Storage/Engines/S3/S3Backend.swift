package import Applying
package import Diagnostics
package import Networking

/// States in a bucket of Amazon S3, or of a store that speaks its protocol: a `backend "s3"` block, with the objects that
/// Terraform makes.
package struct S3Backend: Backend {
    /// What it takes.
    package static let arguments: [BackendArgument] =
        [
            BackendArgument("bucket"), BackendArgument("key"),
            BackendArgument("region", environment: ["AWS_REGION", "AWS_DEFAULT_REGION"]),
            BackendArgument("workspace_key_prefix"),
            BackendArgument("endpoint"), BackendArgument("endpoints"),
            BackendArgument("endpoints.s3", environment: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
            BackendArgument("use_path_style", .bool), BackendArgument("force_path_style", .bool),
            BackendArgument("use_fips_endpoint", .bool, environment: ["AWS_USE_FIPS_ENDPOINT"]),
            BackendArgument("use_dualstack_endpoint", .bool, environment: ["AWS_USE_DUALSTACK_ENDPOINT"]),
            BackendArgument("use_lockfile", .bool), BackendArgument("encrypt", .bool), BackendArgument("kms_key_id"),
            BackendArgument("sse_customer_key", environment: ["AWS_SSE_CUSTOMER_KEY"], isSecret: true),
            BackendArgument("acl"), BackendArgument("access_key"), BackendArgument("secret_key", isSecret: true),
            BackendArgument("token", isSecret: true), BackendArgument("profile"),
            BackendArgument("shared_credentials_file"), BackendArgument("shared_credentials_files"),
            BackendArgument("shared_config_files"),
            BackendArgument("custom_ca_bundle", environment: ["AWS_CA_BUNDLE"]), BackendArgument("insecure", .bool),
            BackendArgument("https_proxy"), BackendArgument("http_proxy"), BackendArgument("no_proxy"),
            BackendArgument("max_retries", .number, environment: ["AWS_MAX_ATTEMPTS"]), BackendArgument("retry_mode"),
            BackendArgument("skip_s3_checksum", .bool), BackendArgument("skip_credentials_validation", .bool),
            BackendArgument("skip_region_validation", .bool), BackendArgument("skip_metadata_api_check", .bool),
            BackendArgument("skip_requesting_account_id", .bool), BackendArgument("use_legacy_workflow", .bool),
            BackendArgument("dynamodb_table"), BackendArgument("dynamodb_endpoint"), BackendArgument("sts_endpoint"),
            BackendArgument("sts_region"), BackendArgument("iam_endpoint"),
            BackendArgument("ec2_metadata_service_endpoint"),
            BackendArgument("ec2_metadata_service_endpoint_mode"),
        ] + unsupported.map { BackendArgument($0) }

    /// What Terraform takes and this backend does not, and what would change who asks, so that it cannot be read over.
    static let unsupported = [
        "assume_role", "assume_role_with_web_identity", "role_arn", "session_name", "external_id",
        "assume_role_duration_seconds", "assume_role_policy", "assume_role_policy_arns", "assume_role_tags",
        "assume_role_transitive_tag_keys", "allowed_account_ids", "forbidden_account_ids",
    ]

    private let client: S3Client

    /// Makes a backend; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - arguments: The arguments by name, as text, with members as `endpoints.s3` and elements as `shared_config_files.0`.
    ///   - environment: The environment variables, for the arguments that are missing.
    ///   - files: Where profiles and certificates are read from.
    ///   - surroundings: The time for signatures, the clock and chance for pauses.
    ///   - transport: The way to the store; nil makes one of the arguments.
    /// - Throws: What is wrong with the arguments.
    package init(
        arguments: [String: String], environment: [String: String], files: any FileSystem, surroundings: Surroundings,
        transport: (any Transport)? = nil
    ) throws(Diagnostic) {
        let settings = try S3Settings(arguments, environment, files)
        let transport =
            transport
            ?? HTTPTransport(
                proxy: settings.proxy, connectTimeout: .seconds(10), readTimeout: .seconds(30), tls: settings.tls)
        client = S3Client(
            settings,
            WebRequests(over: transport, surroundings: surroundings, patience: settings.patience), surroundings)
    }

    /// The object that keeps the state of a workspace.
    private func key(_ workspace: String) -> String {
        let settings = client.settings
        return workspace == "default" ? settings.key : "\(settings.workspacePrefix)/\(workspace)/\(settings.key)"
    }

    /// The engine that keeps the state of a workspace.
    package func engine(workspace: String) throws(EngineError) -> any StateEngine {
        S3Engine(client: client, key: key(workspace))
    }

    /// The workspaces that have a state, sorted.
    package func workspaces() async throws(EngineError) -> [String]? {
        let settings = client.settings
        var names: [String] = []
        if try await client.head("The workspaces could not be listed", settings.key) != nil { names = ["default"] }
        let (prefix, suffix) = ("\(settings.workspacePrefix)/", "/\(settings.key)")
        for object in try await client.list("The workspaces could not be listed", prefix: prefix) {
            guard object.key.hasPrefix(prefix), object.key.hasSuffix(suffix) else { continue }
            let name = object.key.dropFirst(prefix.count).dropLast(suffix.count)
            if !name.isEmpty, object.key == prefix + name + suffix { names.append(String(name)) }
        }
        return names.sorted()
    }

    /// Takes the state of a workspace away, with its journal.
    package func remove(workspace: String) async throws(EngineError) {
        let engine = S3Engine(client: client, key: key(workspace))
        try await client.delete("The state could not be removed", key(workspace))
        try await engine.removeJournal(through: Int.max)
    }

    /// Lets connections go; nothing is asked afterwards.
    package func close() async { await client.shutdown() }
}
