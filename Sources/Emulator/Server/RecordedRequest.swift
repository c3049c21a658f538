/// One request that reached the emulator, for counting in tests.
package struct RecordedRequest: Hashable, Sendable {
    /// The method in capitals.
    package var method: String
    /// The path without the query, as sent.
    package var path: String
    /// The query without its question mark, as sent; empty if there was none.
    package var query: String
    /// The status answered; zero if the connection was dropped, nil while the request is under way.
    package var status: Int?
    /// Whether what the request asked for was carried out: a successful answer was made, even if none was sent.
    package var isCommitted: Bool
    /// When it arrived, by the emulator's clock.
    package var arrived: Timestamp
}

/// The latest requests, and how many were under way at once.
struct RequestLog: Sendable {
    private let most: Int
    private var entries: [RecordedRequest] = []
    private var first = 0
    /// How many requests are under way now.
    private(set) var underWay = 0
    /// The highest number of requests that were under way at the same time.
    private(set) var concurrencyMax = 0

    init(most: Int) {
        self.most = most
    }

    /// The remembered requests in the order of their arrival.
    var requests: [RecordedRequest] { entries }

    /// Notes the arrival of a request and returns its number.
    mutating func arrive(_ request: RecordedRequest) -> Int {
        underWay += 1
        concurrencyMax = max(concurrencyMax, underWay)
        let number = first + entries.count
        entries.append(request)
        // Half is forgotten at once, so that forgetting costs O(1) a request.
        if entries.count > 2 * most {
            let excess = entries.count - most
            entries.removeFirst(excess)
            first += excess
        }
        return number
    }

    /// Notes the end of the request with that number.
    mutating func depart(_ number: Int, status: Int, isCommitted: Bool) {
        underWay -= 1
        guard entries.indices.contains(number - first) else { return }
        entries[number - first].status = status
        entries[number - first].isCommitted = isCommitted
    }

    /// Forgets the requests so far and the highest concurrency.
    mutating func forget() {
        first += entries.count
        entries = []
        concurrencyMax = underWay
    }
}
