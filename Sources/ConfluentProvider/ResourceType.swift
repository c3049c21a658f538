import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Planning
import Values

/// A resource type: what its objects look like, and the calls that read, make, change and delete one of them.
///
/// There is one file for each type in `Resources`, and `Catalogue` lists them. What is the same for all types, such as
/// reading many objects with few calls and proving that one is gone, is in `Operations`. An *object* is a value of the
/// schema's type in which the secret is null.
protocol ResourceType: Sendable {
    /// What `resource` blocks call it.
    static var typeName: String { get }
    /// What people call an object of it, for messages.
    static var noun: String { get }
    /// Its schema.
    static var schema: Schema { get }
    /// The arguments that only the configuration knows: the cloud never hears of them.
    static var localArguments: [String] { get }

    /// The value of the list's filter under which an object is found; nil when lists of this type are not filtered or it is
    /// not known.
    static func filter(of object: Value) -> String?
    /// Whether the type can only be listed with a filter.
    static var needsFilter: Bool { get }
    /// Lists objects, those under one filter or all.
    ///
    /// The list may end early, when `isEnough` says so. That an object is not listed proves nothing.
    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject>
    /// The filters under which all objects are to be found, as far as that is known; of those of one account alone, where the
    /// type is listed by accounts.
    static func filters(_ cloud: CloudAccess, owner: String?) async throws(APIError) -> [String?]
    /// Lists what may look like one of the fingerprints, and perhaps more.
    static func candidates(
        _ client: ConfluentClient, like fingerprints: [Fingerprint]
    ) async throws(APIError) -> Listing<CloudObject>

    /// Reads one object, of which at least the id and the filter are known.
    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject
    /// Makes an object, once.
    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject>
    /// Changes what differs.
    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject
    /// Deletes an object, of which at least the id and the filter are known.
    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError)

    /// The circles in which an object is seen: who can see another object in one of them would see this one, too.
    static func circles(of object: Value) -> [String]
    /// Whether something else proves that an object which cannot be read is gone: mostly that what it hangs on is gone.
    static func isProvenGone(_ client: ConfluentClient, _ object: Value) async -> Bool
    /// An object that was read, with what only the configuration or an earlier object knows.
    static func completed(_ object: Value, like known: Value) -> Value
    /// What is known of an object that nobody has in a state.
    static func object(id: String, like fingerprint: Fingerprint?) -> Value

    /// What is known of the object that an import id names; throws when that is malformed.
    static func object(importID: String) throws(Diagnostic) -> Value
    /// The id by which an object is imported.
    static func importID(of object: Value) -> String
    /// Why an object that was read is not the one that an import id named; nil when it is.
    static func mismatch(_ object: Value, named: Value) -> Diagnostic?

    /// How to find out whether a new object can be used; nil when it can be used at once.
    ///
    /// `secret` is that of a key, and nil for objects without one.
    static func probe(_ cloud: CloudAccess, _ object: Value, secret: String?) async -> Probe?
    /// Checks a secret that a user gave for an object; throws when it cannot be right, and warns when it could not be tried.
    static func check(secret: String, of object: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> [Diagnostic]
}

/// An object as the cloud shows it.
struct CloudObject: Sendable {
    /// Its id.
    let id: String
    /// When it was made, seconds since 1970 by the cloud's clock; nil when the cloud does not say.
    let createdAt: Int?
    /// The object; arguments that the cloud does not know are null or have their default.
    let value: Value

    init(id: String, createdAt: CloudTime?, value: Value) {
        self.id = id
        self.createdAt = createdAt.map { Int($0.microseconds / 1_000_000) }
        self.value = value
    }
}

/// What most types have in common.
extension ResourceType {
    static var localArguments: [String] { [] }
    static var needsFilter: Bool { false }
    static func filter(of object: Value) -> String? { nil }
    static func filters(_ cloud: CloudAccess, owner: String?) async throws(APIError) -> [String?] { [nil] }
    static func circles(of object: Value) -> [String] { [] }
    static func isProvenGone(_ client: ConfluentClient, _ object: Value) async -> Bool { false }
    static func object(id: String, like fingerprint: Fingerprint?) -> Value { schema.object(id: id) }
    static func importID(of object: Value) -> String { object.id }
    static func mismatch(_ object: Value, named: Value) -> Diagnostic? { nil }
    static func probe(_ cloud: CloudAccess, _ object: Value, secret: String?) async -> Probe? { nil }

    static func check(secret: String, of object: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> [Diagnostic] {
        []
    }

    static func object(importID: String) throws(Diagnostic) -> Value {
        guard !importID.isEmpty, !importID.contains("/") else {
            throw .malformedImportID(importID, noun: noun, forms: ["ID"])
        }
        return schema.object(id: importID)
    }

    static func candidates(
        _ client: ConfluentClient, like fingerprints: [Fingerprint]
    ) async throws(APIError) -> Listing<CloudObject> {
        var filters = Set(fingerprints.map { filter(of: object(id: "", like: $0)) })
        if !needsFilter && (filters.contains(nil) || filters.count > Operations.listsMaximum) { filters = [nil] }
        var items: [CloudObject] = []
        var serverDate: CloudTime?
        for filter in filters.sorted(by: { ($0 ?? "") < ($1 ?? "") }) {
            let listing = try await list(client, filter: filter) { _ in false }
            serverDate = [serverDate, listing.serverDate].compactMap { $0 }.min()
            items += listing.items
        }
        return Listing(items: items, serverDate: serverDate)
    }

    static func completed(_ object: Value, like known: Value) -> Value { withLocalArguments(object, like: known) }

    /// An object with the arguments that the cloud does not know, as a planned or earlier object has them.
    static func withLocalArguments(_ object: Value, like known: Value) -> Value {
        guard !localArguments.isEmpty, var fields = object.fields, let before = known.fields else { return object }
        for name in localArguments {
            if let value = before[name] { fields = fields.replacing(name, with: value) }
        }
        return Value(.object(fields), marks: object.marks)
    }
}

extension Value {
    /// The id of an object; empty when it has none.
    var id: String { self["id"] ?? "" }

    /// The text of an attribute of an object, nil when it is null or not known.
    subscript(name: String) -> String? { fields?[name]?.string }

    /// The only block of that type in an object; nil when there is none or it is not known.
    func block(_ name: String) -> Value? { fields?[name]?.elements?.first }

    /// The text of an attribute that has changed from another object to this one; nil when it has not.
    ///
    /// Null and empty are the same to the cloud.
    func changedText(_ name: String, from prior: Value) -> String? {
        let (old, new) = (prior[name] ?? "", self[name] ?? "")
        return old == new ? nil : new
    }
}
