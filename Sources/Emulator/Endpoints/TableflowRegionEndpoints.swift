import GRDB
import JSON

/// `/tableflow/v1/regions`: the list on which a Tableflow key can be tried.
///
/// Which other keys the service lets read it is not documented; here a Global one may, and a Cloud one may not.
enum TableflowRegionEndpoints: EndpointGroup {
    static let path = "/tableflow/v1/regions"
    static let keys: Set<KeyKind> = [.tableflow, .global]
    static let table = "regions"
    static let tables = ""

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        guard id == nil else { throw Problem.notFound("There is nothing at this path.") }
        guard visit.request.method == "GET" else { throw Problem.methodNotAllowed(["GET"]) }
        let listing = Listing(table: table, kind: "RegionList", apiVersion: "tableflow/v1")
        return try listing.answer(visit) { row in
            [
                "api_version": "tableflow/v1", "kind": "Region", "id": .string(row["id"]), "metadata": ["self": ""],
                "cloud": .string(row["cloud"]), "region": .string(row["region"]),
            ]
        }
    }
}
