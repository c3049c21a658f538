import JSON

/// A refusal of the service, written in its error envelope.
struct Problem: Error, Sendable {
    /// The status, of the answer and in the envelope.
    var status: Int
    /// The machine's word for it; nil leaves it out, as the service does for some.
    var code: String?
    /// The short text; nil leaves it out.
    var title: String?
    /// The sentence for people.
    var detail: String
    /// The member of the body at fault, as a JSON pointer.
    var pointer: String?
    /// The query parameter at fault.
    var parameter: String?
    /// Headers that come with it.
    var headers: [(name: String, value: String)] = []

    /// What the envelope looks like.
    static let schema = Schema.object(
        .required(
            "errors",
            .array(
                .object(
                    .required("id", .string), .required("status", .string), .optional("code", .string),
                    .optional("title", .string), .required("detail", .string),
                    .required(
                        "source", .object(.optional("pointer", .string), .optional("parameter", .string)))))),
        name: "Refusal")

    /// The answer; `requestID` is the error's id, too.
    func response(requestID: String, _ form: Switches.ErrorForm) -> CloudResponse {
        let status = JSONValue.number(JSONNumber(status))
        switch form {
        case .errors: return .json(self.status, envelope(requestID), headers: headers)
        case .message: return .json(self.status, ["message": .string(detail)], headers: headers)
        case .coded:
            return .json(self.status, ["error_code": status, "message": .string(detail)], headers: headers)
        case .error:
            return .json(
                self.status, ["error": ["code": status, "message": .string(detail)]], headers: headers)
        case .detailed:
            let error: JSONValue = [
                "code": .string(code ?? title ?? ""), "message": .string(detail), "details": [], "suggestion": "",
            ]
            return .json(
                self.status, ["status": status, "error": error, "requestId": .string(requestID)], headers: headers)
        }
    }

    private func envelope(_ requestID: String) -> JSONValue {
        var source = JSONObject()
        source["pointer"] = pointer.map(JSONValue.string)
        source["parameter"] = parameter.map(JSONValue.string)
        var error = JSONObject()
        error["id"] = .string(requestID)
        error["status"] = .string(String(status))
        error["code"] = code.map(JSONValue.string)
        error["title"] = title.map(JSONValue.string)
        error["detail"] = .string(detail)
        error["source"] = .object(source)
        return ["errors": [.object(error)]]
    }
}

extension Problem {
    /// The request cannot be read.
    static func badRequest(_ detail: String, pointer: String? = nil, parameter: String? = nil) -> Problem {
        Problem(
            status: 400, code: parameter == nil ? "bad_request" : "invalid_filter", title: "Bad Request",
            detail: detail, pointer: pointer, parameter: parameter)
    }

    /// The request can be read, but asks for something that cannot be.
    static func invalid(_ detail: String, pointer: String?) -> Problem {
        Problem(
            status: 422, code: "invalid_configuration", title: "Unprocessable Entity", detail: detail,
            pointer: pointer)
    }

    /// No credentials, or none that are known.
    static let unauthenticated = Problem(
        status: 401, code: "user_unauthenticated", title: "Authentication Required",
        detail: "The API key or its secret is not valid.",
        headers: [
            ("WWW-Authenticate", #"Basic error="invalid_key", error_description="The API Key is invalid""#)
        ])

    /// The credentials are those of a key for something else.
    static func wrongKind(status: Int) -> Problem {
        var problem = unauthenticated
        problem.status = status
        problem.detail = """
            invalid API key: make sure you're using a Cloud API Key and not a Cluster API Key: \
            https://docs.confluent.io/cloud/current/api.html#section/Authentication
            """
        if status != 401 { problem.headers = [] }
        return problem
    }

    /// The caller has no role that allows it.
    static let unauthorized = Problem(
        status: 403, code: "user_unauthorized", title: "Forbidden",
        detail: "The owner of the API key has no role that allows this.")

    /// What is asked for is not there, or not for the caller to see.
    static func forbidden(_ detail: String = "Forbidden Access", pointer: String? = nil) -> Problem {
        Problem(status: 403, code: "forbidden_access", title: "Forbidden", detail: detail, pointer: pointer)
    }

    /// What is asked for is not there.
    static func notFound(_ detail: String, code: String? = nil) -> Problem {
        Problem(status: 404, code: code, title: "Not Found", detail: detail)
    }

    /// Something referred to is not there, with the status that a switch names for it.
    static func unknownReference(status: Int, _ detail: String, pointer: String?) -> Problem {
        switch status {
        case 404:
            Problem(
                status: 404, code: "resource_not_found", title: "Not Found", detail: detail, pointer: pointer)
        case 403: .forbidden(detail, pointer: pointer)
        case 400: .badRequest(detail, pointer: pointer)
        default: .invalid(detail, pointer: pointer)
        }
    }

    /// A name is taken by the object at `location`.
    static func taken(_ detail: String, location: (name: String, value: String)) -> Problem {
        Problem(
            status: 409, code: "resource_already_exists", title: "Conflict", detail: detail,
            pointer: "/display_name", headers: [location])
    }

    /// The path exists, but not for this method.
    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        Problem(
            status: 405, title: "Method Not Allowed", detail: "The method is not allowed here.",
            headers: [("Allow", allowed.joined(separator: ", "))])
    }

    /// Too many requests; `retryAfter` is in seconds, nil leaves the header out.
    static func throttled(retryAfter: Int?) -> Problem {
        Problem(
            status: 429, title: "Too Many Requests", detail: "Too many requests. Try again later.",
            headers: retryAfter.map { [("Retry-After", String($0))] } ?? [])
    }

    /// The use of a key that has not spread yet, with the status that a switch names for it.
    static func notReady(status: Int) -> Problem {
        switch status {
        case 401: .unauthenticated
        case 403: .forbidden()
        case 404: .notFound("Not found.")
        case 400: .badRequest("The request cannot be served.")
        default: .failure(status: status)
        }
    }

    /// Something broke inside the service or, with a status below 500, was refused for no stated reason.
    static func failure(status: Int) -> Problem {
        guard status >= 500 else { return Problem(status: status, detail: "The request was refused.") }
        return Problem(
            status: status, code: "internal_server_error", title: "Internal Server Error",
            detail: "An internal error occurred.")
    }
}
