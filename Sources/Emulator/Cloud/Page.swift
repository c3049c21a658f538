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

    /// Reads `page_size`, which counts on the first page only, and `page_token`.
    init(_ items: [(name: String, value: String)]) throws(Problem) {
        if let token = items.last(where: { $0.name == "page_token" })?.value, !token.isEmpty {
            guard let (size, after) = Page.parsed(token: token) else {
                throw .badRequest("The page token is not valid.", parameter: "page_token")
            }
            self.size = size
            self.after = after
            return
        }
        let text = items.last { $0.name == "page_size" }?.value ?? ""
        guard let size = text.isEmpty ? 10 : Int(text), (1...100).contains(size) else {
            throw .badRequest("The page size must be a whole number from 1 to 100.", parameter: "page_size")
        }
        self.size = size
        after = ""
    }

    /// The token of the page after the one that ends with the given id.
    func token(after id: String) -> String {
        Data("\(size):\(id)".utf8).base64EncodedString()
    }

    private static func parsed(token: String) -> (Int, String)? {
        guard token.utf8.count <= 1_024, let bytes = Data(base64Encoded: token),
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
    /// What the answer calls itself, such as `ApiKeyList`.
    var kind: String
    /// The version of the endpoint group, such as `iam/v2`.
    var apiVersion: String
    /// What must hold for a row to be shown, as SQL with a placeholder per argument.
    var conditions: [(sql: String, arguments: [any DatabaseValueConvertible])] = []
    /// The filters of the request, which the address of the next page repeats.
    var filters: [(name: String, value: String)] = []

    /// The answer with one page of the list, ordered by id.
    func answer(_ visit: Visit, _ object: (Row) -> JSONValue) throws -> CloudResponse {
        let page = try Page(visit.request.queryItems())
        let rows = try rows(of: page, in: visit.database)
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
                "api_version": .string(apiVersion), "kind": .string(kind), "metadata": .object(metadata),
                "data": .array(rows.prefix(page.size).map(object)),
            ])
    }

    /// The rows of the page and, if there is one, the row after it.
    private func rows(of page: Page, in database: Database) throws -> [Row] {
        let all = [("id > ?", [page.after] as [any DatabaseValueConvertible])] + conditions
        let sql = """
            SELECT * FROM \(table) WHERE \(all.map(\.0).joined(separator: " AND ")) ORDER BY id LIMIT \(page.size + 1)
            """
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: StatementArguments(all.flatMap(\.1)))
    }

    private func query(_ position: [(String, String)]) -> String {
        let items = filters.map { ($0.name, $0.value) } + position
        let texts = items.map { "\(PercentEncoding.encoded($0.0))=\(PercentEncoding.encoded($0.1))" }
        return texts.isEmpty ? "" : "?" + texts.joined(separator: "&")
    }
}
