package import Applying
import Configuring
package import ConfluentClient
package import Diagnostics
import Networking
import Planning
package import Values

/// Gives what `login` remembered, or nil when nobody is logged in.
///
/// Asked only when nothing else gives credentials, so that a login that cannot be read harms nobody who does not need it. Throws
/// what the user is to be told.
package typealias LoginSource = @Sendable () throws(Diagnostic) -> Login?

/// Makes providers for Confluent Cloud.
package enum ConfluentCloud {
    /// A source of providers.
    ///
    /// - Parameters:
    ///   - environment: The environment variables.
    ///   - login: What `login` remembered.
    ///   - version: This program's version.
    ///   - surroundings: Time, for waiting until keys are usable and before a request is repeated, and chance.
    ///   - announceWait: Told how long the cloud asks to wait, when that is long.
    package static func source(
        environment: [String: String], login: @escaping LoginSource, version: String, surroundings: Surroundings,
        announceWait: @escaping @Sendable (Duration) -> Void
    ) -> ProviderSource {
        { (_: String, configuration: Value) async throws(Diagnostic) -> any Provider in
            let client = try client(
                configuration, environment: environment, login: login, version: version, surroundings: surroundings,
                announceWait: announceWait)
            do throws(Diagnostic) {
                let organization = try await Calls.perform { () async throws(APIError) in
                    try await client.organization()
                }
                return ConfluentProvider(
                    cloud: CloudAccess(
                        client: client,
                        place: ProviderPlace(organization: organization.id, endpoint: client.endpoint.description),
                        surroundings: surroundings))
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    /// A client with the credentials and the endpoint of a provider block, the environment or the login, in this order.
    ///
    /// Nothing is sent yet. Throws what the user is to be told when there are no credentials, or a setting makes no sense.
    ///
    /// - Parameters:
    ///   - configuration: The value of the provider block.
    ///   - environment: The environment variables.
    ///   - login: What `login` remembered.
    ///   - version: This program's version.
    ///   - surroundings: Time and chance.
    ///   - announceWait: Told how long the cloud asks to wait, when that is long.
    package static func client(
        _ configuration: Value, environment: [String: String], login: LoginSource, version: String,
        surroundings: Surroundings, announceWait: @escaping @Sendable (Duration) -> Void
    ) throws(Diagnostic) -> ConfluentClient {
        var settings = try ProviderArguments.settings(
            configuration, environment: environment, login: login, version: version)
        settings.announceWait = announceWait
        do throws(ClientError) {
            return try ConfluentClient(settings, timing: Timing(surroundings))
        } catch {
            throw .error("Invalid provider configuration", error.description)
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

/// Confluent Cloud, as the engine sees it: each call goes to the resource type or data source that it names.
struct ConfluentProvider: Provider {
    let cloud: CloudAccess

    var place: ProviderPlace? { cloud.place }

    func read(_ requests: [ReadRequest]) async -> [ReadAnswer] {
        var answers = [ReadAnswer?](repeating: nil, count: requests.count)
        for (name, indices) in Dictionary(grouping: requests.indices, by: { requests[$0].type }).sorted(by: {
            $0.key < $1.key
        }) {
            do throws(Diagnostic) {
                let operations = try operations(name)
                let found = await operations.read(indices.map { requests[$0] })
                for (index, answer) in zip(indices, found) { answers[index] = answer }
            } catch {
                for index in indices { answers[index] = .failed(error) }
            }
        }
        return answers.compactMap(\.self)
    }

    func readData(type: String, configuration: Value) async throws(Diagnostic) -> Value {
        guard let source = Catalogue.dataSource(type) else { throw .unknownType(type) }
        return try await source.read(configuration, cloud)
    }

    func find(
        type: String, like fingerprints: [Fingerprint], matching parts: Set<String>?
    ) async throws(Diagnostic) -> Findings {
        try await operations(type).find(like: fingerprints, matching: parts)
    }

    func list(type: String, owner: String?) async throws(Diagnostic) -> [RemoteObject] {
        try await operations(type).list(owner: owner)
    }

    func create(type: String, planned: Value) async -> CreateAnswer {
        do throws(Diagnostic) {
            let operations = try operations(type)
            return await operations.create(planned)
        } catch {
            return .refused(error)
        }
    }

    func update(type: String, prior: Value, planned: Value) async throws(Diagnostic) -> Value {
        try await operations(type).update(prior: prior, planned: planned)
    }

    func delete(type: String, prior: Value) async throws(Diagnostic) { try await operations(type).delete(prior) }

    func delete(type: String, id: String, like fingerprint: Fingerprint?) async throws(Diagnostic) {
        let operations = try operations(type)
        try await operations.delete(operations.type.object(id: id, like: fingerprint))
    }

    func awaitReady(type: String, object: Value, secret: String?) async -> Readiness {
        guard let type = Catalogue.resourceType(type), object.fields?["disable_wait_for_ready"]?.bool != true,
            let probe = await type.probe(cloud, object, secret: secret)
        else { return .ready }
        return await probe.wait(cloud.surroundings)
    }

    func importObject(type: String, id: String) async throws(Diagnostic) -> ImportedObject {
        try await operations(type).importObject(id)
    }

    func check(secret: String, of object: Value, type: String) async throws(Diagnostic) -> [Diagnostic] {
        guard let type = Catalogue.resourceType(type) else { throw .unknownType(type) }
        return try await type.check(secret: secret, of: object, cloud)
    }

    func close() async { await cloud.client.shutdown() }

    private func operations(_ name: String) throws(Diagnostic) -> Operations {
        guard let type = Catalogue.resourceType(name) else { throw .unknownType(name) }
        return Operations(cloud: cloud, type: type)
    }
}

extension Diagnostic {
    fileprivate static func unknownType(_ name: String) -> Diagnostic {
        .error("Unsupported type", "There is no type \"\(name)\" in Confluent Cloud. This is a bug in flinkform.")
    }
}
