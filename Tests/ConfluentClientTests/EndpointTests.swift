@testable import Networking
import Testing

@testable import ConfluentClient

@Suite struct EndpointTests {
    @Test(arguments: [
        ("https://api.confluent.cloud", "https://api.confluent.cloud"),
        ("https://api.confluent.cloud/", "https://api.confluent.cloud"),
        ("HTTPS://API.Confluent.Cloud:443", "https://api.confluent.cloud"),
        ("https://gateway.example:8443/confluent//", "https://gateway.example:8443/confluent"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.9.9.9:9", "http://127.9.9.9:9"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ])
    func accepts(_ text: String, _ shown: String) throws {
        #expect(try Endpoint(text).description == shown)
    }

    @Test(arguments: [
        "", "api.confluent.cloud", "https://", "https:///x", "ftp://api.confluent.cloud", "https://a b.example",
        "https://user:pw@api.confluent.cloud", "https://api.confluent.cloud?x=1", "https://api.confluent.cloud#x",
        "https://api.confluent.cloud:0", "https://api.confluent.cloud:65536", "https://api.confluent.cloud:x",
        "https://[::1", "https://[zz]", "https://a\\b.example", "https://ä.example", "https://a\nb",
    ])
    func refuses(_ text: String) {
        #expect(throws: ClientError.self) { try Endpoint(text) }
    }

    @Test(arguments: [
        "http://api.confluent.cloud", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://127.1", "http://0177.0.0.1", "http://0.0.0.0", "http://10.0.0.1", "http://[::]", "http://[::2]",
        "http://2130706433", "http://localhosts",
    ])
    func refusesPlainHTTPToOtherMachines(_ text: String) {
        #expect(throws: ClientError.self) { try Endpoint(text) }
    }

    @Test func aPasswordInTheEndpointIsNotShown() {
        #expect { try Endpoint("https://user:hunter2secret@api.confluent.cloud") } throws: {
            !"\($0)".contains("hunter2")
        }
    }

    @Test(
        arguments: [
            ("1.2.3.4", [1, 2, 3, 4]), ("::", [UInt8](repeating: 0, count: 16)),
            ("1::8", [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8]),
            ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
            ("::ffff:10.0.0.1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]),
        ] as [(String, [UInt8])])
    func readsAddresses(_ text: String, _ bytes: [UInt8]) {
        #expect(IPAddress(text)?.bytes == bytes)
    }

    @Test(arguments: [
        "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "1:2", "1::2::3", ":::", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8", "12345::", "g::", "+1::", "1.2.3.4::", "",
    ])
    func refusesOtherAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }
}

@Suite struct ClientSettingsTests {
    @Test(arguments: [
        ClientSettings(credentials: Credentials(key: "", secret: "s")),
        ClientSettings(credentials: Credentials(key: "K", secret: "")),
        ClientSettings(credentials: Credentials(key: "K:L", secret: "s")),
        ClientSettings(credentials: Credentials(key: "K", secret: "s\r\nX: y")),
        ClientSettings(credentials: Credentials(key: "K ", secret: "s")),
        ClientSettings(endpoint: "http://example.com", credentials: Credentials(key: "K", secret: "s")),
        ClientSettings(credentials: Credentials(key: "K", secret: "s"), maximumRetries: -1),
        ClientSettings(credentials: Credentials(key: "K", secret: "s"), userAgent: "x\r\ny"),
        ClientSettings(credentials: Credentials(key: "K", secret: "s"), requestTimeout: .zero),
    ])
    func badSettingsAreRefused(_ settings: ClientSettings) {
        #expect(throws: ClientError.self) { try ConfluentClient(settings) }
    }

    @Test func theDefaultIsConfluentCloud() throws {
        let client = try ConfluentClient(ClientSettings(credentials: Credentials(key: "K", secret: "s")))
        #expect(client.endpoint.description == "https://api.confluent.cloud")
    }
}
