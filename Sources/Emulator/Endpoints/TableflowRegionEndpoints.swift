import GRDB
import JSON

/// `/tableflow/v1/regions`: the list on which a Tableflow key can be tried.
///
/// Which other keys the service lets read it is not documented; here a Global one may, and a Cloud one may not.
enum TableflowRegionEndpoints: EndpointGroup {
    static let collection = Collection(
        path: "/tableflow/v1/regions", type: "Region", keys: [.tableflow, .global],
        members: [.required("cloud", .string), .required("region", .string)])

    static let routes = [
        collection.list { visit in
            try Listing(table: RegionEndpoints.table, collection: collection, isLagging: false).answer(visit) { row in
                [
                    "api_version": "tableflow/v1", "kind": "Region", "id": .string(row["id"]),
                    "metadata": ["self": ""], "cloud": .string(row["cloud"]), "region": .string(row["region"]),
                ]
            }
        }
    ]
}
