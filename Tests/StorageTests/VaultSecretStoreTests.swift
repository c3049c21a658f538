import Applying
import Configuring
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Networking
import Storage
import TestSupport
import Testing

private func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Secrets in a real server of OpenBao, over TLS.
@Suite(.enabled(if: variable("FLINKFORM_TEST_OPENBAO") != nil, "FLINKFORM_TEST_OPENBAO names no server"))
struct VaultSecretStoreTests {
    private let address = variable("FLINKFORM_TEST_OPENBAO") ?? ""
    private let token = variable("FLINKFORM_TEST_OPENBAO_TOKEN") ?? ""
    private let authority = variable("FLINKFORM_TEST_OPENBAO_CA") ?? ""
    private let path = "flinkform/\(UInt64.random(in: 0 ... .max))"

    private func store(
        _ login: SecretStoreSettings.Vault.Login = .token(nil), path: String? = nil,
        environment more: [String: String] = [:], time: TestTime = TestTime()
    ) throws -> any SecretStore {
        let environment = ["BAO_ADDR": address, "BAO_TOKEN": token, "BAO_CACERT": authority]
        let place = SecretStorePlace(
            environment: environment.merging(more) { $1 }, directory: ".", files: POSIXFileSystem(),
            versionControl: FileSecretStore.VersionControl { _ in .unknown },
            surroundings: time.surroundings(seed: .random(in: 0 ... .max)))
        return try SecretStores.store(
            .vault(
                SecretStoreSettings.Vault(
                    address: nil, path: SettingText(.written(path ?? self.path)), login: login)),
            statePath: "unused", workspace: nil, in: place)
    }

