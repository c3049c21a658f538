import Diagnostics
import FoundationEssentials
import Networking

/// What a `backend "s3"` block says, checked.
struct S3Settings: Sendable {
    /// The bucket.
    var bucket: String
    /// The object of the workspace `default`.
    var key: String
    /// What stands before the names of other workspaces.
    var workspacePrefix: String
    /// The region that requests are signed for.
    var region: String
    /// Where requests go, without the bucket.
    var endpoint: Endpoint
    /// Whether the bucket is the first part of the path, and not of the host's name.
    var usesPathStyle: Bool
    /// Whether it is AWS itself, of which is known what it honours.
    var isAmazon: Bool
    /// Whether the state is locked.
    var usesLockfile: Bool
    /// Whether what is written has a SHA-256 with it, which the store compares.
    var sendsChecksum: Bool
    /// What each request that writes says of encryption and permissions.
    var writeHeaders: [(name: String, value: String)]
    /// What each request that reads says of encryption: the key that the customer keeps.
    var readHeaders: [(name: String, value: String)]
    /// Who asks.
    var credentials: AWSCredentials
    /// Whom to trust.
    var tls: TLSSettings
    /// Which requests go through a proxy.
    var proxy: ProxySettings
    /// How often requests are repeated.
    var patience: WebRequests.Patience

