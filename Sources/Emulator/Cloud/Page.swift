import FoundationEssentials
import GRDB
import JSON

/// Which page of a list is asked for.
///
/// A token carries the page size and the last id that was shown, so a page costs what it shows, however long the list
/// is, and objects made or deleted meanwhile neither repeat nor hide others.
struct Page {
    /// How many objects a page has at most, 1 to 100.
    let size: Int
    /// The id after which the page starts; empty for the first page.
    let after: String

    /// What lists take beside filters.
    static let parameters = [
        Route.Parameter(
            name: "page_size", schema: Schema(shape: .integer(1...100)),
            meaning: "How many objects a page has at most; 10 if not said. It counts on the first page only."),
        Route.Parameter(
            name: "page_token", schema: .string(0...255), meaning: "Where a page starts, as the page before tells."),
    ]

    /// Reads `page_size`, which counts on the first page only, and `page_token`.
    init(_ visit: Visit) throws(Problem) {
        if let token = visit.item("page_token") {
            guard let (size, after) = Page.parsed(token: token) else {
                throw .badRequest("The page token is not valid.", parameter: "page_token")
            }
            self.size = size
            self.after = after
            return
        }
        size = visit.item("page_size").flatMap { Int($0) } ?? 10
        after = ""
    }

    /// The token of the page after the one that ends with the given id.
    func token(after id: String) -> String {
        Data("\(size):\(id)".utf8).base64EncodedString()
    }

    private static func parsed(token: String) -> (Int, String)? {
        guard let bytes = Data(base64Encoded: token),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            let size = Int(text[..<colon]), (1...100).contains(size)
        else { return nil }
        return (size, String(text[text.index(after: colon)...]))
    }
}

/// A list to show one page of.
struct Listing {
    /// The table, which has a column `id`.
    var table: String
    /// The type of the objects.
    var collection: Collection
    /// What must hold for a row to be in the list, as SQL with a placeholder per argument.
    var conditions: [(sql: String, arguments: [any DatabaseValueConvertible])] = []
    /// The filters of the request, which the address of the next page repeats.
    var filters: [(name: String, value: String)] = []
    /// Whether new objects are missing for a while, if a switch says so; the table then has a column `created`.
    var isLagging = true
    /// Whether the caller may see a row.
    var isVisible: (Row) -> Bool = { _ in true }

    /// The answer with one page of the list, ordered by id.
    func answer(_ visit: Visit, _ object: (Row) -> JSONValue) throws -> CloudResponse {
        let page = try Page(visit)
        let rows = try rows(of: page, visit)
        let url = visit.origin + visit.request.path
        let isLast = rows.count <= page.size
        var metadata: JSONObject = ["first": .string(url + query([]))]
        if !isLast {
            let token = page.token(after: rows[page.size - 1]["id"])
            let position = [("page_size", String(page.size)), ("page_token", token)]
            metadata["next"] = .string(url + query(position))
        } else {
            switch visit.switches.endOfList {
            case .empty: metadata["next"] = ""
            case .null: metadata["next"] = .null
            case .missing: break
            }
        }
        return .json(
            200,
            [
                "api_version": .string(collection.apiVersion), "kind": .string(collection.type + "List"),
                "metadata": .object(metadata), "data": .array(rows.prefix(page.size).map(object)),
            ])
    }

    /// The rows of the page and, if there is one, the row after it.
    ///
    /// Rows are stepped through in the order of the table's key or of an index, so that what is not shown costs nothing.
    private func rows(of page: Page, _ visit: Visit) throws -> [Row] {
        var all = [("id > ?", [page.after] as [any DatabaseValueConvertible])] + conditions
        if isLagging, visit.switches.listLag > .zero {
            let latest = visit.now.advanced(by: .zero - visit.switches.listLag)
            all.append(("created <= ?", [latest.microseconds]))
        }
        let sql = "SELECT * FROM \(table) WHERE \(all.map(\.0).joined(separator: " AND ")) ORDER BY id"
        let statement = try visit.database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(all.flatMap(\.1)))
        var rows: [Row] = []
        while rows.count <= page.size, let row = try cursor.next() {
            if isVisible(row) { rows.append(row.copy()) }
        }
        return rows
    }

    private func query(_ position: [(String, String)]) -> String {
        let items = filters.map { ($0.name, $0.value) } + position
        let texts = items.map { "\(PercentEncoding.encoded($0.0))=\(PercentEncoding.encoded($0.1))" }
        return texts.isEmpty ? "" : "?" + texts.joined(separator: "&")
    }
}
