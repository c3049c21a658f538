import JSON
import Networking
import Testing

@testable import ConfluentClient

@Suite(.timeLimit(.minutes(2))) struct ExchangeTests {
    static let key = #"{"id":"K1","spec":{"owner":{"id":"sa-1"}}}"#
    static let ok = LoopbackServer.Step.answer(LoopbackServer.http("200 OK", body: key))

    @Test func readsAreTriedAgainAfterAnythingThatPasses() async throws {
        let server = LoopbackServer(
            .closeRead, .resetRead, .answer(LoopbackServer.http("500 Oops")),
            .answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), Self.ok)
        let time = FakeTime()
        let client = try client(server, time: time)
        #expect(try await client.key(id: "K1").id == "K1")
        #expect(time.waits.count == 4)
        #expect(server.received.allSatisfy { $0.line == "GET /iam/v2/api-keys/K1 HTTP/1.1" })
        await client.shutdown()
        server.close()
    }

    @Test func deletesAreTriedAgain() async throws {
        let server = LoopbackServer(.closeRead, .answer(LoopbackServer.http("404 Not Found")))
        let client = try client(server)
        let error = await #expect(throws: APIError.self) { try await client.deleteKey(id: "K1") }
        #expect(error?.kind == .notFound)
        #expect(error?.attempts == 2)
        await client.shutdown()
        server.close()
    }

    @Test func aDeletionWhoseAnswerIsCutIsOne() async throws {
        let server = LoopbackServer(.answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"))
        let client = try client(server)
        try await client.deleteKey(id: "K1")
        #expect(server.received.map(\.line) == ["DELETE /iam/v2/api-keys/K1 HTTP/1.1"])
        await client.shutdown()
        server.close()
    }

    @Test func compressionIsDeclined() async throws {
        let server = LoopbackServer(Self.ok)
        let client = try client(server)
        _ = try await client.key(id: "K1")
        #expect(server.received.first?.headers["accept-encoding"] == "identity")
        await client.shutdown()
        server.close()
    }

    @Test func refusalsAreNotTriedAgain() async throws {
        let server = LoopbackServer(.answer(LoopbackServer.http("403 Forbidden")), Self.ok)
        let client = try client(server)
        await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(server.received.count == 1)
        await client.shutdown()
        server.close()
    }

    @Test func redirectsWithinTheOriginAreFollowed() async throws {
        let server = LoopbackServer(
            .answer(LoopbackServer.http("302 Found", ["Location: /moved/K1?x=%2F"])), Self.ok)
        let client = try client(server)
        #expect(try await client.key(id: "K1").id == "K1")
        #expect(server.received.last?.line == "GET /moved/K1?x=%2F HTTP/1.1")
        #expect(server.received.last?.headers["authorization"] != nil)
        await client.shutdown()
        server.close()
    }

    @Test(arguments: [
        "http://127.0.0.1:1/x", "https://evil.example/", "//evil.example/x", "http://localhost:PORT/x",
        "http://user@127.0.0.1:PORT/x", "x", "",
    ])
    func credentialsDoNotLeaveTheOrigin(_ location: String) async throws {
        let other = LoopbackServer(Self.ok)
        let origin = LoopbackServer(
            .answer(
                LoopbackServer.http(
                    "307 Go", ["Location: \(location.replacing("PORT", with: "\(other.port)"))"])), Self.ok)
        let client = try client(origin)
        let error = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(error?.kind == .malformed)
        #expect(error?.detail.contains("the API key is not sent") == true)
        #expect(other.received.isEmpty)
        #expect(origin.received.count == 1)
        await client.shutdown()
        other.close()
        origin.close()
    }

    @Test func redirectsEnd() async throws {
        let again = LoopbackServer.Step.answer(LoopbackServer.http("307 Go", ["Location: /again"]))
        let server = LoopbackServer(again, again, again, again, again, again, again, again)
        let client = try client(server)
        let error = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(error?.detail == "the answer cannot be used: it redirects again and again")
        #expect(server.received.count == 6)
        await client.shutdown()
        server.close()
    }

    @Test func hugeAnswersAreGivenUp() async throws {
        let server = LoopbackServer(.flood(HTTPTransport.usualMaximumBody + 1), Self.ok)
        let client = try client(server)
        let error = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(error?.kind == .malformed)
        #expect(error?.detail == "the answer cannot be used: it is longer than 16 MiB")
        #expect(server.received.count == 1)
        await client.shutdown()
        server.close()
    }

    @Test func manyRequestsShareConnections() async throws {
        let steps = (0..<200).map { _ in Self.ok }
        let server = LoopbackServer(steps)
        let client = try client(server)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    for _ in 0..<9 { _ = try await client.key(id: "K1") }
                    return try await client.key(id: "K1").id
                }
            }
            for try await id in group { #expect(id == "K1") }
        }
        #expect(server.received.count == 200)
        #expect(Set(server.received.map(\.connection)).count <= 50)
        await client.shutdown()
        server.close()
    }

    @Test func aPauseIsSharedByAllRequests() async throws {
        let transport = FakeTransport(
            .answer(429, headers: ["Retry-After": "9"]), .answer(200, Self.key), .answer(200, Self.key))
        let time = FakeTime()
        let client = try client(transport, time: time, retries: 0)
        await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(time.waits.isEmpty)
        _ = try await client.key(id: "K2")
        #expect(time.waits == [.seconds(9)])
        _ = try await client.key(id: "K3")
        #expect(time.waits == [.seconds(9)])
    }

    @Test func theEndpointsPathIsKept() async throws {
        let server = LoopbackServer(Self.ok)
        let client = try ConfluentClient(
            ClientSettings(endpoint: "\(server.url)/confluent/", credentials: Credentials(key: "K", secret: "s3cret")),
            timing: FakeTime().timing())
        _ = try await client.key(id: "K1")
        #expect(server.received.first?.line == "GET /confluent/iam/v2/api-keys/K1 HTTP/1.1")
        await client.shutdown()
        server.close()
    }

    @Test func requestsToOtherHostsGoThroughTheProxy() async throws {
        let proxy = LoopbackServer(.answerAndClose(LoopbackServer.http("403 Forbidden")))
        let client = try ConfluentClient(
            ClientSettings(
                endpoint: "https://api.confluent.cloud", credentials: Credentials(key: "K", secret: canary),
                maximumRetries: 0,
                proxy: try ProxySettings(environment: ["HTTPS_PROXY": "http://me:pa55word@127.0.0.1:\(proxy.port)"])),
            timing: FakeTime().timing())
        let error = try CreateOverSocketsTests.refusal(await client.createKey(.flink))
        #expect(error.detail == "the proxy in HTTPS_PROXY refused to connect to the server")
        let request = try #require(proxy.received.first)
        #expect(request.line == "CONNECT api.confluent.cloud:443 HTTP/1.1")
        #expect(request.headers["proxy-authorization"] == "Basic \(Base64.encoded(Array("me:pa55word".utf8)))")
        #expect(request.headers["authorization"] == nil)
        await client.shutdown()
        proxy.close()
    }

    @Test func aProxyThatAsksForAPasswordIsNamed() async throws {
        let proxy = LoopbackServer(.answerAndClose(LoopbackServer.http("407 Proxy Authentication Required")))
        let client = try ConfluentClient(
            ClientSettings(
                credentials: Credentials(key: "K", secret: canary),
                proxy: try ProxySettings(environment: ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])),
            timing: FakeTime().timing())
        let error = try CreateOverSocketsTests.refusal(await client.createKey(.flink))
        #expect(error.detail == "the proxy in HTTPS_PROXY asks for a user name and password")
        #expect(error.attempts == 1)
        await client.shutdown()
        proxy.close()
    }

    @Test func aForgottenClientDoesNoHarm() async throws {
        let server = LoopbackServer(Self.ok)
        do {
            let client = try client(server)
            _ = try await client.key(id: "K1")
        }
        server.close()
    }
}
