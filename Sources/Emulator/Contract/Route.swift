import JSON

/// One thing that can be asked of the cloud: a method and a path, what it takes, what it answers, and how.
///
/// The routes are all there is: requests are matched with them, and the OpenAPI document is made of them.
struct Route: Sendable {
    /// What carries a request out.
    typealias Action = @Sendable (Visit) throws -> CloudResponse

    /// Who may ask.
    enum Access: Sendable {
        /// Anybody with a key of one of these kinds that works.
        case keys(Set<KeyKind>)
        /// The route finds out itself, as the servers behind an address of their own do.
        case own
    }

    /// An item of the query.
    struct Parameter: Sendable {
        /// Its name.
        let name: String
        /// What its value looks like.
        let schema: Schema
        /// Whether it must be there and not be empty.
        var isRequired = false
        /// Whether it may be there many times.
        var isRepeatable = false
        /// A sentence for people.
        var meaning: String
    }

    /// The method in capitals.
    let method: String
    /// The path.
    let path: PathTemplate
    /// What it is called in the document, such as `listApiKeys`.
    let name: String
    /// What it does, in a few words.
    let summary: String
    /// The group of routes that it belongs to in the document.
    let tag: String
    /// Who may ask.
    var access: Access
    /// The items of the query that count; others are ignored.
    var query: [Parameter] = []
    /// What the body looks like; nil if none is read.
    var body: Schema?
    /// The statuses of success; a switch chooses where there are many.
    var successes: [Int] = [200]
    /// What a success looks like; nil if it has no body.
    var answer: Schema?
    /// The statuses of refusals beside the common ones.
    var refusals: [Int] = []
    /// What a refusal with 403 can look like beside the common envelope; nil if it cannot.
    var otherRefusal: Schema?
    /// Carries it out.
    let perform: Action

    /// The statuses of refusals that every route has: what limits and faults bring, and what a switch says for a key
    /// that does not work or a reference to something that is not there.
    static let commonRefusals = [400, 401, 403, 404, 422, 429, 500, 502, 503]

    /// The same, with another envelope for what is not there.
    func refusing(as schema: Schema) -> Route {
        var copy = self
        copy.otherRefusal = schema
        return copy
    }
}

/// A path, some of whose parts stand for whatever is there: `/iam/v2/api-keys/{id}`.
struct PathTemplate: Hashable, Sendable {
    /// The path with the names of the parts in braces.
    let text: String
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case fixed(String)
        case named(String)
    }

    /// Reads a path with names in braces.
    init(_ text: String) {
        self.text = text
        parts = text.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .named(String(part.dropFirst().dropLast())) : .fixed(String(part))
        }
    }

    /// The names in the path, in order.
    var names: [String] {
        parts.compactMap { if case .named(let name) = $0 { name } else { nil } }
    }

    /// What stands for the names in a path, given by its decoded parts; nil if it is not such a path.
    func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch part {
            case .fixed(let text): guard segment == text else { return nil }
            case .named(let name):
                guard !segment.isEmpty else { return nil }
                values[name] = segment
            }
        }
        return values
    }
}
