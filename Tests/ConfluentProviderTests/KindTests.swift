import Applying
import ConfluentProvider
import Configuring
import Diagnostics
import Emulator
import Testing
import Values

/// Keys of every kind: what they become at the cloud, and what they are tried on.
@Suite struct KindTests {
    /// A kind of key: what the configuration says of it, and where it is tried.
    struct Kind: Sendable {
        var kind: KeyKind
        /// Id, API version, kind and environment of the managed resource; nil for a Cloud API key.
        var scope: [String?]?
        /// How the path of the trial begins.
        var probe: String

        static let all = [
            Kind(kind: .cloud, scope: nil, probe: "/org/v2/environments"),
            Kind(kind: .global, scope: ["GLOBAL", "global/v1", "Global", nil], probe: "/org/v2/environments"),
            Kind(
                kind: .tableflow, scope: ["tableflow", "tableflow/v1", "Tableflow", nil],
                probe: "/tableflow/v1/regions"),
            Kind(
                kind: .flink, scope: ["AWS.us-east-1", "fcpm/v2", "Region", "env-demo1"], probe: "/flink/aws.us-east-1"),
            Kind(kind: .kafka, scope: ["lkc-demo1", "cmk/v2", "Cluster", "env-demo1"], probe: "/"),
            Kind(kind: .schemaRegistry, scope: ["lsrc-demo1", "srcm/v3", "Cluster", "env-demo1"], probe: "/"),
            Kind(kind: .ksql, scope: ["lksqlc-demo1", "ksqldbcm/v2", "Cluster", "env-demo1"], probe: "/"),
        ]

        /// The key as the configuration plans it.
        var planned: Value {
            func list(_ object: Value) -> Value { .list(object.type, [object]) }
            let environmentType = ValueType.object(ObjectType(["id": .string]))
            let base = Cloud.object(id: "", name: "k", disablesWait: false)
            guard let fields = base.fields else { return base }
            guard let scope else {
                let type = fields["managed_resource"]?.elements?.first?.type ?? .dynamic
                return Value(.object(fields.replacing("managed_resource", with: .list(type, []))))
            }
            let managed = Value.object([
                "id": .string(scope[0] ?? ""), "api_version": .string(scope[1] ?? ""), "kind": .string(scope[2] ?? ""),
                "environment": .list(environmentType, scope[3].map { [.object(["id": .string($0)])] } ?? []),
            ])
            return Value(.object(fields.replacing("managed_resource", with: list(managed))))
        }
    }

    @Test(
        "A key of each kind is made as planned, works after a while, and is read again as the same", arguments: Kind.all
    )
    func create(_ kind: Kind) async throws {
        try await Cloud.with { cloud in
            await cloud.emulator.setSwitches { $0.readinessDelay = .milliseconds(50) }
            guard
                case .created(let object, let secret?) = await cloud.provider.create(
                    type: Cloud.type, planned: kind.planned)
            else {
                Issue.record("not created")
                return
            }
            #expect(try await cloud.emulator.keys().map(\.kind) == [kind.kind])
            let schema = try #require(Catalogue.schema.resourceTypes[Cloud.type])
            #expect(schema.fingerprint?(object) == schema.fingerprint?(kind.planned))
            await cloud.emulator.forgetRequests()
            guard case .ready = await cloud.provider.awaitReady(type: Cloud.type, object: object, secret: secret) else {
                Issue.record("not ready")
                return
            }
            // Where it is tried is asked for first.
            let places = ["/fcpm", "/cmk", "/srcm", "/ksqldbcm"]
            let trials = await cloud.requests().filter { request in !places.contains { request.hasPrefix("GET \($0)/") }
            }
            #expect(!trials.isEmpty && trials.allSatisfy { $0.hasPrefix("GET \(kind.probe)") }, "\(trials)")
            #expect(try await cloud.provider.check(secret: secret, of: object, type: Cloud.type).isEmpty)
            let warnings = try await cloud.provider.check(secret: "wrong", of: object, type: Cloud.type)
            #expect(warnings.map(\.summary) == ["Secret was not tried"])
            guard case .object(let read) = await cloud.provider.read([ReadRequest(type: Cloud.type, prior: object)])[0]
            else {
                Issue.record("not read")
                return
            }
            #expect(read == object)
        }
    }
}
