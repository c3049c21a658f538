import JSON

/// Environments: `/org/v2/environments`.
extension ConfluentClient {
    private static var environments: String { "/org/v2/environments" }

    /// All environments that these credentials may see.
    ///
    /// The list is not walked further once `isEnough` says so of what was found.
    package func environments(
        until isEnough: (Page) -> Bool = { _ in false }
    ) async throws(APIError) -> Listing<CloudEnvironment> {
        try await Pagination(exchange: exchange).all(
            Self.environments, id: \.id, until: isEnough, read: CloudEnvironment.init)
    }

    /// One environment.
    package func environment(id: String) async throws(APIError) -> CloudEnvironment {
        try await object(Request(.get, Request.path(Self.environments, id)), read: CloudEnvironment.init)
    }

    /// Asks for a new environment, once; a name that is in use is refused with `.conflict`.
    ///
    /// `streamGovernancePackage` is `ESSENTIALS` or `ADVANCED`; nil leaves the choice to the cloud.
    package func createEnvironment(
        displayName: String, streamGovernancePackage: String?
    ) async -> PostAnswer<CloudEnvironment> {
        let body = Self.body(displayName, streamGovernancePackage)
        return await make(Request(.post, Self.environments, body: body), read: CloudEnvironment.init)
    }

    /// Changes the name, the package, or both; nil leaves one as it is.
    ///
    /// With nothing to change the environment is only read.
    package func updateEnvironment(
        id: String, displayName: String?, streamGovernancePackage: String?
    ) async throws(APIError) -> CloudEnvironment {
        if displayName == nil && streamGovernancePackage == nil { return try await environment(id: id) }
        let body = Self.body(displayName, streamGovernancePackage)
        return try await object(
            Request(.patch, Request.path(Self.environments, id), body: body), read: CloudEnvironment.init)
    }

    /// Removes an environment with all that is in it.
    ///
    /// A missing one throws `.notFound`, also when an earlier attempt of this call removed it.
    package func deleteEnvironment(id: String) async throws(APIError) {
        try await remove(Request(.delete, Request.path(Self.environments, id)))
    }

    private static func body(_ displayName: String?, _ package: String?) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let displayName { members.append(("display_name", .string(displayName))) }
        if let package {
            members.append(("stream_governance_config", .object(JSONObject([("package", .string(package))]))))
        }
        return .object(JSONObject(members))
    }
}