    /// What an administrator does.
    private func request(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let text = String(decoding: try #require(try POSIXFileSystem().read(authority, limit: 1 << 20)), as: UTF8.self)
        let transport = HTTPTransport(
            proxy: .none, connectTimeout: .seconds(5), readTimeout: .seconds(120), tls: TLSSettings(authorities: text))
        let outcome = await transport.send(
            OutgoingRequest(
                method, url: "\(address)/v1/\(path)", endpoint: try Endpoint(address),
                headers: [("X-Vault-Token", token)], body: body?.bytes(.compact)))
        await transport.shutdown()
        guard case .answer(let answer) = outcome else { throw Unanswered() }
        #expect((200..<300).contains(answer.status), "\(method) \(path)")
        return (try? JSONValue(parsing: answer.body)) ?? .null
    }

    private struct Unanswered: Error {}

    @Test("It does what every secret store does")
    func conformance() async throws {
        try await SecretStoreConformance(
            store: {
                do {
                    return try store()
                } catch {
                    Issue.record("\(error)")
                    return Samples.secrets(ForgetfulFileSystem())
                }
            }, interrupt: {}, locks: false
        ).all()
        // What was removed is gone with all its versions, what stayed is readable by anyone who may.
        let kept = try await request("GET", "secret/data/\(path)/ID3")
        #expect(kept["data"]?["data"]?["key"]?.string == "ID3")
        let names = try await request("GET", "secret/metadata/\(path)?list=true")["data"]?["keys"]?.array
        #expect(names?.contains("ID0") == false)
    }

    @Test("A secret that somebody deleted can be stored again, and an answer that was lost does no harm")
    func versions() async throws {
        let store = try store()
        _ = try await store.prepare()
        try await store.put(Samples.entry(1, "one"))
        _ = try await request("DELETE", "secret/data/\(path)/ID1")
        #expect(try await store.entry("ID1") == nil)
        try await store.put(Samples.entry(1, "two"))
        #expect(try await store.entry("ID1")?.secret == "two")
        try await store.put(Samples.entry(1, "two"))
        let metadata = try await request("GET", "secret/metadata/\(path)/ID1")
        // The same once more is no new version.
        #expect(metadata["data"]?["current_version"]?.int == 2)
    }

    @Test("An application logs in with a role and a secret, and a pod with its token")
    func logins() async throws {
        let policy = """
            path "secret/data/flinkform/*" { capabilities = ["create", "read", "update"] }
            path "secret/metadata/flinkform/*" { capabilities = ["read", "list", "delete"] }
            """
        _ = try await request("POST", "sys/policies/acl/flinkform", ["policy": .string(policy)])
        let mount = "approle\(UInt64.random(in: 0 ... .max))"
        _ = try await request("POST", "sys/auth/\(mount)", ["type": "approle"])
        _ = try await request("POST", "auth/\(mount)/role/ci", ["token_policies": ["flinkform"], "token_ttl": "1h"])
        let role = try await request("GET", "auth/\(mount)/role/ci/role-id")["data"]?["role_id"]?.string
        let secret = try await request("POST", "auth/\(mount)/role/ci/secret-id", [:])["data"]?["secret_id"]?.string
        let appRole = SecretStoreSettings.Vault.Login.appRole(
            mount: mount, role: SettingText(.written(try #require(role))), secret: SettingText(.variable("SECRET_ID")))
        let pod = SecretStoreSettings.Vault.Login.kubernetes(
            mount: "kubernetes", role: SettingText(.written("flinkform")),
            tokenFile: SettingText(.variable("FLINKFORM_TEST_OPENBAO_JWT")))
        let more = [
            "SECRET_ID": try #require(secret), "BAO_TOKEN": "",
            "FLINKFORM_TEST_OPENBAO_JWT": variable("FLINKFORM_TEST_OPENBAO_JWT") ?? "",
        ]
        for (index, login) in [appRole, pod].enumerated() {
            let store = try store(login, environment: more)
            _ = try await store.prepare()
            try await store.put(Samples.entry(index, Canary.secret))
            #expect(try await store.entries().count == index + 1)
        }
        let wrong = try store(appRole, environment: more.merging(["SECRET_ID": "canary-wrong-secret-id"]) { $1 })
        let problem = await failure { try await wrong.id() }
        #expect(problem.summary == "Login to Vault failed")
        #expect(!"\(problem)".contains("canary-wrong"))
    }

    @Test("A token is renewed before it ends")
    func renewal() async throws {
        let made = try await request("POST", "auth/token/create", ["ttl": "1h", "renewable": true])
        let token = try #require(made["auth"]?["client_token"]?.string)
        let accessor = try #require(made["auth"]?["accessor"]?.string)
        let time = TestTime()
        let store = try store(environment: ["BAO_TOKEN": token], time: time)
        func renewed() async throws -> JSONValue? {
            try await request("POST", "auth/token/lookup-accessor", ["accessor": .string(accessor)])["data"]?[
                "last_renewal"]
        }
        _ = try await store.id()
        #expect(try await renewed() == nil)
        try await time.sleep(until: time.now.advanced(by: .seconds(45 * 60)), tolerance: nil)
        _ = try await store.id()
        #expect(try await renewed() != nil)
    }

    @Test("A token that may do nothing, a server that nobody trusts and one that is away are errors without secrets")
    func refused() async throws {
        let forbidden = try store(environment: ["BAO_TOKEN": "canary-wrong-token"])
        let problem = await failure { try await forbidden.put(Samples.entry(1, Canary.secret)) }
        #expect(problem.summary == "Secret store refused")
        #expect(problem.detail.contains("The token needs a policy"))
        #expect(!"\(problem)".contains("canary-wrong"))
        #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)

        let untrusted = try store(environment: ["BAO_CACERT": ""])
        #expect(await failure { try await untrusted.id() }.summary == "Secret store did not answer")
        let away = try store(environment: ["BAO_ADDR": "https://127.0.0.1:1"])
        #expect(await failure { try await away.id() }.summary == "Secret store did not answer")
        let plain = await failure { try store(environment: ["BAO_ADDR": "http://vault.example.com"]) }
        #expect(plain.summary == "Settings of Vault cannot be used")
        let other = await failure {
            let store = try store(path: "x")
            _ = try await request("POST", "secret/data/x/ID9", ["data": ["foo": .string(Canary.secret)]])
            return try await store.entries()
        }
        #expect(other.detail.contains("no entry of flinkform's"))
        #expect(Leaks.find(Canary.secret, in: "\(other)").isEmpty)
    }
}
