import Applying
import Diagnostics
import Networking

/// The few requests to a store that an engine makes, signed, and what its refusals mean.
struct S3Client: Sendable {
    let settings: S3Settings
    private let requests: WebRequests
    private let signature: RequestSignature
    private let surroundings: Surroundings

    init(_ settings: S3Settings, _ requests: WebRequests, _ surroundings: Surroundings) {
        self.settings = settings
        self.requests = requests
        self.surroundings = surroundings
        signature = RequestSignature(credentials: settings.credentials, region: settings.region)
    }

    /// What a write makes sure of, in the same step.
    enum Condition: Hashable, Sendable {
        /// There is no such object.
        case absent
        /// The object is the one with this tag.
        case tag(String)
    }

    /// What came of a write.
    enum Writing: Hashable, Sendable {
        /// It is done; this is its tag.
        case done(String)
        /// The condition does not hold; whether an attempt before may have made it so.
        case unmet(mayBeOurs: Bool)
    }

    /// An object.
    struct Object: Sendable {
        var bytes: [UInt8]
        var tag: String
        /// How long ago it was written, in whole seconds by the store's clock; nil when the store does not say.
        var age: Duration?
    }

    /// An object in a list.
    struct Listed: Hashable, Sendable {
        var key: String
        var length: Int
    }

    /// What an address is shown as.
    func place(_ key: String) -> String { VisibleText.escaped("s3://\(settings.bucket)/\(key)") }

    // MARK: - Requests

    /// Reads an object; nil when there is none.
    func get(_ what: String, _ key: String) async throws(EngineError) -> Object? {
        let answer = try await ask(what, "GET", key, headers: settings.readHeaders, maximum: 1 << 29).answer
        if answer.status == 404, code(answer) != "NoSuchBucket" { return nil }
        guard answer.status == 200, let tag = answer.header("etag") else { throw refusal(what, key, answer) }
        let written = answer.header("last-modified").flatMap(HTTPDate.seconds)
        let now = answer.header("date").flatMap(HTTPDate.seconds)
        let age = written.flatMap { written in now.map { Duration.seconds(max(0, $0 - written)) } }
        return Object(bytes: answer.body, tag: tag, age: age)
    }

    /// The tag of an object; nil when there is none.
    func head(_ what: String, _ key: String) async throws(EngineError) -> String? {
        let answer = try await ask(what, "HEAD", key, headers: settings.readHeaders).answer
        if answer.status == 404 { return nil }
        guard answer.status == 200, let tag = answer.header("etag") else { throw refusal(what, key, answer) }
        return tag
    }

    /// Writes an object if a condition holds.
    func put(
        _ what: String, _ key: String, _ bytes: [UInt8], if condition: Condition
    ) async throws(EngineError) -> Writing {
        var headers = settings.writeHeaders
        switch condition {
        case .absent: headers.append(("if-none-match", "*"))
        case .tag(let tag): headers.append(("if-match", tag))
        }
        if settings.sendsChecksum {
            headers.append(("x-amz-sdk-checksum-algorithm", "SHA256"))
            headers.append(("x-amz-checksum-sha256", Checksum.sha256(bytes)))
        }
        // Another request for the same object that is under way makes a 409: it is not decided yet.
        for _ in 0..<4 {
            let reply = try await ask(what, "PUT", key, headers: headers, body: bytes)
            let answer = reply.answer
            switch answer.status {
            case 200...299: return .done(answer.header("etag") ?? "")
            case 409 where code(answer) == "ConditionalRequestConflict": continue
            case 412: return .unmet(mayBeOurs: reply.followsUnclearAttempt)
            case 404 where code(answer) != "NoSuchBucket" && condition != .absent:
                return .unmet(mayBeOurs: reply.followsUnclearAttempt)
            default: throw refusal(what, key, answer)
            }
        }
        return .unmet(mayBeOurs: false)
    }

    /// Takes an object away; nothing happens when there is none.
    func delete(_ what: String, _ key: String) async throws(EngineError) {
        let answer = try await ask(what, "DELETE", key).answer
        if answer.status == 404, code(answer) != "NoSuchBucket" { return }
        guard answer.isSuccess else { throw refusal(what, key, answer) }
    }

    /// The objects whose keys begin so, in the order of their keys.
    func list(_ what: String, prefix: String) async throws(EngineError) -> [Listed] {
        var objects: [Listed] = []
        var token: String?
        repeat {
            var query = [(name: "list-type", value: "2"), (name: "prefix", value: prefix)]
            if let token { query.append((name: "continuation-token", value: token)) }
            let answer = try await ask(what, "GET", nil, query: query).answer
            guard answer.status == 200 else { throw refusal(what, prefix, answer) }
            guard let list = XMLElement(answer.body), list.name == "ListBucketResult" else {
                throw EngineError(.away, "\(what): \(place(prefix)) was answered with no list of objects.")
            }
            for element in list.children where element.name == "Contents" {
                guard let key = element.text("Key") else { continue }
                objects.append(Listed(key: key, length: element.text("Size").flatMap { Int($0) } ?? 0))
            }
            let next = list.text("IsTruncated") == "true" ? list.text("NextContinuationToken") : nil
            token = next == token ? nil : next
        } while token != nil
        return objects
    }

