import Diagnostics
import EngineSupport
import JSON
import Networking
import Storage
import Synchronization
import Testing

/// What a `backend "s3"` block and the environment say, and what goes on the wire because of that; without a server.
struct S3SettingsTests {
    /// Keeps the requests, and answers that there is nothing.
    private final class Recorder: Transport {
        private let sent = Mutex<[OutgoingRequest]>([])
        var requests: [OutgoingRequest] { sent.withLock { $0 } }

        func send(_ request: OutgoingRequest) async -> TransportOutcome {
            sent.withLock { $0.append(request) }
            return .answer(Answer(status: 404))
        }

        func shutdown() async {}
    }

    private static let keys = ["access_key": "AKIA", "secret_key": "canary"]
    private static let place = ["bucket": "b-1", "key": "dir/state", "region": "eu-west-1"]

    private func backend(
        _ arguments: [String: String], _ environment: [String: String] = [:], _ files: [String: String] = [:],
        _ transport: Recorder = Recorder()
    ) throws -> S3Backend {
        let disk = ForgetfulFileSystem()
        for (path, text) in files { try AtomicFile.write(Array(text.utf8), to: path, on: disk) }
        return try S3Backend(
            arguments: arguments, environment: environment, files: disk, surroundings: TestTime().surroundings(),
            transport: transport)
    }

    private func url(_ arguments: [String: String], _ environment: [String: String] = [:]) async throws -> String? {
        let recorder = Recorder()
        _ = try await backend(
            Self.place.merging(Self.keys) { $1 }.merging(arguments) { $1 }, environment, [:], recorder
        )
        .engine(workspace: "default").read()
        return recorder.requests.first?.url
    }

