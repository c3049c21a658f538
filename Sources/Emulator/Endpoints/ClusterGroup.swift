import GRDB
import JSON

/// The endpoints of a kind of cluster that has keys of its own: list and read, and a place where its keys can be tried.
///
/// Clusters are seeded; the emulator makes none on request. Which servers the service has behind the addresses that it
/// tells is its own matter: here they lead back to the emulator, to a path that begins with the kind and the id.
protocol ClusterGroup: EndpointGroup {
    /// The kind of key that opens such a cluster, whose name begins the path of the address of each.
    static var key: KeyKind { get }
    /// How ids begin: `lkc-`.
    static var prefix: String { get }
    /// The version of the endpoint group: `cmk/v2`.
    static var apiVersion: String { get }
    /// The word for such a cluster in resource names: `cloud-cluster`.
    static var crnName: String { get }
    /// What the service calls the member of the list's `kind`: `ClusterList`.
    static var listKind: String { get }

    /// What the cluster is beside its name, its place and its environment, and how it does.
    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject)
    /// The answer to a key that works; nil if there is nothing at this path behind the cluster's address.
    static func served(_ path: [String], of cluster: Cluster, _ visit: Visit) -> CloudResponse?
    /// The answer to a key that does not, by the servers of the cluster.
    static var unauthenticated: CloudResponse { get }
}

/// A cluster as its table has it.
struct Cluster {
    /// The id: `lkc-demo1`.
    let id: String
    /// The id of its environment.
    let environment: String
    /// When it was made.
    let created: Timestamp

    init(_ row: Row) {
        id = row["id"]
        environment = row["environment"]
        created = Timestamp(microseconds: row["created"])
    }
}

extension ClusterGroup {
    static var listKind: String { "ClusterList" }

    static var tables: String {
        """
        CREATE TABLE \(table) (
          id TEXT PRIMARY KEY NOT NULL, environment TEXT NOT NULL, created INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX \(table)_by_environment ON \(table) (environment, id);
        """
    }

    static func answer(_ visit: Visit, id: String?) throws -> CloudResponse {
        guard visit.request.method == "GET" else { throw Problem.methodNotAllowed(["GET"]) }
        let environment = try visit.environmentOfQuery()
        if let id {
            guard let cluster = try find(id, in: visit.database), cluster.environment == environment else {
                throw visit.unknownCluster(id)
            }
            return .json(200, json(cluster, visit))
        }
        var listing = Listing(table: table, kind: listKind, apiVersion: apiVersion)
        listing.filters = [("environment", environment)]
        listing.conditions = [("environment = ?", [environment])]
        return try listing.answer(visit) { json(Cluster($0), visit) }
    }

    /// The clusters of an environment go with it.
    static func holderWasDeleted(_ id: String, _ visit: Visit) throws {
        try visit.database.execute(sql: "DELETE FROM \(table) WHERE environment = ?", arguments: [id])
    }

    /// Adds a cluster to the table, unless there is one with that id.
    static func insert(_ id: String, environment: String, at now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO \(table) VALUES (?, ?, ?)", arguments: [id, environment, now.microseconds])
    }

    /// The cluster with that id, nil if there is none.
    static func find(_ id: String, in database: Database) throws -> Cluster? {
        let statement = try database.cachedStatement(sql: "SELECT * FROM \(table) WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map(Cluster.init)
    }

    /// The address at which the cluster is reached over HTTP.
    static func address(_ id: String, _ visit: Visit) -> String {
        "\(visit.origin)/\(key.rawValue)/\(id)"
    }

    /// Answers what comes to a cluster's address; `path` is what follows it.
    static func answer(_ visit: Visit, at id: String, _ path: [String]) throws -> CloudResponse {
        guard let cluster = try find(id, in: visit.database), let served = served(path, of: cluster, visit) else {
            throw Problem.notFound("There is nothing at this path.")
        }
        guard let credentials = Credentials(authorization: visit.request.authorization),
            let presented = try? visit.presentedKey(credentials),
            presented.kind == .global || (presented.kind == key && presented.resource == id)
        else { return unauthenticated }
        guard visit.isReady(presented) else {
            let status = visit.switches.notReadyStatus
            guard status == 401 else { throw Problem.notReady(status: status) }
            return unauthenticated
        }
        guard visit.request.method == "GET" else { throw Problem.methodNotAllowed(["GET"]) }
        return served
    }

    private static func json(_ cluster: Cluster, _ visit: Visit) -> JSONValue {
        let (id, environment) = (cluster.id, cluster.environment)
        var (spec, status) = details(cluster, visit)
        spec["environment"] = [
            "id": .string(environment), "environment": .string(environment),
            "related": .string("\(visit.origin)\(EnvironmentEndpoints.path)/\(environment)"),
            "resource_name": .string(visit.resourceName(("environment", environment))),
        ]
        status["phase"] = "PROVISIONED"
        return [
            "api_version": .string(apiVersion), "kind": "Cluster", "id": .string(id),
            "metadata": visit.metadata(
                path: "\(path)/\(id)", resourceName: visit.resourceName(("environment", environment), (crnName, id)),
                created: cluster.created, updated: cluster.created),
            "spec": .object(spec), "status": .object(status),
        ]
    }
}

extension Visit {
    /// The refusal of a cluster that is not there, or not in the environment that the request names.
    func unknownCluster(_ id: String, pointer: String? = nil) -> Problem {
        .unknownReference(
            status: switches.unknownClusterStatus, "The cluster \"\(id)\" was not found.", pointer: pointer)
    }
}
