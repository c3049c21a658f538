import JSON
import Networking

/// A request to one endpoint, before it has credentials and a host.
struct Request: Sendable {
    var method: Method
    /// Starts with a slash; segments that hold ids are percent-encoded already.
    var path: String
    /// Query items in order, not encoded.
    var query: [(name: String, value: String)]
    /// A query item that is encoded already, such as a page token taken from a link; nil for none.
    var encodedItem: String?
    var body: JSONValue?

    init(_ method: Method, _ path: String, query: [(name: String, value: String)] = [], body: JSONValue? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// The path of one object: the id becomes one segment, whatever it holds.
    static func path(_ collection: String, _ id: String) -> String {
        "\(collection)/\(PercentEncoding.encoded(id))"
    }

    /// Whether the last segment names an object or a collection; an id that is empty or only dots would lead elsewhere.
    var isSound: Bool {
        let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return !["", ".", ".."].contains(last)
    }

    /// The path with its query, percent-encoded.
    var target: String {
        var items = query.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }
        if let encodedItem { items.append(encodedItem) }
        return items.isEmpty ? path : "\(path)?\(items.joined(separator: "&"))"
    }
}
