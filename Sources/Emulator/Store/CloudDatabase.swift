import GRDB

/// The tables of one organization.
struct CloudDatabase: Sendable {
    /// The organization, under the id that the tables have.
    let organization: SeedOrganization
    /// The way to the tables.
    let queue: DatabaseQueue

    /// The version of the tables, written into the file.
    private static let version = 3

    /// Opens the databases of these settings, the first organization's first, and makes and seeds those that are new.
    ///
    /// A file is written ahead (WAL), so that what was answered survives the death of the process.
    static func open(_ settings: EmulatorSettings, at now: Timestamp) throws -> [CloudDatabase] {
        let organizations = [settings.organization] + settings.otherOrganizations
        for words in [organizations.map(\.id), organizations.map(\.cloudAPIKey)] {
            for (index, word) in words.enumerated() where words[..<index].contains(word) {
                throw EmulatorError.organizationsAlike(word)
            }
        }
        return try organizations.enumerated().map { index, organization in
            let path = settings.database + (index == 0 || settings.database == ":memory:" ? "" : ".org\(index + 1)")
            return try CloudDatabase(
                organization, path: path, word: index == 0 ? "demo" : "org\(index + 1)-", settings, at: now)
        }
    }

    private init(
        _ organization: SeedOrganization, path: String, word: String, _ settings: EmulatorSettings, at now: Timestamp
    ) throws {
        var configuration = Configuration()
        if path != ":memory:" { configuration.journalMode = .wal }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let id = try queue.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            if found == 0 && tables == 0 {
                try database.execute(sql: EmulatedCloud.tableGroups.map { $0.tables }.joined(separator: "\n"))
                // Old enough to be seen, however much reading lags behind.
                let seed = Seed(organization, word: word, settings, time: now.advanced(by: .seconds(-1_000_000)))
                try seed.insert(in: database)
                try database.execute(sql: "PRAGMA user_version = \(CloudDatabase.version)")
            } else if found != CloudDatabase.version {
                throw EmulatorError.databaseUnknown(path: path, version: found)
            }
            return try String.fetchOne(database, sql: "SELECT id FROM organizations")
        }
        self.queue = queue
        self.organization = SeedOrganization(
            id: id ?? organization.id, cloudAPIKey: organization.cloudAPIKey,
            cloudAPISecret: organization.cloudAPISecret)
    }

    /// The ids of the objects that are neither keys nor regions.
    static func objectIDs(in database: Database) throws -> Set<String> {
        var ids: Set<String> = []
        for group in EmulatedCloud.tableGroups where group != APIKeyEndpoints.self && group != RegionEndpoints.self {
            ids.formUnion(try String.fetchSet(database, sql: "SELECT id FROM \(group.table)"))
        }
        return ids
    }
}

/// What the tables of a new database hold.
private struct Seed {
    private let organization: SeedOrganization
    /// What ids have between their prefix and their number.
    private let word: String
    private let settings: EmulatorSettings
    private let time: Timestamp

    init(_ organization: SeedOrganization, word: String, _ settings: EmulatorSettings, time: Timestamp) {
        self.organization = organization
        self.word = word
        self.settings = settings
        self.time = time
    }

    func insert(in database: Database) throws {
        let (time, name) = (time.microseconds, word.last == "-" ? String(word.dropLast()) : word)
        try database.execute(
            sql: "INSERT INTO organizations VALUES (?, ?, ?, ?, ?)",
            arguments: [
                organization.id, word == "demo" ? "Demo Organization" : "Demo Organization \(name)", true, time, time,
            ])
        for number in 1..<(settings.environments + 1) {
            try EnvironmentEndpoints.insert(
                id: "env-\(word)\(number)", name: "\(name)-\(number)", package: "ESSENTIALS", at: self.time,
                in: database)
        }
        for number in 1..<(settings.serviceAccounts + 1) {
            try ServiceAccountEndpoints.insert(
                id: "sa-\(word)\(number)", name: "\(name)-\(number)", description: "Made by the emulator",
                at: self.time, in: database)
        }
        for number in 1..<(settings.users + 1) {
            try database.execute(
                sql: "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    "u-\(word)\(number)", "\(name)-\(number)@example.com",
                    "\(word == "demo" ? "Demo" : name) User \(number)", "AUTH_TYPE_LOCAL", time, time,
                ])
        }
        for region in SeedRegion.all {
            try database.execute(
                sql: "INSERT INTO regions VALUES (?, ?, ?, ?)",
                arguments: [region.id, region.cloud, region.name, region.displayName])
        }
        try insertClusters(in: database)
    }

    /// One cluster of each kind in the first environment, after those that the first organization is to have.
    private func insertClusters(in database: Database) throws {
        let environments = Set((1..<(settings.environments + 1)).map { "env-\(word)\($0)" })
        var clusters = word == "demo" ? settings.clusters : []
        if settings.environments > 0 {
            clusters += EmulatedCloud.clusterGroups.map {
                SeedCluster(environment: "env-\(word)1", id: "\($0.prefix)\(word)1")
            }
        }
        for cluster in clusters {
            guard environments.contains(cluster.environment) else { throw EmulatorError.environmentUnknown(cluster) }
            let group = EmulatedCloud.clusterGroups.first { cluster.id.hasPrefix($0.prefix) }
            try group?.insert(cluster.id, environment: cluster.environment, at: time, in: database)
        }
    }
}
