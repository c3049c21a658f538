import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// The transport over real connections: HTTP/1.1, TLS verified, connections kept and reused.
///
/// The clients below it cost milliseconds to make, so each is made with the first request that needs it: one for direct
/// connections, one for those through the proxy.
package final class HTTPTransport: Transport {
    /// The most of an answer's body that is read where a request does not say otherwise, in bytes.
    package static let usualMaximumBody = 16 * 1024 * 1024

    private enum Route: Hashable { case direct, proxied }
    private struct Clients {
        var open: [Route: HTTPClient] = [:]
        var isShutDown = false
    }

    private let proxy: ProxySettings
    private let connectTimeout: Duration
    private let readTimeout: Duration
    private let tls: TLSSettings
    private let clients = Mutex(Clients())

    /// Makes a transport; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - proxy: Which requests go through a proxy.
    ///   - connectTimeout: How long making a connection may take.
    ///   - readTimeout: How long an answer may stay away.
    ///   - tls: Whom to trust, and who this side is.
    package init(
        proxy: ProxySettings, connectTimeout: Duration, readTimeout: Duration, tls: TLSSettings = TLSSettings()
    ) {
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.readTimeout = readTimeout
        self.tls = tls
    }

    deinit {
        // A client must be shut down before it goes away; this is for a user who forgot.
        let forgotten = clients.withLock { Array($0.open.values) }
        if forgotten.isEmpty { return }
        Task { for client in forgotten { try? await client.shutdown() } }
    }

    /// Closes all connections; further requests fail.
    package func shutdown() async {
        let closing = clients.withLock { clients in
            clients.isShutDown = true
            defer { clients.open = [:] }
            return Array(clients.open.values)
        }
        for client in closing { try? await client.shutdown() }
    }

    /// Makes one attempt, and tells of it whoever follows.
    package func send(_ request: OutgoingRequest) async -> TransportOutcome {
        guard let observer = RequestObserver.current else { return await attempt(request) }
        let start = ContinuousClock.now
        let outcome = await attempt(request)
        observer.take(RequestReport(request, outcome, ContinuousClock.now - start))
        return outcome
    }

    private func attempt(_ request: OutgoingRequest) async -> TransportOutcome {
        let server = proxy.server(host: request.endpoint.host, port: request.endpoint.port)
        guard let client = client(through: server) else {
            return .failure(
                TransportFailure(reason: "the client has been shut down", wasSent: false, isPermanent: true))
        }
        let mark = SendingMark()
        let deadline = NIODeadline.now() + TimeAmount(request.timeout)
        do {
            let response = try await client.execute(Self.request(request, mark: mark), deadline: deadline)
            return .answer(await Self.answer(response, deadline: deadline, maximum: request.maximumBody))
        } catch {
            return .failure(TransportReason.failure(error, wasSent: request.body == nil || mark.isSet))
        }
    }

    private func client(through server: ProxySettings.Server?) -> HTTPClient? {
        let route: Route = server == nil ? .direct : .proxied
        return clients.withLock { clients in
            if clients.isShutDown { return nil }
            if let client = clients.open[route] { return client }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(server))
            clients.open[route] = client
            return client
        }
    }

    private func configuration(_ server: ProxySettings.Server?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // Settings that cannot be read were refused by `check`; without any the library has its own.
        if let tls = try? tls.configuration() { configuration.tlsConfiguration = tls }
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: TimeAmount(connectTimeout), read: TimeAmount(readTimeout))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 50
        // Shorter than what servers grant an idle connection: a request on one that the server is closing is lost, and
        // a lost POST is ambiguous.
        configuration.connectionPool.idleTimeout = .seconds(20)
        // Connections that fail are the business of `Retry`, which tells the reason.
        configuration.connectionPool.retryConnectionEstablishment = false
        guard let server else { return configuration }
        switch server.kind {
        case .socks5:
            configuration.proxy = .socksServer(host: server.host, port: server.port)
        case .http:
            let authorization = server.credentials.map {
                HTTPClient.Authorization.basic(username: $0.key, password: $0.secret.revealed)
            }
            configuration.proxy = .server(host: server.host, port: server.port, authorization: authorization)
        }
        return configuration
    }

    private static func request(_ outgoing: OutgoingRequest, mark: SendingMark) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: outgoing.url)
        request.method = HTTPMethod(rawValue: outgoing.method)
        // Without this a server may compress as it likes, and an answer that cannot be read may hold a new secret.
        request.headers.add(name: "accept-encoding", value: "identity")
        for (name, value) in outgoing.headers { request.headers.add(name: name, value: value) }
        if let credentials = outgoing.credentials {
            request.setBasicAuth(username: credentials.key, password: credentials.secret.revealed)
        }
        if let body = outgoing.body {
            let marked = MarkedBody(bytes: ByteBuffer(bytes: body), mark: mark)
            request.body = .stream(marked, length: .known(Int64(body.count)))
        }
        return request
    }

    /// Reads the body; the deadline of the client below ends with the head, so it is watched here.
    private static func answer(_ response: HTTPClientResponse, deadline: NIODeadline, maximum: Int) async -> Answer {
        var answer = Answer(
            status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) })
        do {
            for try await part in response.body {
                if answer.body.count + part.readableBytes > maximum {
                    answer.problem = AnswerProblem(
                        "it is longer than \(maximum / 1024 / 1024) MiB", isPermanent: true)
                    break
                }
                answer.body += part.readableBytesView
                if NIODeadline.now() > deadline {
                    answer.problem = AnswerProblem("it took too long to arrive", isPermanent: false)
                    break
                }
            }
        } catch {
            answer.problem = AnswerProblem(
                TransportReason.failure(error, wasSent: true).reason, isPermanent: false)
        }
        return answer
    }
}

/// Remembers whether the connection has asked for a request's body.
///
/// The body is asked for only after the request was given a working connection, TLS and proxy included, so a mark that
/// is not set when the request has failed proves that the server has seen nothing of the body: a body asked for later
/// is thrown away by the client below. No kind of error has to be interpreted for that.
private final class SendingMark: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .sequentiallyConsistent) }
    func set() { state.store(true, ordering: .sequentiallyConsistent) }
}

/// A body of one part that sets a mark before it is handed out.
private struct MarkedBody: AsyncSequence, Sendable {
    let bytes: ByteBuffer
    let mark: SendingMark

    struct AsyncIterator: AsyncIteratorProtocol {
        var bytes: ByteBuffer?
        let mark: SendingMark

        mutating func next() async throws -> ByteBuffer? {
            mark.set()
            defer { bytes = nil }
            return bytes
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(bytes: bytes, mark: mark)
    }
}
