import AsyncHTTPClient
import Emulator
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1

/// A client that knows nothing of the cloud but HTTP.
struct CloudClient: Sendable {
    /// One answer.
    struct Answer: Sendable {
        var status: Int
        var headers: [(name: String, value: String)]
        var bytes: [UInt8]

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }

        /// The body as JSON; null if it is not JSON, which no comparison expects.
        var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }

        /// The first error of the envelope.
        var error: JSONValue { json["errors"]?.array?.first ?? .null }

        /// The objects of a list.
        var data: [JSONValue] { json["data"]?.array ?? [] }

        /// The ids of the objects of a list.
        var ids: [String] { data.map { $0["id"]?.string ?? "?" } }

        /// The address of the next page, nil at the end.
        var next: String? {
            let next = json["metadata"]?["next"]?.string ?? ""
            return next.isEmpty ? nil : next
        }
    }

    var origin: String
    var user: String?
    var password = ""
    /// What makes the connections.
    var http = HTTPClient.shared

    init(origin: String, user: String?, password: String) {
        self.origin = origin
        self.user = user
        self.password = password
    }

    init(_ emulator: RunningEmulator) {
        origin = emulator.url
        user = emulator.cloudAPIKey
        password = emulator.cloudAPISecret
    }

    /// The same client with the credentials of another key, or with none.
    func with(user: String?, password: String = "") -> CloudClient {
        var copy = self
        copy.user = user
        copy.password = password
        return copy
    }

    /// Sends a request to a path, or to a whole address as lists give it.
    func send(
        _ method: String, _ target: String, _ body: JSONValue? = nil, text: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: target.hasPrefix("http") ? target : origin + target)
        request.method = .RAW(value: method)
        for header in headers { request.headers.add(name: header.0, value: header.1) }
        if let user {
            let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
            request.headers.replaceOrAdd(name: "Authorization", value: "Basic \(credentials)")
        }
        if let content = text.map({ Array($0.utf8) }) ?? body?.bytes(.compact) {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(content)
        }
        let response = try await http.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 24)
        return Answer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            bytes: Array(buffer: bytes))
    }

    /// Creates a Flink key.
    func createKey(
        name: String = "", owner: String = "sa-demo1", environment: String = "env-demo1",
        region: String = "aws.us-east-1"
    ) async throws -> Answer {
        try await send(
            "POST", "/iam/v2/api-keys", keyRequest(name: name, owner: owner, environment: environment, region: region))
    }
}

/// The body of a request for a Flink key, in today's form.
func keyRequest(
    name: String = "", owner: String = "sa-demo1", environment: String = "env-demo1",
    region: String = "aws.us-east-1"
) -> JSONValue {
    [
        "spec": [
            "display_name": .string(name), "description": "", "owner": ["id": .string(owner)],
            "resource": [
                "api_version": "fcpm/v2", "kind": "Region", "id": .string(region),
                "environment": .string(environment),
            ],
        ]
    ]
}

/// Runs a test against an emulator of its own.
func withEmulator(
    _ settings: EmulatorSettings = EmulatorSettings(), _ body: (RunningEmulator, CloudClient) async throws -> Void
) async throws {
    let emulator = try await RunningEmulator.start(settings)
    do {
        try await body(emulator, CloudClient(emulator))
    } catch {
        await emulator.stop()
        throw error
    }
    await emulator.stop()
}

/// The default settings with other positions of the switches.
func switched(_ change: (inout Switches) -> Void) -> EmulatorSettings {
    var settings = EmulatorSettings()
    change(&settings.switches)
    return settings
}
