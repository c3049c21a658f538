import Testing

@testable import Emulator

@Suite("The escapes of URLs")
struct PercentEncodingTests {
    @Test(
        "Text survives being encoded and decoded",
        arguments: ["", "plain", "a b+c", "ä/ö?&=%", "\u{0}\u{7f}", "sa-1_.~"])
    func roundTrip(text: String) {
        let encoded = PercentEncoding.encoded(text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
        #expect(PercentEncoding.decoded(encoded) == text)
        #expect(PercentEncoding.decoded(encoded, plusIsSpace: true) == text)
    }

    @Test("What is no escape is refused", arguments: ["%", "%4", "%zz", "%4g", "%ff", "a%c3"])
    func refused(text: String) {
        #expect(PercentEncoding.decoded(text) == nil)
    }

    @Test("A path with bad escapes has no segments, a query with bad ones no items")
    func request() throws {
        var request = CloudRequest(method: "GET", path: "/a%2Fb//c", query: "x=1&y&z=%20", body: [])
        #expect(request.segments == ["a/b", "c"])
        #expect(try request.queryItems().map(\.name) == ["x", "y", "z"])
        #expect(try request.queryItems().map(\.value) == ["1", "", " "])
        request.path = "/a/%ff"
        request.query = "x=%ff"
        #expect(request.segments == nil)
        #expect(throws: Problem.self) { try request.queryItems() }
    }

    @Test("A plus is a space in queries only")
    func plus() {
        #expect(PercentEncoding.decoded("a+b") == "a+b")
        #expect(PercentEncoding.decoded("a+b", plusIsSpace: true) == "a b")
    }
}
