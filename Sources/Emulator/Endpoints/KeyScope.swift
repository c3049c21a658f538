import GRDB
import JSON

/// What a key is made for: the meaning of the `resource` reference of a key.
struct KeyScope: Hashable, Sendable {
    /// The kind of key.
    var kind: KeyKind
    /// The id of what it opens; for a Flink key `<cloud>.<region>`, for kinds without one a fixed word.
    var resource: String
    /// The environment, nil where the kind has none or the request named none.
    var environment: String?

    /// Reads the reference of a request; none at all means a Cloud key.
    ///
    /// Of its members only `id`, `environment` and `api_version` count; a Flink region may be named in the old way,
    /// with the environment as the first of three parts of the id.
    init(_ reference: JSONValue?) throws(Problem) {
        guard let reference else {
            self.init(kind: .cloud, resource: "cloud", environment: nil)
            return
        }
        let id = reference["id"]?.string ?? ""
        let environment = reference["environment"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let version = reference["api_version"]?.string ?? ""
        switch id.lowercased() {
        case "cloud": self.init(kind: .cloud, resource: "cloud", environment: nil)
        case "global": self.init(kind: .global, resource: "global", environment: nil)
        case "tableflow": self.init(kind: .tableflow, resource: "tableflow", environment: nil)
        default:
            if version.hasPrefix("fcpm/") || id.contains(".") {
                try self.init(flink: id, environment: environment)
            } else if let group = EmulatedCloud.clusterGroups.first(where: { id.hasPrefix($0.prefix) }) {
                self.init(kind: group.key, resource: id, environment: environment)
            } else {
                throw .invalid("The resource \"\(id)\" is of no known kind.", pointer: "/spec/resource/id")
            }
        }
    }

    init(kind: KeyKind, resource: String, environment: String?) {
        self.kind = kind
        self.resource = resource
        self.environment = environment
    }

    private init(flink id: String, environment: String?) throws(Problem) {
        var parts = id.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var environment = environment
        if parts.count == 3 {
            let named = parts.removeFirst()
            guard environment == nil || environment == named else {
                throw .invalid(
                    "The environment is not the one that the id names.", pointer: "/spec/resource/environment")
            }
            environment = named
        }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw .invalid(
                "The id of a Flink region is of the form <cloud>.<region>.", pointer: "/spec/resource/id")
        }
        guard let environment else {
            throw .invalid("A Flink key needs an environment.", pointer: "/spec/resource/environment")
        }
        self.init(kind: .flink, resource: "\(parts[0].lowercased()).\(parts[1])", environment: environment)
    }

    /// Checks that the environment and the region or the cluster are there; a cluster tells its environment.
    mutating func check(_ visit: Visit) throws {
        if let group = clusters {
            guard let cluster = try group.find(resource, in: visit.database),
                environment == nil || environment == cluster.environment
            else { throw visit.unknownCluster(resource, pointer: "/spec/resource/id") }
            environment = cluster.environment
        }
        if let environment { try visit.checkEnvironment(environment, pointer: "/spec/resource/environment") }
        if kind == .flink, try !RegionEndpoints.exists(resource, in: visit.database) {
            throw Problem.invalid("There is no Flink region \"\(resource)\".", pointer: "/spec/resource/id")
        }
    }

    /// The kind of cluster that such keys open; nil if they open none.
    private var clusters: (any ClusterGroup.Type)? {
        EmulatedCloud.clusterGroups.first { $0.key == kind }
    }

    /// Whether the caller may make, see, change and delete the owner's keys of this scope.
    ///
    /// An account's own keys are; so are those of an account that it owns. Beyond that, roles on what a key opens count.
    func isOpen(toCallerOf visit: Visit, owner: String) -> Bool {
        let account = visit.resourceName((Principal.crnName(owner), owner))
        if owner == visit.caller.account || visit.caller.holds(["ResourceOwner"], on: account) { return true }
        var roles: Set<String> = []
        switch kind {
        case .cloud, .global: return false
        case .tableflow: roles = ["ResourceKeyAdmin"]
        case .flink: roles = ["EnvironmentAdmin", "FlinkAdmin"]
        case .kafka: roles = ["EnvironmentAdmin", "CloudClusterAdmin", "ResourceKeyAdmin"]
        case .schemaRegistry: roles = ["EnvironmentAdmin", "ResourceKeyAdmin"]
        case .ksql: roles = ["EnvironmentAdmin", "CloudClusterAdmin", "ResourceKeyAdmin", "KsqlAdmin"]
        }
        guard let environment else { return visit.caller.holds(roles, on: visit.resourceName()) }
        guard let clusters else {
            return visit.caller.holds(roles, on: EnvironmentEndpoints.name(environment, visit))
        }
        return visit.caller.holds(
            roles, on: visit.resourceName(("environment", environment), (clusters.crnName, resource)))
    }
}

extension KeyScope {
    /// What the reference looks like in answers.
    static let reference = Schema.object(
        .required("api_version", .string), .required("kind", .string), .required("id", .id),
        .optional("environment", .id), .required("related", .string), .required("resource_name", .string))

    /// The reference as answers write it.
    func reference(_ visit: Visit) -> JSONValue {
        switch kind {
        case .cloud: fixed("Cloud", "iam/v2")
        case .tableflow: fixed("Tableflow", "tableflow/v1")
        case .global: fixed("Global", "global/v1")
        case .kafka: cluster(KafkaClusterEndpoints.self, "Cluster", visit)
        case .schemaRegistry: cluster(SchemaRegistryEndpoints.self, "SchemaRegistry", visit)
        case .ksql: cluster(KsqlClusterEndpoints.self, "ksqlDB", visit)
        case .flink: flink(visit)
        }
    }

    private func fixed(_ kind: String, _ version: String) -> JSONValue {
        let id = JSONValue.string(resource)
        return ["api_version": .string(version), "kind": .string(kind), "id": id, "related": id, "resource_name": id]
    }

    /// Keys tell other words than the clusters themselves.
    private func cluster(_ group: any ClusterGroup.Type, _ kind: String, _ visit: Visit) -> JSONValue {
        let parts = [environment.map { ("environment", $0) }, (group.crnName, resource)].compactMap(\.self)
        let name = parts.reduce(visit.resourceName(authority: "api.confluent.cloud")) { "\($0)/\($1.0)=\($1.1)" }
        var object: JSONObject = [
            "api_version": .string(group.keyVersion), "kind": .string(kind), "id": .string(resource),
        ]
        object["environment"] = environment.map(JSONValue.string)
        object["related"] = .string("\(visit.origin)\(group.collection.path)/\(resource)")
        object["resource_name"] = .string(name)
        return .object(object)
    }

    private func flink(_ visit: Visit) -> JSONValue {
        let environment = environment ?? ""
        let isLegacy = visit.switches.answersLegacyIDs
        var object: JSONObject = [
            "api_version": "fcpm/v2", "kind": "Region",
            "id": .string(isLegacy ? "\(environment).\(resource)" : resource),
        ]
        if !isLegacy { object["environment"] = .string(environment) }
        let cloud = resource.prefix { $0 != "." }
        object["related"] = .string("\(visit.origin)/fcpm/v2/regions?cloud=\(cloud)")
        object["resource_name"] = .string(
            visit.resourceName(
                ("environment", environment), ("flink-region", resource), authority: "api.confluent.cloud"))
        return .object(object)
    }
}
