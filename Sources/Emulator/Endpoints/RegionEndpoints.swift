import GRDB
import JSON

/// `/fcpm/v2/regions`: the list of Flink regions.
///
/// The service has no way to ask for one by its id.
enum RegionEndpoints: EndpointGroup {
    static let path = "/fcpm/v2/regions"

    static let table = "regions"
    static let tables = """
        CREATE TABLE regions (
          id TEXT PRIMARY KEY NOT NULL, cloud TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        guard id == nil else { throw Problem.notFound("There is nothing at this path.") }
        guard visit.request.method == "GET" else { throw Problem.methodNotAllowed(["GET"]) }
        var listing = Listing(table: table, kind: "RegionList", apiVersion: "fcpm/v2")
        for item in try visit.request.queryItems() where !item.value.isEmpty {
            switch item.name {
            case "cloud": listing.conditions.append(("cloud = ?", [item.value.uppercased()]))
            case "region_name": listing.conditions.append(("region = ?", [item.value]))
            default: continue
            }
            listing.filters.append(item)
        }
        return try listing.answer(visit) { json($0, visit) }
    }

    /// Whether there is a region with that id, such as `aws.us-east-1`.
    static func exists(_ id: String, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM regions WHERE id = ?)")
        return try Bool.fetchOne(statement, arguments: [id]) ?? false
    }

    /// Both endpoints lead back here, under a path that names the region, so that a new key can be tried.
    private static func json(_ row: Row, _ visit: Visit) -> JSONValue {
        let id: String = row["id"]
        let endpoint = JSONValue.string("\(visit.origin)/flink/\(id)")
        return [
            "api_version": "fcpm/v2", "kind": "Region", "id": .string(id), "metadata": ["self": ""],
            "cloud": .string(row["cloud"]), "region_name": .string(row["region"]),
            "display_name": .string(row["name"]), "http_endpoint": endpoint, "private_http_endpoint": endpoint,
        ]
    }
}
