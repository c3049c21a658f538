/// A service account: an identity for programs.
package struct ServiceAccount: Hashable, Sendable {
    /// Such as `sa-1jjv26`.
    package var id: String
    /// The name, unique in the organization.
    package var displayName: String
    /// May be empty.
    package var description: String
    /// Usually `iam/v2`.
    package var apiVersion: String
    /// Usually `ServiceAccount`.
    package var kind: String
    /// When it was made; nil when the server did not say so in RFC 3339.
    package var createdAt: CloudTime?

    /// States all parts.
    package init(
        id: String, displayName: String, description: String, apiVersion: String = "iam/v2",
        kind: String = "ServiceAccount", createdAt: CloudTime? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.description = description
        self.apiVersion = apiVersion
        self.kind = kind
        self.createdAt = createdAt
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let apiVersion = try reader.text("api_version")
        let kind = try reader.text("kind")
        self.init(
            id: try reader.id(), displayName: try reader.text("display_name"),
            description: try reader.text("description"), apiVersion: apiVersion.isEmpty ? "iam/v2" : apiVersion,
            kind: kind.isEmpty ? "ServiceAccount" : kind, createdAt: try reader.createdAt())
    }
}
