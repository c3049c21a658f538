import GRDB
import JSON

/// The endpoints of a kind of cluster that has keys of its own: list and read, and a place where its keys can be tried.
///
/// Clusters are seeded; the emulator makes none on request. Which servers the service has behind the addresses that it
/// tells is its own matter: here they lead back to the emulator, to a path that begins with the kind and the id.
protocol ClusterGroup: TableGroup {
    /// The type that clients see.
    static var collection: Collection { get }
    /// The kind of key that opens such a cluster, whose name begins the path of the address of each.
    static var key: KeyKind { get }
    /// The version that keys name for such a cluster, which need not be that of the collection.
    static var keyVersion: String { get }
    /// How ids begin: `lkc-`.
    static var prefix: String { get }
    /// The word for such a cluster in resource names: `cloud-cluster`.
    static var crnName: String { get }
    /// What can be asked at a cluster's address.
    static var probe: ClusterProbe { get }

    /// What the cluster is beside its place and its environment, and how it does.
    static func details(_ cluster: Cluster, _ visit: Visit) -> (spec: JSONObject, status: JSONObject)
    /// The answer to a key that works.
    static func served(_ cluster: Cluster, _ visit: Visit) -> JSONValue
    /// The answer to a key that does not, by the servers of the cluster.
    static var unauthenticated: CloudResponse { get }
}

/// What a key of a cluster can be tried on.
struct ClusterProbe: Sendable {
    /// The path that follows the cluster's address.
    let path: String
    /// What it does, in a few words.
    let summary: String
    /// What the answer to a key that works looks like.
    let answer: Schema
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
    static var keyVersion: String { collection.apiVersion }

    static var tables: String {
        """
        CREATE TABLE \(table) (
          id TEXT PRIMARY KEY NOT NULL, environment TEXT NOT NULL, created INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX \(table)_by_environment ON \(table) (environment, id);
        """
    }

    static var routes: [Route] {
        [
            collection.list { visit in
                let environment = try visit.environmentOfQuery()
                var listing = Listing(table: table, collection: collection)
                listing.filters = [("environment", environment)]
                listing.conditions = [("environment = ?", [environment])]
                return try listing.answer(visit) { json(Cluster($0), visit) }
            },
            collection.read { visit in
                let environment = try visit.environmentOfQuery()
                guard let cluster = try find(visit.id, in: visit.database), cluster.environment == environment else {
                    throw visit.unknownCluster(visit.id)
                }
                return .json(200, json(cluster, visit))
            },
            Route(
                method: "GET", path: PathTemplate("/\(key.rawValue)/{cluster}\(probe.path)"),
                name: "probe"
                    + key.rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(),
                summary: probe.summary, tag: "clusters", access: .own, answer: probe.answer, perform: answerProbe),
        ]
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
    static func address(_ id: String, _ visit: Visit) -> JSONValue {
        .string("\(visit.origin)/\(key.rawValue)/\(id)")
    }

    @Sendable private static func answerProbe(_ visit: Visit) throws -> CloudResponse {
        let id = visit.parts["cluster"] ?? ""
        guard let cluster = try find(id, in: visit.database), visit.parts["id"] ?? id == id else {
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
        return .json(200, served(cluster, visit))
    }

    private static func json(_ cluster: Cluster, _ visit: Visit) -> JSONValue {
        let (id, environment) = (cluster.id, cluster.environment)
        var (spec, status) = details(cluster, visit)
        spec["environment"] = EnvironmentEndpoints.reference(environment, visit)
        status["phase"] = "PROVISIONED"
        return collection.json(
            id, visit, resourceName: visit.resourceName(("environment", environment), (crnName, id)),
            created: cluster.created, updated: cluster.created, ["spec": .object(spec), "status": .object(status)])
    }
}

extension Collection {
    /// The clusters of some kind.
    static func clusters(_ path: String, spec: [Schema.Member], status: [Schema.Member] = []) -> Collection {
        Collection(
            path: path, type: "Cluster",
            members: [
                .required(
                    "spec",
                    Schema(shape: .object(spec + [.required("environment", EnvironmentEndpoints.reference)]))),
                .required("status", Schema(shape: .object(status + [.required("phase", .string)]))),
            ], isInEnvironment: true)
    }
}

extension Visit {
    /// The refusal of a cluster that is not there, or not in the environment that the request names.
    func unknownCluster(_ id: String, pointer: String? = nil) -> Problem {
        .unknownReference(
            status: switches.unknownClusterStatus, "The cluster \"\(id)\" was not found.", pointer: pointer)
    }
}
