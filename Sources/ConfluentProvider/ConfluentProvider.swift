package import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Values

/// Makes providers for Confluent Cloud.
package enum ConfluentCloud {
    /// A source of providers.
    ///
    /// - Parameters:
    ///   - environment: The environment variables.
    ///   - version: This program's version.
    ///   - surroundings: Time, for waiting until keys are usable and before a request is repeated, and chance.
    package static func source(
        environment: [String: String], version: String, surroundings: Surroundings
    ) -> ProviderSource {
        { (_: String, configuration: Value) async throws(Diagnostic) -> any Provider in
            let settings = try ProviderArguments.settings(configuration, environment: environment, version: version)
            let client: ConfluentClient
            do throws(ClientError) {
                client = try ConfluentClient(settings, timing: Timing(surroundings))
            } catch {
                throw .error("Invalid provider configuration", error.description)
            }
            do throws(Diagnostic) {
                let organization = try await Calls.perform { () async throws(APIError) in
                    try await client.organization()
                }
                return ConfluentProvider(
                    client: client,
                    place: ProviderPlace(organization: organization.id, endpoint: client.endpoint.description),
                    surroundings: surroundings)
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }
}

extension Timing {
    /// The run's time and chance.
    init(_ surroundings: Surroundings) {
        self.init(
            now: surroundings.elapsed, sleep: { try await surroundings.clock.sleep(for: $0) },
            random: { Double(surroundings.random() >> 11) * 0x1p-53 })
    }
}

/// Confluent Cloud, as the engine sees it.
struct ConfluentProvider: Provider {
    let client: ConfluentClient
    let place: ProviderPlace
    let surroundings: Surroundings
    let visible = Visible()
    let regions = Regions()

    func readData(type: String, configuration: Value) async throws(Diagnostic) -> Value {
        switch type {
        case "confluent_environment": return try await EnvironmentDataSource.read(configuration, client)
        case "confluent_flink_region": return try await FlinkRegionDataSource.read(configuration, client)
        case "confluent_organization": return try await OrganizationDataSource.read(configuration, client)
        case "confluent_service_account": return try await ServiceAccountDataSource.read(configuration, client)
        default:
            throw .error("Unsupported data source", "There is no data source \"\(type)\". This is a bug in flinkform.")
        }
    }

    func find(
        type: String, like fingerprints: [Fingerprint], matching parts: Set<String>?
    ) async throws(Diagnostic) -> Findings {
        func narrowed(_ fingerprint: Fingerprint) -> Fingerprint {
            guard let parts else { return fingerprint }
            return Fingerprint(fingerprint.parts.filter { parts.contains($0.key) })
        }
        let wanted = Set(fingerprints.map(narrowed))
        let owners = Set(fingerprints.compactMap { $0.parts["owner"] })
        var found: [Findings.Found] = []
        var serverTime: Int?
        let lists: [String?] = owners.count > Self.ownersMaximum ? [nil] : owners.sorted()
        for owner in lists {
            let listing = try await Calls.perform { () async throws(APIError) in try await client.listKeys(owner: owner)
            }
            await visible.note(listing.items)
            if let date = listing.serverDate {
                serverTime = min(serverTime ?? .max, Int(date.microseconds / 1_000_000))
            }
            for key in listing.items {
                let fingerprint = APIKeyResource.fingerprint(of: key)
                guard wanted.contains(narrowed(fingerprint)) else { continue }
                found.append(
                    Findings.Found(
                        id: key.id, importID: key.resource?.environment.map { "\($0)/\(key.id)" } ?? key.id,
                        fingerprint: fingerprint,
                        createdAt: key.createdAt.map { Int($0.microseconds / 1_000_000) },
                        object: APIKeyResource.object(key, disableWaitForReady: false)))
            }
        }
        return Findings(found: found.sorted { $0.id < $1.id }, serverTime: serverTime ?? 0)
    }

    func create(type: String, planned: Value) async -> Applying.CreateAnswer {
        switch await client.createKey(APIKeyResource.request(planned)) {
        case .created(let key, let secret, _):
            await visible.note([key])
            let object = APIKeyResource.object(
                key, disableWaitForReady: APIKeyResource.disablesWait(planned))
            return .created(object, secret: secret.revealed)
        case .refused(let error): return .refused(.api(error))
        case .ambiguous(let error): return .ambiguous(.api(error))
        }
    }

    func update(type: String, prior: Value, planned: Value) async throws(Diagnostic) -> Value {
        func changed(_ name: String) -> String? {
            let (old, new) = (prior.fields?[name]?.string ?? "", planned.fields?[name]?.string ?? "")
            return old == new ? nil : new
        }
        let (name, description) = (changed("display_name"), changed("description"))
        let id = APIKeyResource.id(prior)
        let key = try await Calls.perform { () async throws(APIError) in
            // A change of disable_wait_for_ready alone is none at the cloud.
            if name == nil && description == nil { return try await client.key(id: id) }
            return try await client.updateKey(id: id, displayName: name, description: description)
        }
        return APIKeyResource.object(key, disableWaitForReady: APIKeyResource.disablesWait(planned))
    }

    func delete(type: String, prior: Value) async throws(Diagnostic) {
        try await delete(
            APIKeyResource.id(prior), owner: APIKeyResource.owner(prior), environment: APIKeyResource.environment(prior)
        )
    }

    func delete(type: String, id: String, like fingerprint: Fingerprint?) async throws(Diagnostic) {
        try await delete(id, owner: fingerprint?.parts["owner"], environment: fingerprint?.parts["environment"])
    }

    private func delete(_ id: String, owner: String?, environment: String?) async throws(Diagnostic) {
        do throws(APIError) {
            try await client.deleteKey(id: id)
        } catch {
            switch error.kind {
            case .notFound: return
            case .forbidden: break
            default: throw .api(error)
            }
            try await checkGone(id, owner: owner, environment: environment, refusal: error)
        }
    }

    /// Returns when a key whose deletion was forbidden is gone; throws when it may be there.
    private func checkGone(
        _ id: String, owner: String?, environment: String?, refusal: APIError
    ) async throws(Diagnostic) {
        do throws(APIError) {
            _ = try await client.key(id: id)
        } catch {
            switch error.kind {
            case .notFound: return
            case .forbidden:
                // These credentials saw it in this run, and do not see it any more: an earlier attempt removed it.
                if await visible.hasSeen(id) { return }
                return try await proveGone(id, owner: owner, environment: environment, because: refusal)
            default: throw .api(error)
            }
        }
        // It can be seen, so it is the deletion that is not allowed.
        throw .api(refusal)
    }

    func importObject(type: String, id importID: String) async throws(Diagnostic) -> ImportedObject {
        let parts = importID.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let id = parts.last, !id.isEmpty,
            id.unicodeScalars.allSatisfy({ ("A"..."Z").contains($0) || ("0"..."9").contains($0) }),
            parts.count == 1 || parts[0].hasPrefix("env-")
        else { throw .malformedImportID(importID) }
        let key: APIKey
        do throws(APIError) {
            key = try await client.key(id: id)
        } catch {
            guard error.kind == .notFound || error.kind == .forbidden else { throw .api(error) }
            throw .keyNotFound(id, error)
        }
        guard let scope = key.resource, scope.isFlinkRegion else { throw .otherKindOfKey(id) }
        if parts.count == 2, let environment = scope.environment, environment != parts[0] {
            throw .otherEnvironment(id, is: environment, named: parts[0])
        }
        await visible.note([key])
        return ImportedObject(object: APIKeyResource.object(key, disableWaitForReady: false), id: key.id)
    }

    func close() async { await client.shutdown() }
}

/// What these credentials have been seen to see, in this run.
actor Visible {
    private var owners: [String: Set<String>] = [:]
    private var environments: [String: Set<String>] = [:]
    private var ids: Set<String> = []

    /// Takes note of keys that were shown.
    func note(_ keys: [APIKey]) {
        for key in keys {
            ids.insert(key.id)
            owners[key.ownerID, default: []].insert(key.id)
            if let environment = key.resource?.environment { environments[environment, default: []].insert(key.id) }
        }
    }

    /// Whether a key was shown.
    func hasSeen(_ id: String) -> Bool { ids.contains(id) }

    /// Whether another key of that owner or environment was shown.
    func showsOthers(owner: String?, environment: String?, than id: String) -> Bool {
        let others = (owner.flatMap { owners[$0] } ?? []).union(environment.flatMap { environments[$0] } ?? [])
        return others.contains { $0 != id }
    }
}

/// The data planes of regions, asked for once each.
actor Regions {
    private var endpoints: [String: Task<String?, Never>] = [:]

    /// The base URL of a region's data plane; nil when there is none to be had.
    func endpoint(cloud: String, region: String, _ client: ConfluentClient) async -> String? {
        let name = "\(cloud).\(region)"
        if let known = endpoints[name] { return await known.value }
        let task = Task<String?, Never> {
            let found = try? await client.flinkRegions(cloud: cloud.uppercased(), region: region).items
            return found?.first { $0.regionName == region && $0.cloud.lowercased() == cloud.lowercased() }?.httpEndpoint
        }
        endpoints[name] = task
        return await task.value
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func malformedImportID(_ id: String) -> Diagnostic {
        .error(
            "Invalid import id",
            """
            "\(VisibleText.escaped(id))" does not name a key. An id for import is either of these:
                ENVIRONMENT_ID/API_KEY_ID
                API_KEY_ID

            such as env-abc123/ABCDEFGHIJKLMNOP.
            """)
    }

    fileprivate static func keyNotFound(_ id: String, _ error: APIError) -> Diagnostic {
        .error(
            "Key not found",
            """
            \(error.description)

            There is no key \(VisibleText.escaped(id)), or these credentials may not see it: Confluent Cloud answers alike for \
            both. Check the id, the organization, and the role of the Cloud API key's owner.
            """)
    }

    fileprivate static func otherKindOfKey(_ id: String) -> Diagnostic {
        .error(
            "Not a Flink API key",
            "The key \(VisibleText.escaped(id)) is of another kind. This version of flinkform manages Flink API keys: keys of one region of an environment."
        )
    }

    fileprivate static func otherEnvironment(_ id: String, is environment: String, named: String) -> Diagnostic {
        .error(
            "Key of another environment",
            "The key \(VisibleText.escaped(id)) belongs to environment \(VisibleText.escaped(environment)), not to \(VisibleText.escaped(named)). Check the id, or import \(VisibleText.escaped(environment))/\(VisibleText.escaped(id))."
        )
    }
}
