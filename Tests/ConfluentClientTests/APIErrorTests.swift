import Networking
import Testing

@testable import ConfluentClient

@Suite struct APIErrorTests {
    struct Row: Sendable {
        var status: Int
        var body: String
        var kind: APIError.Kind
        var detail: String
    }

    @Test(arguments: [
        Row(
            status: 401,
            body:
                #"{"errors":[{"id":"ed42","status":"401","code":"user_unauthenticated","#
                + #""title":"Authentication Required","source":{}}]}"#,
            kind: .unauthorized, detail: "Authentication Required"),
        Row(
            status: 403,
            body: #"{"errors":[{"status":"403","code":"forbidden_access","detail":"Forbidden Access","source":{}}]}"#,
            kind: .forbidden, detail: "Forbidden Access"),
        Row(
            status: 403,
            body: #"{"errors":[{"detail":"invalid API key: make sure you're using a Cloud API Key"}]}"#,
            kind: .unauthorized, detail: "invalid API key: make sure you're using a Cloud API Key"),
        Row(
            status: 422,
            body:
                #"{"errors":[{"detail":"is unknown.","source":{"pointer":"/spec/resource/id"},"#
                + #""resolution":"Choose one."},{"title":"second"}]}"#,
            kind: .invalid, detail: "is unknown (at /spec/resource/id); Choose one; second"),
        Row(
            status: 402, body: #"{"errors":[{"code":"quota_exceeded"}]}"#, kind: .quota, detail: "quota_exceeded"),
        Row(
            status: 400, body: #"{"errors":[{"detail":"keys is currently limited to 100 per account"}]}"#,
            kind: .quota, detail: "keys is currently limited to 100 per account"),
        Row(status: 400, body: "{}", kind: .invalid, detail: ""),
        Row(status: 403, body: #"{"message":"resource not found"}"#, kind: .forbidden, detail: "resource not found"),
        Row(
            status: 403, body: #"{"error_code":40301,"message":"Either unauthorized or missing"}"#, kind: .forbidden,
            detail: "Either unauthorized or missing"),
        Row(
            status: 404, body: #"{"error":{"code":404,"message":"gone"}}"#, kind: .notFound, detail: "gone"),
        Row(
            status: 500,
            body: #"{"status":500,"error":{"code":"x","message":"oops","suggestion":"Wait."},"requestId":"r-1"}"#,
            kind: .server, detail: "oops; Wait"),
        Row(
            status: 400, body: #"{"error":"invalid_client","error_description":"who are you"}"#, kind: .invalid,
            detail: "who are you"),
        Row(status: 400, body: #"{"error":"invalid_client"}"#, kind: .invalid, detail: "invalid_client"),
        Row(status: 409, body: #"["taken",{"message":"really"}]"#, kind: .conflict, detail: "taken; really"),
        Row(status: 400, body: #"{"surprise":1}"#, kind: .invalid, detail: #"{"surprise":1}"#),
        Row(status: 400, body: #"{"errors":[]}"#, kind: .invalid, detail: #"{"errors":[]}"#),
        Row(status: 404, body: "", kind: .notFound, detail: ""),
        Row(status: 404, body: "no healthy upstream\n", kind: .notFound, detail: "no healthy upstream"),
        Row(
            status: 403, body: "<!DOCTYPE html>\n<html><head><TITLE>403\n Forbidden</TITLE></head></html>",
            kind: .forbidden, detail: #"a web page titled "403 Forbidden", not an answer of the API"#),
        Row(status: 410, body: "<html></html>", kind: .notFound, detail: "a web page, not an answer of the API"),
        Row(status: 400, body: "\u{0}\u{1}\u{2}", kind: .invalid, detail: "3 bytes that are no text"),
        Row(status: 418, body: "null", kind: .invalid, detail: ""),
    ])
    func saysWhatTheBodySays(_ row: Row) async throws {
        let transport = FakeTransport(.answer(row.status, row.body))
        let error = await #expect(throws: APIError.self) { try await client(transport, retries: 0).key(id: "K1") }
        #expect(error?.kind == row.kind)
        #expect(error?.detail == row.detail)
        #expect(error?.status == row.status)
    }

    @Test func isOneSentence() async throws {
        let body = #"{"errors":[{"id":"from-body","detail":"The API Key (id=K1) does not exist."}]}"#
        let transport = FakeTransport(.answer(404, body, headers: ["X-Request-Id": "abc"]), .answer(404, body))
        let client = try client(transport)
        let first = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(
            first?.description == "GET /iam/v2/api-keys/K1 was answered with 404 Not Found: "
                + "The API Key (id=K1) does not exist (request id abc).")
        let second = await #expect(throws: APIError.self) { try await client.key(id: "K1") }
        #expect(second?.requestID == "from-body")
    }

    @Test func tellsAttempts() async throws {
        let transport = FakeTransport((0..<5).map { _ in .answer(503, "") })
        let error = await #expect(throws: APIError.self) { try await client(transport).key(id: "K1") }
        #expect(
            error?.description
                == "GET /iam/v2/api-keys/K1 was answered with 503 Service Unavailable (after 5 attempts).")
        #expect(error?.attempts == 5)
    }

    @Test func tellsWhyNoAnswerCame() async throws {
        let transport = FakeTransport(.failure(TransportFailure(reason: "the connection was reset", wasSent: true)))
        let error = await #expect(throws: APIError.self) { try await client(transport, retries: 0).key(id: "K1") }
        #expect(error?.description == "GET /iam/v2/api-keys/K1 failed: the connection was reset.")
        #expect(error?.kind == .network)
    }

    @Test func controlCharactersAreEscaped() async throws {
        let body = "{\"message\":\"a\\u001b[31mred\\u0007\\u202edrow\\u200b\\u0085 b\\r\\nc\\ud83d\\ude00\"}"
        let transport = FakeTransport(.answer(400, body, headers: ["X-Request-Id": "r\u{1b}[2J"]))
        let error = await #expect(throws: APIError.self) { try await client(transport).key(id: "K\u{1b}1") }
        let text = try #require(error?.description)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e || $0.value == 0x200b })
        #expect(text.contains("a\\u{1b}[31mred\\u{7}\\u{202e}drow\\u{200b}\\u{85} b c😀"))
        #expect(text.contains("K%1B1"))
        #expect(text.contains("r\\u{1b}[2J"))
    }

    @Test func longTextsAreCut() async throws {
        let body = #"{"message":"\#(String(repeating: "long ", count: 100_000))"}"#
        let transport = FakeTransport(.answer(400, body))
        let error = await #expect(throws: APIError.self) { try await client(transport).key(id: "K1") }
        #expect((error?.description.count ?? 0) < 1200)
    }

    @Test(arguments: ["", ".", ".."])
    func anIDThatLeadsElsewhereIsNotSent(_ id: String) async throws {
        let transport = FakeTransport()
        let error = await #expect(throws: APIError.self) { try await client(transport).deleteKey(id: id) }
        #expect(error?.kind == .invalid)
        #expect(error?.attempts == 0)
        #expect(transport.requests.isEmpty)
    }

    @Test func idsStayOneSegment() async throws {
        let transport = FakeTransport(.answer(204))
        try await client(transport).deleteKey(id: "../a/b?c#d%")
        #expect(transport.targets == ["/iam/v2/api-keys/..%2Fa%2Fb%3Fc%23d%25"])
    }
}
