/// An API key as the cloud shows it, which is without its secret.
package struct APIKey: Hashable, Sendable {
    /// The key itself, such as `AK4NBR7MUYHVJMHW`; not secret.
    package var id: String
    /// The name that users gave it; may be empty, need not be unique.
    package var displayName: String
    /// May be empty.
    package var description: String
    /// The account that the key acts for, `sa-…` or `u-…`.
    package var ownerID: String
    /// `ServiceAccount` or `User`; inferred from the id when the server left it out.
    package var ownerKind: String
    /// Usually `iam/v2`.
    package var ownerAPIVersion: String
    /// What the key opens; nil when the server named nothing.
    package var resource: KeyScope?
    /// When the key was made, as the server wrote it; empty when it did not.
    package var createdText: String
    /// When the key was made; nil when the server did not say so in RFC 3339.
    package var createdAt: CloudTime?

    /// States all parts; the moment is read out of `createdText`.
    package init(
        id: String, displayName: String, description: String, ownerID: String, ownerKind: String? = nil,
        ownerAPIVersion: String = "iam/v2", resource: KeyScope?, createdText: String = ""
    ) {
        self.id = id
        self.displayName = displayName
        self.description = description
        self.ownerID = ownerID
        self.ownerKind = ownerKind.flatMap { $0.isEmpty ? nil : $0 } ?? Self.kind(ofOwner: ownerID)
        self.ownerAPIVersion = ownerAPIVersion.isEmpty ? "iam/v2" : ownerAPIVersion
        self.resource = resource
        self.createdText = createdText
        createdAt = CloudTime(rfc3339: createdText)
    }

    private static func kind(ofOwner id: String) -> String {
        if id.hasPrefix("sa-") { return "ServiceAccount" }
        return id.hasPrefix("u-") ? "User" : ""
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let spec = try reader.object("spec")
        let owner = try spec.object("owner")
        var resource: KeyScope?
        if let reference = try spec.optionalObject("resource") { resource = try KeyScope(reference) }
        self.init(
            id: try reader.id(), displayName: try spec.text("display_name"),
            description: try spec.text("description"), ownerID: try owner.id(), ownerKind: try owner.text("kind"),
            ownerAPIVersion: try owner.text("api_version"), resource: resource,
            createdText: try reader.optionalObject("metadata")?.text("created_at") ?? "")
    }
}
