import JSON

/// Service accounts: `/iam/v2/service-accounts`.
extension ConfluentClient {
    private static var serviceAccounts: String { "/iam/v2/service-accounts" }
    /// As many names are asked for in one request; more would make its URL too long.
    private static var namesInRequest: Int { 20 }

    /// All service accounts that these credentials may see.
    ///
    /// The list is not walked further once `isEnough` says so of what was found.
    package func serviceAccounts(
        until isEnough: (Page) -> Bool = { _ in false }
    ) async throws(APIError) -> Listing<ServiceAccount> {
        try await Pagination(exchange: exchange).all(
            Self.serviceAccounts, id: \.id, until: isEnough, read: ServiceAccount.init)
    }

    /// The service accounts that have exactly one of these names; twenty names are asked for at once.
    package func serviceAccounts(named names: [String]) async throws(APIError) -> Listing<ServiceAccount> {
        var items: [ServiceAccount] = []
        var serverDate: CloudTime?
        var rest = names[...]
        while !rest.isEmpty {
            let query = rest.prefix(Self.namesInRequest).map { (name: "display_name", value: $0) }
            rest = rest.dropFirst(Self.namesInRequest)
            let found = try await Pagination(exchange: exchange).all(
                Self.serviceAccounts, query: query, id: \.id, read: ServiceAccount.init)
            serverDate = serverDate ?? found.serverDate
            items += found.items
        }
        // A server that ignores the filter must not pass off another account as the one asked for.
        let wanted = Set(names)
        return Listing(items: items.filter { wanted.contains($0.displayName) }, serverDate: serverDate)
    }

    /// One service account.
    package func serviceAccount(id: String) async throws(APIError) -> ServiceAccount {
        try await object(Request(.get, Request.path(Self.serviceAccounts, id)), read: ServiceAccount.init)
    }

    /// Asks for a new service account, once; a name that is in use is refused with `.conflict`.
    ///
    /// `resourceOwner` is the id of who gets the role ResourceOwner on the account, nil for nobody in particular.
    package func createServiceAccount(
        displayName: String, description: String, resourceOwner: String? = nil
    ) async -> PostAnswer<ServiceAccount> {
        let body = JSONObject([("display_name", .string(displayName)), ("description", .string(description))])
        let query = resourceOwner.map { [(name: "assigned_resource_owner", value: $0)] } ?? []
        return await make(
            Request(.post, Self.serviceAccounts, query: query, body: .object(body)), read: ServiceAccount.init)
    }

    /// Changes the name, the description, or both; nil leaves one as it is and an empty text empties it.
    ///
    /// With nothing to change the account is only read.
    package func updateServiceAccount(
        id: String, displayName: String?, description: String?
    ) async throws(APIError) -> ServiceAccount {
        var members: [(String, JSONValue)] = []
        if let displayName { members.append(("display_name", .string(displayName))) }
        if let description { members.append(("description", .string(description))) }
        if members.isEmpty { return try await serviceAccount(id: id) }
        return try await object(
            Request(.patch, Request.path(Self.serviceAccounts, id), body: .object(JSONObject(members))),
            read: ServiceAccount.init)
    }

    /// Removes a service account, and with it its API keys.
    ///
    /// A missing one throws `.notFound`, also when an earlier attempt of this call removed it.
    package func deleteServiceAccount(id: String) async throws(APIError) {
        try await remove(Request(.delete, Request.path(Self.serviceAccounts, id)))
    }
}
