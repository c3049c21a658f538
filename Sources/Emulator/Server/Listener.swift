import HummingbirdCore

/// The port that clients connect to, which can be closed for a while.
actor Listener {
    private let emulator: EmulatorServer
    private let host: String
    private var server: Server<HTTP1Channel>?
    private var task: Task<Void, any Error>?
    private var isStopped = false

    init(_ emulator: EmulatorServer, host: String) {
        self.emulator = emulator
        self.host = host
    }

    /// Listens; returns the port once connections are accepted.
    ///
    /// Throws the error of the socket, such as a port that is taken.
    func open(port: Int) async throws -> Int {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let server = emulator.server(host: host, port: port) { listening.yield($0) }
        let task = Task {
            defer { listening.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await task.value
            throw EmulatorError.notListening
        }
        self.server = server
        self.task = task
        return port
    }

    /// Stops listening, for good.
    func stop() async {
        isStopped = true
        await close()
    }

    /// Refuses connections for a while, and closes those that there are.
    func pause(port: Int, for duration: Duration) async {
        guard server != nil, !isStopped else { return }
        await close()
        try? await Task.sleep(for: duration)
        // A port that somebody else has taken meanwhile, if only for a connection of his own, is waited for: the outage goes on.
        while !isStopped, (try? await open(port: port)) == nil {
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return }
        }
    }

    /// Lets the requests under way end for up to two seconds.
    private func close() async {
        guard let server, let task else { return }
        self.server = nil
        self.task = nil
        let deadline = Task {
            try await Task.sleep(for: .seconds(2))
            task.cancel()
        }
        try? await server.shutdownGracefully()
        _ = await task.result
        deadline.cancel()
    }
}
