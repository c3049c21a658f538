/// Service accounts: `/iam/v2/service-accounts`.
extension ConfluentClient {
    private static var serviceAccounts: String { "/iam/v2/service-accounts" }

    /// All service accounts that these credentials may see; those with exactly one name when it is given.
    package func serviceAccounts(displayName: String? = nil) async throws(APIError) -> Listing<ServiceAccount> {
        let query = displayName.map { [(name: "display_name", value: $0)] } ?? []
        let all = try await Pagination(exchange: exchange).all(
            Self.serviceAccounts, query: query, id: \.id, read: ServiceAccount.init)
        guard let displayName else { return all }
        // A server that ignores the filter must not pass off another account as the one asked for.
        return Listing(items: all.items.filter { $0.displayName == displayName }, serverDate: all.serverDate)
    }

    /// One service account.
    package func serviceAccount(id: String) async throws(APIError) -> ServiceAccount {
        try await object(Request(.get, Request.path(Self.serviceAccounts, id)), read: ServiceAccount.init)
    }
}
