import Emulator
import JSON
import Testing

@Suite("Pages of lists")
struct PagingTests {
    @Test("Following next shows every key once, whatever the page size", arguments: [nil, 1, 7, 25, 26, 100])
    func everyKeyOnce(size: Int?) async throws {
        try await withEmulator { emulator, client async throws in
            var made: Set<String> = []
            for _ in 0..<26 { made.insert(try await emulator.addKey().id) }
            var seen: [String] = []
            var pages = 0
            var target: String? = "/iam/v2/api-keys?spec.owner=sa-demo1" + (size.map { "&page_size=\($0)" } ?? "")
            while let current = target, pages < 100 {
                let answer = try await client.send("GET", current)
                #expect(answer.status == 200)
                seen += answer.ids
                target = answer.next
                pages += 1
            }
            #expect(seen == made.sorted())
            #expect(pages == (26 + (size ?? 10) - 1) / (size ?? 10))
        }
    }

    @Test("The page token carries the page size, and the token alone is enough")
    func tokenAlone() async throws {
        try await withEmulator { emulator, client async throws in
            for _ in 0..<5 { try await emulator.addKey() }
            let first = try await client.send("GET", "/iam/v2/api-keys?page_size=2")
            let next = try #require(first.next)
            #expect(next.hasPrefix("\(emulator.url)/iam/v2/api-keys?"))
            let token = try #require(next.split(separator: "page_token=").last)
            let second = try await client.send("GET", "/iam/v2/api-keys?page_size=100&page_token=\(token)")
            #expect(second.ids.count == 2)
            #expect(Set(second.ids).isDisjoint(with: first.ids))
        }
    }

    @Test("Keys made and deleted between pages neither repeat nor hide others")
    func changesBetweenPages() async throws {
        try await withEmulator { emulator, client async throws in
            var made: Set<String> = []
            for _ in 0..<10 { made.insert(try await emulator.addKey().id) }
            let first = try await client.send("GET", "/iam/v2/api-keys?page_size=5")
            for id in first.ids { try await emulator.removeKey(id) }
            let second = try await client.send("GET", try #require(first.next))
            #expect(first.ids + second.ids == made.sorted())
        }
    }

    @Test("The next address repeats the filters")
    func filtersStay() async throws {
        try await withEmulator { emulator, client async throws in
            for _ in 0..<3 { try await emulator.addKey() }
            for _ in 0..<3 { try await emulator.addKey(region: "gcp.us-east1") }
            let first = try await client.send("GET", "/iam/v2/api-keys?spec.resource=gcp.us-east1&page_size=2")
            let second = try await client.send("GET", try #require(first.next))
            #expect(first.ids.count == 2 && second.ids.count == 1 && second.next == nil)
        }
    }

    @Test("Bad page parameters are refused by name", arguments: ["page_size=0", "page_size=101", "page_size=x"])
    func badSize(query: String) async throws {
        try await withEmulator { _, client async throws in
            let answer = try await client.send("GET", "/iam/v2/service-accounts?\(query)")
            #expect(answer.status == 400)
            #expect(answer.error["code"] == "invalid_filter")
            #expect(answer.error["source"]?["parameter"] == "page_size")
        }
    }

    @Test("A made-up token is refused", arguments: ["%21", "bm9uZQ%3D%3D", "OTk5Og%3D%3D"])
    func badToken(token: String) async throws {
        try await withEmulator { _, client async throws in
            let answer = try await client.send("GET", "/iam/v2/api-keys?page_token=\(token)")
            #expect(answer.status == 400)
            #expect(answer.error["source"]?["parameter"] == "page_token")
        }
    }

    @Test("The end of a list is written as switched", arguments: Switches.EndOfList.allCases)
    func endOfList(form: Switches.EndOfList) async throws {
        try await withEmulator(switched { $0.endOfList = form }) { _, client async throws in
            let metadata = try #require(try await client.send("GET", "/iam/v2/users").json["metadata"]?.object)
            #expect(metadata.keys.contains("next") == (form != .missing))
            #expect(metadata["next"]?.string == (form == .empty ? "" : String?.none))
            #expect((metadata["next"]?.isNull == true) == (form == .null))
        }
    }
}