    @Test func whereRequestsGo() async throws {
        #expect(try await url([:]) == "https://b-1.s3.eu-west-1.amazonaws.com/dir/state")
        #expect(try await url(["use_path_style": "true"]) == "https://s3.eu-west-1.amazonaws.com/b-1/dir/state")
        #expect(try await url(["bucket": "b.1"]) == "https://s3.eu-west-1.amazonaws.com/b.1/dir/state")
        #expect(try await url(["region": "cn-north-1"]) == "https://b-1.s3.cn-north-1.amazonaws.com.cn/dir/state")
        #expect(
            try await url(["use_fips_endpoint": "true", "use_dualstack_endpoint": "true"])
                == "https://b-1.s3-fips.dualstack.eu-west-1.amazonaws.com/dir/state")
        #expect(
            try await url(["endpoints.s3": "https://store.example:9000"]) == "https://b-1.store.example:9000/dir/state")
        #expect(try await url(["endpoint": "http://127.0.0.1:9000/"]) == "http://127.0.0.1:9000/b-1/dir/state")
        #expect(
            try await url(["key": "a b/ü+"], ["AWS_ENDPOINT_URL_S3": "https://one", "AWS_ENDPOINT_URL": "https://two"])
                == "https://b-1.one/a%20b/%C3%BC%2B")
    }

    @Test func workspacesHaveObjectsOfTheirOwn() async throws {
        let recorder = Recorder()
        let backend = try backend(Self.place.merging(Self.keys) { $1 }, [:], [:], recorder)
        _ = try await backend.engine(workspace: "dev").read()
        #expect(recorder.requests.first?.url == "https://b-1.s3.eu-west-1.amazonaws.com/env%3A/dev/dir/state")
        #expect(try backend.engine(workspace: "dev").place == "s3://b-1/env:/dev/dir/state")
    }

    private func key(
        _ arguments: [String: String], _ environment: [String: String], _ files: [String: String] = [:]
    ) async throws -> String? {
        let recorder = Recorder()
        _ = try await backend(Self.place.merging(arguments) { $1 }, environment, files, recorder)
            .engine(workspace: "default").read()
        let header = recorder.requests.first?.headers.first { $0.name == "authorization" }?.value
        return header?.split(separator: "=").dropFirst().first?.split(separator: "/").first.map(String.init)
    }

    @Test func whoAsks() async throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "one", "HOME": "/h",
        ]
        let files = [
            "/h/.aws/credentials":
                "# ours\n[default]\naws_access_key_id = DEFAULT\naws_secret_access_key=s\n\n[one]\naws_access_key_id=ONE\naws_secret_access_key=s\n",
            "/h/.aws/config":
                "[default]\nregion = x\n[profile two]\naws_access_key_id=TWO\naws_secret_access_key=s\ns3 =\n  aws_access_key_id = NESTED\n",
        ]
        #expect(try await key(Self.keys, environment, files) == "AKIA")
        #expect(try await key([:], environment, files) == "ENV")
        #expect(try await key(["profile": "two"], environment, files) == "TWO")
        #expect(try await key([:], ["AWS_PROFILE": "one", "HOME": "/h"], files) == "ONE")
        #expect(try await key([:], ["HOME": "/h"], files) == "DEFAULT")
        let elsewhere = ["/e/c": "[p]\naws_access_key_id=E\naws_secret_access_key=s\n"]
        #expect(try await key(["shared_credentials_files.0": "/e/c", "profile": "p"], [:], elsewhere) == "E")
        #expect(try await key(["profile": "p"], ["AWS_SHARED_CREDENTIALS_FILE": "/e/c"], elsewhere) == "E")
    }

    @Test func whatIsEncryptedSaysSo() async throws {
        let customer = Base64.encoded(Array(repeating: 7, count: 32))
        func headers(_ more: [String: String]) async throws -> [String: String] {
            let recorder = Recorder()
            let arguments = Self.place.merging(Self.keys) { $1 }.merging(more) { $1 }
            let engine = try backend(arguments, [:], [:], recorder).engine(workspace: "default")
            _ = try? await engine.write([1], replacing: nil)
            return Dictionary(
                uniqueKeysWithValues: try #require(recorder.requests.last).headers.map { ($0.name, $0.value) })
        }
        #expect(try await headers(["encrypt": "true"])["x-amz-server-side-encryption"] == "AES256")
        let managed = try await headers(["encrypt": "true", "kms_key_id": "arn:k", "acl": "private"])
        #expect(managed["x-amz-server-side-encryption"] == "aws:kms")
        #expect(managed["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:k")
        #expect(managed["x-amz-acl"] == "private")
        #expect(managed["if-none-match"] == "*")
        #expect(managed["x-amz-checksum-sha256"] == "S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo=")
        #expect(try await headers(["skip_s3_checksum": "true"])["x-amz-checksum-sha256"] == nil)
        let own = try await headers(["encrypt": "true", "sse_customer_key": customer])
        #expect(own["x-amz-server-side-encryption-customer-algorithm"] == "AES256")
        #expect(own["x-amz-server-side-encryption-customer-key"] == customer)
    }

    @Test(
        "what cannot be used is told with a remedy",
        arguments: [
            (["bucket": ""], "bucket is missing"), (["key": "/k"], "key begins or ends with a slash"),
            (["region": ""], "region is missing"), (["region": "eu west"], "region is \"eu west\""),
            (["dynamodb_table": "t"], "use_lockfile = true"),
            (["assume_role.role_arn": "r"], "assume_role is not supported"),
            (["use_lockfile": "yes"], "use_lockfile is \"yes\""), (["max_retries": "-1"], "max_retries is \"-1\""),
            (["endpoints.s3": "http://store.example"], "without encryption"),
            (["access_key": "a b"], "id has characters"),
            (["secret_key": ""], "secret_key is missing"), (["kms_key_id": "k"], "kms_key_id is set without encrypt"),
            (["kms_key_id": "k", "sse_customer_key": "c"], "are both set"),
            (["encrypt": "true", "sse_customer_key": "canary-key"], "sse_customer_key is no key"),
            (["custom_ca_bundle": "/none"], "/none cannot be read"),
            (["https_proxy": "::"], "the proxy cannot be used"),
        ])
    func problems(_ arguments: [String: String], _ words: String) throws {
        let problem = #expect(throws: Diagnostic.self) {
            _ = try backend(Self.place.merging(Self.keys) { $1 }.merging(arguments) { $1 })
        }
        #expect(problem?.summary == "Invalid backend configuration")
        #expect(problem?.detail.contains(words) == true, "\(problem?.detail ?? "")")
        #expect(problem?.detail.contains("canary") == false)
    }

    @Test(
        "credentials that are not there are told of by the way they could come",
        arguments: [
            ([:], "there are no credentials"), (["AWS_PROFILE": "gone"], "there is no profile \"gone\""),
            (["AWS_PROFILE": "role"], "by role_arn"),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"], "AWS_WEB_IDENTITY_TOKEN_FILE"),
        ])
    func noCredentials(_ environment: [String: String], _ words: String) throws {
        let files = ["/c": "[profile role]\nrole_arn = r\n"]
        let problem = #expect(throws: Diagnostic.self) {
            _ = try backend(Self.place, environment.merging(["AWS_CONFIG_FILE": "/c"]) { $1 }, files)
        }
        #expect(problem?.detail.contains(words) == true, "\(problem?.detail ?? "")")
    }
}
