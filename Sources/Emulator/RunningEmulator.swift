/// A Confluent Cloud on this machine, listening on a loopback address until `stop()`.
///
/// Beside what clients can reach over HTTP it shows what really exists, acts as another hand, and turns switches.
package final class RunningEmulator: Sendable {
    /// The port it listens on.
    package let port: Int
    /// The base URL for clients, without a slash at the end.
    package let url: String
    /// The Cloud API key that may do everything.
    package let cloudAPIKey: String
    /// The secret of that key.
    package let cloudAPISecret: String

    private let switchboard: Switchboard
    private let listener: Listener
    /// Closes the port when a fault says so.
    private let outages: Task<Void, Never>

    private init(
        port: Int, _ settings: EmulatorSettings, _ switchboard: Switchboard, _ listener: Listener,
        _ outages: Task<Void, Never>
    ) {
        self.port = port
        url = settings.host.contains(":") ? "http://[\(settings.host)]:\(port)" : "http://\(settings.host):\(port)"
        cloudAPIKey = settings.organization.cloudAPIKey
        cloudAPISecret = settings.organization.cloudAPISecret
        self.switchboard = switchboard
        self.listener = listener
        self.outages = outages
    }

    /// Starts an emulator and returns once it accepts connections.
    ///
    /// Throws an `EmulatorError`, or the error of the database or of the socket, such as a port that is taken.
    package static func start(_ settings: EmulatorSettings = EmulatorSettings()) async throws -> RunningEmulator {
        guard ["127.0.0.1", "::1"].contains(settings.host) else {
            throw EmulatorError.hostNotLoopback(settings.host)
        }
        let switchboard = try Switchboard(settings)
        let (durations, outage) = AsyncStream<Duration>.makeStream()
        let listener = Listener(EmulatorServer(switchboard) { outage.yield($0) }, host: settings.host)
        let port = try await listener.open(port: settings.port)
        let outages = Task {
            for await duration in durations { await listener.pause(port: port, for: duration) }
        }
        return RunningEmulator(port: port, settings, switchboard, listener, outages)
    }

    /// Stops accepting connections, lets the requests under way end for up to two seconds, and closes the database.
    package func stop() async {
        outages.cancel()
        await listener.stop()
        await outages.value
        await switchboard.close()
    }

    // MARK: - What happened

    /// The requests since the start or the last `forgetRequests()`, in the order of their arrival.
    package func requests() async -> [RecordedRequest] {
        await switchboard.requests()
    }

    /// The highest number of requests that were under way at the same time.
    package func concurrencyMax() async -> Int {
        await switchboard.concurrencyMax()
    }

    /// Forgets the requests so far.
    package func forgetRequests() async {
        await switchboard.forgetRequests()
    }

    // MARK: - What exists

    /// All keys that really exist, by the time they were made, whoever may see them.
    ///
    /// The seeded one is not among them. `organization` is the place in the settings: 0 is the first, 1 the first of
    /// the others.
    package func keys(organization: Int = 0) async throws -> [StoredKey] {
        try await switchboard.read(organization) { try StoredKey.all(in: $0) }
    }

    /// The ids of the objects that are neither keys nor regions, whoever may see them.
    package func objectIDs(organization: Int = 0) async throws -> Set<String> {
        try await switchboard.read(organization) { try CloudDatabase.objectIDs(in: $0) }
    }

    /// The id of the organization, the first if there are many.
    package func organization() async -> String {
        await switchboard.organizations()[0].id
    }

    /// Turns switches.
    ///
    /// A change of the faults starts their counting anew.
    package func setSwitches(_ change: @Sendable (inout Switches) -> Void) async {
        await switchboard.change(change)
    }

    // MARK: - Another hand

    /// Makes a Flink key as another hand would.
    ///
    /// `age` is how long ago it was made by the emulator's clock.
    ///
    /// `region` is an id such as `aws.us-east-1`. Neither owner nor environment nor region is checked.
    @discardableResult
    package func addKey(
        owner: String = "sa-demo1", environment: String = "env-demo1", region: String = "aws.us-east-1",
        name: String = "", description: String = "", age: Duration = .zero
    ) async throws -> StoredKey {
        let format = await switchboard.secretFormat()
        return try await switchboard.write { database, now in
            try APIKeyEndpoints.make(
                scope: KeyScope(kind: .flink, resource: region, environment: environment), owner: owner, name: name,
                description: description, created: now.advanced(by: .zero - age), format: format, in: database)
        }
    }

    /// Makes a key of a Kafka cluster, such as `lkc-demo1`, as another hand would.
    ///
    /// Neither owner nor environment is checked.
    @discardableResult
    package func addClusterKey(
        owner: String = "sa-demo1", environment: String = "env-demo1", cluster: String, name: String = ""
    ) async throws -> StoredKey {
        let format = await switchboard.secretFormat()
        return try await switchboard.write { database, now in
            try APIKeyEndpoints.make(
                scope: KeyScope(kind: .kafka, resource: cluster, environment: environment), owner: owner, name: name,
                description: "", created: now, format: format, in: database)
        }
    }

    /// Makes a Cloud API key as another hand would.
    ///
    /// The owner is not checked.
    @discardableResult
    package func addCloudKey(owner: String = "sa-demo1", name: String = "") async throws -> StoredKey {
        let format = await switchboard.secretFormat()
        return try await switchboard.write { database, now in
            try APIKeyEndpoints.make(
                scope: KeyScope(kind: .cloud, resource: "cloud", environment: nil), owner: owner, name: name,
                description: "", created: now, format: format, in: database)
        }
    }

    /// Gives a key another display name as another hand would.
    ///
    /// One that is not there is no error.
    package func renameKey(_ id: String, to name: String) async throws {
        try await switchboard.write { database, now in
            guard var key = try StoredKey.find(id, in: database) else { return }
            key.name = name
            key.updated = now
            try key.update(in: database)
        }
    }

    /// Deletes a key as another hand would.
    ///
    /// One that is not there is no error.
    package func removeKey(_ id: String) async throws {
        try await switchboard.write { database, _ in
            try StoredKey.delete(id, in: database)
        }
    }

    /// Makes a service account with that id, which must be free, as must the name.
    package func addServiceAccount(_ id: String, name: String, description: String = "") async throws {
        try await switchboard.write { database, now in
            try ServiceAccountEndpoints.insert(
                id: id, name: name, description: description, at: now, in: database)
        }
    }

    /// Makes an environment with that id, which must be free, as must the name.
    package func addEnvironment(_ id: String, name: String) async throws {
        try await switchboard.write { database, now in
            try EnvironmentEndpoints.insert(id: id, name: name, package: "ESSENTIALS", at: now, in: database)
        }
    }
}
