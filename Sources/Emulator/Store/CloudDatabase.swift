import GRDB

/// The tables of the emulated cloud.
enum CloudDatabase {
    /// The version of the tables, written into the file.
    private static let version = 1

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
            try database.execute(sql: schema)
            try seed(settings, in: database, at: now)
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
        return queue
    }

    private static let schema = """
        CREATE TABLE organizations (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, jit_enabled INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE environments (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, package TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE service_accounts (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE users (
          id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL, full_name TEXT NOT NULL, auth_type TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE regions (
          id TEXT PRIMARY KEY NOT NULL, cloud TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE api_keys (
          id TEXT PRIMARY KEY NOT NULL, secret TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
          environment TEXT, resource TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX api_keys_by_owner ON api_keys (owner, id);
        CREATE INDEX api_keys_by_resource ON api_keys (resource, id);
        CREATE INDEX api_keys_by_environment ON api_keys (environment);
        """

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
        for region in SeedRegion.all {
            try database.execute(
                sql: "INSERT INTO regions VALUES (?, ?, ?, ?)",
                arguments: [region.id, region.cloud, region.name, region.displayName])
        }
    }
}
