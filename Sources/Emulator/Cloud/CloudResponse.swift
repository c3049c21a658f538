import JSON

/// One answer of the cloud, apart from the socket it leaves through.
struct CloudResponse: Sendable {
    /// The status.
    var status: Int
    /// Headers beside those that every answer has.
    var headers: [(name: String, value: String)] = []
    /// The media type of the body; nil if there is no body.
    var contentType: String?
    /// The body.
    var body: [UInt8] = []

    /// An answer without a body.
    static func empty(_ status: Int) -> CloudResponse {
        CloudResponse(status: status)
    }

    /// An answer with a JSON body.
    static func json(_ status: Int, _ value: JSONValue, headers: [(name: String, value: String)] = [])
        -> CloudResponse
    {
        CloudResponse(
            status: status, headers: headers, contentType: "application/json", body: value.bytes(.compact))
    }

    /// The same answer with its body compressed, and no header that says so.
    var compressed: CloudResponse {
        var copy = self
        copy.body = Gzip.compressed(body)
        return copy
    }

    /// The page that a gateway in front of the service answers with.
    static func gatewayPage(_ status: Int) -> CloudResponse {
        let title = status < 500 ? "One moment, please" : "\(status) Bad Gateway"
        let page = """
            <html>
            <head><title>\(title)</title></head>
            <body><center><h1>\(title)</h1></center></body>
            </html>

            """
        return CloudResponse(status: status, contentType: "text/html", body: Array(page.utf8))
    }
}
