import Networking
import Testing

@testable import ConfluentClient

@Suite struct PaginationTests {
    static func page(_ ids: ClosedRange<Int>, next: String?, extra: String = "") -> String {
        let items = ids.map { #"{"id":"env-\#($0)","display_name":"e\#($0)"}"# }.joined(separator: ",")
        return #"{"kind":"EnvironmentList","metadata":{\#(extra)"next":\#(next ?? "null")},"data":[\#(items)]}"#
    }

    static func link(_ token: String) -> String {
        #""https://api.confluent.cloud/org/v2/environments?page_size=100&page_token=\#(token)""#
    }

    @Test func walksAllPages() async throws {
        let transport = FakeTransport(
            .answer(
                200, Self.page(1...2, next: Self.link("a%2Bb"), extra: #""total_size":2,"#),
                headers: [
                    "Date": "Sun, 06 Nov 1994 08:49:37 GMT"
                ]),
            .answer(
                200, Self.page(3...4, next: Self.link("c+d/e==")),
                headers: [
                    "Date": "Sun, 06 Nov 1994 08:50:00 GMT"
                ]),
            .answer(200, Self.page(5...5, next: #""""#)))
        let listing = try await client(transport).environments()
        #expect(listing.items.map(\.id) == ["env-1", "env-2", "env-3", "env-4", "env-5"])
        #expect(listing.serverDate?.description == "1994-11-06T08:49:37.000000Z")
        #expect(
            transport.targets == [
                "/org/v2/environments?page_size=100",
                "/org/v2/environments?page_size=100&page_token=a%2Bb",
                "/org/v2/environments?page_size=100&page_token=c+d/e==",
            ])
    }

    @Test func theServerNamedInALinkIsNotSpokenTo() async throws {
        let transport = FakeTransport(
            .answer(200, Self.page(1...1, next: #""https://evil.example/steal?page_token=t&x=1""#)),
            .answer(200, Self.page(2...2, next: nil)))
        _ = try await client(transport).environments()
        #expect(transport.requests.allSatisfy { $0.url.hasPrefix("https://api.confluent.cloud/org/") })
    }

    @Test func filtersGoAlongWithEveryPage() async throws {
        let key = #"{"id":"K1","spec":{"owner":{"id":"sa-1"}}}"#
        let transport = FakeTransport(
            .answer(200, #"{"data":[\#(key)],"metadata":{"next":"/iam/v2/api-keys?page_token=t2"}}"#),
            .answer(200, #"{"data":[]}"#))
        let keys = try await client(transport).listKeys(owner: "sa-1&x=ä")
        #expect(keys.items.map(\.id) == ["K1"])
        #expect(
            transport.targets == [
                "/iam/v2/api-keys?spec.owner=sa-1%26x%3D%C3%A4&page_size=100",
                "/iam/v2/api-keys?spec.owner=sa-1%26x%3D%C3%A4&page_size=100&page_token=t2",
            ])
    }

    @Test(arguments: [
        #"{"data":[]}"#, #"{"data":[],"metadata":null}"#, #"{"data":[],"metadata":{}}"#,
        #"{"data":[],"metadata":{"next":null}}"#, #"{"data":[],"metadata":{"next":"","total_size":4}}"#,
    ])
    func everyKindOfEndIsAnEnd(_ body: String) async throws {
        let transport = FakeTransport(.answer(200, body))
        #expect(try await client(transport).environments().items.isEmpty)
        #expect(transport.requests.count == 1)
    }

    @Test func anItemThatMovedBetweenPagesIsThereOnce() async throws {
        let transport = FakeTransport(
            .answer(200, Self.page(1...3, next: Self.link("x"))), .answer(200, Self.page(3...4, next: nil)))
        #expect(try await client(transport).environments().items.map(\.id) == ["env-1", "env-2", "env-3", "env-4"])
    }

    @Test func aRepeatedTokenIsAnError() async throws {
        let transport = FakeTransport(
            .answer(200, Self.page(1...1, next: Self.link("a"))), .answer(200, Self.page(2...2, next: Self.link("b"))),
            .answer(200, Self.page(3...3, next: Self.link("a"))))
        let error = await #expect(throws: APIError.self) { try await client(transport).environments() }
        #expect(error?.kind == .malformed)
        #expect(error?.detail == "page 3 of the list leads back to an earlier page")
        #expect(transport.requests.count == 3)
    }

    @Test func anEndlessListIsAnError() async throws {
        let pages = (0...Pagination.maximumPages).map { number in
            TransportOutcome.answer(200, #"{"data":[],"metadata":{"next":"?page_token=t\#(number)"}}"#)
        }
        let transport = FakeTransport(pages)
        let error = await #expect(throws: APIError.self) { try await client(transport).environments() }
        #expect(error?.detail == "the list does not end after \(Pagination.maximumPages) pages")
        #expect(transport.requests.count == Pagination.maximumPages)
    }

    @Test func aListOfTooManyItemsIsAnError() async throws {
        let step = 50_000
        let transport = FakeTransport(
            (0..<3).map { number in
                .answer(200, Self.page(number * step + 1...(number + 1) * step, next: Self.link("t\(number)")))
            })
        let error = await #expect(throws: APIError.self) { try await client(transport).environments() }
        #expect(error?.detail == "the list has more than 100000 items")
        #expect(transport.requests.count == 3)
    }

    @Test(arguments: [
        (#"{"data":[],"metadata":{"next":"https://api.confluent.cloud/x?page=2"}}"#, #""metadata.next" names no page"#),
        (#"{"data":[],"metadata":{"next":"?page_token="}}"#, #""metadata.next" names no page"#),
        (#"{"data":[],"metadata":{"next":7}}"#, #""metadata.next" is no string"#),
        (#"{"metadata":{}}"#, #""data" is missing"#),
        (#"{"data":{}}"#, #""data" is no list"#),
        (#"{"data":[7]}"#, #""data[0]" is no object"#),
        (#"{"data":[{"id":"a"},{}]}"#, #""data[1].id" is missing"#),
        (#"{"data":[{"id":""}]}"#, #""data[0].id" is missing"#),
        (#"[]"#, "it is no JSON object"),
        ("<html></html>", "it is a web page, not JSON"),
        ("{", "it is no valid JSON"),
        ("", "it is empty"),
    ])
    func oddPagesAreErrors(_ body: String, _ problem: String) async throws {
        let transport = FakeTransport(.answer(200, body))
        let error = await #expect(throws: APIError.self) { try await client(transport).environments() }
        #expect(error?.kind == .malformed)
        #expect(error?.detail == "the list cannot be read: \(problem)")
    }

    @Test func aFailedPageFailsTheList() async throws {
        let transport = FakeTransport(
            .answer(200, Self.page(1...1, next: Self.link("a"))),
            .answer(400, #"{"errors":[{"detail":"bad token","source":{"parameter":"page_token"}}]}"#))
        let error = await #expect(throws: APIError.self) { try await client(transport).environments() }
        #expect(
            error?.description
                == "GET /org/v2/environments was answered with 400 Bad Request: bad token (at page_token).")
    }

    @Test func oddCharactersInATokenCannotBreakOutOfTheQuery() throws {
        #expect(try Pagination.token("?page_token=a b\r\nX: y\"") == "a%20b%0D%0AX:%20y%22")
        #expect(try Pagination.token("?page_token=abc#frag") == "abc")
        #expect(throws: AnswerMistake.self) {
            try Pagination.token("?page_token=" + String(repeating: "x", count: 5000))
        }
    }
}
