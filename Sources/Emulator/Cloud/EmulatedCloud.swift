import JSON

/// The cloud as a function: a request and the tables before it, to an answer and the tables after it.
///
/// It knows no socket, no clock and no fault; those are around it.
enum EmulatedCloud {
    /// The one list of what there is.
    static let groups: [any EndpointGroup.Type] = [
        APIKeyEndpoints.self, ComputePoolEndpoints.self, EnvironmentEndpoints.self, KafkaClusterEndpoints.self,
        KsqlClusterEndpoints.self, OrganizationEndpoints.self, RegionEndpoints.self, RoleBindingEndpoints.self,
        SchemaRegistryEndpoints.self, ServiceAccountEndpoints.self, StatementEndpoints.self,
        TableflowRegionEndpoints.self, UserEndpoints.self,
    ]

    /// Those that have tables.
    static let tableGroups = groups.compactMap { $0 as? any TableGroup.Type }
    /// Those of clusters that have keys of their own.
    static let clusterGroups = groups.compactMap { $0 as? any ClusterGroup.Type }
    /// All that can be asked.
    static let routes = groups.flatMap { $0.routes }

    /// Answers a request; throws a `Problem` for a refusal, after which nothing may be kept of what it wrote.
    static func answer(_ visit: Visit) throws -> CloudResponse {
        guard let segments = visit.request.segments else { throw Problem.badRequest("The path is not valid.") }
        if visit.request.path == OpenAPIDocument.path, visit.request.method == "GET" {
            return .json(200, OpenAPIDocument.json(origin: visit.origin))
        }
        var methods: [String] = []
        for route in routes {
            guard let parts = route.path.match(segments) else { continue }
            methods.append(route.method)
            if route.method == visit.request.method { return try answer(visit, route, parts) }
        }
        throw methods.isEmpty ? Problem.notFound("There is nothing at this path.") : .methodNotAllowed(methods)
    }

    private static func answer(_ visit: Visit, _ route: Route, _ parts: [String: String]) throws -> CloudResponse {
        var visit = visit
        visit.parts = parts
        if case .keys(let kinds) = route.access { visit.caller = try visit.caller(withKeyOf: kinds) }
        visit.query = try visit.request.queryItems()
        for parameter in route.query { try parameter.check(visit.query) }
        if let body = route.body { visit.body = try body.read(visit.request.body) }
        let response = try route.perform(visit)
        #if DEBUG
            try route.check(response)
        #endif
        return response
    }
}

/// An answer that the contract does not have: a mistake of the emulator, told as an internal error.
struct ContractBreach: Error, CustomStringConvertible {
    let description: String
}

extension Route.Parameter {
    /// Checks what the query has under this name.
    fileprivate func check(_ items: [(name: String, value: String)]) throws(Problem) {
        let values = items.filter { $0.name == name }.map(\.value)
        if isRequired, values.allSatisfy(\.isEmpty) { throw .badRequest("\"\(name)\" is required.", parameter: name) }
        for value in values {
            do {
                try schema.check(text: value)
            } catch {
                throw .badRequest("\"\(name)\" \(error.reason)", parameter: name)
            }
        }
    }
}

extension Schema {
    /// Reads the body of a request; of members written twice the last one counts.
    fileprivate func read(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, repeatedKeys: .lastWins, maximumDepth: 32)
        } catch {
            throw .badRequest("The body is not JSON: line \(error.line), column \(error.column): \(error.message)")
        }
        guard value.object != nil else { throw .badRequest("The body is not a JSON object.") }
        do {
            try check(value)
        } catch {
            throw .badRequest("\"\(error.name)\" \(error.reason)", pointer: error.pointer)
        }
        return value
    }
}

extension Route {
    /// Checks a success against what the route says of it.
    fileprivate func check(_ response: CloudResponse) throws {
        guard response.status < 400 else { return }
        guard successes.contains(response.status) else {
            throw ContractBreach(description: "\(name) has no status \(response.status).")
        }
        guard let answer else {
            guard response.body.isEmpty else { throw ContractBreach(description: "\(name) answers with no body.") }
            return
        }
        do {
            try answer.check(JSONValue(parsing: response.body))
        } catch let mismatch as Schema.Mismatch {
            throw ContractBreach(description: "\(name) answers \(mismatch.pointer), which \(mismatch.reason)")
        }
    }
}
