import GRDB

/// The tables of the emulated cloud.
enum CloudDatabase {
    /// The version of the tables, written into the file.
    private static let version = 3

    /// Opens the database of these settings and, if it is new, makes its tables and seeds them.
    ///
    /// A file is written ahead (WAL), so that what was answered survives the death of the process.
    static func open(_ settings: EmulatorSettings, at now: Timestamp) throws -> DatabaseQueue {
        var configuration = Configuration()
        if settings.database != ":memory:" { configuration.journalMode = .wal }
        let queue = try DatabaseQueue(path: settings.database, configuration: configuration)
        try queue.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            switch found {
            case version: return
            case 0 where tables == 0: break
            default: throw EmulatorError.databaseUnknown(path: settings.database, version: found)
            }
            try database.execute(sql: EmulatedCloud.groups.map { $0.tables }.joined(separator: "\n"))
            try seed(settings, in: database, at: now)
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
        return queue
    }

    /// The ids of the objects that are neither keys nor regions.
    static func objectIDs(in database: Database) throws -> Set<String> {
        var ids: Set<String> = []
        for group in EmulatedCloud.groups where group != APIKeyEndpoints.self && group.table != RegionEndpoints.table {
            ids.formUnion(try String.fetchSet(database, sql: "SELECT id FROM \(group.table)"))
        }
        return ids
    }

    private static func seed(_ settings: EmulatorSettings, in database: Database, at now: Timestamp) throws {
        let time = now.microseconds
        try database.execute(
            sql: "INSERT INTO organizations VALUES (?, ?, ?, ?, ?)",
            arguments: [settings.organization, "Demo Organization", true, time, time])
        for number in 1..<(settings.environments + 1) {
            try database.execute(
                sql: "INSERT INTO environments VALUES (?, ?, ?, ?, ?)",
                arguments: ["env-demo\(number)", "demo-\(number)", "ESSENTIALS", time, time])
        }
        for number in 1..<(settings.serviceAccounts + 1) {
            try database.execute(
                sql: "INSERT INTO service_accounts VALUES (?, ?, ?, ?, ?)",
                arguments: ["sa-demo\(number)", "demo-\(number)", "Made by the emulator", time, time])
        }
        for number in 1..<(settings.users + 1) {
            try database.execute(
                sql: "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    "u-demo\(number)", "demo-\(number)@example.com", "Demo User \(number)", "AUTH_TYPE_LOCAL",
                    time, time,
                ])
        }
        let environments = Set((1..<(settings.environments + 1)).map { "env-demo\($0)" })
        for cluster in settings.clusters + (environments.isEmpty ? [] : SeedCluster.demo) {
            guard environments.contains(cluster.environment) else { throw EmulatorError.environmentUnknown(cluster) }
            try cluster.insert(at: now, in: database)
        }
        for region in SeedRegion.all {
            try database.execute(
                sql: "INSERT INTO regions VALUES (?, ?, ?, ?)",
                arguments: [region.id, region.cloud, region.name, region.displayName])
        }
    }
}
