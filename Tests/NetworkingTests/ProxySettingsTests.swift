import Testing

@testable import Networking

@Suite struct ProxySettingsTests {
    static let proxy = "http://proxy.example:3128"

    @Test func noVariableMeansNoProxy() throws {
        #expect(try ProxySettings(environment: [:]) == .none)
        #expect(try ProxySettings(environment: ["HTTPS_PROXY": "", "HTTP_PROXY": Self.proxy]) == .none)
        #expect(ProxySettings.none.server(host: "api.confluent.cloud", port: 443) == nil)
    }

    @Test(arguments: [
        ("http://proxy.example:3128", ProxySettings.Server.Kind.http, "proxy.example", 3128),
        ("proxy.example:3128", .http, "proxy.example", 3128),
        ("http://Proxy.example/", .http, "proxy.example", 80),
        ("socks5://proxy.example", .socks5, "proxy.example", 1080),
        ("http://[fd00::1]:8080", .http, "fd00::1", 8080),
    ])
    func readsTheProxy(_ text: String, kind: ProxySettings.Server.Kind, host: String, port: Int) throws {
        for name in ["HTTPS_PROXY", "https_proxy"] {
            let server = try ProxySettings(environment: [name: text]).server(host: "api.confluent.cloud", port: 443)
            #expect(server?.kind == kind)
            #expect(server?.host == host)
            #expect(server?.port == port)
            #expect(server?.credentials == nil)
        }
    }

    @Test func readsUserAndPassword() throws {
        let settings = try ProxySettings(environment: ["HTTPS_PROXY": "http://me:p%40ss%3Aword@proxy.example:3128"])
        let server = settings.server(host: "api.confluent.cloud", port: 443)
        #expect(server?.credentials?.key == "me")
        #expect(server?.credentials?.secret.revealed == "p@ss:word")
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("p@ss"))
        #expect(!"\(settings)".contains("p@ss"))
    }

    @Test(arguments: [
        "https://proxy.example", "ftp://proxy.example", "socks5://me:hunter2@proxy.example", "http://", "http://a b",
        "http://proxy.example/path", "http://proxy.example?x", "http://me:%zzhunter2@proxy.example", ":3128",
    ])
    func refusesWhatItCannotUse(_ text: String) {
        #expect { try ProxySettings(environment: ["HTTPS_PROXY": text]) } throws: { error in
            error is ClientError && !"\(error)".contains("hunter2")
        }
    }

    @Test(arguments: [
        ("", "api.confluent.cloud", 443, false),
        ("*", "api.confluent.cloud", 443, true),
        ("confluent.cloud", "api.confluent.cloud", 443, true),
        ("CONFLUENT.cloud", "API.confluent.CLOUD", 443, true),
        ("confluent.cloud", "confluent.cloud", 443, true),
        ("confluent.cloud", "notconfluent.cloud", 443, false),
        (".confluent.cloud", "api.confluent.cloud", 443, true),
        (".confluent.cloud", "confluent.cloud", 443, false),
        ("*.confluent.cloud", "api.confluent.cloud", 443, true),
        ("a.example, confluent.cloud ,b.example", "api.confluent.cloud", 443, true),
        ("confluent.cloud:443", "api.confluent.cloud", 443, true),
        ("confluent.cloud:8443", "api.confluent.cloud", 443, false),
        ("10.0.0.0/8", "10.1.2.3", 443, true),
        ("10.0.0.0/8", "11.1.2.3", 443, false),
        ("10.0.0.0/33", "10.1.2.3", 443, false),
        ("10.0.0.0/x", "10.1.2.3", 443, false),
        ("10.1.2.3", "10.1.2.3", 443, true),
        ("10.1.2.3:80", "10.1.2.3", 443, false),
        ("fd00::/8", "fd12::1", 443, true),
        ("fd00::1", "fd00:0::1", 443, true),
        ("10.0.0.0/8", "fd12::1", 443, false),
        (",,; %%", "api.confluent.cloud", 443, false),
        ("", "localhost", 8080, true),
        ("", "127.3.2.1", 8080, true),
        ("", "::1", 8080, true),
        ("", "localhost.example", 443, false),
    ])
    func knowsExceptions(_ list: String, host: String, port: Int, isDirect: Bool) throws {
        let settings = try ProxySettings(environment: ["HTTPS_PROXY": Self.proxy, "NO_PROXY": list])
        #expect((settings.server(host: host, port: port) == nil) == isDirect)
    }
}
