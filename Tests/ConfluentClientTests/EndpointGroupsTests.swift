import Networking
import Testing

@testable import ConfluentClient

@Suite struct EndpointGroupsTests {
    static let environment = #"""
        {"api_version":"org/v2","kind":"Environment","id":"env-1","display_name":"stag",
         "new_field":{"x":[1,2.5e3,true]},
         "stream_governance_config":{"package":"ESSENTIALS"},"metadata":{"self":"x",
         "resource_name":"crn://confluent.cloud/organization=11aa/environment=env-1"}}
        """#

    @Test func readsAnEnvironment() async throws {
        let found = try await client(FakeTransport(.answer(200, Self.environment))).environment(id: "env-1")
        #expect(
            found
                == CloudEnvironment(
                    id: "env-1", displayName: "stag",
                    resourceName: "crn://confluent.cloud/organization=11aa/environment=env-1",
                    streamGovernancePackage: "ESSENTIALS"))
        #expect(found.organizationID == "11aa")
    }

    @Test(
        arguments: [
            ("crn://confluent.cloud/organization=11aa", "11aa"),
            ("crn://confluent.cloud/organization=11aa/x=y", "11aa"),
            ("crn://confluent.cloud/organization=/x=y", nil), ("crn://confluent.cloud/myorganization=7", nil),
            ("", nil),
        ] as [(String, String?)])
    func readsTheOrganizationOfAName(_ name: String, _ id: String?) {
        #expect(CloudEnvironment(id: "e", displayName: "", resourceName: name).organizationID == id)
    }

    @Test func theOrganizationIsAskedFor() async throws {
        let transport = FakeTransport(.answer(200, #"{"data":[{"id":"11aa","display_name":"ACME"}]}"#))
        let found = try await client(transport).organization()
        #expect(found == Organization(id: "11aa", displayName: "ACME"))
        #expect(found.resourceName == "crn://confluent.cloud/organization=11aa")
        #expect(transport.targets == ["/org/v2/organizations?page_size=100"])
    }

    @Test(arguments: [
        TransportOutcome.answer(403), .answer(404), .answer(200, #"{"data":[]}"#),
        .answer(200, #"{"data":[{"id":"1"},{"id":"2"}]}"#),
    ])
    func theOrganizationIsReadOutOfEnvironmentsElse(_ outcome: TransportOutcome) async throws {
        let transport = FakeTransport(outcome, .answer(200, #"{"data":[\#(Self.environment)]}"#))
        #expect(try await client(transport).organization().id == "11aa")
        #expect(transport.targets.last == "/org/v2/environments?page_size=100")
    }

    @Test func anUnknownOrganizationIsAnError() async throws {
        let transport = FakeTransport(.answer(403), .answer(200, #"{"data":[]}"#))
        let error = await #expect(throws: APIError.self) { try await client(transport).organization() }
        #expect(error?.detail.hasSuffix("they see neither it nor an environment") == true)
        let failing = try client(FakeTransport(.answer(401)))
        let unauthorized = await #expect(throws: APIError.self) { try await failing.organization() }
        #expect(unauthorized?.kind == .unauthorized)
    }

    @Test func readsAccountsAndUsers() async throws {
        let account =
            #"{"id":"sa-1","display_name":"app","description":"d","kind":"ServiceAccount","api_version":"iam/v2"}"#
        let other = #"{"id":"sa-2","display_name":"apples"}"#
        let transport = FakeTransport(
            .answer(200, #"{"data":[\#(account),\#(other)]}"#), .answer(200, account),
            .answer(200, #"{"data":[{"id":"u-1","email":"a@example.com","full_name":"Alex"}]}"#),
            .answer(200, #"{"id":"u-1","email":"a@example.com"}"#))
        let client = try client(transport)
        let expected = ServiceAccount(id: "sa-1", displayName: "app", description: "d")
        #expect(try await client.serviceAccounts(named: ["app"]).items == [expected])
        #expect(try await client.serviceAccount(id: "sa-1") == expected)
        #expect(try await client.users().items == [CloudUser(id: "u-1", email: "a@example.com", fullName: "Alex")])
        #expect(try await client.user(id: "u-1") == CloudUser(id: "u-1", email: "a@example.com", fullName: ""))
        #expect(
            transport.targets == [
                "/iam/v2/service-accounts?display_name=app&page_size=100", "/iam/v2/service-accounts/sa-1",
                "/iam/v2/users?page_size=100", "/iam/v2/users/u-1",
            ])
    }

    @Test func readsRegionsAndDoesNotTrustTheFilter() async throws {
        let regions = #"""
            {"data":[{"id":"aws.us-east-1","cloud":"AWS","region_name":"us-east-1",
            "display_name":"N. Virginia (us-east-1)",
            "http_endpoint":"https://flink.us-east-1.aws.confluent.cloud"},
            {"id":"gcp.us-east1","cloud":"GCP","region_name":"us-east1","display_name":"x","http_endpoint":""}]}
            """#
        let transport = FakeTransport(.answer(200, regions), .answer(200, regions))
        let client = try client(transport)
        #expect(try await client.flinkRegions().items.count == 2)
        let found = try await client.flinkRegions(cloud: "aws", region: "us-east-1").items
        #expect(found.map(\.id) == ["aws.us-east-1"])
        #expect(found.first?.httpEndpoint == "https://flink.us-east-1.aws.confluent.cloud")
        #expect(found.first?.kind == "Region")
        #expect(transport.targets.last == "/fcpm/v2/regions?cloud=AWS&region_name=us-east-1&page_size=100")
    }
}

@Suite struct ProbeTests {
    static let flinkKey = Credentials(key: "FLINKKEY", secret: "flink-secret-0123456789")

    func probe(_ transport: FakeTransport, endpoint: String = "https://flink.us-east-1.aws.confluent.cloud")
        async throws -> ProbeAnswer
    {
        let target = ProbeTarget.statements(endpoint: endpoint, organization: "11aa", environment: "env-1")
        return try await client(transport).probe(target, key: Self.flinkKey)
    }

    @Test func aKeyThatListsStatementsIsReady() async throws {
        let transport = FakeTransport(.answer(200, #"{"kind":"StatementList","data":[]}"#))
        #expect(try await probe(transport) == .ready)
        let request = try #require(transport.requests.first)
        #expect(
            request.url == "https://flink.us-east-1.aws.confluent.cloud/sql/v1/organizations/11aa/environments/env-1"
                + "/statements?page_size=1")
        #expect(request.credentials == Self.flinkKey)
    }

    @Test(arguments: [400, 401, 403, 404])
    func aKeyThatIsNotKnownIsNotReady(_ status: Int) async throws {
        let transport = FakeTransport(.answer(status, #"{"message":"no"}"#))
        #expect(try await probe(transport) == .notYet(status: status, detail: "no"))
    }

    @Test func aBusyServiceIsToldApart() async throws {
        #expect(
            try await probe(FakeTransport(.answer(429, headers: ["Retry-After": "5"])))
                == .busy(status: 429, wait: .seconds(5)))
        #expect(try await probe(FakeTransport(.answer(503))) == .busy(status: 503, wait: nil))
    }

    @Test func noConnectionSaysNothingAboutTheKey() async throws {
        let transport = FakeTransport(.failure(TransportFailure(reason: "the connection was refused", wasSent: false)))
        #expect(try await probe(transport) == .unreachable(reason: "the connection was refused"))
        #expect(transport.requests.count == 1)
    }

    @Test func aWebPageSaysNothingAboutTheKey() async throws {
        #expect(
            try await probe(FakeTransport(.answer(200, "<html></html>")))
                == .unclear(reason: "the answer cannot be used: it is a web page, not JSON"))
        guard case .unclear = try await probe(FakeTransport(.answer(302, headers: ["Location": "https://x.example/"])))
        else {
            Issue.record("a redirect is not unclear")
            return
        }
    }

    @Test func theKeyGoesOnlyWhereItIsSafe() async throws {
        let transport = FakeTransport(.answer(200, "{}"))
        guard case .unclear = try await probe(transport, endpoint: "http://flink.example") else {
            Issue.record("plain HTTP was accepted")
            return
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func theKeysSecretIsNotRepeated() async throws {
        let transport = FakeTransport(.answer(401, #"{"message":"bad \#(Self.flinkKey.secret.revealed)"}"#))
        #expect(try await probe(transport) == .notYet(status: 401, detail: "bad (secret)"))
    }
}
