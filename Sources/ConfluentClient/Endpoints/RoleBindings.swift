import JSON

/// Role bindings: `/iam/v2/role-bindings`, which have no update.
extension ConfluentClient {
    private static var roleBindings: String { "/iam/v2/role-bindings" }

    /// The role bindings of a pattern, of one principal or role where they are given.
    ///
    /// The list is not walked further once `isEnough` says so of what was found.
    package func roleBindings(
        crnPattern: String, principal: String? = nil, roleName: String? = nil,
        until isEnough: (Page) -> Bool = { _ in false }
    ) async throws(APIError) -> Listing<RoleBinding> {
        var query = [(name: "crn_pattern", value: crnPattern)]
        if let principal { query.append(("principal", principal)) }
        if let roleName { query.append(("role_name", roleName)) }
        return try await Pagination(exchange: exchange).all(
            Self.roleBindings, query: query, id: \.id, until: isEnough, read: RoleBinding.init)
    }

    /// One role binding.
    ///
    /// A missing one throws `.forbidden`: the service tells it from one that is out of sight in neither way.
    package func roleBinding(id: String) async throws(APIError) -> RoleBinding {
        try await object(Request(.get, Request.path(Self.roleBindings, id)), read: RoleBinding.init)
    }

    /// Asks for a new role binding, once.
    package func createRoleBinding(
        principal: String, roleName: String, crnPattern: String
    ) async -> PostAnswer<RoleBinding> {
        let body = JSONObject([
            ("principal", .string(principal)), ("role_name", .string(roleName)), ("crn_pattern", .string(crnPattern)),
        ])
        return await make(Request(.post, Self.roleBindings, body: .object(body)), read: RoleBinding.init)
    }

    /// Removes a role binding.
    ///
    /// A missing one throws `.forbidden`, also when an earlier attempt of this call removed it.
    package func deleteRoleBinding(id: String) async throws(APIError) {
        try await remove(Request(.delete, Request.path(Self.roleBindings, id)))
    }
}
