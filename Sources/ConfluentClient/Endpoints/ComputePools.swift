import JSON

/// Compute pools of Flink: `/fcpm/v2/compute-pools`, each known only together with its environment.
extension ConfluentClient {
    private static var computePools: String { "/fcpm/v2/compute-pools" }

    /// All compute pools of an environment.
    ///
    /// The list is not walked further once `isEnough` says so of what was found.
    package func computePools(
        environment: String, until isEnough: (Page) -> Bool = { _ in false }
    ) async throws(APIError) -> Listing<ComputePool> {
        try await Pagination(exchange: exchange).all(
            Self.computePools, query: [("environment", environment)], id: \.id, until: isEnough, read: ComputePool.init)
    }

    /// One compute pool.
    ///
    /// A missing one throws `.forbidden` or `.notFound`.
    package func computePool(id: String, environment: String) async throws(APIError) -> ComputePool {
        try await object(
            Request(.get, Request.path(Self.computePools, id), query: [("environment", environment)]),
            read: ComputePool.init)
    }

    /// What a compute pool shall be, or what of it shall change; nil leaves a part to the cloud, or as it is.
    package struct ComputePoolRequest: Hashable, Sendable {
        /// The name.
        package var displayName: String?
        /// `AWS`, `AZURE` or `GCP`; cannot be changed.
        package var cloud: String?
        /// The region's name; cannot be changed.
        package var region: String?
        /// The largest number of Confluent Flink units.
        package var maximumUnits: Int?
        /// Whether statements that name no pool run here.
        package var isDefault: Bool?

        /// States all parts.
        package init(
            displayName: String?, cloud: String? = nil, region: String? = nil, maximumUnits: Int?, isDefault: Bool?
        ) {
            self.displayName = displayName
            self.cloud = cloud
            self.region = region
            self.maximumUnits = maximumUnits
            self.isDefault = isDefault
        }

        /// Whether nothing is asked for.
        var isEmpty: Bool {
            displayName == nil && cloud == nil && region == nil && maximumUnits == nil && isDefault == nil
        }

        func body(environment: String) -> JSONValue {
            var spec: [(String, JSONValue)] = []
            if let displayName { spec.append(("display_name", .string(displayName))) }
            if let cloud { spec.append(("cloud", .string(cloud))) }
            if let region { spec.append(("region", .string(region))) }
            if let maximumUnits { spec.append(("max_cfu", .number(JSONNumber(maximumUnits)))) }
            if let isDefault { spec.append(("default_pool", .bool(isDefault))) }
            spec.append(("environment", .object(JSONObject([("id", .string(environment))]))))
            return .object(JSONObject([("spec", .object(JSONObject(spec)))]))
        }
    }

    /// Asks for a new compute pool, once; it is `PROVISIONING` at first.
    package func createComputePool(
        _ wanted: ComputePoolRequest, environment: String
    ) async -> PostAnswer<ComputePool> {
        await make(
            Request(.post, Self.computePools, body: wanted.body(environment: environment)), read: ComputePool.init)
    }

    /// Changes what is named; with nothing to change the pool is only read.
    package func updateComputePool(
        id: String, environment: String, _ changes: ComputePoolRequest
    ) async throws(APIError) -> ComputePool {
        if changes.isEmpty { return try await computePool(id: id, environment: environment) }
        return try await object(
            Request(.patch, Request.path(Self.computePools, id), body: changes.body(environment: environment)),
            read: ComputePool.init)
    }

    /// Removes a compute pool.
    ///
    /// A missing one throws `.forbidden` or `.notFound`, also when an earlier attempt of this call removed it.
    package func deleteComputePool(id: String, environment: String) async throws(APIError) {
        try await remove(
            Request(.delete, Request.path(Self.computePools, id), query: [("environment", environment)]))
    }
}
