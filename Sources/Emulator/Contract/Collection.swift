import JSON

/// The usual routes of a type of object: a collection, and the objects in it.
struct Collection: Sendable {
    /// The path of the collection, whose first two parts are the version of its group: `/iam/v2/api-keys`.
    let path: String
    /// What the type is called: `ApiKey`.
    let type: String
    /// The kinds of keys with which it may be asked for.
    var keys: Set<KeyKind> = [.cloud]
    /// What an object looks like, beside the members that all objects have.
    let members: [Schema.Member]
    /// Whether objects are asked for together with an environment.
    var isInEnvironment = false

    /// The version that objects carry: `iam/v2`.
    var apiVersion: String {
        path.split(separator: "/").prefix(2).joined(separator: "/")
    }

    /// What an object looks like.
    var object: Schema {
        let common: [Schema.Member] = [
            .required("api_version", .string(oneOf: apiVersion)), .required("kind", .string(oneOf: type)),
            .required("id", .id), .required("metadata", Collection.metadata),
        ]
        let version = apiVersion.split(separator: "/").joined(separator: ".")
        return Schema(shape: .object(common + members), name: "\(version).\(type)")
    }

    private var page: Schema {
        let version = apiVersion.split(separator: "/").joined(separator: ".")
        return .object(
            .required("api_version", .string(oneOf: apiVersion)), .required("kind", .string(oneOf: "\(type)List")),
            .required("metadata", Collection.listMetadata), .required("data", .array(object)),
            name: "\(version).\(type)List")
    }

    private static let metadata = Schema.object(
        .required("self", .string), .optional("resource_name", .string), .optional("created_at", .time),
        .optional("updated_at", .time), name: "ObjectMeta")

    private static let listMetadata = Schema.object(
        .optional("first", .string), .optional("next", .string), name: "ListMeta")

    private static let environment = Route.Parameter(
        name: "environment", schema: .id, isRequired: true, meaning: "The environment that the object is in.")

    private var place: [Route.Parameter] { isInEnvironment ? [Collection.environment] : [] }

    // MARK: - Routes

    /// The list of the objects, by pages.
    func list(_ filters: [Route.Parameter] = [], perform: @escaping Route.Action) -> Route {
        var route = route("GET", "list", "List the objects, a page at a time.", perform)
        route.query = place + filters + Page.parameters
        route.answer = page
        return route
    }

    /// The creation of an object.
    func create(_ body: Schema, statuses: [Int] = [201], refusals: [Int], perform: @escaping Route.Action) -> Route {
        var route = route("POST", "create", "Create an object.", perform)
        route.body = body
        route.successes = statuses
        route.answer = object
        route.refusals = refusals
        return route
    }

    /// The reading of an object.
    func read(perform: @escaping Route.Action) -> Route {
        var route = route("GET", "get", "Read an object.", isOfObject: true, perform)
        route.query = place
        route.answer = object
        return route
    }

    /// The change of an object.
    func update(_ body: Schema, refusals: [Int] = [], perform: @escaping Route.Action) -> Route {
        var route = route("PATCH", "update", "Change an object; what is not named stays.", isOfObject: true, perform)
        route.body = body
        route.answer = object
        route.refusals = refusals
        return route
    }

    /// The deletion of an object, which only one service answers with the object.
    func delete(answersObject: Bool = false, perform: @escaping Route.Action) -> Route {
        var route = route("DELETE", "delete", "Delete an object and what goes with it.", isOfObject: true, perform)
        route.query = place
        route.successes = [answersObject ? 200 : 204]
        route.answer = answersObject ? object : nil
        return route
    }

    private func route(
        _ method: String, _ verb: String, _ summary: String, isOfObject: Bool = false, _ perform: @escaping Route.Action
    ) -> Route {
        let words = apiVersion.split { "/-".contains($0) }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return Route(
            method: method, path: PathTemplate(isOfObject ? path + "/{id}" : path),
            name: verb + words.joined() + type + (verb == "list" ? "s" : ""), summary: summary, tag: apiVersion,
            access: .keys(keys), perform: perform)
    }

    // MARK: - Answers

    /// An object as answers write it: the members that all have, then its own.
    func json(
        _ id: String, _ visit: Visit, resourceName: String, created: Timestamp, updated: Timestamp,
        _ members: JSONObject
    ) -> JSONValue {
        var object: JSONObject = [
            "api_version": .string(apiVersion), "kind": .string(type), "id": .string(id),
            "metadata": [
                "self": .string("\(visit.origin)\(path)/\(id)"), "resource_name": .string(resourceName),
                "created_at": .string(created.rfc3339), "updated_at": .string(updated.rfc3339),
            ],
        ]
        for (name, value) in members { object[name] = value }
        return .object(object)
    }

    /// The header that tells where a new object is.
    func location(_ id: String, _ visit: Visit) -> (name: String, value: String) {
        ("Location", "\(visit.origin)\(path)/\(id)")
    }
}
