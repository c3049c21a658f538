import JSON
import Networking
import Testing

@testable import ConfluentClient

@Suite struct SecrecyTests {
    /// Everything that printing, dumping and reflection say of a value.
    static func everything(_ value: some Any) -> String {
        var text = "\(value) " + String(reflecting: value)
        dump(value, to: &text)
        return text
    }

    @Test func settingsHideTheirSecrets() throws {
        let credentials = Credentials(key: "CLOUDKEY", secret: canary)
        #expect(Self.everything(credentials).contains("CLOUDKEY"))
        #expect(!Self.everything(credentials).contains(canary))
        #expect(!Self.everything(ClientSettings(credentials: credentials)).contains(canary))
        let client = try ConfluentClient(ClientSettings(credentials: credentials))
        #expect(!Self.everything(client).contains(canary))
        let nested: [Secret: Secret?] = [Secret(canary): Secret(canary)]
        #expect(!Self.everything(nested).contains(canary))
    }

    @Test func aCreatedSecretHidesItself() async throws {
        let body = #"{"id":"K2","spec":{"secret":"\#(canary)","owner":{"id":"sa-1"}}}"#
        let answer = try await client(FakeTransport(.answer(202, body))).createKey(.flink)
        guard case .created(_, let secret, _) = answer else {
            Issue.record("not created")
            return
        }
        #expect(secret?.revealed == canary)
        #expect(!Self.everything(answer).contains(canary))
    }

    /// What a server could repeat of our own secret, and what must not be left of it.
    static let echoes = [
        canary, "x\(canary)y", "CLOUDKEY:\(canary)", Base64.encoded(Array("CLOUDKEY:\(canary)".utf8)),
        PercentEncoding.encoded(canary), canary + "\u{301}", Base64.encoded(Array(canary.utf8)),
    ]

    @Test(arguments: echoes)
    func anAnswerCannotMakeUsShowOurSecret(_ echo: String) async throws {
        for body in [
            #"{"message":"you sent \#(echo) to me"}"#, "you sent \(echo)", #"{"odd":"\#(echo)"}"#,
            "<html><title>\(echo)</title></html>",
            #"{"errors":[{"id":"\#(echo)","detail":"x","source":{"pointer":"\#(echo)"}}]}"#,
        ] {
            let transport = FakeTransport(.answer(400, body, headers: ["X-Request-Id": echo]))
            let error = await #expect(throws: APIError.self) { try await client(transport).key(id: "K") }
            let text = Self.everything(error as Any)
            #expect(!text.contains(canary.dropFirst(4).prefix(20)), "\(text)")
            #expect(!text.contains(echo.prefix(60)), "\(text)")
        }
    }

    @Test func shortSecretsAreHiddenToo() async throws {
        let transport = FakeTransport(.answer(400, #"{"message":"bad password: swordfish!"}"#))
        let client = try ConfluentClient(
            ClientSettings(credentials: Credentials(key: "K", secret: "swordfish!")), transport: transport,
            timing: FakeTime().timing())
        let error = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(error?.detail == "bad password: (secret)")
    }

    /// Answers to a creation that hold a new secret and cannot be used.
    @Test(arguments: [
        #"{"id":"K2","spec":{"secret":"\#(canary)""#,
        #"{"spec":{"secret":"\#(canary)"}}"#,
        #"{"id":7,"spec":{"secret":"\#(canary)"}}"#,
        #"{"id":"\#(canary)"}"#,
        "<html>\(canary)</html>",
    ])
    func aNewSecretIsNeverInAnError(_ body: String) async throws {
        let answer = try await client(FakeTransport(.answer(202, body))).createKey(.flink)
        guard case .ambiguous(let error) = answer else {
            Issue.record("not ambiguous: \(answer)")
            return
        }
        #expect(!Self.everything(error).contains(canary.suffix(50)))
        for status in [301, 400, 500] {
            let answer = try await client(FakeTransport(.answer(status, body, headers: ["Location": canary])))
                .createKey(.flink)
            #expect(!Self.everything(answer).contains(canary.suffix(50)))
        }
    }
}