    /// Reads the arguments of a block; throws what is wrong with them.
    init(
        _ arguments: [String: String], _ environment: [String: String], _ files: any FileSystem
    ) throws(Diagnostic) {
        let values = BackendValues("s3", S3Backend.arguments, given: arguments, environment: environment)
        try Self.refuseUnsupported(values)
        bucket = try values.required("bucket", "Name the bucket that keeps the state.")
        key = try values.required("key", "Name the object in the bucket, such as flinkform.tfstate.")
        workspacePrefix = values.text("workspace_key_prefix") ?? "env:"
        for (name, text) in [("key", key), ("workspace_key_prefix", workspacePrefix)]
        where text.hasPrefix("/") || text.hasSuffix("/") {
            throw values.problem("\(name) begins or ends with a slash", "Write it without.")
        }
        let profile = try AWSSource(values, environment, files)
        credentials = profile.credentials
        guard let region = values.text("region") ?? profile.region else {
            throw values.problem(
                "region is missing", "Set it, or AWS_REGION; for a store that has no regions it is usually us-east-1.")
        }
        guard region.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw values.problem("region is \"\(VisibleText.escaped(region))\"", "It is a name such as eu-central-1.")
        }
        self.region = region
        usesLockfile = try values.flag("use_lockfile")
        sendsChecksum = try !values.flag("skip_s3_checksum")
        let place = try Self.place(values, region, bucket)
        (endpoint, usesPathStyle, isAmazon) = (place.endpoint, place.usesPathStyle, place.isAmazon)
        (readHeaders, writeHeaders) = try Self.headers(values)
        tls = try Self.tls(values, files)
        proxy = try Self.proxy(values, environment)
        patience = WebRequests.Patience(retries: try values.number("max_retries") ?? 5)
    }

    private static func refuseUnsupported(_ values: BackendValues) throws(Diagnostic) {
        if values.has("dynamodb_table") {
            throw values.problem(
                "dynamodb_table is set, and flinkform takes no locks in DynamoDB",
                "Set use_lockfile = true, which Terraform 1.10 and later know, too, and take dynamodb_table out.")
        }
        for name in S3Backend.unsupported where values.has(name) {
            throw values.problem(
                "\(name) is not supported",
                "Take it out, and give flinkform the credentials of the role: what \"aws configure export-credentials\" prints, or a pipeline's step for AWS sets, in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN."
            )
        }
    }

    private static func place(
        _ values: BackendValues, _ region: String, _ bucket: String
    ) throws(Diagnostic) -> (endpoint: Endpoint, usesPathStyle: Bool, isAmazon: Bool) {
        let given = values.text("endpoints.s3") ?? values.text("endpoint")
        let fips = try values.flag("use_fips_endpoint") ? "-fips" : ""
        let dual = try values.flag("use_dualstack_endpoint") ? ".dualstack" : ""
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        var text = given ?? "https://s3\(fips)\(dual).\(region).\(domain)"
        if !text.contains("://") { text = "https://" + text }
        let endpoint: Endpoint
        do throws(ClientError) {
            endpoint = try Endpoint(text)
        } catch {
            throw values.problem("the endpoint cannot be used", error.description)
        }
        // A host's name is letters, digits and hyphens; with dots in it no certificate would fit.
        let isName =
            (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        let (asked, askedAsBefore) = (try values.flag("use_path_style"), try values.flag("force_path_style"))
        // Below an address, or this machine's name, there are no names of buckets.
        let isAddress =
            endpoint.isLoopback || endpoint.host.contains(":") || endpoint.host.utf8.allSatisfy { $0 < 58 }
        return (endpoint, asked || askedAsBefore || !isName || isAddress, endpoint.host.hasSuffix(".\(domain)"))
    }

    private typealias Headers = [(name: String, value: String)]

    private static func headers(_ values: BackendValues) throws(Diagnostic) -> (read: Headers, write: Headers) {
        var write: Headers = [("content-type", "application/json")]
        if let acl = values.text("acl") { write.append(("x-amz-acl", acl)) }
        let (key, customerKey) = (values.text("kms_key_id"), values.text("sse_customer_key"))
        if key != nil, customerKey != nil {
            throw values.problem(
                "kms_key_id and sse_customer_key are both set", "Only one key can encrypt; take the other out.")
        }
        guard try values.flag("encrypt") else {
            if key != nil || customerKey != nil {
                throw values.problem(
                    "\(key == nil ? "sse_customer_key" : "kms_key_id") is set without encrypt",
                    "Set encrypt = true, without which the key would not be used.")
            }
            return ([], write)
        }
        if let key {
            write.append(("x-amz-server-side-encryption", "aws:kms"))
            write.append(("x-amz-server-side-encryption-aws-kms-key-id", key))
        } else if let customerKey {
            guard let bytes = Data(base64Encoded: customerKey), bytes.count == 32 else {
                throw values.problem(
                    "sse_customer_key is no key", "It is 32 bytes in Base64: openssl rand -base64 32")
            }
            let read: Headers = [
                ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
                ("x-amz-server-side-encryption-customer-key", customerKey),
                ("x-amz-server-side-encryption-customer-key-md5", Checksum.md5(Array(bytes))),
            ]
            return (read, write + read)
        } else {
            write.append(("x-amz-server-side-encryption", "AES256"))
        }
        return ([], write)
    }

    private static func tls(_ values: BackendValues, _ files: any FileSystem) throws(Diagnostic) -> TLSSettings {
        var tls = TLSSettings(verifiesServer: try !values.flag("insecure"))
        guard let path = values.text("custom_ca_bundle") else { return tls }
        do throws(FileError) {
            guard let bytes = try files.read(path, limit: 1 << 22) else {
                throw FileError("read", path, "There is no such file")
            }
            tls.authorities = String(decoding: bytes, as: UTF8.self)
        } catch {
            throw values.problem(
                "\(VisibleText.escaped(path)) cannot be read: \(error.reason)", "It is to hold certificates.")
        }
        do throws(ClientError) {
            try tls.check()
        } catch {
            throw values.problem("\(VisibleText.escaped(path)) cannot be used", error.description)
        }
        return tls
    }

    private static func proxy(
        _ values: BackendValues, _ environment: [String: String]
    ) throws(Diagnostic) -> ProxySettings {
        var environment = environment
        for name in ["https_proxy", "no_proxy"] {
            guard let text = values.text(name) else { continue }
            environment[name.uppercased()] = text
            environment[name] = text
        }
        do throws(ClientError) {
            return try ProxySettings(environment: environment)
        } catch {
            throw values.problem("the proxy cannot be used", error.description)
        }
    }
}