    /// Closes all connections.
    func shutdown() async { await requests.shutdown() }

    private func ask(
        _ what: String, _ method: String, _ key: String?, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, maximum: Int = 1 << 24
    ) async throws(EngineError) -> WebAnswer {
        do throws(WebFailure) {
            return try await requests.answer { request(method, key, query, headers, body, maximum) }
        } catch {
            var problem = EngineError(error, "\(what): \(hostName) did not answer")
            if !settings.isAmazon, !settings.usesPathStyle, problem.advice == nil {
                problem.advice = "A store that has no host for each bucket wants use_path_style = true."
            }
            throw problem
        }
    }

    /// The host that is asked: with the bucket's name before it, unless that is in the path.
    private var hostName: String {
        let host = settings.endpoint.host
        let shown = host.contains(":") ? "[\(host)]" : host
        return settings.usesPathStyle ? shown : "\(settings.bucket).\(shown)"
    }

    private func request(
        _ method: String, _ key: String?, _ query: [(name: String, value: String)],
        _ headers: [(name: String, value: String)], _ body: [UInt8]?, _ maximum: Int
    ) -> OutgoingRequest {
        let base = settings.endpoint
        let name = hostName
        let host = base.port == (base.scheme == "https" ? 443 : 80) ? name : "\(name):\(base.port)"
        let object = (key ?? "").split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.encoded(String($0)) }.joined(separator: "/")
        let bucket = settings.usesPathStyle ? "/" + PercentEncoding.encoded(settings.bucket) : ""
        let path = base.prefix + bucket + (key == nil && settings.usesPathStyle ? "" : "/" + object)
        let time = CivilTime(secondsSince1970: surroundings.now().seconds).text.filter { $0 != "-" && $0 != ":" }
        let added = signature.headers(
            method: method, path: path, query: query, headers: headers, host: host, body: body ?? [], time: time)
        let search = query.isEmpty ? "" : "?" + RequestSignature.canonical(query)
        return OutgoingRequest(
            method, url: "\(base.scheme)://\(host)\(path)\(search)", endpoint: base, headers: headers + added,
            body: body,
            maximumBody: maximum)
    }

    // MARK: - Refusals

    private func code(_ answer: Answer) -> String? { XMLElement(answer.body)?.text("Code") }

    /// What an answer means that is no success.
    private func refusal(_ what: String, _ key: String, _ answer: Answer) -> EngineError {
        let error = XMLElement(answer.body)
        let hidden =
            [settings.credentials.secretKey.revealed, settings.credentials.sessionToken?.revealed ?? ""]
            .filter { !$0.isEmpty }
        let code = error?.text("Code").map { ServerText.cleaned($0, hiding: hidden, limit: 100) }
        let message = error?.text("Message").map { ServerText.cleaned($0, hiding: hidden, limit: 400) }
        let told = [code, message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        let words = told.isEmpty ? "" : " (\(told))"
        let reason = "\(what): \(place(key)) was answered with HTTP \(answer.status)\(words)."
        let isPassing = WebRequests.isPassing(answer.status)
        return EngineError(
            isPassing ? .away : .refused, reason,
            advice: advice(code ?? "", answer, error?.text("Region") ?? answer.header("x-amz-bucket-region")))
    }

    private func advice(_ code: String, _ answer: Answer, _ region: String?) -> String? {
        switch code {
        case "NoSuchBucket":
            return "Make the bucket \(VisibleText.escaped(settings.bucket)) first, or correct the argument \"bucket\"."
        case "AccessDenied", "AllAccessDisabled":
            return
                "The credentials need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject on the state, its .tflock and what is below its .journal/."
        case "SignatureDoesNotMatch":
            return "The secret access key does not belong to the access key's id; set both again."
        case "InvalidAccessKeyId": return "The store does not know this access key; check whose credentials are set."
        case "ExpiredToken", "InvalidToken": return "The temporary credentials have ended; get new ones."
        case "RequestTimeTooSkewed", "RequestExpired":
            return "Set this machine's clock: the store says that it is wrong, and refuses signatures of another time."
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            let there = region.map { ", which is \(ServerText.visible($0, limit: 40))" } ?? ""
            return "Set the argument \"region\" to the bucket's region\(there)."
        case "NotImplemented":
            return "The store lacks what flinkform needs: conditional writes with If-Match and If-None-Match."
        default:
            // A HEAD request has no body that could say more.
            return answer.status == 403 ? "Check the credentials and their permissions for the bucket." : nil
        }
    }
}
