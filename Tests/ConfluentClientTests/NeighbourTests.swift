import JSON
import Networking
import Testing

@testable import ConfluentClient

/// The requests for what keys hang on, and what is read out of the answers; forms as Confluent's published API has them.
@Suite struct NeighbourTests {
    private func body(_ request: OutgoingRequest?) throws -> JSONValue {
        try JSONValue(parsing: try #require(request?.body))
    }

    @Test func serviceAccountsAreMadeChangedAndDeleted() async throws {
        let account =
            #"{"id":"sa-1","display_name":"app","description":"d","metadata":{"created_at":"2023-11-11T20:35:48Z"}}"#
        let transport = FakeTransport(
            .answer(201, account), .answer(200, account), .answer(204),
            .answer(409, #"{"errors":[{"status":"409","detail":"Service name is already in use."}]}"#))
        let client = try client(transport)
        guard case .created(let made, nil, _) = await client.createServiceAccount(displayName: "app", description: "d")
        else {
            Issue.record("not created")
            return
        }
        #expect(made.id == "sa-1" && made.createdAt != nil)
        _ = try await client.updateServiceAccount(id: "sa-1", displayName: nil, description: "")
        try await client.deleteServiceAccount(id: "sa-1")
        guard case .refused(let error) = await client.createServiceAccount(displayName: "app", description: "") else {
            Issue.record("not refused")
            return
        }
        #expect(error.kind == .conflict)
        #expect(error.description.contains("Service name is already in use."))
        #expect(
            transport.requests.map { "\($0.method)" } == ["POST", "PATCH", "DELETE", "POST"])
        #expect(
            transport.targets == [
                "/iam/v2/service-accounts", "/iam/v2/service-accounts/sa-1", "/iam/v2/service-accounts/sa-1",
                "/iam/v2/service-accounts",
            ])
        #expect(try body(transport.requests[0]) == ["display_name": "app", "description": "d"])
        // What is not to change is not sent.
        #expect(try body(transport.requests[1]) == ["description": ""])
    }

    @Test func namesAreAskedForTogether() async throws {
        let transport = FakeTransport(.answer(200, #"{"data":[]}"#), .answer(200, #"{"data":[]}"#))
        _ = try await client(transport).serviceAccounts(named: (1...21).map { "n\($0)" })
        #expect(transport.targets.count == 2)
        #expect(transport.targets[0].hasPrefix("/iam/v2/service-accounts?display_name=n1&display_name=n2&"))
        #expect(transport.targets[1] == "/iam/v2/service-accounts?display_name=n21&page_size=100")
    }

    @Test func environmentsAreMadeAndChanged() async throws {
        let environment =
            #"{"id":"env-1","display_name":"stag","stream_governance_config":{"package":"ESSENTIALS"}}"#
        let transport = FakeTransport(.answer(201, environment), .answer(200, environment))
        let client = try client(transport)
        guard
            case .created(let made, nil, _) = await client.createEnvironment(
                displayName: "stag", streamGovernancePackage: nil)
        else {
            Issue.record("not created")
            return
        }
        #expect(made.streamGovernancePackage == "ESSENTIALS")
        _ = try await client.updateEnvironment(id: "env-1", displayName: nil, streamGovernancePackage: "ADVANCED")
        #expect(try body(transport.requests[0]) == ["display_name": "stag"])
        #expect(try body(transport.requests[1]) == ["stream_governance_config": ["package": "ADVANCED"]])
    }

    @Test func roleBindingsAreMadeAndListedByPattern() async throws {
        let binding =
            #"{"id":"rb-1","principal":"User:sa-1","role_name":"FlinkDeveloper","crn_pattern":"crn://c/organization=o"}"#
        let missing = #"{"error_code":40301,"message":"Either unauthorized or it does not exist"}"#
        let transport = FakeTransport(
            .answer(201, binding), .answer(200, #"{"data":[\#(binding)]}"#), .answer(403, missing))
        let client = try client(transport)
        guard
            case .created(let made, nil, _) = await client.createRoleBinding(
                principal: "User:sa-1", roleName: "FlinkDeveloper", crnPattern: "crn://c/organization=o")
        else {
            Issue.record("not created")
            return
        }
        #expect(try await client.roleBindings(crnPattern: "crn://c/organization=o").items == [made])
        await #expect(throws: APIError.self) { try await client.roleBinding(id: "rb-1") }
        #expect(
            try body(transport.requests[0]) == [
                "principal": "User:sa-1", "role_name": "FlinkDeveloper", "crn_pattern": "crn://c/organization=o",
            ])
        #expect(
            transport.targets[1]
                == "/iam/v2/role-bindings?crn_pattern=crn%3A%2F%2Fc%2Forganization%3Do&page_size=100")
    }

    @Test func computePoolsCarryTheirEnvironment() async throws {
        let pool =
            #"{"id":"lfcp-1","spec":{"display_name":"p","cloud":"AWS","region":"r","max_cfu":10,"environment":{"id":"env-1"}},"status":{"phase":"PROVISIONING"}}"#
        let transport = FakeTransport(
            .answer(202, pool), .answer(200, pool), .answer(200, pool), .answer(204))
        let client = try client(transport)
        let wanted = ConfluentClient.ComputePoolRequest(
            displayName: "p", cloud: "AWS", region: "r", maximumUnits: 10, isDefault: nil)
        guard case .created(let made, nil, _) = await client.createComputePool(wanted, environment: "env-1") else {
            Issue.record("not created")
            return
        }
        #expect(made.phase == "PROVISIONING" && made.maximumUnits == 10 && made.isDefault == nil)
        _ = try await client.computePool(id: "lfcp-1", environment: "env-1")
        _ = try await client.updateComputePool(
            id: "lfcp-1", environment: "env-1",
            ConfluentClient.ComputePoolRequest(displayName: nil, maximumUnits: 20, isDefault: nil))
        try await client.deleteComputePool(id: "lfcp-1", environment: "env-1")
        #expect(
            try body(transport.requests[0]) == [
                "spec": [
                    "display_name": "p", "cloud": "AWS", "region": "r", "max_cfu": 10, "environment": ["id": "env-1"],
                ]
            ])
        #expect(try body(transport.requests[2]) == ["spec": ["max_cfu": 20, "environment": ["id": "env-1"]]])
        #expect(transport.targets[1] == "/fcpm/v2/compute-pools/lfcp-1?environment=env-1")
        #expect(transport.targets[3] == "/fcpm/v2/compute-pools/lfcp-1?environment=env-1")
    }
}
