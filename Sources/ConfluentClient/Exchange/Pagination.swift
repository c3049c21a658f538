import JSON
import Networking

/// A list, gathered from its pages: all of them, unless the caller had enough before.
package struct Listing<Item: Sendable>: Sendable {
    /// The items in the order of the pages; an item that moved between pages while they were read is there once.
    package let items: [Item]
    /// The server's clock when it answered with the first page; nil when it did not say.
    package let serverDate: CloudTime?

    /// States both parts.
    package init(items: [Item], serverDate: CloudTime?) {
        self.items = items
        self.serverDate = serverDate
    }

    /// The same list of items in another form.
    package func map<Other: Sendable>(_ transform: (Item) -> Other) -> Listing<Other> {
        Listing<Other>(items: items.map(transform), serverDate: serverDate)
    }
}

/// What was gathered of a list so far, for whoever decides whether to go on.
package struct Page: Sendable {
    /// How many pages were read, this one included; 1 for the first.
    package let number: Int
    /// The ids of the new items of this page.
    package let ids: [String]
}

/// Walks the pages of a list.
struct Pagination: Sendable {
    /// The largest page that the API grants.
    static let pageSize = 100
    /// More pages or items than this are taken for an endless list.
    static let maximumPages = 2000
    static let maximumItems = 100_000
    private static let maximumToken = 4096

    let exchange: Exchange

    /// Asks for page after page until one has no successor, and reads every item with `read`.
    ///
    /// Each page is asked for with the filters of the first; of a page's link to the next only the token is used, so
    /// that the server named in it is never spoken to. `total_size` is not believed. Throws when a token comes twice
    /// or the list does not end. No further page is asked for once `isEnough` says so.
    func all<Item: Sendable>(
        _ path: String, query: [(name: String, value: String)] = [], id: (Item) -> String,
        until isEnough: (Page) -> Bool = { _ in false },
        read: (AnswerReader) throws(AnswerMistake) -> Item
    ) async throws(APIError) -> Listing<Item> {
        var request = Request(.get, path, query: query + [("page_size", "\(Self.pageSize)")])
        var items: [Item] = []
        var ids: Set<String> = []
        var tokens: Set<String> = []
        var serverDate: CloudTime?
        for page in 1...Self.maximumPages {
            let reply: Exchange.Reply
            switch await exchange.perform(request) {
            case .success(let value): reply = value
            case .failure(let failure): throw failure.error
            }
            if page == 1 { serverDate = reply.answer.date }
            let next: String?
            let before = items.count
            do {
                let (found, token) = try Self.page(reply.answer.body, read: read)
                for item in found where ids.insert(id(item)).inserted { items.append(item) }
                next = token
            } catch {
                throw exchange.malformed(reply, "the list cannot be read: \(error.text)")
            }
            guard items.count <= Self.maximumItems else {
                throw exchange.malformed(reply, "the list has more than \(Self.maximumItems) items")
            }
            if isEnough(Page(number: page, ids: items[before...].map(id))) { break }
            guard let next else { return Listing(items: items, serverDate: serverDate) }
            guard tokens.insert(next).inserted else {
                throw exchange.malformed(reply, "page \(page) of the list leads back to an earlier page")
            }
            request.encodedItem = "page_token=\(next)"
            if page == Self.maximumPages {
                throw exchange.malformed(reply, "the list does not end after \(page) pages")
            }
        }
        return Listing(items: items, serverDate: serverDate)
    }

    private static func page<Item>(
        _ body: [UInt8], read: (AnswerReader) throws(AnswerMistake) -> Item
    ) throws(AnswerMistake) -> ([Item], String?) {
        let reader = try AnswerReader(try AnswerReader.json(body))
        guard let list = try reader.list("data") else { throw AnswerMistake(text: "\"data\" is missing") }
        var items: [Item] = []
        items.reserveCapacity(list.count)
        for item in list { items.append(try read(item)) }
        guard let next = try reader.optionalObject("metadata")?.optionalText("next"), !next.isEmpty else {
            return (items, nil)
        }
        return (items, try token(next))
    }

    /// The page token of a link, percent-encoded as the server wrote it.
    static func token(_ link: String) throws(AnswerMistake) -> String {
        let start = link.firstIndex(of: "?").map { link.index(after: $0) } ?? link.startIndex
        let query = link[start...].prefix { $0 != "#" }
        for item in query.split(separator: "&") where item.hasPrefix("page_token=") {
            let token = item.dropFirst("page_token=".count)
            guard !token.isEmpty, token.utf8.count <= maximumToken else { break }
            return PercentEncoding.mended(String(token))
        }
        throw AnswerMistake(text: "\"metadata.next\" names no page")
    }
}
