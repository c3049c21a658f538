import JSON

/// The statements of a Flink region, which are always none: what can be learned here is whether a key works.
///
/// Paths are `/flink/REGION/sql/v1/organizations/ORGANIZATION/environments/ENVIRONMENT/statements`, where the first two
/// parts stand for the host name that the region has in the real service.
enum StatementEndpoints {
    static func answer(_ visit: Visit, _ segments: [String]) throws -> CloudResponse {
        guard segments.count == 8, segments[1] == "sql", segments[2] == "v1", segments[3] == "organizations",
            segments[5] == "environments", segments[7] == "statements",
            try RegionEndpoints.exists(segments[0], in: visit.database)
        else { throw Problem.notFound("There is nothing at this path.") }
        let environment = segments[6]
        try authenticate(visit, region: segments[0], organization: segments[4], environment: environment)
        guard visit.request.method == "GET" else { throw Problem.methodNotAllowed(["GET"]) }
        _ = try Page(visit.request.queryItems())
        let url = visit.origin + visit.request.path
        return .json(
            200,
            [
                "api_version": "sql/v1", "kind": "StatementList",
                "metadata": ["self": .string(url), "next": ""], "data": [],
            ])
    }

    /// A key of another region or kind is not known here; one of another environment is known and refused.
    private static func authenticate(
        _ visit: Visit, region: String, organization: String, environment: String
    ) throws {
        guard let credentials = Credentials(authorization: visit.request.authorization) else {
            throw Problem.unauthenticated
        }
        let key = try visit.presentedKey(credentials)
        guard key.kind == .global || key.region == region else { throw Problem.unauthenticated }
        guard visit.isReady(key) else { throw Problem.notReady(status: visit.switches.notReadyStatus) }
        guard organization == visit.organization, key.kind == .global || key.environment == environment,
            try EnvironmentEndpoints.exists(environment, in: visit.database)
        else { throw Problem.forbidden() }
    }
}
