/// An organization, and the key that may do everything in it.
package struct SeedOrganization: Hashable, Sendable {
    /// The id, a UUID.
    ///
    /// A database that is there already keeps its own.
    package var id: String
    /// The id of the Cloud API key that may do everything.
    ///
    /// It is not listed among the keys.
    package var cloudAPIKey: String
    /// The secret of that key.
    package var cloudAPISecret: String

    /// Creates an organization.
    package init(id: String, cloudAPIKey: String, cloudAPISecret: String) {
        self.id = id
        self.cloudAPIKey = cloudAPIKey
        self.cloudAPISecret = cloudAPISecret
    }

    /// Reads `ORGANIZATION,KEY,SECRET`, as the command line writes it.
    ///
    /// Throws `organizationMisnamed` for anything else.
    package init(parsing text: String) throws(EmulatorError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { throw .organizationMisnamed }
        self.init(id: parts[0], cloudAPIKey: parts[1], cloudAPISecret: parts[2])
    }

    /// The key that may do everything.
    var credentials: Credentials { Credentials(id: cloudAPIKey, secret: cloudAPISecret) }
}
