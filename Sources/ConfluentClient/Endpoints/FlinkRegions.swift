/// The regions of Flink: `/fcpm/v2/regions`, which can only be listed.
extension ConfluentClient {
    /// The regions, of one cloud (`AWS`, `GCP`, `AZURE`, in any case) or of one name when they are given.
    package func flinkRegions(
        cloud: String? = nil, region: String? = nil
    ) async throws(APIError) -> Listing<FlinkRegion> {
        var query: [(name: String, value: String)] = []
        if let cloud { query.append(("cloud", cloud.uppercased())) }
        if let region { query.append(("region_name", region)) }
        let all = try await Pagination(exchange: exchange).all(
            "/fcpm/v2/regions", query: query, id: \.id, read: FlinkRegion.init)
        // A server that ignores a filter must not pass off another region as the one asked for.
        let items = all.items.filter { found in
            (cloud == nil || found.cloud.uppercased() == cloud?.uppercased())
                && (region == nil || found.regionName == region)
        }
        return Listing(items: items, serverDate: all.serverDate)
    }
}
