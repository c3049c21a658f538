import Testing

@testable import Networking

@Suite struct RequestReportTests {
    @Test(
        "An address is shown without what may be secret",
        arguments: [
            ("https://api.confluent.cloud/iam/v2/api-keys", "https://api.confluent.cloud/iam/v2/api-keys"),
            ("https://me:hunter2@state.example:8443/a/b?token=hunter2&x", "https://state.example:8443/a/b?token&x"),
            ("http://state.example/me@home", "http://state.example/me@home"),
            ("http://me:p@ss@state.example", "http://state.example"),
        ])
    func address(_ url: String, _ shown: String) { #expect(RequestReport.shown(url) == shown) }

    @Test("Whoever follows is told of every attempt, and of nothing else")
    func observer() async throws {
        let transport = HTTPTransport(proxy: .none, connectTimeout: .seconds(1), readTimeout: .seconds(1))
        await transport.shutdown()
        let endpoint = try Endpoint("http://127.0.0.1:9")
        let request = OutgoingRequest(
            "GET", url: "http://127.0.0.1:9/x?secret=1", endpoint: endpoint,
            headers: [("authorization", "hunter2")], body: Array("hunter2".utf8))
        _ = await transport.send(request)
        await confirmation { told in
            let observer = RequestObserver { report in
                #expect(report.method == "GET" && report.status == nil && report.bytes.sent == 7)
                #expect(report.address == "http://127.0.0.1:9/x?secret")
                #expect(!"\(report)".contains("hunter2"))
                told()
            }
            await RequestObserver.$current.withValue(observer) { _ = await transport.send(request) }
        }
    }
}
