import GRDB

/// One request on its way through the endpoints: what was asked, when, and what may be used to answer it.
struct Visit {
    /// The request.
    let request: CloudRequest
    /// The emulator's time at its arrival.
    let now: Timestamp
    /// The positions of the switches.
    let switches: Switches
    /// The tables, inside a transaction if the method may change something.
    let database: Database
    /// The id of the organization.
    let organization: String
    /// Where the caller reaches the emulator, without a slash at the end: `http://127.0.0.1:8080`.
    let origin: String

    /// The service's name for an object of the organization, as people and role bindings refer to it.
    func resourceName(_ parts: (String, String)..., authority: String = "confluent.cloud") -> String {
        parts.reduce("crn://\(authority)/organization=\(organization)") { "\($0)/\($1.0)=\($1.1)" }
    }
}
