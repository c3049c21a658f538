/// A role that a principal has on the objects of a pattern.
package struct RoleBinding: Hashable, Sendable {
    /// Such as `rb-abc123`.
    package var id: String
    /// `User:` with the id of a user or service account, or `Group:` with that of a group mapping.
    package var principal: String
    /// Such as `FlinkDeveloper`.
    package var roleName: String
    /// The Confluent resource name of what the role holds for; may end in wildcards.
    package var crnPattern: String
    /// When it was made; nil when the server did not say so in RFC 3339.
    package var createdAt: CloudTime?

    /// States all parts.
    package init(id: String, principal: String, roleName: String, crnPattern: String, createdAt: CloudTime? = nil) {
        self.id = id
        self.principal = principal
        self.roleName = roleName
        self.crnPattern = crnPattern
        self.createdAt = createdAt
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        self.init(
            id: try reader.id(), principal: try reader.text("principal"), roleName: try reader.text("role_name"),
            crnPattern: try reader.text("crn_pattern"), createdAt: try reader.createdAt())
    }
}
