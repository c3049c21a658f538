/// Environments: `/org/v2/environments`.
extension ConfluentClient {
    private static var environments: String { "/org/v2/environments" }

    /// All environments that these credentials may see.
    package func environments() async throws(APIError) -> Listing<CloudEnvironment> {
        try await Pagination(exchange: exchange).all(Self.environments, id: \.id, read: CloudEnvironment.init)
    }

    /// One environment.
    package func environment(id: String) async throws(APIError) -> CloudEnvironment {
        try await object(Request(.get, Request.path(Self.environments, id)), read: CloudEnvironment.init)
    }
}
