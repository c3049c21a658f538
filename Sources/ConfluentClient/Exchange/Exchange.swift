import JSON
import Networking

/// Carries requests to one endpoint: attempts, waits, redirects and errors.
struct Exchange: Sendable {
    let endpoint: Endpoint
    let credentials: Credentials
    let userAgent: String
    let timeout: Duration
    let retry: Retry
    let transport: any Transport
    let timing: Timing
    let limiter: Limiter

    /// More hops than this are a loop.
    private static let maximumRedirects = 5
    /// A successful answer with a whole body.
    struct Reply: Sendable {
        let request: Request
        let answer: Answer
        let attempts: Int
    }

    /// A failed request.
    ///
    /// `isDefinitive` tells that the server did not do what was asked; otherwise it may have.
    struct Failure: Error, Sendable {
        let error: APIError
        let isDefinitive: Bool
        /// How long the answer's headers ask to wait; nil when they do not.
        let wait: Duration?
    }

    /// Makes a request, with as many attempts as `Retry` allows.
    ///
    /// A POST that is on its way is not given up when the caller's task is cancelled, because its answer may hold what
    /// cannot be had again; a cancelled caller's waits between attempts do end.
    func perform(_ request: Request) async -> Result<Reply, Failure> {
        guard request.isSound else {
            return .failure(failure(request, .invalid, "the id is empty or no id", attempts: 0, isDefinitive: true))
        }
        var last: Failure?
        for attempt in 1...(retry.maximumRetries + 1) {
            let start: Duration
            do {
                start = try await limiter.enter()
            } catch {
                return .failure(last ?? cancelled(request, attempts: attempt - 1))
            }
            let outcome = await follow(request)
            let failed: Failure
            let wait = retry.wait(
                method: request.method, attempts: attempt, outcome: Self.outcome(outcome), random: timing.random())
            let ending = Self.ending(outcome, wait: wait)
            await limiter.leave(startedAt: start, ending)
            switch judge(outcome, of: request, attempts: attempt) {
            case .success(let reply): return .success(reply)
            case .failure(let failure): failed = failure
            }
            guard let wait else { return .failure(failed) }
            last = failed
            // A throttled request waits with all others, before it starts again.
            if ending.isThrottled { continue }
            do {
                try await timing.sleep(wait)
            } catch {
                return .failure(failed)
            }
        }
        return .failure(last ?? cancelled(request, attempts: retry.maximumRetries + 1))
    }

    // MARK: - Attempts

    /// What an outcome says about the pace.
    private static func ending(_ outcome: TransportOutcome, wait: Duration?) -> RequestBudget.Ending {
        var ending = RequestBudget.Ending()
        guard case .answer(let answer) = outcome else { return ending }
        if answer.status == 429 {
            ending.isThrottled = true
            ending.pause = wait ?? min(Retry.requestedWait(answer) ?? .zero, Retry.longestRequested)
        } else {
            ending.remaining = Retry.remaining(answer)
        }
        return ending
    }

    /// One attempt, redirects within the origin included.
    private func follow(_ request: Request) async -> TransportOutcome {
        var url = endpoint.description + request.target
        for hop in 0...Self.maximumRedirects {
            let outcome = await send(request, to: url)
            guard case .answer(var answer) = outcome, let location = redirect(answer, of: request) else {
                return outcome
            }
            guard let next = target(location, from: url) else {
                answer.problem = AnswerProblem(
                    "it redirects to another server (\(ServerText.cleaned(location, hiding: hidden, limit: 200))), "
                        + "to which the API key is not sent", isPermanent: true)
                return .answer(answer)
            }
            if hop == Self.maximumRedirects {
                answer.problem = AnswerProblem("it redirects again and again", isPermanent: true)
                return .answer(answer)
            }
            url = next
        }
        return .failure(TransportFailure(reason: "it redirects again and again", wasSent: true, isPermanent: true))
    }

    private func send(_ request: Request, to url: String) async -> TransportOutcome {
        let outgoing = OutgoingRequest(
            request.method.rawValue, url: url, endpoint: endpoint, headers: headers(of: request),
            credentials: credentials, body: request.body?.bytes(.compact), timeout: timeout)
        if request.method != .post { return await transport.send(outgoing) }
        // An unstructured task does not hear of the caller's cancellation.
        return await Task { await transport.send(outgoing) }.value
    }

