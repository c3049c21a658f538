import Emulator
import JSON
import Testing

@Suite("API keys")
struct APIKeyTests {
    @Test("A key is created, and shows its secret that once")
    func create() async throws {
        try await withEmulator { emulator, client async throws in
            let answer = try await client.createKey(name: "flink-dev")
            #expect(answer.status == 202)
            let id = try #require(answer.json["id"]?.string)
            #expect(id.utf8.count == 16)
            #expect(id.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) })
            #expect(answer.header("Location") == "\(emulator.url)/iam/v2/api-keys/\(id)")
            let spec = try #require(answer.json["spec"])
            let secret = try #require(spec["secret"]?.string)
            #expect(secret.utf8.count == 64 && secret.hasPrefix("cflt"))
            #expect(spec["display_name"] == "flink-dev")
            #expect(spec["resource"]?["id"] == "aws.us-east-1")
            #expect(spec["resource"]?["environment"] == "env-demo1")
            #expect(spec["owner"]?["kind"] == "ServiceAccount")

            let stored = try #require(try await emulator.keys().first)
            #expect(stored.id == id && stored.secret == secret && stored.owner == "sa-demo1")
            #expect(stored.environment == "env-demo1" && stored.region == "aws.us-east-1")
            #expect(answer.json["metadata"]?["created_at"]?.string == stored.created.rfc3339)

            for target in ["/iam/v2/api-keys/\(id)", "/iam/v2/api-keys"] {
                let read = try await client.send("GET", target)
                #expect(read.status == 200)
                #expect(!read.text.contains(secret))
                let object = target.hasSuffix(id) ? read.json : try #require(read.data.first)
                #expect(object["spec"]?["secret"] == "")
            }
        }
    }

    @Test("Both forms of a Flink scope are understood and answered in the new one")
    func bothForms() async throws {
        try await withEmulator { _, client async throws in
            let body: JSONValue = [
                "spec": [
                    "owner": ["id": "u-demo1"],
                    "resource": ["api_version": "fcpm/v2", "id": "env-demo1.aws.us-east-1", "related": ""],
                ]
            ]
            let answer = try await client.send("POST", "/iam/v2/api-keys", body)
            #expect(answer.json["spec"]?["resource"]?["id"] == "aws.us-east-1")
            #expect(answer.json["spec"]?["resource"]?["environment"] == "env-demo1")
            #expect(answer.json["spec"]?["owner"]?["kind"] == "User")
            let name = try #require(answer.json["spec"]?["resource"]?["resource_name"]?.string)
            #expect(name.hasSuffix("/environment=env-demo1/flink-region=aws.us-east-1"))
        }
    }

    @Test(
        "Every kind of key has its own reference",
        arguments: [
            ("cloud", "Cloud", "iam/v2"), ("GLOBAL", "Global", "global/v1"), ("tableflow", "Tableflow", "tableflow/v1"),
            ("lkc-demo1", "Cluster", "cmk/v2"), ("lsrc-demo1", "SchemaRegistry", "srcm/v2"),
            ("lksqlc-demo1", "ksqlDB", "ksqldbcm/v2"),
        ])
    func kinds(id: String, kind: String, version: String) async throws {
        try await withEmulator { _, client async throws in
            let body: JSONValue = ["spec": ["owner": ["id": "sa-demo1"], "resource": ["id": .string(id)]]]
            let answer = try await client.send("POST", "/iam/v2/api-keys", body)
            #expect(answer.status == 202)
            let resource = answer.json["spec"]?["resource"]
            #expect(resource?["kind"]?.string == kind)
            #expect(resource?["api_version"]?.string == version)
            #expect(resource?["id"]?.string == id.lowercased())
        }
    }

    @Test("No resource at all means a Cloud key")
    func cloudKey() async throws {
        try await withEmulator { emulator, client async throws in
            for resource in [nil, JSONValue.null] {
                var spec: JSONObject = ["owner": ["id": "u-demo1"]]
                spec["resource"] = resource
                let answer = try await client.send("POST", "/iam/v2/api-keys", ["spec": .object(spec)])
                #expect(answer.status == 202)
                #expect(answer.json["spec"]?["resource"]?["kind"] == "Cloud")
            }
            #expect(try await emulator.keys().map(\.kind) == [.cloud, .cloud])
        }
    }

    @Test("A PATCH changes name and description, and what it does not name stays")
    func update() async throws {
        try await withEmulator { emulator, client async throws in
            let key = try await emulator.addKey(name: "old", description: "text", age: .seconds(60))
            let path = "/iam/v2/api-keys/\(key.id)"
            let answer = try await client.send("PATCH", path, ["spec": ["display_name": "new"]])
            #expect(answer.status == 200)
            #expect(answer.json["spec"]?["display_name"] == "new")
            #expect(answer.json["spec"]?["description"] == "text")
            #expect(answer.json["spec"]?["secret"] == "")
            #expect(answer.json["metadata"]?["created_at"]?.string == key.created.rfc3339)
            #expect(answer.json["metadata"]?["updated_at"]?.string != key.created.rfc3339)
            let emptied = try await client.send("PATCH", path, ["spec": ["description": "", "owner": ["id": "sa-x"]]])
            #expect(emptied.json["spec"]?["description"] == "")
            #expect(emptied.json["spec"]?["owner"]?["id"] == "sa-demo1")
            let stored = try #require(try await emulator.keys().first)
            #expect(stored.name == "new" && stored.description == "" && stored.secret == key.secret)
        }
    }

