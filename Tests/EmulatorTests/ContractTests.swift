import Emulator
import JSON
import Testing

@Suite("The contract")
struct ContractTests {
    private func document(_ client: CloudClient) async throws -> JSONValue {
        let answer = try await client.with(user: nil).send("GET", "/openapi.json")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "application/json")
        return answer.json
    }

    /// All values under a member of that name, however deep.
    private func values(_ name: String, in value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let items): items.flatMap { values(name, in: $0) }
        case .object(let object):
            object.flatMap { ($0.key == name ? [$0.value] : []) + values(name, in: $0.value) }
        case .null, .bool, .number, .string: []
        }
    }

    @Test("The document is shown to anybody and names all that is served")
    func paths() async throws {
        try await withEmulator { emulator, client async throws in
            let document = try await document(client)
            #expect(document["openapi"] == "3.1.0")
            #expect(document["servers"]?.array?.first?["url"]?.string == emulator.url)
            var found: [String: [String]] = [:]
            for (path, item) in document["paths"]?.object ?? [:] {
                found[path] = item.object?.map(\.key).sorted()
            }
            let (whole, one) = (["get", "post"], ["delete", "get", "patch"])
            var expected: [String: [String]] = [
                "/iam/v2/role-bindings": whole, "/iam/v2/role-bindings/{id}": ["delete", "get"],
                "/iam/v2/users": ["get"], "/iam/v2/users/{id}": one, "/org/v2/organizations": ["get"],
                "/org/v2/organizations/{id}": ["get", "patch"], "/fcpm/v2/regions": ["get"],
                "/tableflow/v1/regions": ["get"], "/schema-registry/{cluster}/subjects": ["get"],
                "/kafka/{cluster}/kafka/v3/clusters/{id}/topics": ["get"], "/ksql/{cluster}/info": ["get"],
                "/flink/{region}/sql/v1/organizations/{organization}/environments/{environment}/statements": ["get"],
            ]
            for path in [
                "/iam/v2/api-keys", "/iam/v2/service-accounts", "/org/v2/environments", "/fcpm/v2/compute-pools",
            ] {
                expected[path] = whole
                expected[path + "/{id}"] = one
            }
            for path in ["/cmk/v2/clusters", "/srcm/v3/clusters", "/ksqldbcm/v2/clusters"] {
                expected[path] = ["get"]
                expected[path + "/{id}"] = ["get"]
            }
            #expect(found == expected)
        }
    }

    @Test("Every reference in the document leads somewhere, and every operation has a name of its own")
    func references() async throws {
        try await withEmulator { _, client async throws in
            let document = try await document(client)
            let references = values("$ref", in: document).compactMap(\.string)
            #expect(references.count > 100)
            for reference in Set(references) {
                let parts = reference.split(separator: "/").dropFirst().map(String.init)
                let target = parts.reduce(document as JSONValue?) { $0?[$1] }
                #expect(target?.object != nil, "\(reference)")
            }
            let names = values("operationId", in: document).compactMap(\.string)
            #expect(names.count > 40)
            #expect(Set(names).count == names.count)
        }
    }

    @Test("A method that a path does not have is refused with those that it has")
    func methods() async throws {
        try await withEmulator { _, client async throws in
            for (path, item) in try await document(client)["paths"]?.object ?? [:] {
                let answer = try await client.send("PUT", path.replacing("{", with: "").replacing("}", with: ""))
                #expect(answer.status == 405)
                let allowed = answer.header("Allow")?.replacing(" ", with: "").lowercased().split(separator: ",")
                #expect(allowed?.map(String.init).sorted() == item.object?.map(\.key).sorted())
            }
        }
    }

    @Test(
        "What a schema forbids is refused with its place",
        arguments: [
            ("/iam/v2/api-keys", #"{"spec":[]}"#, "/spec", "\"spec\" must be an object."),
            ("/iam/v2/api-keys", #"{"spec":{"owner":{"id":7}}}"#, "/spec/owner/id", "\"id\" must be a string."),
            ("/iam/v2/api-keys", #"{"spec":{"owner":null}}"#, "/spec/owner", "\"owner\" is required."),
            (
                "/iam/v2/role-bindings", #"{"principal":"sa-1","role_name":"x","crn_pattern":"crn://x"}"#, "/principal",
                "\"principal\" must begin with User: or Group:."
            ),
            (
                "/org/v2/environments", #"{"display_name":"a","stream_governance_config":{"package":"GOLD"}}"#,
                "/stream_governance_config/package", "\"package\" must be one of ESSENTIALS, ADVANCED."
            ),
            (
                "/fcpm/v2/compute-pools",
                #"{"spec":{"display_name":"a","cloud":"AWS","region":"us-east-1","environment":{"id":"e"},"max_cfu":7}}"#,
                "/spec/max_cfu", "\"max_cfu\" must be one of 5, 10, 20, 30, 40, 50."
            ),
            (
                "/fcpm/v2/compute-pools",
                #"{"spec":{"display_name":"a","cloud":"AWS","region":"r","environment":{"id":"e"},"default_pool":1}}"#,
                "/spec/default_pool", "\"default_pool\" must be true or false."
            ),
        ])
    func bodies(path: String, body: String, pointer: String, detail: String) async throws {
        try await withEmulator { emulator, client async throws in
            let before = try await emulator.objectIDs()
            let answer = try await client.send("POST", path, text: body)
            #expect(answer.status == 400)
            #expect(answer.error["source"]?["pointer"]?.string == pointer)
            #expect(answer.error["detail"]?.string == detail)
            #expect(try await emulator.objectIDs() == before)
        }
    }

    @Test("Refusals are written in the form that a switch says", arguments: Switches.ErrorForm.allCases)
    func errorForms(form: Switches.ErrorForm) async throws {
        try await withEmulator(switched { $0.errorForm = form }) { _, client async throws in
            let answer = try await client.send("GET", "/iam/v2/service-accounts/sa-none")
            #expect(answer.status == 404)
            let detail = "The service account (id=sa-none) does not exist."
            switch form {
            case .errors: #expect(answer.error["detail"]?.string == detail)
            case .message: #expect(answer.json == ["message": .string(detail)])
            case .coded: #expect(answer.json == ["error_code": 404, "message": .string(detail)])
            case .error: #expect(answer.json == ["error": ["code": 404, "message": .string(detail)]])
            case .detailed:
                #expect(answer.json["error"]?["message"]?.string == detail)
                #expect(answer.json["requestId"]?.string == answer.header("X-Request-Id"))
            }
        }
    }
}
