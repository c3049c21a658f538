import Networking
import Testing

@testable import ConfluentClient

@Suite struct RetryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var method: Method
        var attempts = 1
        var outcome: Retry.Outcome
        var random = 0.0
        var wait: Duration?
        var testDescription: String { "\(method) attempt \(attempts) \(outcome)" }
    }

    static func answered(_ status: Int, _ wait: Duration? = nil) -> Retry.Outcome {
        .answered(status: status, wait: wait)
    }

    static let lost = Retry.Outcome.failed(wasSent: true, isPermanent: false)
    static let unsent = Retry.Outcome.failed(wasSent: false, isPermanent: false)

    @Test(arguments: [
        Row(method: .get, outcome: answered(500), random: 0.5, wait: .milliseconds(500)),
        Row(method: .get, outcome: answered(501), wait: nil),
        Row(method: .get, outcome: answered(502), wait: .zero),
        Row(method: .get, outcome: answered(503, .seconds(7)), wait: .seconds(7)),
        Row(method: .get, outcome: answered(503, .seconds(7)), random: 0.25, wait: .milliseconds(7250)),
        Row(method: .get, outcome: answered(404), wait: nil),
        Row(method: .get, outcome: answered(408), wait: nil),
        Row(method: .get, outcome: answered(302), wait: nil),
        Row(method: .get, outcome: answered(429, .seconds(3)), wait: .seconds(3)),
        Row(method: .get, outcome: answered(429, .seconds(3600)), wait: .seconds(120)),
        Row(method: .get, outcome: answered(429, .seconds(-5)), wait: .zero),
        Row(method: .get, outcome: lost, wait: .zero),
        Row(method: .patch, outcome: lost, random: 1, wait: .seconds(1)),
        Row(method: .delete, attempts: 4, outcome: lost, random: 1, wait: .seconds(8)),
        Row(method: .get, attempts: 5, outcome: lost, wait: nil),
        Row(method: .get, attempts: 5, outcome: answered(429, .seconds(1)), wait: nil),
        Row(method: .get, outcome: .failed(wasSent: true, isPermanent: true), wait: nil),
        Row(method: .post, outcome: lost, wait: nil),
        Row(method: .post, outcome: unsent, random: 1, wait: .seconds(1)),
        Row(method: .post, outcome: .failed(wasSent: false, isPermanent: true), wait: nil),
        Row(method: .post, outcome: answered(500), wait: nil),
        Row(method: .post, outcome: answered(502), wait: nil),
        Row(method: .post, outcome: answered(503, .seconds(1)), wait: nil),
        Row(method: .post, outcome: answered(408), wait: nil),
        Row(method: .post, outcome: answered(409), wait: nil),
        Row(method: .post, outcome: answered(429), random: 1, wait: .seconds(1)),
        Row(method: .post, outcome: answered(429, .seconds(2)), wait: .seconds(2)),
    ])
    func decides(_ row: Row) {
        let retry = Retry(maximumRetries: 4)
        let wait = retry.wait(method: row.method, attempts: row.attempts, outcome: row.outcome, random: row.random)
        #expect(wait == row.wait)
    }

    @Test func backoffDoublesUpToItsCap() {
        let retry = Retry(maximumRetries: 100)
        let waits = (1...8).map { retry.wait(method: .get, attempts: $0, outcome: Self.lost, random: 1) }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        #expect(retry.wait(method: .get, attempts: 90, outcome: Self.lost, random: 1) == .seconds(30))
    }

    @Test func noRetriesMeansNone() {
        #expect(Retry(maximumRetries: 0).wait(method: .get, attempts: 1, outcome: Self.lost, random: 0) == nil)
    }

    struct HeaderRow: Sendable {
        var status = 429
        var headers: [(name: String, value: String)]
        var wait: Duration?
    }

    @Test(arguments: [
        HeaderRow(headers: [], wait: nil),
        HeaderRow(headers: [("Retry-After", " 7 ")], wait: .seconds(7)),
        HeaderRow(headers: [("Retry-After", "0")], wait: .zero),
        HeaderRow(headers: [("retry-after", "5"), ("X-RateLimit-Reset", "60")], wait: .seconds(5)),
        HeaderRow(headers: [("X-RateLimit-Reset", "60")], wait: .seconds(60)),
        HeaderRow(status: 503, headers: [("X-RateLimit-Reset", "60")], wait: nil),
        HeaderRow(status: 503, headers: [("Retry-After", "60")], wait: .seconds(60)),
        HeaderRow(headers: [("Retry-After", "99999999999999999999")], wait: .seconds(86_400)),
        HeaderRow(headers: [("Retry-After", "-1")], wait: nil),
        HeaderRow(headers: [("Retry-After", "soon"), ("X-RateLimit-Reset", "9")], wait: .seconds(9)),
        HeaderRow(headers: [("Retry-After", "nan")], wait: nil),
        HeaderRow(headers: [("Retry-After", "1.2.3")], wait: nil),
        HeaderRow(
            headers: [("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
            wait: .seconds(10)),
        HeaderRow(
            headers: [("Retry-After", "Sun, 06 Nov 1994 08:49:27 GMT"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
            wait: .zero),
        HeaderRow(headers: [("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT")], wait: nil),
    ])
    func readsHeaders(_ row: HeaderRow) {
        #expect(Retry.requestedWait(Answer(status: row.status, headers: row.headers)) == row.wait)
    }
}
