import Emulator
import JSON
import Testing

@Suite("Clusters and the keys that open them")
struct ClusterTests {
    /// A kind of key, what it is made for, and what it is tried on.
    struct Kind: Sendable, CustomTestStringConvertible {
        var resource: String
        /// The path of the cluster; nil for kinds of keys that are tried at the control plane.
        var cluster: String?
        /// The member that tells the cluster's address.
        var part = "spec"
        /// What is asked for at the cluster's address or, without a cluster, at the control plane.
        var probe: String

        var testDescription: String { resource }
    }

    static let kinds = [
        Kind(
            resource: "lkc-demo1", cluster: "/cmk/v2/clusters/lkc-demo1",
            probe: "/kafka/v3/clusters/lkc-demo1/topics"),
        Kind(resource: "lsrc-demo1", cluster: "/srcm/v3/clusters/lsrc-demo1", probe: "/subjects"),
        Kind(resource: "lksqlc-demo1", cluster: "/ksqldbcm/v2/clusters/lksqlc-demo1", part: "status", probe: "/info"),
        Kind(resource: "tableflow", probe: "/tableflow/v1/regions?page_size=1"),
        Kind(resource: "global", probe: "/org/v2/environments?page_size=1"),
        Kind(resource: "cloud", probe: "/org/v2/environments?page_size=1"),
    ]

    private func make(_ resource: String, _ client: CloudClient) async throws -> CloudClient.Answer {
        try await client.send(
            "POST", "/iam/v2/api-keys",
            ["spec": ["owner": ["id": "sa-demo1"], "resource": ["id": .string(resource)]]])
    }

    /// The client with the credentials of the key that was answered.
    private func client(of answer: CloudClient.Answer, _ client: CloudClient) throws -> CloudClient {
        client.with(
            user: try #require(answer.json["id"]?.string),
            password: try #require(answer.json["spec"]?["secret"]?.string))
    }

    @Test("A key works where it should once it has spread, and nowhere else", arguments: kinds)
    func readiness(kind: Kind) async throws {
        try await withEmulator(switched { $0.readinessDelay = .seconds(3_600) }) { emulator, client async throws in
            var address = ""
            if let cluster = kind.cluster {
                let answer = try await client.send("GET", "\(cluster)?environment=env-demo1")
                #expect(answer.status == 200)
                address = try #require(answer.json[kind.part]?["http_endpoint"]?.string)
                #expect(address.hasPrefix(emulator.url + "/"))
            }
            let key = try self.client(of: try await make(kind.resource, client), client)
            #expect(try await key.send("GET", address + kind.probe).status == 401)
            await emulator.setSwitches { $0.clockOffset = .seconds(3_600) }
            #expect(try await key.send("GET", address + kind.probe).status == 200)
            #expect(try await key.with(user: key.user, password: "x").send("GET", address + kind.probe).status == 401)
            #expect(try await key.with(user: nil).send("GET", address + kind.probe).status == 401)
            for other in ClusterTests.kinds where other.cluster != nil && other.resource != kind.resource {
                let place = emulator.url + (try #require(ClusterTests.path(of: other.resource))) + other.probe
                #expect(try await key.send("GET", place).status == (kind.resource == "global" ? 200 : 401))
            }
        }
    }

    private static func path(of resource: String) -> String? {
        let words = ["lkc": "kafka", "lsrc": "schema-registry", "lksqlc": "ksql"]
        return words[String(resource.prefix { $0 != "-" })].map { "/\($0)/\(resource)" }
    }

    @Test(
        "A key of a cluster is answered with the cluster's environment", arguments: kinds.filter { $0.cluster != nil })
    func environment(kind: Kind) async throws {
        try await withEmulator { _, client async throws in
            let answer = try await make(kind.resource, client)
            #expect(answer.status == 202)
            #expect(answer.json["spec"]?["resource"]?["environment"] == "env-demo1")
        }
    }

    @Test("Clusters are seeded, listed by environment, and go with it")
    func seeds() async throws {
        var settings = EmulatorSettings()
        settings.environments = 2
        settings.clusters = try ["env-demo2/lkc-a1", "env-demo2/lsrc-a1"].map { try SeedCluster(parsing: $0) }
        try await withEmulator(settings) { emulator, client async throws in
            let path = "/cmk/v2/clusters"
            #expect(try await client.send("GET", "\(path)?environment=env-demo1").ids == ["lkc-demo1"])
            #expect(try await client.send("GET", "\(path)?environment=env-demo2").ids == ["lkc-a1"])
            #expect(try await client.send("GET", "\(path)/lkc-a1?environment=env-demo1").status == 404)
            #expect(try await client.send("GET", "\(path)/lkc-a1").error["source"]?["parameter"] == "environment")
            #expect(try await client.send("GET", "\(path)?environment=env-none").status == 403)

            let key = try self.client(of: try await make("lkc-a1", client), client)
            let probe = "\(emulator.url)/kafka/lkc-a1/kafka/v3/clusters/lkc-a1/topics"
            #expect(try await key.send("GET", probe).status == 200)
            #expect(try await client.send("DELETE", "/org/v2/environments/env-demo2").status == 204)
            #expect(try await key.send("GET", probe).status == 404)
            #expect(!(try await emulator.objectIDs().contains("lkc-a1")))
        }
    }

    @Test("A key of a cluster that is not there is refused as told", arguments: [400, 403, 404, 422])
    func unknownCluster(status: Int) async throws {
        try await withEmulator(switched { $0.unknownClusterStatus = status }) { emulator, client async throws in
            let answer = try await make("lkc-none", client)
            #expect(answer.status == status)
            #expect(answer.error["source"]?["pointer"] == "/spec/resource/id")
            #expect(try await emulator.keys().isEmpty)
        }
    }

    @Test(
        "What does not name a cluster, or one where nothing is, is refused",
        arguments: ["", "lkc-a1", "env-demo1/", "env-demo1/lkc-", "env-demo1/pkc-1", "env-demo1/lkc-a/b", "/lkc-a"])
    func misnamed(text: String) {
        #expect(throws: EmulatorError.clusterMisnamed(text)) { try SeedCluster(parsing: text) }
    }

    @Test("A cluster must be in an environment of the start")
    func environmentUnknown() async throws {
        var settings = EmulatorSettings()
        settings.clusters = [try SeedCluster(parsing: "env-none/lkc-a1")]
        await #expect(throws: EmulatorError.environmentUnknown(settings.clusters[0])) {
            try await RunningEmulator.start(settings)
        }
    }
}
