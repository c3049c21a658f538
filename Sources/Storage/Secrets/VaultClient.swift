import Applying
import Diagnostics
import JSON
import Networking

/// Requests to the HTTP API of HashiCorp Vault or OpenBao, version 1, with a token that is got and renewed as needed.
///
/// Sources: the API documentation of both projects on the KV engine version 2, tokens, AppRole and Kubernetes login.
actor VaultClient {
    /// What the server answered.
    struct Reply: Sendable {
        /// The status.
        var status: Int
        /// The body; null when it has none that is JSON.
        var json: JSONValue
        /// The server's own words on a failure, made fit to be shown.
        var problem: String
    }

    /// How to come by a token.
    enum Login: Sendable {
        /// It is given.
        case token(Secret)
        /// By a request of this path with these members, which are got anew for every login.
        case request(path: String, members: @Sendable () throws(Diagnostic) -> JSONObject)
    }

    /// The token in use.
    private struct Token {
        var secret: Secret
        /// When it was got or renewed, and for how long it is good; nil for one that does not end.
        var got: Duration
        var lifetime: Duration?
        var isRenewable: Bool
    }

    /// How to reach the server.
    let endpoint: Endpoint
    private let namespace: String?
    private let login: Login
    private let transport: any Transport
    private let surroundings: Surroundings
    private var token: Token?
    private var gettingToken: Task<Result<Token, Diagnostic>, Never>?

    private static let attempts = 6
    private static let timeout = Duration.seconds(30)

    init(
        endpoint: Endpoint, namespace: String?, login: Login, transport: any Transport, surroundings: Surroundings
    ) {
        (self.endpoint, self.namespace, self.login) = (endpoint, namespace, login)
        (self.transport, self.surroundings) = (transport, surroundings)
    }

    // MARK: - Requests

    /// Makes a request that may be repeated, and is where the server is busy, sealed for a moment or away.
    ///
    /// - Parameters:
    ///   - method: Such as `GET`.
    ///   - path: Below `/v1/`, percent-encoded.
    ///   - body: Its JSON body, or nil.
    ///   - secrets: Texts that are in no message, whatever the server says.
    func request(
        _ method: String, _ path: String, _ body: JSONValue? = nil, hiding secrets: [String] = []
    ) async throws(Diagnostic) -> Reply {
        let isNew = token == nil
        let used = try await currentToken()
        let reply = try await send(method, path, body, used.secret, hiding: secrets)
        // A token may be revoked before its time; who can log in does so once more.
        guard reply.status == 403, !isNew, case .request = login else { return reply }
        if token?.got == used.got { token = nil }
        let next = try await currentToken()
        return try await send(method, path, body, next.secret, hiding: secrets)
    }

    /// Sends a request until it is answered by more than "not now".
    private func send(
        _ method: String, _ path: String, _ body: JSONValue?, _ token: Secret?, hiding secrets: [String]
    ) async throws(Diagnostic) -> Reply {
        var headers = [(name: "X-Vault-Request", value: "true")]
        if let token { headers.append(("X-Vault-Token", token.revealed)) }
        if let namespace { headers.append(("X-Vault-Namespace", namespace)) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let request = OutgoingRequest(
            method, url: "\(endpoint)/v1/\(path)", endpoint: endpoint, headers: headers,
            body: body?.bytes(.compact), timeout: Self.timeout)
        let hidden = secrets + (token.map { [$0.revealed] } ?? [])
        var pause = Duration.milliseconds(250)
        var problem = ""
        for attempt in 1...Self.attempts {
            switch await transport.send(request) {
            case .answer(let answer):
                let isPassing = answer.status == 412 || answer.status == 429 || answer.status >= 500
                let reply = Self.reply(answer, hiding: hidden)
                guard isPassing || answer.problem != nil else { return reply }
                problem = answer.problem?.reason ?? "status \(answer.status)\(reply.problem)"
                if answer.problem?.isPermanent == true { throw .vaultUnreachable(endpoint, problem) }
            case .failure(let failure):
                problem = ServerText.cleaned(failure.reason, hiding: hidden)
                if failure.isPermanent || failure.isCancelled { throw .vaultUnreachable(endpoint, problem) }
            }
            guard attempt < Self.attempts, (try? await surroundings.clock.sleep(for: pause)) != nil else { break }
            pause = min(pause * 2, .seconds(4))
        }
        throw .vaultUnreachable(endpoint, problem)
    }

    private static func reply(_ answer: Answer, hiding hidden: [String]) -> Reply {
        let json = (try? JSONValue(parsing: answer.body)) ?? .null
        let words = (json["errors"]?.array ?? []).compactMap(\.string).joined(separator: "; ")
        let text = ServerText.cleaned(words, hiding: hidden)
        return Reply(status: answer.status, json: json, problem: text.isEmpty ? "" : ": \(text)")
    }

    // MARK: - The token

    /// The token, got if there is none and renewed once two thirds of its time are over.
    private func currentToken() async throws(Diagnostic) -> Token {
        if let token, !isAging(token) { return token }
        if let gettingToken { return try await gettingToken.value.get() }
        let task = Task { [token] () -> Result<Token, Diagnostic> in
            do throws(Diagnostic) {
                return .success(try await self.nextToken(after: token))
            } catch {
                return .failure(error)
            }
        }
        gettingToken = task
        let result = await task.value
        gettingToken = nil
        let next = try result.get()
        token = next
        return next
    }

    private func isAging(_ token: Token) -> Bool {
        guard let lifetime = token.lifetime else { return false }
        return surroundings.elapsed() - token.got > lifetime * 2 / 3
    }

    private func nextToken(after old: Token?) async throws(Diagnostic) -> Token {
        if let old {
            if old.isRenewable, let renewed = try? await renewed(old) { return renewed }
            // Good until its end, if it cannot be renewed and nobody can log in anew.
            if case .token = login {
                var old = old
                old.isRenewable = false
                old.lifetime = nil
                return old
            }
        }
        switch login {
        case .token(let secret): return try await given(secret)
        case .request(let path, let members):
            let members = try members()
            let secrets = members.compactMap(\.value.string)
            let now = surroundings.elapsed()
            let reply = try await send("POST", path, .object(members), nil, hiding: secrets)
            guard reply.status == 200, let token = Self.token(reply.json["auth"], now) else {
                throw .vaultRefusedLogin(endpoint, path, reply)
            }
            return token
        }
    }

    /// What is known of a token that was given; one that may not ask about itself is taken as it is.
    private func given(_ secret: Secret) async throws(Diagnostic) -> Token {
        let now = surroundings.elapsed()
        var token = Token(secret: secret, got: now, lifetime: nil, isRenewable: false)
        let reply = try await send("GET", "auth/token/lookup-self", nil, secret, hiding: [])
        guard reply.status == 200, let found = reply.json["data"] else { return token }
        if let seconds = found["ttl"]?.int, seconds > 0 { token.lifetime = .seconds(seconds) }
        token.isRenewable = found["renewable"]?.bool ?? false
        return token
    }

    private func renewed(_ old: Token) async throws(Diagnostic) -> Token? {
        let now = surroundings.elapsed()
        let reply = try await send("POST", "auth/token/renew-self", [:], old.secret, hiding: [])
        guard reply.status == 200, var next = Self.token(reply.json["auth"], now) else { return nil }
        // One that has come to its greatest age gets less and less.
        if let lifetime = next.lifetime, lifetime < .seconds(5) { next.isRenewable = false }
        return next
    }

    private static func token(_ auth: JSONValue?, _ now: Duration) -> Token? {
        guard let auth, let text = auth["client_token"]?.string, !text.isEmpty else { return nil }
        let seconds = auth["lease_duration"]?.int ?? 0
        return Token(
            secret: Secret(text), got: now, lifetime: seconds > 0 ? .seconds(seconds) : nil,
            isRenewable: auth["renewable"]?.bool ?? false)
    }
}

extension Diagnostic {
    fileprivate static func vaultUnreachable(_ endpoint: Endpoint, _ reason: String) -> Diagnostic {
        .error(
            "Secret store did not answer",
            "Vault at \(endpoint) did not do what it was asked: \(reason). Nothing more is known; try again when it is there."
        )
    }

    fileprivate static func vaultRefusedLogin(
        _ endpoint: Endpoint, _ path: String, _ reply: VaultClient.Reply
    ) -> Diagnostic {
        .error(
            "Login to Vault failed",
            "Vault at \(endpoint) refused the login at \(VisibleText.escaped(path)) with status \(reply.status)\(reply.problem). Check role, credential and mount in flinkform.hcl."
        )
    }
}
