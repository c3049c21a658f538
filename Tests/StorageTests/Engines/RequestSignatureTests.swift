import Networking
import Storage
import Testing

/// The examples of "Examples: Signature Calculations in AWS Signature Version 4" in the Amazon S3 API reference.
struct RequestSignatureTests {
    private func signature(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: String = "", token: String? = nil
    ) -> [String: String] {
        let credentials = AWSCredentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            sessionToken: token.map { Secret($0) })
        let added = RequestSignature(credentials: credentials, region: "us-east-1").headers(
            method: method, path: path, query: query, headers: headers, host: "examplebucket.s3.amazonaws.com",
            body: Array(body.utf8), time: "20130524T000000Z")
        return Dictionary(uniqueKeysWithValues: added.map { ($0.name, $0.value) })
    }

    private let scope = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

    @Test func aPartOfAnObject() {
        let headers = signature("GET", "/test.txt", headers: [("Range", "bytes=0-9")])
        #expect(
            headers["authorization"]
                == "AWS4-HMAC-SHA256 \(scope),SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
        #expect(
            headers["x-amz-content-sha256"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(headers["x-amz-date"] == "20130524T000000Z")
    }

    @Test func anObjectThatIsWritten() {
        let headers = signature(
            "PUT", "/test%24file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            body: "Welcome to Amazon S3.")
        #expect(
            headers["authorization"]
                == "AWS4-HMAC-SHA256 \(scope),SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        )
    }

    @Test func aQueryWithoutValue() {
        let headers = signature("GET", "/", query: [("lifecycle", "")])
        #expect(
            headers["authorization"]?.hasSuffix(
                "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543") == true)
    }

    @Test func aQuery() {
        let headers = signature("GET", "", query: [("prefix", "J"), ("max-keys", "2")])
        #expect(
            headers["authorization"]?.hasSuffix(
                "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7") == true)
    }

    @Test func aTokenIsSigned() {
        let headers = signature("GET", "/", token: "token")
        #expect(headers["x-amz-security-token"] == "token")
        #expect(headers["authorization"]?.contains("x-amz-date;x-amz-security-token,") == true)
    }
}
