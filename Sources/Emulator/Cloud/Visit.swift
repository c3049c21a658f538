import GRDB
import JSON

/// One request on its way through the endpoints: what was asked, when, by whom, and what may be used to answer it.
struct Visit {
    /// The request.
    let request: CloudRequest
    /// The emulator's time at its arrival.
    let now: Timestamp
    /// The positions of the switches.
    let switches: Switches
    /// The tables, inside a transaction if the method may change something.
    let database: Database
    /// The organization whose tables these are.
    let organization: SeedOrganization
    /// Where the caller reaches the emulator, without a slash at the end: `http://127.0.0.1:8080`.
    let origin: String

    /// What stands in the path for the names in its template.
    var parts: [String: String] = [:]
    /// The items of the query, checked.
    var query: [(name: String, value: String)] = []
    /// The body, checked; null for a route that reads none.
    var body = JSONValue.null
    /// Who asks, where the route does not find that out itself.
    var caller = Caller.unlimited

    /// The id in the path; empty if the path has none.
    var id: String { parts["id"] ?? "" }

    /// The value of an item of the query, the last if there are many; nil if there is none or it is empty.
    func item(_ name: String) -> String? {
        query.last { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// A member of a member … of the body; nil if it is missing or null, which means the same.
    func member(_ names: String...) -> JSONValue? {
        let value = names.reduce(body as JSONValue?) { $0?[$1] }
        return value?.isNull == true ? nil : value
    }

    /// Whether an object is old enough to be asked for by its id.
    func isSpread(_ row: Row) -> Bool {
        Timestamp(microseconds: row["created"]).advanced(by: switches.readLag) <= now
    }

    /// The service's name for an object of the organization, as people and role bindings refer to it.
    func resourceName(_ parts: (String, String)..., authority: String = "confluent.cloud") -> String {
        parts.reduce("crn://\(authority)/organization=\(organization.id)") { "\($0)/\($1.0)=\($1.1)" }
    }
}
