/// A cluster that is there from the start, since none is made on request.
package struct SeedCluster: Hashable, Sendable {
    /// The id of the environment it is in.
    package var environment: String
    /// The id, whose beginning tells the kind: `lkc-`, `lsrc-` or `lksqlc-`.
    package var id: String

    /// Reads `ENVIRONMENT/CLUSTER`, as the command line writes it.
    ///
    /// Throws `clusterMisnamed` for anything else.
    package init(parsing text: String) throws(EmulatorError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty,
            let group = EmulatedCloud.clusterGroups.first(where: { parts[1].hasPrefix($0.prefix) }),
            parts[1].count > group.prefix.count
        else { throw .clusterMisnamed(text) }
        self.init(environment: parts[0], id: parts[1])
    }

    init(environment: String, id: String) {
        self.environment = environment
        self.id = id
    }
}
