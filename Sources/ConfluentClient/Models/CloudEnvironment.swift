/// An environment of Confluent Cloud.
package struct CloudEnvironment: Hashable, Sendable {
    /// Such as `env-ab123`.
    package var id: String
    /// The name that users gave it.
    package var displayName: String
    /// The Confluent resource name; empty when the server named none.
    package var resourceName: String
    /// `ESSENTIALS` or `ADVANCED`; nil when the server did not say.
    package var streamGovernancePackage: String?
    /// When it was made; nil when the server did not say so in RFC 3339.
    package var createdAt: CloudTime?

    /// The organization's id out of the resource name; nil when that does not hold one.
    package var organizationID: String? { ResourceName.part("organization", of: resourceName) }

    /// States all parts.
    package init(
        id: String, displayName: String, resourceName: String, streamGovernancePackage: String? = nil,
        createdAt: CloudTime? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.resourceName = resourceName
        self.streamGovernancePackage = streamGovernancePackage
        self.createdAt = createdAt
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        self.init(
            id: try reader.id(), displayName: try reader.text("display_name"),
            resourceName: try reader.optionalObject("metadata")?.text("resource_name") ?? "",
            streamGovernancePackage: try reader.optionalObject("stream_governance_config")?.optionalText("package"),
            createdAt: try reader.createdAt())
    }
}
