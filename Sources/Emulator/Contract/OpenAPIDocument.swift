import JSON

/// The OpenAPI document of all that the emulator serves, made of the routes that serve it.
enum OpenAPIDocument {
    /// Where it is served, to anybody.
    static let path = "/openapi.json"

    /// The document, for a caller that reaches the emulator at the origin.
    static func json(origin: String) -> JSONValue {
        var document = fixed
        document["servers"] = [["url": .string(origin)]]
        return .object(document)
    }

    private static let fixed: JSONObject = {
        var schemas = NamedSchemas()
        var paths = JSONObject()
        for route in EmulatedCloud.routes {
            var item = paths[route.path.text]?.object ?? JSONObject()
            item[route.method.lowercased()] = operation(route, &schemas)
            paths[route.path.text] = .object(item)
        }
        let problem = schemas.reference(Problem.schema)
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Confluent Cloud on this machine", "version": "1",
                "description": "What flinkform's emulator of Confluent Cloud serves: API keys and what they belong to.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [], "security": [["key": []]], "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "key": [
                        "type": "http", "scheme": "basic",
                        "description":
                            "The id of an API key, and its secret. Which kinds are accepted, each route says.",
                    ]
                ],
                "headers": .object(headers), "responses": ["Refusal": refusal(problem)],
                "schemas": .object(schemas.all),
            ],
        ]
    }()

    // MARK: - Operations

    private static func operation(_ route: Route, _ schemas: inout NamedSchemas) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(route.name), "summary": .string(route.summary), "tags": [.string(route.tag)],
        ]
        if case .keys(let kinds) = route.access {
            let words = kinds.map(\.rawValue).sorted().joined(separator: ", ")
            operation["description"] = .string("Kinds of API keys that may ask: \(words).")
        }
        let parameters =
            route.path.names.map { name -> JSONValue in
                ["name": .string(name), "in": "path", "required": true, "schema": Schema.id.json(&schemas)]
            } + route.query.map { parameter($0, &schemas) }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body {
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": body.json(&schemas)]],
            ]
        }
        operation["responses"] = responses(route, &schemas)
        return .object(operation)
    }

    private static func parameter(_ parameter: Route.Parameter, _ schemas: inout NamedSchemas) -> JSONValue {
        let value = parameter.schema.json(&schemas)
        return [
            "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
            "description": .string(parameter.meaning),
            "schema": parameter.isRepeatable ? ["type": "array", "items": value] : value,
        ]
    }

    private static func responses(_ route: Route, _ schemas: inout NamedSchemas) -> JSONValue {
        var responses = JSONObject()
        for status in route.successes {
            var response: JSONObject = ["description": "It was done.", "headers": headerReferences]
            if let answer = route.answer {
                response["content"] = ["application/json": ["schema": answer.json(&schemas)]]
            }
            responses[String(status)] = .object(response)
        }
        for status in Set(Route.commonRefusals + route.refusals + (route.body == nil ? [] : [413])).sorted() {
            responses[String(status)] = ["$ref": "#/components/responses/Refusal"]
        }
        switch route.access {
        case .own:
            // The servers of clusters have forms of their own.
            for (status, _) in responses where status >= "4" { responses[status] = refusal([:]) }
        case .keys:
            guard let other = route.otherRefusal else { break }
            responses["403"] = refusal(["anyOf": [schemas.reference(Problem.schema), other.json(&schemas)]])
        }
        return .object(responses)
    }

    private static func refusal(_ schema: JSONValue) -> JSONValue {
        [
            "description": "It was not done, or by a fault nobody knows. Gateways in front answer with pages.",
            "headers": headerReferences,
            "content": ["application/json": ["schema": schema], "text/html": ["schema": ["type": "string"]]],
        ]
    }

    // MARK: - Headers

    private static let headers: JSONObject = [
        "X-Request-Id": ["description": "The id of the request.", "required": true, "schema": ["type": "string"]],
        "X-RateLimit-Limit": limit("How many requests a window allows."),
        "X-RateLimit-Remaining": limit("How many this window still allows."),
        "X-RateLimit-Reset": limit("Seconds until the next window."),
        "Retry-After": limit("Seconds to wait; with 429 only."),
    ]

    private static func limit(_ description: String) -> JSONValue {
        ["description": .string(description), "schema": ["type": "integer", "minimum": 0]]
    }

    private static let headerReferences = JSONValue.object(
        JSONObject(headers.map { ($0.key, ["$ref": .string("#/components/headers/\($0.key)")]) }))
}

/// The schemas that the document shows once and refers to.
struct NamedSchemas {
    /// By name, in the order of their first use.
    private(set) var all = JSONObject()

    /// The reference to a schema that has a name.
    mutating func reference(_ schema: Schema) -> JSONValue { schema.json(&self) }

    /// The reference to a named schema; its text is made at the first use.
    fileprivate mutating func reference(_ name: String, _ text: (inout NamedSchemas) -> JSONValue) -> JSONValue {
        if all[name] == nil {
            all[name] = .null
            all[name] = text(&self)
        }
        return ["$ref": .string("#/components/schemas/\(name)")]
    }
}

extension Schema {
    /// The schema as JSON Schema writes it.
    func json(_ schemas: inout NamedSchemas) -> JSONValue {
        guard let name else { return .object(plain(&schemas)) }
        return schemas.reference(name) { .object(plain(&$0)) }
    }

    private func plain(_ schemas: inout NamedSchemas) -> JSONObject {
        var object: JSONObject
        switch shape {
        case .object(let members):
            object = ["type": "object"]
            var properties = JSONObject()
            for member in members {
                properties[member.name] = (member.isRequired ? member.schema : member.schema.nullable).json(&schemas)
            }
            object["properties"] = .object(properties)
            let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { object["required"] = .array(required) }
        case .array(let element): object = ["type": "array", "items": element.json(&schemas)]
        case .string(let rule): object = rule.json
        case .integer(let range):
            object = [
                "type": "integer", "minimum": .number(JSONNumber(range.lowerBound)),
                "maximum": .number(JSONNumber(range.upperBound)),
            ]
        case .choice(let options):
            object = ["type": "integer", "enum": .array(options.map { .number(JSONNumber($0)) })]
        case .bool: object = ["type": "boolean"]
        case .anything: object = [:]
        }
        if isNullable, let type = object["type"] {
            object["type"] = [type, "null"]
            if let options = object["enum"]?.array { object["enum"] = .array(options + [.null]) }
        }
        return object
    }
}

extension Schema.StringRule {
    fileprivate var json: JSONObject {
        var object: JSONObject = ["type": "string"]
        if lengthMin > 0 { object["minLength"] = .number(JSONNumber(lengthMin)) }
        if let lengthMax { object["maxLength"] = .number(JSONNumber(lengthMax)) }
        if !options.isEmpty { object["enum"] = .array(options.map(JSONValue.string)) }
        if !prefixes.isEmpty { object["pattern"] = .string("^(\(prefixes.joined(separator: "|")))") }
        if !excluded.isEmpty {
            let escaped = excluded.map { #"\^]-"#.contains($0) ? "\\\($0)" : String($0) }.joined()
            object["pattern"] = .string("^[^\(escaped)]*$")
        }
        object["format"] = format.map(JSONValue.string)
        return object
    }
}
