import Crypto
package import Networking

/// A signature of version 4, which AWS and the stores that speak its protocol ask for.
///
/// A pure function of the request and the time. Source: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API
/// reference.
package struct RequestSignature: Sendable {
    /// Whose signature it is.
    package var credentials: AWSCredentials
    /// The region that the request is for.
    package var region: String
    /// The service that the request is for, such as `s3`.
    package var service: String

    /// Makes signatures of one user for one service.
    package init(credentials: AWSCredentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers that a request needs beside its own, `Host` among what is signed but not returned.
    ///
    /// - Parameters:
    ///   - path: The path of the URL, percent-encoded.
    ///   - query: Names and values, not encoded.
    ///   - headers: Those that are signed.
    ///   - host: What the `Host` header will be, with the port unless it is the scheme's own.
    ///   - time: `YYYYMMDDTHHMMSSZ`.
    package func headers(
        method: String, path: String, query: [(name: String, value: String)], headers: [(name: String, value: String)],
        host: String, body: [UInt8], time: String
    ) -> [(name: String, value: String)] {
        var added = [("x-amz-content-sha256", Self.hexadecimal(SHA256.hash(data: body))), ("x-amz-date", time)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token.revealed)) }
        let signed = (headers.map { ($0.name.lowercased(), Self.trimmed($0.value)) } + added + [("host", host)])
            .sorted { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            method, path.isEmpty ? "/" : path, Self.canonical(query), signed.map { "\($0):\($1)\n" }.joined(), names,
            added[0].1,
        ].joined(separator: "\n")
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = [
            "AWS4-HMAC-SHA256", time, scope, Self.hexadecimal(SHA256.hash(data: Array(canonical.utf8))),
        ].joined(separator: "\n")
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretKey.revealed)".utf8))
        for part in [day, region, service, "aws4_request"] { key = SymmetricKey(data: Self.code(part, key)) }
        let signature = Self.hexadecimal(Self.code(text, key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope),SignedHeaders=\(names),Signature=\(signature)"
        return added.map { (name: $0.0, value: $0.1) } + [(name: "authorization", value: authorization)]
    }

    /// A query as the signature takes it, which is a query that a URL can have, too.
    static func canonical(_ query: [(name: String, value: String)]) -> String {
        query.map { (PercentEncoding.encoded($0.name), PercentEncoding.encoded($0.value)) }
            .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    private static func code(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Without white space around it, and with single spaces in it.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}

/// Who signs a request.
package struct AWSCredentials: Hashable, Sendable {
    /// The id of the access key; not secret.
    package var accessKey: String
    /// The access key's secret.
    package var secretKey: Secret
    /// What temporary credentials have in addition; nil for others.
    package var sessionToken: Secret?

    /// Makes credentials.
    package init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}
