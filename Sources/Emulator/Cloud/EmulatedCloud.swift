import GRDB

/// The cloud as a function: a request and the tables before it, to an answer and the tables after it.
///
/// It knows no socket, no clock and no fault; those are around it.
struct EmulatedCloud: Sendable {
    /// The key that is always accepted and never listed.
    let seeded: Credentials

    /// Answers a request; throws a `Problem` for a refusal, after which nothing may be kept of what it wrote.
    func answer(_ visit: Visit) throws -> CloudResponse {
        guard let segments = visit.request.segments else { throw Problem.badRequest("The path is not valid.") }
        if segments.first == "flink" { return try StatementEndpoints.answer(visit, Array(segments.dropFirst())) }
        if let group = EmulatedCloud.clusterGroups.first(where: { $0.key.rawValue == segments.first }) {
            guard segments.count > 2 else { throw EmulatedCloud.noSuchPath }
            return try group.answer(visit, at: segments[1], Array(segments.dropFirst(2)))
        }
        guard (3...4).contains(segments.count) else { throw EmulatedCloud.noSuchPath }
        let path = "/" + segments.prefix(3).joined(separator: "/")
        guard let group = EmulatedCloud.groupsByPath[path] else { throw EmulatedCloud.noSuchPath }
        try visit.authenticate(as: group.keys, seeded: seeded)
        return try group.answer(visit, id: segments.count == 4 ? segments[3] : nil)
    }

    /// The one list of what there is.
    static let groups: [any EndpointGroup.Type] = [
        APIKeyEndpoints.self, ComputePoolEndpoints.self, EnvironmentEndpoints.self, KafkaClusterEndpoints.self,
        KsqlClusterEndpoints.self, OrganizationEndpoints.self, RegionEndpoints.self, RoleBindingEndpoints.self,
        SchemaRegistryEndpoints.self, ServiceAccountEndpoints.self, TableflowRegionEndpoints.self, UserEndpoints.self,
    ]

    /// Those of clusters that have keys of their own.
    static let clusterGroups = groups.compactMap { $0 as? any ClusterGroup.Type }

    private static let groupsByPath = Dictionary(uniqueKeysWithValues: groups.map { ($0.path, $0) })

    private static let noSuchPath = Problem.notFound("There is nothing at this path.")
}
