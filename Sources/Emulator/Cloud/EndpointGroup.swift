/// The endpoints of one type of object: what can be asked, and how.
///
/// There is one file for each in `Endpoints`, and `EmulatedCloud` lists them.
protocol EndpointGroup: Sendable {
    /// What can be asked.
    static var routes: [Route] { get }
    /// Takes away what goes with an object that was deleted just now, such as an account or an environment.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws
}

/// The endpoints of a type of object that has a table of its own.
protocol TableGroup: EndpointGroup {
    /// The name of the table that holds the objects, by their column `id`.
    static var table: String { get }
    /// The SQL that makes the table and its indices.
    static var tables: String { get }
}

extension EndpointGroup {
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {}
}

extension Visit {
    /// Takes away everything that goes with an object that was deleted.
    func cascade(from id: String) throws {
        for group in EmulatedCloud.groups { try group.holderWasDeleted(id, self) }
    }
}
