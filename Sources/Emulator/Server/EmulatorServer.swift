import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The emulator's sockets: it reads requests from connections, has them answered, and lets answers go wrong as told.
struct EmulatorServer: Sendable {
    /// The largest body that is read, in bytes.
    private static let bodyBytesMax = 1 << 20

    private let switchboard: Switchboard
    private let onOutage: @Sendable (Duration) -> Void

    /// Creates a server; `onOutage` is told for how long connections are to be refused from now on.
    init(_ switchboard: Switchboard, onOutage: @escaping @Sendable (Duration) -> Void) {
        self.switchboard = switchboard
        self.onOutage = onOutage
    }

    /// A server that answers on the address; `onListening` gets the port once connections are accepted.
    func server(host: String, port: Int, onListening: @escaping @Sendable (Int) -> Void) -> Server<HTTP1Channel> {
        var logger = Logger(label: "confluent-emulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        let channel = HTTP1Channel { request, writer, channel in
            try await respond(to: request, channel: channel, through: writer)
        }
        return Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: 1_024),
            onServerRunning: { onListening($0.localAddress?.port ?? port) },
            eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup, logger: logger)
    }

    /// Why a connection is closed without an answer, or in the middle of one.
    private struct Dropped: Error {}

    private func respond(
        to request: Request, channel: any Channel, through writer: consuming ResponseWriter
    ) async throws {
        let target = request.head.path ?? "/"
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (path, query) = (halves[0], halves.count == 2 ? halves[1] : "")
        let method = request.method.rawValue
        let admission = await switchboard.admit(method: method, path: path, query: query)
        var generator = SystemRandomNumberGenerator()
        let requestID = Identifier.request(using: &generator)

        var message: CloudRequest?
        do {
            let body = Array(buffer: try await request.body.collect(upTo: EmulatorServer.bodyBytesMax))
            message = CloudRequest(
                method: method, path: path, query: query, authorization: request.headers[.authorization],
                host: request.head.authority, body: body)
        } catch is NIOTooManyBytesError {
            message = nil
        }
        await wait(admission.halfLatency)
        let outcome = await outcome(
            Arrival(
                admission: admission, message: message, origin: origin(message?.host, channel.localAddress),
                requestID: requestID))
        await wait(admission.halfLatency)
        if case .stall(let milliseconds) = admission.fault?.effect { await wait(.milliseconds(milliseconds)) }
        await switchboard.depart(
            admission.number, status: outcome.response?.status ?? 0, isCommitted: outcome.isCommitted)
        guard let response = outcome.response else { throw Dropped() }
        let head = head(of: response, admission, requestID: requestID)
        guard !outcome.isTruncated else {
            var body: any ResponseBodyWriter = try await writer.writeHead(head)
            try await body.write(ByteBuffer(bytes: response.body.prefix(response.body.count / 2)))
            throw Dropped()
        }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    /// What happened to a request, and what its client gets to see.
    private struct Outcome {
        /// What is sent; nil closes the connection.
        var response: CloudResponse?
        /// Whether the request succeeded inside.
        var isCommitted = false
        /// Whether only half of the body is sent.
        var isTruncated = false
    }

    /// A request that was read.
    private struct Arrival {
        let admission: Switchboard.Admission
        /// Nil if its body is too large.
        let message: CloudRequest?
        let origin: String
        let requestID: String

        func refused(_ problem: Problem) -> CloudResponse {
            problem.response(requestID: requestID, admission.errorForm)
        }
    }

    private func outcome(_ arrival: Arrival) async -> Outcome {
        if let seconds = arrival.admission.retryAfter {
            return Outcome(response: arrival.refused(.throttled(retryAfter: seconds)))
        }
        guard let fault = arrival.admission.fault else { return completed(await carryOut(arrival)) }
        var outcome = Outcome()
        if fault.isCommitted { outcome = completed(await carryOut(arrival)) }
        if let delay = fault.delay, let message = arrival.message {
            await switchboard.postpone(message, origin: arrival.origin, by: delay)
        }
        switch fault.effect {
        case .status(let status): outcome.response = arrival.refused(.failure(status: status))
        case .html(let status): outcome.response = .gatewayPage(status)
        case .empty(let status): outcome.response = .empty(status)
        case .gzip(let status):
            if let status { outcome.response = arrival.refused(.failure(status: status)) }
            outcome.response = outcome.response?.compressed
        case .drop: outcome.response = nil
        case .refuse(let seconds):
            outcome.response = nil
            onOutage(.seconds(seconds))
        case .truncate: outcome.isTruncated = true
        case .throttle(let seconds): outcome.response = arrival.refused(.throttled(retryAfter: seconds))
        case .stall: break
        }
        return outcome
    }

    private func carryOut(_ arrival: Arrival) async -> CloudResponse {
        guard let message = arrival.message else {
            return arrival.refused(
                Problem(status: 413, title: "Payload Too Large", detail: "The body is too large."))
        }
        return await switchboard.answer(message, origin: arrival.origin, requestID: arrival.requestID)
    }

    private func completed(_ response: CloudResponse) -> Outcome {
        Outcome(response: response, isCommitted: (200...299).contains(response.status))
    }

    /// The status line and the headers, among them those that every answer has.
    private func head(of response: CloudResponse, _ admission: Switchboard.Admission, requestID: String)
        -> HTTPResponse
    {
        var headers = HTTPFields()
        func set(_ name: String, _ value: String) {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        set("Date", Timestamp.now().advanced(by: admission.clockOffset).httpDate)
        set("X-Request-Id", requestID)
        if let contentType = response.contentType { set("Content-Type", contentType) }
        if response.status != 204 { set("Content-Length", String(response.body.count)) }
        if admission.showsRateLimit {
            set("X-RateLimit-Limit", String(admission.rate.limit))
            set("X-RateLimit-Remaining", String(admission.rate.remaining))
            set("X-RateLimit-Reset", String(admission.rate.resetSeconds))
        }
        for header in response.headers { set(header.name, header.value) }
        return HTTPResponse(status: HTTPResponse.Status(code: response.status), headerFields: headers)
    }

    /// Waits without holding a thread; a server that stops waits no longer, but still carries its requests out.
    private func wait(_ duration: Duration) async {
        guard duration > .zero else { return }
        try? await Task.sleep(for: duration, tolerance: .zero)
    }

    /// The address under which the caller reaches the emulator, if it is one that it listens on.
    private func origin(_ host: String?, _ local: SocketAddress?) -> String {
        let port = local?.port ?? 0
        let known = ["127.0.0.1:\(port)", "[::1]:\(port)", "localhost:\(port)"]
        if let host, known.contains(host) { return "http://\(host)" }
        let address = local?.ipAddress ?? "127.0.0.1"
        return address.contains(":") ? "http://[\(address)]:\(port)" : "http://\(address):\(port)"
    }
}
