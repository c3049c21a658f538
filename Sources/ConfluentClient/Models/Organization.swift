/// The organization that the credentials belong to.
package struct Organization: Hashable, Sendable {
    /// A UUID.
    package var id: String
    /// The name that users gave it; empty when it is not known.
    package var displayName: String
    /// The Confluent resource name.
    package var resourceName: String

    /// States all parts; without a resource name the usual one is made of the id.
    package init(id: String, displayName: String, resourceName: String = "") {
        self.id = id
        self.displayName = displayName
        self.resourceName = resourceName.isEmpty ? "crn://confluent.cloud/organization=\(id)" : resourceName
    }

    /// The resource name of the organization that a longer name or pattern is in; nil when it names none.
    package static func resourceName(in name: String) -> String? {
        guard let start = name.firstRange(of: "/organization=")?.upperBound else { return nil }
        return String(name[..<(name[start...].firstIndex(of: "/") ?? name.endIndex)])
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        self.init(
            id: try reader.id(), displayName: try reader.text("display_name"),
            resourceName: try reader.optionalObject("metadata")?.text("resource_name") ?? "")
    }
}
