/// Everything that an emulator is started with.
package struct EmulatorSettings: Sendable {
    /// The id of the Cloud API key that every emulator accepts unless told otherwise.
    package static let defaultCloudAPIKey = "EMULATORCLOUDKEY"
    /// The secret of that key.
    ///
    /// It has the checksum of a real one, so that scanners and clients take it for one.
    package static let defaultCloudAPISecret = SecretFormat.secret(body: String(repeating: "A", count: 54))
    /// The id of the organization.
    package static let defaultOrganization = "1111aaaa-11aa-11aa-11aa-111111aaaaaa"

    /// The address to listen on: `127.0.0.1` or `::1`, nothing else.
    package var host = "127.0.0.1"
    /// The port to listen on; zero means any that is free.
    package var port = 0
    /// The path of the database; `:memory:` means one that ends with the process.
    package var database = ":memory:"
    /// The organization.
    package var organization = SeedOrganization(
        id: EmulatorSettings.defaultOrganization, cloudAPIKey: EmulatorSettings.defaultCloudAPIKey,
        cloudAPISecret: EmulatorSettings.defaultCloudAPISecret)
    /// Further organizations, whose credentials see other objects.
    ///
    /// Their ids have `org2`, `org3` and so on where those of the first have `demo`: `env-org2-1`. In a file database,
    /// each has a file of its own beside that of the first.
    package var otherOrganizations: [SeedOrganization] = []
    /// How many environments a new database starts with: `env-demo1`, `env-demo2` and so on.
    package var environments = 1
    /// How many service accounts a new database starts with: `sa-demo1`, `sa-demo2` and so on.
    package var serviceAccounts = 1
    /// How many users a new database starts with: `u-demo1`, `u-demo2` and so on.
    package var users = 1
    /// The clusters that a new database starts with, beside `lkc-demo1`, `lsrc-demo1` and `lksqlc-demo1`.
    ///
    /// Those three are in `env-demo1`, if there is one.
    package var clusters: [SeedCluster] = []
    /// How many of the latest requests are remembered for `RunningEmulator.requests()`.
    package var requestsRemembered = 100_000
    /// The positions of the switches at the start.
    package var switches = Switches()

    /// Creates the default settings.
    package init() {}

    /// Creates the default settings with other positions of the switches.
    package init(switches: Switches) {
        self.switches = switches
    }
}

/// Why an emulator cannot start.
package enum EmulatorError: Error, Hashable, CustomStringConvertible {
    /// The address is not one of the two loopback addresses.
    case hostNotLoopback(String)
    /// The database holds something that this emulator did not make, or that a newer one made.
    case databaseUnknown(path: String, version: Int)
    /// A cluster is to be in an environment that a new database does not start with.
    case environmentUnknown(SeedCluster)
    /// Two organizations have the same id or the same key.
    case organizationsAlike(String)
    /// A text does not name an organization and its key.
    case organizationMisnamed
    /// A text does not name an environment and a cluster.
    case clusterMisnamed(String)
    /// The server ended before it listened.
    case notListening

    /// A sentence for the user.
    package var description: String {
        switch self {
        case .hostNotLoopback(let host):
            "The emulator listens on 127.0.0.1 or ::1 only, and \"\(host)\" is neither."
        case .databaseUnknown(let path, let version):
            "The database \"\(path)\" has version \(version), which this emulator does not know. Use another file."
        case .environmentUnknown(let cluster):
            "The cluster \(cluster.id) cannot be in \(cluster.environment): there is no such environment at the start."
        case .organizationsAlike(let word):
            "Two organizations have the same id or key, \"\(word)\"."
        case .organizationMisnamed:
            "An organization is given as ORGANIZATION,KEY,SECRET, none of which may be empty."
        case .clusterMisnamed(let text):
            """
            "\(text)" is not of the form ENVIRONMENT/CLUSTER, with a cluster that begins with lkc-, lsrc- or lksqlc-.
            """
        case .notListening:
            "The server ended before it listened."
        }
    }
}
