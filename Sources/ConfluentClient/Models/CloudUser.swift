/// A person's account.
package struct CloudUser: Hashable, Sendable {
    /// Such as `u-1jjv23`.
    package var id: String
    /// The address that the person logs in with.
    package var email: String
    /// May be empty.
    package var fullName: String
    /// Usually `iam/v2`.
    package var apiVersion: String
    /// Usually `User`.
    package var kind: String

    /// States all parts.
    package init(
        id: String, email: String, fullName: String, apiVersion: String = "iam/v2", kind: String = "User"
    ) {
        self.id = id
        self.email = email
        self.fullName = fullName
        self.apiVersion = apiVersion
        self.kind = kind
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let apiVersion = try reader.text("api_version")
        let kind = try reader.text("kind")
        self.init(
            id: try reader.id(), email: try reader.text("email"), fullName: try reader.text("full_name"),
            apiVersion: apiVersion.isEmpty ? "iam/v2" : apiVersion, kind: kind.isEmpty ? "User" : kind)
    }
}
