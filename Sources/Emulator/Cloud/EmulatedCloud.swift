import GRDB

/// The cloud as a function: a request and the tables before it, to an answer and the tables after it.
///
/// It knows no socket, no clock and no fault; those are around it.
struct EmulatedCloud: Sendable {
    /// The key that is always accepted and never listed.
    let seeded: Credentials

    /// Answers a request; throws a `Problem` for a refusal, after which nothing may be kept of what it wrote.
    func answer(_ visit: Visit) throws -> CloudResponse {
        guard let segments = visit.request.segments else { throw Problem.badRequest("The path is not valid.") }
        if segments.first == "flink" { return try StatementEndpoints.answer(visit, Array(segments.dropFirst())) }
        guard (3...4).contains(segments.count) else { throw EmulatedCloud.noSuchPath }
        let id = segments.count == 4 ? segments[3] : nil
        switch (segments[0], segments[1], segments[2]) {
        case ("iam", "v2", "api-keys"):
            try visit.authenticate(as: [.cloud], seeded: seeded)
            return try APIKeyEndpoints.answer(visit, id: id)
        case ("iam", "v2", "service-accounts"):
            try visit.authenticate(as: [.cloud], seeded: seeded)
            return try ServiceAccountEndpoints.answer(visit, id: id)
        case ("iam", "v2", "users"):
            try visit.authenticate(as: [.cloud], seeded: seeded)
            return try UserEndpoints.answer(visit, id: id)
        case ("org", "v2", "environments"):
            try visit.authenticate(as: [.cloud, .global], seeded: seeded)
            return try EnvironmentEndpoints.answer(visit, id: id)
        case ("org", "v2", "organizations"):
            try visit.authenticate(as: [.cloud, .global], seeded: seeded)
            return try OrganizationEndpoints.answer(visit, id: id)
        case ("fcpm", "v2", "regions") where id == nil:
            try visit.authenticate(as: [.cloud], seeded: seeded)
            return try RegionEndpoints.answer(visit)
        default:
            throw EmulatedCloud.noSuchPath
        }
    }

    private static let noSuchPath = Problem.notFound("There is nothing at this path.")
}