    @Test("A deleted key is gone with 403, or with 404 if so switched", arguments: [403, 404])
    func delete(status: Int) async throws {
        try await withEmulator(switched { $0.goneStatus = status }) { emulator, client async throws in
            let key = try await emulator.addKey()
            let path = "/iam/v2/api-keys/\(key.id)"
            let deleted = try await client.send("DELETE", path)
            #expect(deleted.status == 204)
            #expect(deleted.bytes.isEmpty)
            #expect(try await emulator.keys().isEmpty)
            for method in ["GET", "DELETE", "PATCH"] {
                let answer = try await client.send(method, path, method == "PATCH" ? ["spec": [:]] : nil)
                #expect(answer.status == status)
                #expect(answer.error["code"]?.string == (status == 403 ? "forbidden_access" : "api_key_not_found"))
            }
        }
    }

    @Test("Lists are filtered by owner and resource")
    func filters() async throws {
        var settings = EmulatorSettings()
        settings.serviceAccounts = 2
        try await withEmulator(settings) { emulator, client async throws in
            let first = try await emulator.addKey(owner: "sa-demo1", region: "aws.us-east-1")
            let second = try await emulator.addKey(owner: "sa-demo1", region: "gcp.us-east1")
            let third = try await emulator.addKey(owner: "sa-demo2", region: "aws.us-east-1")
            func ids(_ query: String) async throws -> Set<String> {
                Set(try await client.send("GET", "/iam/v2/api-keys?\(query)").ids)
            }
            #expect(try await ids("spec.owner=sa-demo1") == [first.id, second.id])
            #expect(try await ids("spec.resource=aws.us-east-1") == [first.id, third.id])
            #expect(try await ids("spec.resource=env-demo1.aws.us-east-1") == [first.id, third.id])
            #expect(try await ids("spec.resource=env-other.aws.us-east-1") == [])
            #expect(try await ids("spec.owner=sa-demo2&spec.resource=aws.us-east-1") == [third.id])
            #expect(try await ids("spec.owner=sa-nobody") == [])
            #expect(try await ids("spec.owner=") == [first.id, second.id, third.id])
        }
    }

    @Test(
        "A request that cannot be is refused at the member at fault",
        arguments: [
            ("{}", 400, "/spec"), ("[]", 400, nil), ("{", 400, nil), ("", 400, nil),
            (#"{"spec":{}}"#, 400, "/spec/owner"), (#"{"spec":{"owner":{}}}"#, 400, "/spec/owner/id"),
            (#"{"spec":{"owner":"sa-demo1"}}"#, 400, "/spec/owner"),
            (#"{"spec":{"owner":{"id":"sa-demo1"},"display_name":7}}"#, 400, "/spec/display_name"),
            (#"{"spec":{"owner":{"id":"sa-none"}}}"#, 403, "/spec/owner/id"),
            (#"{"spec":{"owner":{"id":"u-none"}}}"#, 403, "/spec/owner/id"),
            (#"{"spec":{"owner":{"id":"sa-demo1"},"resource":{}}}"#, 400, "/spec/resource/id"),
            (#"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"what"}}}"#, 422, "/spec/resource/id"),
            (
                #"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"aws.us-east-1"}}}"#, 422,
                "/spec/resource/environment"
            ),
            (#"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"a.b.c.d"}}}"#, 422, "/spec/resource/id"),
            (
                #"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"env-demo1.us-1","environment":"env-demo1"}}}"#,
                422,
                "/spec/resource/id"
            ),
            (
                #"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"aws.mars-1","environment":"env-demo1"}}}"#, 422,
                "/spec/resource/id"
            ),
            (
                #"{"spec":{"owner":{"id":"sa-demo1"},"resource":{"id":"aws.us-east-1","environment":"env-none"}}}"#,
                403, "/spec/resource/environment"
            ),
            (
                #"{"spec":{"owner":{"id":"u-demo1"},"resource":{"id":"env-demo1.aws.us-1","environment":"env-2"}}}"#,
                422,
                "/spec/resource/environment"
            ),
        ] as [(String, Int, String?)])
    func refusals(body: String, status: Int, pointer: String?) async throws {
        try await withEmulator { emulator, client async throws in
            let answer = try await client.send("POST", "/iam/v2/api-keys", text: body)
            #expect(answer.status == status)
            #expect(answer.error["status"]?.string == String(status))
            #expect(answer.error["source"]?["pointer"]?.string == pointer)
            #expect(answer.error["id"]?.string == answer.header("X-Request-Id"))
            #expect(try await emulator.keys().isEmpty)
        }
    }
}
