import Emulator
import Testing

@Suite("Secrets, their checksum, and times")
struct SecretFormatTests {
    @Test(
        "The checksum is that of published secrets",
        arguments: [
            "cfltT8d8RzkNseTMEDKcjNM1BZTFPHqRn/dQm9q7w6SjzZ12wZfwjaJdipHZtDjw",
            "cflt3fqwr6Fr3dx3urszviQAse/iWQcaEeg6UVcwlOXggfxPRUX4HXXt77RG9I/A",
            "cflt" + String(repeating: "A", count: 54) + "FZQbVQ",
            "cflt0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRq6HuTw",
        ])
    func checksum(secret: String) {
        let body = String(secret.dropFirst(4).dropLast(6))
        #expect(body.utf8.count == 54)
        #expect(SecretFormat.secret(body: body) == secret)
    }

    @Test("New secrets have 64 characters of the alphabet and are never the same", arguments: SecretFormat.allCases)
    func newSecret(format: SecretFormat) {
        var generator = SystemRandomNumberGenerator()
        let secrets = (0..<200).map { _ in format.secret(using: &generator) }
        #expect(Set(secrets).count == 200)
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        for secret in secrets {
            #expect(secret.utf8.count == 64)
            #expect(secret.allSatisfy { alphabet.contains($0) })
            if format == .cflt { #expect(SecretFormat.secret(body: String(secret.dropFirst(4).dropLast(6))) == secret) }
        }
    }

    @Test(
        "Times are written with six digits of fraction and as HTTP wants them",
        arguments: [
            (1_699_734_948_764_784, "2023-11-11T20:35:48.764784Z", "Sat, 11 Nov 2023 20:35:48 GMT"),
            (0, "1970-01-01T00:00:00.000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_827_696_000_007, "2000-02-29T12:34:56.000007Z", "Tue, 29 Feb 2000 12:34:56 GMT"),
            (1_767_225_599_999_999, "2025-12-31T23:59:59.999999Z", "Wed, 31 Dec 2025 23:59:59 GMT"),
            (-1, "1969-12-31T23:59:59.999999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)])
    func timestamp(microseconds: Int64, rfc3339: String, httpDate: String) {
        let timestamp = Timestamp(microseconds: microseconds)
        #expect(timestamp.rfc3339 == rfc3339)
        #expect(timestamp.httpDate == httpDate)
    }
}
