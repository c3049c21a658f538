import Applying
import ConfluentClient
import Diagnostics
import Values

/// Whether keys can be used: asked of the region's data plane, with the key itself.
extension ConfluentProvider {
    /// How long a new key is given.
    private static let limit = Duration.seconds(300)
    /// The longest pause between two tries.
    private static let pauseMaximum = Duration.seconds(30)
    /// After so many tries in vain to reach the data plane at all, it is out of reach.
    private static let unreachableMaximum = 3
    /// From this age on, in seconds, a key that does not work will not.
    private static let settledAge = 600

    func awaitReady(type: String, object: Value, secret: String) async -> Readiness {
        guard !APIKeyResource.disablesWait(object), let probe = await probe(object, secret) else { return .ready }
        let start = surroundings.elapsed()
        var pause = Duration.seconds(1)
        var unreachable = 0
        var reason = ""
        while surroundings.elapsed() - start < Self.limit {
            guard (try? await surroundings.clock.sleep(for: pause)) != nil else { break }
            switch await probe() {
            case .ready: return .ready
            case .notYet(let status, _): reason = "The region's endpoint answers \(status)."
            case .busy(let status, let wait):
                reason = "The region's endpoint answers \(status)."
                pause = max(pause, wait ?? .zero)
            case .unreachable(let text), .unclear(let text):
                unreachable += 1
                reason =
                    "The region's endpoint cannot be reached from here (\(VisibleText.escaped(text))), as with private networking; set disable_wait_for_ready = true to skip this check."
                if unreachable == Self.unreachableMaximum { return .notReady(reason) }
            }
            pause = min(pause * 2, Self.pauseMaximum)
        }
        return .notReady(reason)
    }

    /// Asks the data plane once; nil for a key without one.
    private func probe(_ object: Value, _ secret: String) async -> (@Sendable () async -> ProbeAnswer)? {
        let request = APIKeyResource.request(object)
        guard let scope = request.scope, scope.isFlinkRegion, let cloud = scope.cloud, let region = scope.region,
            let environment = scope.environment
        else { return nil }
        guard let endpoint = await regions.endpoint(cloud: cloud, region: region, client) else {
            return { .unreachable(reason: "the region has no endpoint that is listed") }
        }
        let key = Credentials(key: APIKeyResource.id(object), secret: secret)
        return {
            await client.probeStatements(
                endpoint: endpoint, organization: place.organization, environment: environment, key: key)
        }
    }

    func check(secret: String, of object: Value, type: String) async throws(Diagnostic) -> [Diagnostic] {
        let id = APIKeyResource.id(object)
        guard SecretChecksum.isPlausible(secret) else { throw .wrongChecksum(id) }
        guard let probe = await probe(object, secret) else { return [] }
        switch await probe() {
        case .ready: return []
        case .notYet(let status, _):
            let key = try await Calls.perform { () async throws(APIError) in try await client.key(id: id) }
            // Both by the cloud's clock: this machine's may be wrong.
            let now = try await Calls.perform { () async throws(APIError) in
                try await client.listKeys(owner: key.ownerID).serverDate
            }
            guard let now, let created = key.createdAt else {
                return [.untriedSecret(id, "it does not work (\(status)), and the cloud does not tell the key's age")]
            }
            let age = now.microseconds / 1_000_000 - created.microseconds / 1_000_000
            guard age < Self.settledAge else { throw .wrongSecret(id, status) }
            return [.untriedSecret(id, "the key is younger than ten minutes and does not work yet (\(status))")]
        case .busy(let status, _): return [.untriedSecret(id, "the region's endpoint is busy (\(status))")]
        case .unreachable(let reason), .unclear(let reason):
            return [.untriedSecret(id, VisibleText.escaped(reason))]
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

    fileprivate static func wrongSecret(_ id: String, _ status: Int) -> Diagnostic {
        .error(
            "Secret does not fit the key",
            "The region's endpoint refuses \(VisibleText.escaped(id)) with this secret (\(status)), and the key is older than ten minutes, so it should work. It is the secret of another key, or the key's owner has no role in Flink. Nothing was imported. To import the key without its secret, leave the secret out."
        )
    }

    fileprivate static func untriedSecret(_ id: String, _ reason: String) -> Diagnostic {
        .warning(
            "Secret was not tried",
            "The secret of \(VisibleText.escaped(id)) was stored as given, but could not be tried: \(reason).")
    }
}
