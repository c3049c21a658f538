import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
package import NIOSSL

/// A server for states on a free port of loopback, for tests; user `user` or `gitlab-ci-token`, password `canary-password`.
package final class StateServer: Sendable {
    /// Its address, without a slash at the end.
    package let address: String
    private let task: Task<Void, any Error>

    /// What the user names and the password are in the header, in Base64.
    private static let authorizations = [
        "Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ=", "Basic Z2l0bGFiLWNpLXRva2VuOmNhbmFyeS1wYXNzd29yZA==",
    ]

    /// The program could not listen.
    package struct NotListening: Error {}

    /// Starts it, with TLS if settings are given; it answers when this returns.
    package init(tls: TLSConfiguration? = nil) async throws {
        let rules = StateRules()
        let channel = HTTP1Channel { request, writer, _ in try await Self.respond(to: request, writer, rules) }
        let (ports, listening) = AsyncStream<Int>.makeStream()
        if let tls {
            task = Self.run(try TLSChannel(channel, tlsConfiguration: tls), listening)
        } else {
            task = Self.run(channel, listening)
        }
        guard let port = await ports.first(where: { _ in true }) else { throw NotListening() }
        address = "\(tls == nil ? "http" : "https")://localhost:\(port)"
    }

    deinit { task.cancel() }

    private static func run(
        _ channel: some ServerChildChannel, _ listening: AsyncStream<Int>.Continuation
    ) -> Task<Void, any Error> {
        var logger = Logger(label: "state-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        let server = Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0), backlog: 1_024),
            onServerRunning: { listening.yield($0.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return Task {
            defer { listening.finish() }
            try await server.run()
        }
    }

    private static func respond(
        to request: Request, _ writer: consuming ResponseWriter, _ rules: StateRules
    ) async throws {
        let target = (request.head.path ?? "/").split(separator: "?", maxSplits: 1).map(String.init)
        let parameter = target.dropFirst().first?.split(separator: "&").first { $0.hasPrefix("ID=") }
        let body = Array(buffer: try await request.body.collect(upTo: 1 << 26))
        var reply = StateRules.Reply(status: 401)
        if Self.authorizations.contains(request.headers[.authorization] ?? "") {
            reply = await rules.answer(
                StateRules.Call(
                    method: request.method.rawValue, path: target.first ?? "/",
                    id: parameter.map { String($0.dropFirst("ID=".count)) }, body: body))
        }
        var headers = HTTPFields()
        if reply.status != 204 { headers[.contentLength] = String(reply.body.count) }
        try await writer.write(
            response: HTTPResponse(status: HTTPResponse.Status(code: reply.status), headerFields: headers),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// Answers until the task that waits is cancelled, or the server fails.
    package func wait() async throws { try await task.value }
}
