/// Organizations: `/org/v2/organizations`.
extension ConfluentClient {
    /// The organizations that these credentials may see, which is usually the one they belong to.
    package func organizations() async throws(APIError) -> Listing<Organization> {
        try await Pagination(exchange: exchange).all("/org/v2/organizations", id: \.id, read: Organization.init)
    }

    /// The organization that the credentials belong to.
    ///
    /// Asked for directly; where that is not allowed or not clear, it is read out of the environments' resource names.
    /// Throws `.malformed` when neither tells.
    package func organization() async throws(APIError) -> Organization {
        do {
            let found = try await organizations().items
            if found.count == 1 { return found[0] }
        } catch {
            guard [.notFound, .forbidden, .invalid].contains(error.kind) else { throw error }
        }
        let ids = Set(try await environments().items.compactMap(\.organizationID))
        guard ids.count == 1, let id = ids.first else {
            throw APIError(
                kind: .malformed, method: "GET", path: "/org/v2/organizations",
                detail: "the organization of these credentials cannot be told; "
                    + (ids.isEmpty ? "they see neither it nor an environment" : "they see several"))
        }
        return Organization(id: id, displayName: "")
    }
}
