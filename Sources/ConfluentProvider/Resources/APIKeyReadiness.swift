import Applying
import ConfluentClient
import Diagnostics
import Networking
import Values

/// Whether keys can be used: asked of what they open, with the key itself.
extension APIKeyResource {
    /// From this age on, in seconds, a key that does not work will not.
    private static let settledAge = 600

    static func probe(_ cloud: CloudAccess, _ object: Value, secret: String?) async -> Probe? {
        guard let secret, let target = await target(cloud, object) else { return nil }
        let key = Credentials(key: object.id, secret: secret)
        switch target {
        case .failure(let reason):
            return Probe(place: "What the key opens") { .unreachable(reason: reason.text) }
        case .success(let target):
            return Probe(place: target.place, successes: target.successes, limit: target.limit) {
                await cloud.client.probe(target, key: key)
            }
        }
    }

    /// Why it is not known where to try a key.
    private struct NoPlace: Error {
        let text: String
    }

    /// What a key is tried on; nil for a kind that is tried on nothing.
    private static func target(_ cloud: CloudAccess, _ object: Value) async -> Result<ProbeTarget, NoPlace>? {
        guard let scope = request(object).scope else { return .success(.environments) }
        switch (scope.kind, scope.apiVersion.split(separator: "/").first ?? "") {
        case ("Global", _): return .success(.environments)
        case ("Tableflow", _): return .success(.tableflowRegions)
        case ("Region", _): return await statements(cloud, scope)
        case ("Cluster", "cmk"):
            return await cluster(cloud, .kafka, scope) { .topics(endpoint: $0, cluster: scope.id) }
        case ("Cluster", "srcm"): return await cluster(cloud, .schemaRegistry, scope) { .subjects(endpoint: $0) }
        case ("Cluster", "ksqldbcm"): return await cluster(cloud, .ksqlDB, scope) { .ksqlServer(endpoint: $0) }
        default: return nil
        }
    }

    private static func statements(_ cloud: CloudAccess, _ scope: KeyScope) async -> Result<ProbeTarget, NoPlace>? {
        guard let name = scope.cloud, let region = scope.region, let environment = scope.environment else { return nil }
        let regions = try? await FlinkRegionDataSource.regions(cloud)
        let found = regions?.first { $0.regionName == region && $0.cloud.lowercased() == name }
        guard let endpoint = found?.httpEndpoint, !endpoint.isEmpty else {
            return .failure(NoPlace(text: "the region has no endpoint that is listed"))
        }
        return .success(
            .statements(endpoint: endpoint, organization: cloud.place.organization, environment: environment))
    }

    private static func cluster(
        _ cloud: CloudAccess, _ service: ConfluentClient.ClusterKind, _ scope: KeyScope,
        _ target: (String) -> ProbeTarget
    ) async -> Result<ProbeTarget, NoPlace>? {
        let (id, environment) = (scope.id, scope.environment ?? "")
        do throws(APIError) {
            // The keys of a cluster share the question where it is.
            let endpoint = try await cloud.shared.value("\(service.rawValue) \(id)") { () async throws(APIError) in
                try await cloud.client.clusterEndpoint(service, id: id, environment: environment)
            }
            return endpoint.isEmpty
                ? .failure(NoPlace(text: "the cluster \(id) has no endpoint that is told")) : .success(target(endpoint))
        } catch {
            return .failure(NoPlace(text: "the cluster's endpoint could not be asked for: \(error.description)"))
        }
    }

    static func check(secret: String, of object: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> [Diagnostic] {
        let id = object.id
        guard SecretChecksum.isPlausible(secret) else { throw .wrongChecksum(id) }
        guard let probe = await probe(cloud, object, secret: secret) else { return [] }
        switch await probe.ask() {
        case .ready: return []
        case .notYet(let code, let detail):
            let status = code.map(String.init) ?? detail
            let key = try await Calls.perform { () async throws(APIError) in try await cloud.client.key(id: id) }
            // Both by the cloud's clock: this machine's may be wrong.
            let now = try await Calls.perform { () async throws(APIError) in
                try await cloud.client.listKeys(owner: key.ownerID).serverDate
            }
            guard let now, let created = key.createdAt else {
                return [.untriedSecret(id, "it does not work (\(status)), and the cloud does not tell the key's age")]
            }
            let age = now.microseconds / 1_000_000 - created.microseconds / 1_000_000
            guard age < settledAge else { throw .wrongSecret(id, probe.place, status) }
            return [.untriedSecret(id, "the key is younger than ten minutes and does not work yet (\(status))")]
        case .busy(let status, _):
            return [
                .untriedSecret(
                    id, "\(probe.place.prefix(1).lowercased())\(probe.place.dropFirst()) is busy (\(status))")
            ]
        case .unreachable(let reason), .unclear(let reason):
            return [.untriedSecret(id, VisibleText.escaped(reason))]
        }
    }
}

extension ProbeTarget {
    /// What answers, as the beginning of a sentence.
    fileprivate var place: String {
        switch self {
        case .statements: "The region's endpoint"
        case .topics, .subjects, .ksqlServer: "The cluster's endpoint"
        case .environments, .tableflowRegions: "Confluent Cloud"
        }
    }

    /// A Kafka cluster is many servers, and Confluent's own provider wants two good answers in a row.
    fileprivate var successes: Int { if case .topics = self { 2 } else { 1 } }

    /// Keys of clusters take minutes: the provider gives them twenty.
    fileprivate var limit: Duration {
        switch self {
        case .topics, .ksqlServer: .seconds(1200)
        default: .seconds(300)
        }
    }
}

extension Diagnostic {
    fileprivate static func wrongChecksum(_ id: String) -> Diagnostic {
        .error(
            "Secret is not whole",
            "The secret given for \(VisibleText.escaped(id)) does not carry the checksum that Confluent's secrets have: a character is missing, added or changed. Copy it again, whole and without spaces. Nothing was imported."
        )
    }

    fileprivate static func wrongSecret(_ id: String, _ place: String, _ status: String) -> Diagnostic {
        .error(
            "Secret does not fit the key",
            "\(place) refuses \(VisibleText.escaped(id)) with this secret (\(status)), and the key is older than ten minutes, so it should work. It is the secret of another key, or the key's owner has no role there. Nothing was imported. To import the key without its secret, leave the secret out."
        )
    }

    fileprivate static func untriedSecret(_ id: String, _ reason: String) -> Diagnostic {
        .warning(
            "Secret was not tried",
            "The secret of \(VisibleText.escaped(id)) was stored as given, but could not be tried: \(reason).")
    }
}
