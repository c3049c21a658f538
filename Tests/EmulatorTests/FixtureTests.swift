import Emulator
import FoundationEssentials
import JSON
import TestSupport
import Testing

@Suite("Recorded conversations")
struct FixtureTests {
    private static let folder = Fixtures.path + "/confluent/emulator"

    private static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted()
    }()

    @Test("There are conversations")
    func found() {
        #expect(FixtureTests.names.count >= 8)
    }

    @Test("The emulator answers as recorded", arguments: names)
    func conversation(name: String) async throws {
        let bytes = try Data(contentsOf: URL(filePath: "\(FixtureTests.folder)/\(name)"))
        let document = try JSONValue(parsing: Array(bytes))
        try await withEmulator { emulator, client async throws in
            if document["switches"]?["answersLegacyIDs"]?.bool == true {
                await emulator.setSwitches { $0.answersLegacyIDs = true }
            }
            var exchanges = Exchanges(
                document, known: ["origin": emulator.url, "organization": await emulator.organization()])
            for (number, exchange) in exchanges.items.enumerated() {
                let request = try #require(exchange["request"])
                let response = try #require(exchange["response"])
                let answer = try await send(request, exchanges, client)
                let place = "exchange \(number + 1)"
                #expect(answer.status == response["status"]?.int, "\(place)")
                for (header, value) in response["headers"]?.object ?? [:] {
                    try exchanges.match(
                        text: answer.header(header) ?? "", value.string ?? "", at: "\(place) \(header)")
                }
                if let expected = response["body"] {
                    try exchanges.match(answer.json, expected, at: place)
                } else {
                    #expect(answer.bytes.isEmpty, "\(place)")
                }
            }
        }
    }

    private func send(_ request: JSONValue, _ exchanges: Exchanges, _ client: CloudClient) async throws
        -> CloudClient.Answer
    {
        var client = client
        if let user = request["user"] {
            client = client.with(
                user: user.string.map(exchanges.filled), password: exchanges.filled(request["password"]?.string ?? ""))
        }
        return try await client.send(
            try #require(request["method"]?.string), exchanges.filled(try #require(request["path"]?.string)),
            request["body"].map(exchanges.filled))
    }
}
