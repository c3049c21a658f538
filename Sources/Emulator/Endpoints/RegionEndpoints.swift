import GRDB
import JSON

/// `/fcpm/v2/regions`: the list of Flink regions.
///
/// The service has no way to ask for one by its id.
enum RegionEndpoints: TableGroup {
    static let table = "regions"
    static let tables = """
        CREATE TABLE regions (
          id TEXT PRIMARY KEY NOT NULL, cloud TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    static let collection = Collection(
        path: "/fcpm/v2/regions", type: "Region",
        members: [
            .required("cloud", .string), .required("region_name", .string), .required("display_name", .string),
            .required("http_endpoint", .string), .required("private_http_endpoint", .string),
        ])

    static let routes = [
        collection.list(
            [
                Route.Parameter(name: "cloud", schema: .string, meaning: "AWS, AZURE or GCP; the case is ignored."),
                Route.Parameter(name: "region_name", schema: .string, meaning: "The cloud's name of the region."),
            ], perform: list)
    ]

    private static func list(_ visit: Visit) throws -> CloudResponse {
        var listing = Listing(table: table, collection: collection, isLagging: false)
        if let cloud = visit.item("cloud") {
            listing.conditions.append(("cloud = ?", [cloud.uppercased()]))
            listing.filters.append(("cloud", cloud))
        }
        if let region = visit.item("region_name") {
            listing.conditions.append(("region = ?", [region]))
            listing.filters.append(("region_name", region))
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
