import GRDB
import JSON

/// `/fcpm/v2/compute-pools`: list, create, read, update, delete, each together with an environment.
enum ComputePoolEndpoints: TableGroup {
    static let table = "compute_pools"
    static let tables = """
        CREATE TABLE compute_pools (
          id TEXT PRIMARY KEY NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL, cloud TEXT NOT NULL,
          region TEXT NOT NULL, units INTEGER NOT NULL, is_default INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX compute_pools_by_environment ON compute_pools (environment, id);
        """

    static let collection = Collection(
        path: "/fcpm/v2/compute-pools", type: "ComputePool",
        members: [
            .required(
                "spec",
                .object(
                    .required("display_name", .string), .required("cloud", .string), .required("region", .string),
                    .required("max_cfu", units), .required("default_pool", .bool),
                    .required("environment", EnvironmentEndpoints.reference))),
            .required(
                "status",
                .object(
                    .required("phase", .string(oneOf: "PROVISIONING", "PROVISIONED")),
                    .required("current_cfu", Schema(shape: .integer(0...50))))),
        ], isInEnvironment: true)

    static let routes = [
        collection.list { visit in
            let environment = try visit.environmentOfQuery()
            try visit.require(readers, on: EnvironmentEndpoints.name(environment, visit))
            var listing = Listing(table: table, collection: collection)
            listing.filters = [("environment", environment)]
            listing.conditions = [("environment = ?", [environment])]
            return try listing.answer(visit) { json($0, visit) }
        },
        collection.create(
            .object(
                .required(
                    "spec",
                    .object(
                        .required("display_name", displayName), .required("cloud", .string(1...255)),
                        .required("region", .string(1...255)), .optional("max_cfu", units),
                        .optional("default_pool", .bool), .required("environment", environment)))),
            statuses: [202], refusals: [402], perform: create),
        collection.read { .json(200, json(try find($0, $0.environmentOfQuery(), readers), $0)) },
        collection.update(
            .object(
                .required(
                    "spec",
                    .object(
                        .optional("display_name", displayName), .optional("max_cfu", units),
                        .optional("default_pool", .bool), .required("environment", environment)))),
            perform: update),
        collection.delete { visit in
            _ = try find(visit, visit.environmentOfQuery(), writers)
            try visit.database.execute(sql: "DELETE FROM compute_pools WHERE id = ?", arguments: [visit.id])
            return .empty(204)
        },
    ]

    /// The numbers of Confluent Flink units that a pool may have.
    private static let units = Schema(shape: .choice([5, 10, 20, 30, 40, 50]))
    private static let displayName = Schema.string(1...255)
    private static let environment = Schema.object(.required("id", .id))

    private static let writers: Set<String> = ["EnvironmentAdmin", "FlinkAdmin"]
    private static let readers: Set<String> = ["EnvironmentAdmin", "FlinkAdmin", "FlinkDeveloper"]

    /// The pools of an environment go with it.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(sql: "DELETE FROM compute_pools WHERE environment = ?", arguments: [id])
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let cloud = (visit.member("spec", "cloud")?.string ?? "").uppercased()
        let region = visit.member("spec", "region")?.string ?? ""
        let environment = visit.member("spec", "environment", "id")?.string ?? ""
        try visit.checkEnvironment(environment, pointer: "/spec/environment/id")
        try visit.require(writers, on: EnvironmentEndpoints.name(environment, visit))
        guard try RegionEndpoints.exists("\(cloud.lowercased()).\(region)", in: visit.database) else {
            throw Problem.invalid("There is no Flink region \"\(region)\" of \(cloud).", pointer: "/spec/region")
        }
        try visit.check(
            .computePoolsPerEnvironment, "SELECT count(*) FROM compute_pools WHERE environment = ?", [environment])
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("lfcp", using: &generator)
        let time = visit.now.microseconds
        try visit.database.execute(
            sql: "INSERT INTO compute_pools VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                id, environment, visit.member("spec", "display_name")?.string ?? "", cloud, region,
                visit.member("spec", "max_cfu")?.int ?? 5, visit.member("spec", "default_pool")?.bool ?? false, time,
                time,
            ])
        return .json(
            202, json(try find(id, environment, visit), visit), headers: [collection.location(id, visit)])
    }

    private static func update(_ visit: Visit) throws -> CloudResponse {
        let environment = visit.member("spec", "environment", "id")?.string ?? ""
        let row = try find(visit, environment, writers)
        let old: Int = row["units"]
        let units = visit.member("spec", "max_cfu")?.int ?? old
        guard units >= old else {
            throw Problem.invalid("\"max_cfu\" can only be raised.", pointer: "/spec/max_cfu")
        }
        try visit.database.execute(
            sql: "UPDATE compute_pools SET name = ?, units = ?, is_default = ?, updated = ? WHERE id = ?",
            arguments: [
                visit.member("spec", "display_name")?.string ?? row["name"], units,
                visit.member("spec", "default_pool")?.bool ?? row["is_default"], visit.now.microseconds, visit.id,
            ])
        return .json(200, json(try find(visit.id, environment, visit), visit))
    }

    private static func find(_ visit: Visit, _ environment: String, _ roles: Set<String>) throws -> Row {
        let row = try find(visit.id, environment, visit)
        guard visit.isSpread(row) else { throw missing(visit.id) }
        try visit.require(roles, on: EnvironmentEndpoints.name(environment, visit))
        return row
    }

    private static func find(_ id: String, _ environment: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(
            sql: "SELECT * FROM compute_pools WHERE id = ? AND environment = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id, environment]) else {
            throw missing(id)
        }
        return row
    }

    private static func missing(_ id: String) -> Problem {
        .forbidden("The compute pool \(id) was not found.")
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let (id, environment): (String, String) = (row["id"], row["environment"])
        let created = Timestamp(microseconds: row["created"])
        let isReady = created.advanced(by: visit.switches.readinessDelay) <= visit.now
        let (units, isDefault): (Int, Bool) = (row["units"], row["is_default"])
        return collection.json(
            id, visit,
            resourceName: visit.resourceName(("environment", environment), ("flink-compute-pool", id)),
            created: created, updated: Timestamp(microseconds: row["updated"]),
            [
                "spec": [
                    "display_name": .string(row["name"]), "cloud": .string(row["cloud"]),
                    "region": .string(row["region"]), "max_cfu": .number(JSONNumber(units)),
                    "default_pool": .bool(isDefault),
                    "environment": EnvironmentEndpoints.reference(environment, visit),
                ],
                "status": ["phase": isReady ? "PROVISIONED" : "PROVISIONING", "current_cfu": 0],
            ])
    }
}
