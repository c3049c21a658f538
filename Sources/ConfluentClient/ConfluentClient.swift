package import Networking

/// A typed client of Confluent Cloud's REST APIs.
///
/// One value serves any number of concurrent requests: they share connections, and one limiter that learns from what the
/// cloud says how many of them it bears. Connections are made with the first request. Everything that reads or changes an object
/// throws `APIError` after its retries; making a key answers with `PostAnswer` instead. The endpoints are in
/// extensions, one file for each group.
package struct ConfluentClient: Sendable {
    let exchange: Exchange

    /// Makes a client; nothing is sent yet.
    ///
    /// Throws when a setting makes no sense.
    package init(_ settings: ClientSettings) throws(ClientError) {
        try self.init(settings, timing: .live)
    }

    /// Makes a client with its own time and its own way to the cloud, for tests.
    package init(
        _ settings: ClientSettings, transport: (any Transport)? = nil, timing: Timing
    ) throws(ClientError) {
        try settings.check()
        exchange = Exchange(
            endpoint: try Endpoint(settings.endpoint), credentials: settings.credentials,
            userAgent: settings.userAgent, timeout: settings.requestTimeout,
            retry: Retry(maximumRetries: settings.maximumRetries),
            transport: transport ?? settings.transport, timing: timing,
            limiter: Limiter(timing: timing, announce: settings.announceWait))
    }

    /// The API that this client speaks to, in its usual spelling.
    package var endpoint: Endpoint { exchange.endpoint }

    /// The id of the API key that every request is made with; not secret.
    package var keyID: String { exchange.credentials.key }

    /// Closes all connections.
    ///
    /// The client cannot be used afterwards.
    package func shutdown() async {
        await exchange.transport.shutdown()
    }

    /// Makes a request whose answer is one object.
    func object<Value>(
        _ request: Request, read: (AnswerReader) throws(AnswerMistake) -> Value
    ) async throws(APIError) -> Value {
        let reply: Exchange.Reply
        switch await exchange.perform(request) {
        case .success(let value): reply = value
        case .failure(let failure): throw failure.error
        }
        do {
            return try read(try AnswerReader(try AnswerReader.json(reply.answer.body)))
        } catch {
            throw exchange.malformed(reply, "the answer cannot be read: \(error.text)")
        }
    }

    /// Makes a request that removes an object; nobody reads its answer.
    func remove(_ request: Request) async throws(APIError) {
        switch await exchange.perform(request) {
        case .success: return
        case .failure(let failure): throw failure.error
        }
    }

    /// Makes a request that makes an object, once.
    func make<Object: Sendable>(
        _ request: Request, read: ([UInt8]) throws(AnswerMistake) -> (object: Object, secret: Secret?)
    ) async -> PostAnswer<Object> {
        let reply: Exchange.Reply
        switch await exchange.perform(request) {
        case .success(let value): reply = value
        case .failure(let failure): return failure.isDefinitive ? .refused(failure.error) : .ambiguous(failure.error)
        }
        do throws(AnswerMistake) {
            let made = try read(reply.answer.body)
            return .created(made.object, secret: made.secret, serverDate: reply.answer.date)
        } catch {
            return .ambiguous(exchange.malformed(reply, "the answer to the creation cannot be used: \(error.text)"))
        }
    }

    /// Makes a request that makes an object without a secret, once.
    func make<Object: Sendable>(
        _ request: Request, read: (AnswerReader) throws(AnswerMistake) -> Object
    ) async -> PostAnswer<Object> {
        await make(request) { (body) throws(AnswerMistake) -> (object: Object, secret: Secret?) in
            (try read(try AnswerReader(try AnswerReader.json(body))), nil)
        }
    }
}
