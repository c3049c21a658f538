/// Users: `/iam/v2/users`.
extension ConfluentClient {
    private static var users: String { "/iam/v2/users" }

    /// All users that these credentials may see; the API has no filters here.
    package func users() async throws(APIError) -> Listing<CloudUser> {
        try await Pagination(exchange: exchange).all(Self.users, id: \.id, read: CloudUser.init)
    }

    /// One user.
    package func user(id: String) async throws(APIError) -> CloudUser {
        try await object(Request(.get, Request.path(Self.users, id)), read: CloudUser.init)
    }
}
