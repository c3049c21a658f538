import Foundation
import JSON
import Networking
import TestSupport
import Testing

@testable import ConfluentClient

@Suite struct APIKeyTests {
    static func fixture(_ name: String) throws -> String {
        try String(contentsOf: Fixtures.url.appending(path: "confluent/client/\(name)"), encoding: .utf8)
    }

    @Test(arguments: ["key-two-parts.json", "key-three-parts.json", "key-named-environment.json"])
    func everyFormOfAFlinkKeyReadsTheSame(_ name: String) async throws {
        let key = try await client(FakeTransport(.answer(200, try Self.fixture(name)))).key(id: "AK4NBR7MUYHVJMHW")
        #expect(
            key
                == APIKey(
                    id: "AK4NBR7MUYHVJMHW", displayName: "flink-dev", description: "for tests", ownerID: "sa-12mgdv",
                    ownerKind: "ServiceAccount",
                    resource: .flinkRegion(cloud: "aws", region: "us-east-1", environment: "env-3732nw"),
                    createdText: "2023-11-11T20:35:48.764784Z"))
        #expect(key.createdAt?.microseconds == 1_699_734_948_764_784)
        #expect(key.resource?.cloud == "aws")
        #expect(key.resource?.region == "us-east-1")
    }

    @Test func missingMembersHaveDefaults() async throws {
        let body = #"{"id":"K1","spec":{"owner":{"id":"u-1"},"secret":"","resource":null,"display_name":null}}"#
        let key = try await client(FakeTransport(.answer(200, body))).key(id: "K1")
        #expect(key == APIKey(id: "K1", displayName: "", description: "", ownerID: "u-1", resource: nil))
        #expect(key.ownerKind == "User")
        #expect(key.ownerAPIVersion == "iam/v2")
        #expect(key.createdAt == nil)
    }

    @Test(arguments: [
        (#"{"spec":{"owner":{"id":"u-1"}}}"#, #""id" is missing"#),
        (#"{"id":"K1"}"#, #""spec" is missing"#),
        (#"{"id":"K1","spec":{}}"#, #""spec.owner" is missing"#),
        (#"{"id":"K1","spec":{"owner":{}}}"#, #""spec.owner.id" is missing"#),
        (#"{"id":"K1","spec":{"owner":{"id":"u-1"},"display_name":7}}"#, #""spec.display_name" is no string"#),
        (#"{"id":"K1","spec":{"owner":{"id":"u-1"},"resource":{}}}"#, #""spec.resource.id" is missing"#),
        (#"{"id":"K1","spec":{"owner":{"id":"u-1"},"resource":"x"}}"#, #""spec.resource" is no object"#),
    ])
    func wrongMembersAreErrors(_ body: String, _ problem: String) async throws {
        let error = await #expect(throws: APIError.self) {
            try await client(FakeTransport(.answer(200, body))).key(id: "K1")
        }
        #expect(error?.kind == .malformed)
        #expect(error?.detail == "the answer cannot be read: \(problem)")
    }

    @Test(
        arguments: [
            ("Region", "env-1.AWS.us-east-1", nil, "aws.us-east-1", "env-1"),
            ("Region", "AWS.us-east-1", "env-1", "aws.us-east-1", "env-1"),
            ("Region", "env-1.aws.us-east-1", "env-2", "aws.us-east-1", "env-1"),
            ("Region", "odd", "env-1", "odd", "env-1"),
            ("Region", "a.b.c.d", "env-1", "a.b.c.d", "env-1"),
            ("", "env-1.aws.us-east-1", nil, "aws.us-east-1", "env-1"),
            ("Cluster", "lkc-A.B.C", nil, "lkc-A.B.C", nil),
        ] as [(String, String, String?, String, String?)])
    func idsAreBroughtIntoOneForm(
        kind: String, id: String, environment: String?, shownID: String, shownEnvironment: String?
    ) {
        let scope = KeyScope(kind: kind, apiVersion: "fcpm/v2", id: id, environment: environment)
        #expect(scope.id == shownID)
        #expect(scope.environment == shownEnvironment)
    }

    @Test func aKeyIsAskedForInTodaysForm() async throws {
        let answer = try Self.fixture("create-answer.json")
        let transport = FakeTransport(.answer(202, answer, headers: ["Date": "Sun, 06 Nov 1994 08:49:37 GMT"]))
        let created = try await client(transport).createKey(.flink)
        let sent = try JSONValue(parsing: try #require(transport.requests.first?.body))
        #expect(sent == (try JSONValue(parsing: try Self.fixture("create-request.json"))))
        #expect(transport.targets == ["/iam/v2/api-keys"])
        guard case .created(let key, let secret, let date) = created else {
            Issue.record("not created: \(created)")
            return
        }
        #expect(key.id == "AK4NBR7MUYHVJMHW")
        #expect(key.resource == KeyRequest.flink.scope)
        #expect(secret?.revealed == canary)
        #expect(date?.description == "1994-11-06T08:49:37.000000Z")
    }

    @Test func otherKindsOfKeysAreAskedForBriefly() throws {
        func spec(_ scope: KeyScope?) -> String {
            KeyRequest(displayName: "", ownerID: "sa-1", scope: scope).body.text(.compact)
        }
        #expect(spec(nil) == #"{"spec":{"description":"","owner":{"id":"sa-1"}}}"#)
        #expect(
            spec(KeyScope(kind: "Cluster", apiVersion: "cmk/v2", id: "lkc-1", environment: "env-1"))
                == #"{"spec":{"description":"","owner":{"id":"sa-1"},"resource":{"id":"lkc-1","kind":"Cluster"}}}"#)
    }

    /// A secret that was shown is kept even when the rest of the answer is odd.
    @Test func anOddAnswerDoesNotLoseTheSecret() async throws {
        let body =
            #"{"id":"K2","metadata":{"created_at":"2023-11-11T20:35:48Z"},"spec":{"secret":"\#(canary)","owner":7}}"#
        let created = try await client(FakeTransport(.answer(200, body))).createKey(.flink)
        guard case .created(let key, let secret, _) = created else {
            Issue.record("not created: \(created)")
            return
        }
        #expect(secret?.revealed == canary)
        #expect(key.id == "K2")
        #expect(key.ownerID == "sa-12mgdv")
        #expect(key.resource == KeyRequest.flink.scope)
        #expect(key.createdText == "2023-11-11T20:35:48Z")
    }

    @Test func updatesSendOnlyWhatChanges() async throws {
        let body = try Self.fixture("key-two-parts.json")
        let transport = FakeTransport(.answer(200, body), .answer(200, body), .answer(200, body))
        let client = try client(transport)
        _ = try await client.updateKey(id: "K1", displayName: "n", description: nil)
        _ = try await client.updateKey(id: "K1", displayName: nil, description: "")
        _ = try await client.updateKey(id: "K1", displayName: nil, description: nil)
        let bodies = transport.requests.map { $0.body.map { String(decoding: $0, as: UTF8.self) } }
        #expect(bodies == [#"{"spec":{"display_name":"n"}}"#, #"{"spec":{"description":""}}"#, nil])
        #expect(transport.requests.map(\.method) == ["PATCH", "PATCH", "GET"])
    }
}
