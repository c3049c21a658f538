/// The endpoints of one type of object: a collection, and the objects in it.
///
/// There is one file for each in `Endpoints`, and `EmulatedCloud` lists them.
protocol EndpointGroup: Sendable {
    /// The path of the collection, of three parts, such as `/iam/v2/api-keys`.
    static var path: String { get }
    /// Which keys may ask.
    static var keys: Set<KeyKind> { get }
    /// The name of the table that holds the objects, by their column `id`.
    static var table: String { get }
    /// The SQL that makes the table and its indices.
    static var tables: String { get }

    /// Answers a request that is authenticated already; `id` is nil for the collection.
    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse
    /// Takes away what goes with an object that was deleted just now, such as an account or an environment.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws
}

extension EndpointGroup {
    static var keys: Set<KeyKind> { [.cloud] }
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {}
}

extension Visit {
    /// Takes away everything that goes with an object that was deleted.
    func cascade(from id: String) throws {
        for group in EmulatedCloud.groups { try group.holderWasDeleted(id, self) }
    }
}
