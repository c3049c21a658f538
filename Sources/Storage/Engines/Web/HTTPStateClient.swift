import Applying
import JSON
import Networking

/// The requests of the protocol: read, write, lock and unlock at an address, and what the answers mean.
struct HTTPStateClient: Sendable {
    /// What the block says.
    struct Settings: Sendable {
        /// Where the state is.
        var address: WebAddress
        /// Where it is locked; nil for no locks.
        var lock: WebAddress?
        /// Where it is unlocked.
        var unlock: WebAddress?
        var updateMethod: String
        var lockMethod: String
        var unlockMethod: String
        var credentials: Credentials?
    }

    /// A document, its lock, and how it is let go.
    struct Place: Hashable, Sendable {
        var address: WebAddress
        var lock: WebAddress?
        var unlock: WebAddress?
    }

    /// What came of trying to lock.
    enum Locking: Hashable, Sendable {
        case taken
        /// Somebody has it; who, if the server tells. It may be this very run, by an attempt whose answer was lost.
        case held(LockHolder?, mayBeOurs: Bool)
        /// There is nothing that could be locked.
        case missing(status: Int)
    }

    let settings: Settings
    private let requests: WebRequests

    init(_ settings: Settings, _ requests: WebRequests) {
        self.settings = settings
        self.requests = requests
    }

    /// The state.
    var state: Place { Place(address: settings.address, lock: settings.lock, unlock: settings.unlock) }

    /// The journal, beside the state; it has a lock where that is at an address that begins as the state's.
    var journal: Place {
        let address = settings.address.beside("-journal")
        let lock = settings.lock.flatMap { settings.address.address(like: $0, for: address) }
        let unlock = settings.unlock.flatMap { settings.address.address(like: $0, for: address) }
        return Place(address: address, lock: unlock == nil ? nil : lock, unlock: lock == nil ? nil : unlock)
    }

    /// Reads a document; nil when there is none.
    func read(_ what: String, _ place: Place) async throws(EngineError) -> (bytes: [UInt8], tag: String?)? {
        let answer = try await ask(what, "GET", place.address, maximum: 1 << 29).answer
        switch answer.status {
        case 200:
            if let sum = answer.header("content-md5"), sum != Checksum.md5(answer.body) {
                throw EngineError(.away, "\(what): \(place.address.shown) sent bytes that do not fit its Content-MD5.")
            }
            return answer.body.isEmpty ? nil : (answer.body, answer.header("etag"))
        case 204, 404: return nil
        default: throw refusal(what, place.address, answer)
        }
    }

    /// What came of writing.
    enum Writing: Sendable {
        case done
        /// The server says no; an attempt before may have worked, so that what is there has to be looked at.
        case refused(EngineError, status: Int, mayHaveWorked: Bool)
    }

    /// Writes a document under a lock's id, in the place of one that has this tag, as far as the server looks at either.
    func write(
        _ what: String, _ place: Place, _ bytes: [UInt8], lock id: String?, tag: String?
    ) async throws(EngineError) -> Writing {
        var headers = Self.headers(bytes)
        if let tag, !tag.hasPrefix("W/") { headers.append(("if-match", tag)) }
        let reply = try await ask(
            what, settings.updateMethod, place.address, parameter: id.map { ("ID", $0) }, headers: headers, body: bytes)
        let answer = reply.answer
        if [200, 201, 204].contains(answer.status) { return .done }
        return .refused(
            refusal(what, place.address, answer), status: answer.status, mayHaveWorked: reply.followsUnclearAttempt)
    }

    /// Tries to lock.
    func lock(_ what: String, _ address: WebAddress, _ holder: LockHolder) async throws(EngineError) -> Locking {
        let bytes = holder.json.bytes(.compact)
        let reply = try await ask(what, settings.lockMethod, address, headers: Self.headers(bytes), body: bytes)
        let answer = reply.answer
        switch answer.status {
        case 200, 201, 204: return .taken
        case 409, 423:
            let json = try? JSONValue(parsing: answer.body, repeatedKeys: .lastWins)
            var other = json.flatMap { LockHolder(json: $0) }
            // GitLab answers with what it was asked with, but for id, user and time.
            if let info = other?.info, info == holder.info { other?.info = "" }
            return .held(other, mayBeOurs: reply.followsUnclearAttempt)
        case 404, 405, 501: return .missing(status: answer.status)
        default: throw refusal(what, address, answer)
        }
    }

    /// Lets a lock go; false when the server says that it is another's.
    func unlock(_ what: String, _ address: WebAddress, _ holder: LockHolder) async throws(EngineError) -> Bool {
        let bytes = holder.json.bytes(.compact)
        let answer = try await ask(
            what, settings.unlockMethod, address, headers: Self.headers(bytes), body: bytes
        ).answer
        if answer.isSuccess { return true }
        guard [404, 409, 423].contains(answer.status) else { throw refusal(what, address, answer) }
        return false
    }

    /// Closes all connections.
    func shutdown() async { await requests.shutdown() }

    private static func headers(_ bytes: [UInt8]) -> [(name: String, value: String)] {
        [("content-type", "application/json"), ("content-md5", Checksum.md5(bytes))]
    }

    private func ask(
        _ what: String, _ method: String, _ address: WebAddress, parameter: (name: String, value: String)? = nil,
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, maximum: Int = 1 << 20
    ) async throws(EngineError) -> WebAnswer {
        do throws(WebFailure) {
            return try await requests.answer {
                OutgoingRequest(
                    method, url: address.url(adding: parameter), endpoint: address.endpoint, headers: headers,
                    credentials: settings.credentials, body: body, maximumBody: maximum)
            }
        } catch {
            throw EngineError(error, "\(what): \(address.shown) did not answer")
        }
    }

    private func refusal(_ what: String, _ address: WebAddress, _ answer: Answer) -> EngineError {
        let text = ServerText.cleaned(
            String(decoding: answer.body.prefix(4_096), as: UTF8.self), hiding: settings.credentials?.spellings ?? [],
            limit: 300)
        let told = text.isEmpty ? "" : ": \(text)"
        let advice: String? =
            switch answer.status {
            case 300...399: "The server sends elsewhere; write the address that it is at now."
            case 401: "Set username and password, or TF_HTTP_USERNAME and TF_HTTP_PASSWORD."
            case 403: "Ask for the right to read, write and lock the state there."
            case 404, 405: "Check the addresses and methods of the backend block."
            case 413: "The server takes no document of this size; its administrator sets the limit."
            default: nil
            }
        return EngineError(
            WebRequests.isPassing(answer.status) ? .away : .refused,
            "\(what): \(address.shown) answered with HTTP \(answer.status)\(told).", advice: advice)
    }
}