    private func headers(of request: Request) -> [(name: String, value: String)] {
        let common = [(name: "accept", value: "application/json"), (name: "user-agent", value: userAgent)]
        return request.body == nil ? common : common + [(name: "content-type", value: "application/json")]
    }

    /// Where the answer wants the client to go; nil when it wants nothing, or when the method may not follow.
    private func redirect(_ answer: Answer, of request: Request) -> String? {
        switch (answer.status, request.method) {
        case (307, .get), (308, .get), (301, .get), (302, .get), (303, .get), (307, .patch), (308, .patch),
            (307, .delete), (308, .delete):
            answer.header("location")
        default: nil
        }
    }

    /// The URL to go to, nil when it is of another origin.
    private func target(_ location: String, from url: String) -> String? {
        if location.hasPrefix("/") && !location.hasPrefix("//") {
            return PlainURL(endpoint.origin + location) == nil ? nil : endpoint.origin + location
        }
        guard let next = PlainURL(location), next.userInfo == nil, next.scheme == endpoint.scheme,
            next.host == endpoint.host, (next.port ?? (next.scheme == "https" ? 443 : 80)) == endpoint.port
        else { return nil }
        return location
    }

    // MARK: - Judgement

    private static func outcome(_ outcome: TransportOutcome) -> Retry.Outcome {
        switch outcome {
        case .failure(let failure):
            .failed(wasSent: failure.wasSent, isPermanent: failure.isPermanent || failure.isCancelled)
        case .answer(let answer) where (200...299).contains(answer.status):
            .failed(wasSent: true, isPermanent: answer.problem?.isPermanent ?? true)
        case .answer(let answer):
            .answered(status: answer.status, wait: Retry.requestedWait(answer))
        }
    }

    private func judge(_ outcome: TransportOutcome, of request: Request, attempts: Int) -> Result<Reply, Failure> {
        switch outcome {
        case .failure(let failure):
            let kind: APIError.Kind = failure.isCancelled ? .cancelled : .network
            let detail = ServerText.cleaned(failure.reason, hiding: hidden)
            return .failure(
                self.failure(request, kind, detail, attempts: attempts, isDefinitive: !failure.wasSent))
        case .answer(let answer):
            // Nobody reads the body of a successful DELETE, so it does not matter when it is cut.
            let isUsable = answer.problem == nil || request.method == .delete
            if (200...299).contains(answer.status) && isUsable {
                return .success(Reply(request: request, answer: answer, attempts: attempts))
            }
            return .failure(judge(answer, of: request, attempts: attempts))
        }
    }

    private func judge(_ answer: Answer, of request: Request, attempts: Int) -> Failure {
        let status = answer.status
        if status < 400 {
            // A success or redirect is never quoted: its body may hold a new key's secret.
            let detail =
                answer.problem.map { "the answer cannot be used: \($0.reason)" } ?? "the answer was not expected"
            let isCut = answer.problem?.isPermanent == false
            return failure(request, isCut ? .network : .malformed, detail, answer: answer, attempts: attempts)
        }
        let body = ErrorBody(answer.body, hiding: hidden)
        return failure(
            request, APIError.kind(ofStatus: status, detail: body.detail), body.detail, answer: answer,
            requestID: body.requestID, attempts: attempts,
            isDefinitive: (400...499).contains(status) && status != 408)
    }

    /// A failure that the answer's content causes, found by whoever reads it.
    func malformed(_ reply: Reply, _ problem: String) -> APIError {
        failure(
            reply.request, .malformed, ServerText.cleaned(problem, hiding: hidden), answer: reply.answer,
            attempts: reply.attempts
        ).error
    }

    private var hidden: [String] { credentials.spellings }

    private func cancelled(_ request: Request, attempts: Int) -> Failure {
        failure(request, .cancelled, "it was cancelled", attempts: attempts, isDefinitive: true)
    }

    private func failure(
        _ request: Request, _ kind: APIError.Kind, _ detail: String, answer: Answer? = nil, requestID: String? = nil,
        attempts: Int, isDefinitive: Bool = false
    ) -> Failure {
        let id = answer?.header("x-request-id").map { ServerText.cleaned($0, hiding: hidden, limit: 100) }
        let error = APIError(
            kind: kind, method: request.method.rawValue, path: ServerText.visible(endpoint.prefix + request.path),
            status: answer?.status, detail: detail, requestID: id?.isEmpty == false ? id : requestID,
            attempts: attempts)
        return Failure(
            error: error, isDefinitive: isDefinitive, wait: answer.flatMap(Retry.requestedWait))
    }
}
