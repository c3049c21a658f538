import HummingbirdCore

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
    private let server: Server<HTTP1Channel>
    private let task: Task<Void, any Error>

    private init(
        port: Int, _ settings: EmulatorSettings, _ switchboard: Switchboard, _ server: Server<HTTP1Channel>,
        _ task: Task<Void, any Error>
    ) {
        self.port = port
        url = settings.host.contains(":") ? "http://[\(settings.host)]:\(port)" : "http://\(settings.host):\(port)"
        cloudAPIKey = settings.cloudAPIKey
        cloudAPISecret = settings.cloudAPISecret
        self.switchboard = switchboard
        self.server = server
        self.task = task
    }

    /// Starts an emulator and returns once it accepts connections.
    ///
    /// Throws an `EmulatorError`, or the error of the database or of the socket, such as a port that is taken.
    package static func start(_ settings: EmulatorSettings = EmulatorSettings()) async throws -> RunningEmulator {
        guard ["127.0.0.1", "::1"].contains(settings.host) else {
            throw EmulatorError.hostNotLoopback(settings.host)
        }
        let switchboard = try Switchboard(settings)
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let server = EmulatorServer(switchboard).server(host: settings.host, port: settings.port) {
            listening.yield($0)
        }
        let task = Task {
            defer { listening.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await task.value
            throw EmulatorError.notListening
        }
        return RunningEmulator(port: port, settings, switchboard, server, task)
    }

    /// Stops accepting connections, lets the requests under way end for up to two seconds, and closes the database.
    package func stop() async {
        let deadline = Task {
            try await Task.sleep(for: .seconds(2))
            task.cancel()
        }
        try? await server.shutdownGracefully()
        _ = await task.result
        deadline.cancel()
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
    /// The seeded one is not among them.
    package func keys() async throws -> [StoredKey] {
        try await switchboard.read { try StoredKey.all(in: $0) }
    }

    /// The ids of the objects that are neither keys nor regions, whoever may see them.
    package func objectIDs() async throws -> Set<String> {
        try await switchboard.read { try CloudDatabase.objectIDs(in: $0) }
    }

    /// The organization's id.
    package func organization() async -> String {
        await switchboard.organizationID()
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
