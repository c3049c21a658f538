import GRDB
import JSON

/// `/fcpm/v2/compute-pools`: list, create, read, update, delete, each together with an environment.
enum ComputePoolEndpoints: EndpointGroup {
    static let path = "/fcpm/v2/compute-pools"

    static let table = "compute_pools"
    static let tables = """
        CREATE TABLE compute_pools (
          id TEXT PRIMARY KEY NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL, cloud TEXT NOT NULL,
          region TEXT NOT NULL, units INTEGER NOT NULL, is_default INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX compute_pools_by_environment ON compute_pools (environment, id);
        """

    /// The numbers of Confluent Flink units that a pool may have.
    private static let sizes = [5, 10, 20, 30, 40, 50]

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        switch (visit.request.method, id) {
        case ("GET", nil):
            var listing = Listing(table: table, kind: "ComputePoolList", apiVersion: "fcpm/v2")
            let environment = try visit.environmentOfQuery()
            listing.filters = [("environment", environment)]
            listing.conditions = [("environment = ?", [environment])]
            return try listing.answer(visit) { json($0, visit) }
        case ("POST", nil): return try create(visit)
        case ("GET", let id?): return .json(200, json(try find(id, visit.environmentOfQuery(), visit), visit))
        case ("PATCH", let id?): return try update(id, visit)
        case ("DELETE", let id?):
            _ = try find(id, visit.environmentOfQuery(), visit)
            try visit.database.execute(sql: "DELETE FROM compute_pools WHERE id = ?", arguments: [id])
            return .empty(204)
        case (_, nil): throw Problem.methodNotAllowed(["GET", "POST"])
        case (_, _): throw Problem.methodNotAllowed(["GET", "PATCH", "DELETE"])
        }
    }

    /// The pools of an environment go with it.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(sql: "DELETE FROM compute_pools WHERE environment = ?", arguments: [id])
    }

    private static func create(_ visit: Visit) throws -> CloudResponse {
        let spec = try RequestBody(visit.request.body).requiredObject("spec")
        let name = try spec.requiredString("display_name", lengthMax: 255)
        let cloud = try spec.requiredString("cloud").uppercased()
        let region = try spec.requiredString("region")
        let environment = try spec.requiredObject("environment").requiredString("id", lengthMax: 255)
        guard try EnvironmentEndpoints.exists(environment, in: visit.database) else {
            throw Problem.unknownReference(
                status: visit.switches.unknownEnvironmentStatus, "The environment \"\(environment)\" was not found.",
                pointer: "/spec/environment/id")
        }
        guard try RegionEndpoints.exists("\(cloud.lowercased()).\(region)", in: visit.database) else {
            throw Problem.invalid("There is no Flink region \"\(region)\" of \(cloud).", pointer: "/spec/region")
        }
        let units = try units(spec) ?? 5
        let isDefault = try spec.bool("default_pool") ?? false
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.object("lfcp", using: &generator)
        let time = visit.now.microseconds
        try visit.database.execute(
            sql: "INSERT INTO compute_pools VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [id, environment, name, cloud, region, units, isDefault, time, time])
        return .json(
            202, json(try find(id, environment, visit), visit),
            headers: [("Location", "\(visit.origin)\(path)/\(id)")])
    }

    private static func update(_ id: String, _ visit: Visit) throws -> CloudResponse {
        let spec = try RequestBody(visit.request.body).requiredObject("spec")
        let environment = try spec.requiredObject("environment").requiredString("id", lengthMax: 255)
        let row = try find(id, environment, visit)
        let name = try spec.string("display_name", lengthMax: 255) ?? row["name"]
        let (old, isDefault): (Int, Bool) = (row["units"], try spec.bool("default_pool") ?? row["is_default"])
        let units = try units(spec) ?? old
        guard !name.isEmpty else {
            throw Problem.badRequest("\"display_name\" must not be empty.", pointer: "/spec/display_name")
        }
        guard units >= old else {
            throw Problem.invalid("\"max_cfu\" can only be raised.", pointer: "/spec/max_cfu")
        }
        try visit.database.execute(
            sql: "UPDATE compute_pools SET name = ?, units = ?, is_default = ?, updated = ? WHERE id = ?",
            arguments: [name, units, isDefault, visit.now.microseconds, id])
        return .json(200, json(try find(id, environment, visit), visit))
    }

    private static func units(_ spec: RequestBody) throws -> Int? {
        guard let units = try spec.int("max_cfu") else { return nil }
        guard sizes.contains(units) else {
            let list = sizes.map(String.init).joined(separator: ", ")
            throw Problem.invalid("\"max_cfu\" must be one of \(list).", pointer: "/spec/max_cfu")
        }
        return units
    }

    private static func find(_ id: String, _ environment: String, _ visit: Visit) throws -> Row {
        let statement = try visit.database.cachedStatement(
            sql: "SELECT * FROM compute_pools WHERE id = ? AND environment = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id, environment]) else {
            throw Problem.forbidden("The compute pool \(id) was not found.")
        }
        return row
    }

    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let (id, environment): (String, String) = (row["id"], row["environment"])
        let created = Timestamp(microseconds: row["created"])
        let name = visit.resourceName(("environment", environment), ("flink-compute-pool", id))
        let isReady = created.advanced(by: visit.switches.readinessDelay) <= visit.now
        let (units, isDefault): (Int, Bool) = (row["units"], row["is_default"])
        return [
            "api_version": "fcpm/v2", "kind": "ComputePool", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: name, created: created,
                updated: Timestamp(microseconds: row["updated"])),
            "spec": [
                "display_name": .string(row["name"]), "cloud": .string(row["cloud"]), "region": .string(row["region"]),
                "max_cfu": .number(JSONNumber(units)), "default_pool": .bool(isDefault),
                "environment": [
                    "id": .string(environment),
                    "related": .string("\(visit.origin)\(EnvironmentEndpoints.path)/\(environment)"),
                    "resource_name": .string(visit.resourceName(("environment", environment))),
                ],
            ],
            "status": ["phase": isReady ? "PROVISIONED" : "PROVISIONING", "current_cfu": 0],
        ]
    }
}
