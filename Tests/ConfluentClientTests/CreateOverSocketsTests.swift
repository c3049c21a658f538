import JSON
import Networking
import Testing

@testable import ConfluentClient

/// Creations over real connections: whatever goes wrong, the answer tells whether a key may have been made.
@Suite(.timeLimit(.minutes(2))) struct CreateOverSocketsTests {
    static let made = #"{"id":"K2","spec":{"secret":"\#(canary)","owner":{"id":"sa-12mgdv"}}}"#

    static func refusal(_ answer: PostAnswer<APIKey>) throws -> APIError {
        guard case .refused(let error) = answer else { throw Unexpected(text: "\(answer)") }
        return error
    }

    static func ambiguity(_ answer: PostAnswer<APIKey>) throws -> APIError {
        guard case .ambiguous(let error) = answer else { throw Unexpected(text: "\(answer)") }
        return error
    }

    struct Unexpected: Error { var text: String }

    @Test(arguments: ["200 OK", "201 Created", "202 Accepted"])
    func everySuccessIsOne(_ status: String) async throws {
        let server = LoopbackServer(.answer(LoopbackServer.http(status, body: Self.made)))
        let client = try client(server)
        guard case .created(let key, _, _) = await client.createKey(.flink) else {
            Issue.record("not created")
            return
        }
        #expect(key.id == "K2")
        let request = try #require(server.received.first)
        #expect(request.line == "POST /iam/v2/api-keys HTTP/1.1")
        #expect(request.headers["authorization"] == "Basic \(Base64.encoded(Array("CLOUDKEY:\(canary)".utf8)))")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["content-length"] == "\(request.body.utf8.count)")
        #expect(request.headers["transfer-encoding"] == nil)
        #expect(request.headers["user-agent"] == "flinkform")
        #expect(request.body.hasPrefix(#"{"spec":{"display_name":"flink-dev""#))
        await client.shutdown()
        server.close()
    }

    @Test(arguments: [
        LoopbackServer.Step.closeRead, .resetRead,
        .answerAndClose("HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{\"id\":"),
        .answerAndClose("HTTP/1.1 20"), .answerAndClose("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        .answer(LoopbackServer.http("202 Accepted", body: "<html>hello</html>")),
        .answer(LoopbackServer.http("200 OK")), .answer(LoopbackServer.http("200 OK", body: "{}")),
        .answer(LoopbackServer.http("204 No Content")),
        .answer(LoopbackServer.http("202 Accepted", body: #"{"id":"K2","spec":{}}"#)),
        .answer(LoopbackServer.http("500 Oops", body: "{}")), .answer(LoopbackServer.http("502 Bad Gateway")),
        .answer(LoopbackServer.http("503 Busy", ["Retry-After: 1"])), .answer(LoopbackServer.http("504 Late")),
        .answer(LoopbackServer.http("501 Never")), .answer(LoopbackServer.http("408 Request Timeout")),
        .answer(LoopbackServer.http("302 Found", ["Location: /elsewhere"])),
        .answer(LoopbackServer.http("307 Again", ["Location: /elsewhere"])),
        .flood(HTTPTransport.usualMaximumBody + 1),
    ])
    func isNeverRepeatedWhenItMayHaveWorked(_ step: LoopbackServer.Step) async throws {
        let server = LoopbackServer(step, .answer(LoopbackServer.http("202 Accepted", body: Self.made)))
        let time = FakeTime()
        let client = try client(server, time: time)
        let error = try Self.ambiguity(await client.createKey(.flink))
        #expect(error.attempts == 1)
        #expect(server.received.count == 1)
        #expect(time.waits.isEmpty)
        await client.shutdown()
        server.close()
    }

    @Test func isAmbiguousWhenNoAnswerComes() async throws {
        let server = LoopbackServer(.silence)
        let client = try client(server, timeout: .seconds(1))
        let error = try Self.ambiguity(await client.createKey(.flink))
        #expect(error.kind == .network)
        #expect(error.detail == "no answer came in time")
        #expect(server.received.count == 1)
        await client.shutdown()
        server.close()
    }

    @Test func isAmbiguousWhenTheAnswerStops() async throws {
        let server = LoopbackServer(.answer("HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{\"id\":"))
        let client = try client(server, timeout: .seconds(1))
        let error = try Self.ambiguity(await client.createKey(.flink))
        #expect(error.kind == .network)
        #expect(server.received.count == 1)
        await client.shutdown()
        server.close()
    }

    /// A connection that is reset before anything is read: sent or not is a matter of microseconds, but never both.
    @Test func aResetConnectionIsJudgedByWhatWasSent() async throws {
        let server = LoopbackServer(.resetUnread, .answer(LoopbackServer.http("202 Accepted", body: Self.made)))
        let client = try client(server)
        switch await client.createKey(.flink) {
        case .created: #expect(server.received.count == 1)
        case .ambiguous: #expect(server.received.isEmpty)
        case .refused(let error): Issue.record(error)
        }
        await client.shutdown()
        server.close()
    }

    @Test func nothingWasSentWhenNobodyListens() async throws {
        let server = LoopbackServer([], listens: false)
        let time = FakeTime()
        let client = try client(server, time: time, retries: 2)
        let error = try Self.refusal(await client.createKey(.flink))
        #expect(error.kind == .network)
        #expect(error.detail == "the connection was refused")
        #expect(error.attempts == 3)
        #expect(time.waits.count == 2)
        #expect(server.received.isEmpty)
        await client.shutdown()
    }

    /// A name that is too long to exist, so that nobody is asked for it.
    @Test func nothingWasSentWhenTheNameIsUnknown() async throws {
        let client = try ConfluentClient(
            ClientSettings(
                endpoint: "https://\(String(repeating: "x", count: 64)).invalid",
                credentials: Credentials(key: "K", secret: canary), maximumRetries: 1),
            timing: FakeTime().timing())
        let error = try Self.refusal(await client.createKey(.flink))
        #expect(error.detail == "the host's name is not known (DNS)")
        #expect(error.attempts == 2)
        await client.shutdown()
    }

    /// The server speaks no TLS, so the handshake fails and nothing of the request is sent.
    @Test func nothingWasSentWhenTLSFails() async throws {
        let server = LoopbackServer(
            .greet("HTTP/1.1 400 No TLS\r\n\r\n"), .greet("HTTP/1.1 400 No TLS\r\n\r\n"))
        let client = try ConfluentClient(
            ClientSettings(
                endpoint: "https://127.0.0.1:\(server.port)", credentials: Credentials(key: "K", secret: canary),
                maximumRetries: 1), timing: FakeTime().timing())
        let error = try Self.refusal(await client.createKey(.flink))
        #expect(error.detail == "the TLS handshake with the server failed")
        #expect(error.attempts == 2)
        #expect(server.received.isEmpty)
        server.close()
        await client.shutdown()
    }

    @Test(arguments: [400, 401, 402, 403, 404, 405, 409, 422, 451])
    func aRefusalIsDefinitive(_ status: Int) async throws {
        let server = LoopbackServer(
            .answer(LoopbackServer.http("\(status) No", body: #"{"errors":[{"detail":"no key for you"}]}"#)))
        let client = try client(server)
        let error = try Self.refusal(await client.createKey(.flink))
        #expect(error.status == status)
        #expect(error.detail == "no key for you")
        #expect(server.received.count == 1)
        await client.shutdown()
        server.close()
    }

    @Test func aRefusalWhoseBodyIsCutIsDefinitive() async throws {
        let server = LoopbackServer(.answerAndClose("HTTP/1.1 403 No\r\nContent-Length: 500\r\n\r\n{\"err"))
        let client = try client(server)
        #expect(try Self.refusal(await client.createKey(.flink)).status == 403)
        await client.shutdown()
        server.close()
    }

    @Test func tooManyRequestsIsTriedAgain() async throws {
        let server = LoopbackServer(
            .answer(LoopbackServer.http("429 Slow Down", ["Retry-After: 7"])),
            .answer(LoopbackServer.http("429 Slow Down", ["X-RateLimit-Reset: 3"])),
            .answer(LoopbackServer.http("202 Accepted", body: Self.made)))
        let time = FakeTime()
        let client = try client(server, time: time)
        guard case .created = await client.createKey(.flink) else {
            Issue.record("not created")
            return
        }
        #expect(time.waits == [.seconds(7), .seconds(3)])
        #expect(server.received.count == 3)
        await client.shutdown()
        server.close()
    }

    @Test func tooManyRequestsToTheEndIsARefusal() async throws {
        let slow = LoopbackServer.Step.answer(LoopbackServer.http("429 Slow Down"))
        let server = LoopbackServer(slow, slow, slow)
        let client = try client(server, retries: 2)
        let error = try Self.refusal(await client.createKey(.flink))
        #expect(error.kind == .rateLimited)
        #expect(error.attempts == 3)
        await client.shutdown()
        server.close()
    }

    @Test func anAnswerIsReceivedAlthoughTheCallerWasCancelled() async throws {
        let accepted = LoopbackServer.Step.hold(LoopbackServer.http("202 Accepted", body: Self.made))
        let (posted, read) = (LoopbackServer(accepted), LoopbackServer(accepted))
        let (poster, reader) = (try client(posted), try client(read))
        let posting = Task { await poster.createKey(.flink) }
        let reading = Task { () async throws(APIError) in try await reader.key(id: "K1") }
        while posted.received.isEmpty || read.received.isEmpty { await Task.yield() }
        posting.cancel()
        reading.cancel()
        // The read ends with the cancellation, the creation when its answer comes.
        let error = await #expect(throws: APIError.self) { try await reading.value }
        #expect(error?.kind == .cancelled)
        posted.release()
        guard case .created(let key, _, _) = await posting.value else {
            Issue.record("the answer was lost")
            return
        }
        #expect(key.id == "K2")
        read.release()
        await poster.shutdown()
        await reader.shutdown()
        posted.close()
        read.close()
    }

    @Test func aCancelledCallerSendsNothing() async throws {
        let transport = FakeTransport(.answer(202, Self.made))
        let client = try client(transport)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.createKey(.flink)
        }
        let error = try Self.refusal(await task.value)
        #expect(error.kind == .cancelled)
        #expect(transport.requests.isEmpty)
    }

    @Test func aClosedClientSendsNothing() async throws {
        let server = LoopbackServer()
        let client = try client(server)
        await client.shutdown()
        #expect(try Self.refusal(await client.createKey(.flink)).detail == "the client has been shut down")
        server.close()
    }
}
