import JSON

/// The statements of a Flink region, which are always none: what can be learned here is whether a key works.
///
/// The first two parts of the path stand for the host name that the region has in the real service.
enum StatementEndpoints: EndpointGroup {
    static let routes = [
        Route(
            method: "GET",
            path: PathTemplate(
                "/flink/{region}/sql/v1/organizations/{organization}/environments/{environment}/statements"),
            name: "listSqlV1Statements", summary: "List the Flink statements of an environment: there are none.",
            tag: "sql/v1", access: .own, query: Page.parameters,
            answer: .object(
                .required("api_version", .string(oneOf: "sql/v1")), .required("kind", .string(oneOf: "StatementList")),
                .required("metadata", .object(.required("self", .string), .required("next", .string))),
                .required("data", .array(.anything))), perform: list)
    ]

    @Sendable private static func list(_ visit: Visit) throws -> CloudResponse {
        guard let region = visit.parts["region"], try RegionEndpoints.exists(region, in: visit.database) else {
            throw Problem.notFound("There is nothing at this path.")
        }
        try authenticate(visit, region: region, environment: visit.parts["environment"] ?? "")
        _ = try Page(visit)
        let url = visit.origin + visit.request.path
        return .json(
            200,
            [
                "api_version": "sql/v1", "kind": "StatementList",
                "metadata": ["self": .string(url), "next": ""], "data": [],
            ])
    }

    /// A key of another region or kind is not known here; one of another environment is known and refused.
    private static func authenticate(_ visit: Visit, region: String, environment: String) throws {
        guard let credentials = Credentials(authorization: visit.request.authorization) else {
            throw Problem.unauthenticated
        }
        let key = try visit.presentedKey(credentials)
        guard key.kind == .global || key.region == region else { throw Problem.unauthenticated }
        guard visit.isReady(key) else { throw Problem.notReady(status: visit.switches.notReadyStatus) }
        guard visit.parts["organization"] == visit.organization.id,
            key.kind == .global || key.environment == environment,
            try EnvironmentEndpoints.exists(environment, in: visit.database)
        else { throw Problem.forbidden() }
        let roles: Set<String> = ["EnvironmentAdmin", "FlinkAdmin", "FlinkDeveloper"]
        guard try visit.caller(for: key).holds(roles, on: EnvironmentEndpoints.name(environment, visit)) else {
            throw Problem.unauthorized
        }
    }
}
