import Applying
import Configuring
import Diagnostics
import Planning
import Synchronization
import Values

/// A cloud in memory, whose calls are noted and held up as the test says.
///
/// Calls are named `LIST`, `POST name`, `PATCH id`, `DELETE id`, `READ name` and `PROBE id`.
final class PretendCloud: Provider {
    /// How the answer to a POST goes wrong.
    enum Lapse: Sendable {
        /// The cloud says no.
        case refused
        /// Nothing was made, and nobody learns of it.
        case lostBefore
        /// The key was made, and nobody learns of it.
        case lostAfter
    }

    private struct Inside {
        var keys: [String: Value] = [:]
        var created: [String: Int] = [:]
        var lapses: [String: [Lapse?]] = [:]
        var unready: [String: String] = [:]
        var time = 1_000
        var numbers: [String: Int] = [:]
        var running = 0
        var runningMax = 0
        var posting: [Fingerprint: Int] = [:]
        var postingMax = 0
    }

    let place: ProviderPlace? = ProviderPlace(organization: "o", endpoint: "e")
    private let course: Course
    private let inside = Mutex(Inside())

    init(_ course: Course) { self.course = course }

    // MARK: - What the test sees and decides

    /// The ids of the keys that there are.
    var keys: [String] { inside.withLock { $0.keys.keys.sorted() } }
    /// How many changing calls ran at once, at most.
    var runningMax: Int { inside.withLock { $0.runningMax } }
    /// How many POSTs of one fingerprint were on their way at once, at most.
    var postingMax: Int { inside.withLock { $0.postingMax } }

    /// The next POSTs of a name go wrong like this; nil means well.
    func arrange(_ lapses: Lapse?..., forPostsOf name: String) { inside.withLock { $0.lapses[name] = lapses } }
    /// A key never becomes usable, for this reason.
    func keepUnready(_ id: String, _ reason: String) { inside.withLock { $0.unready[id] = reason } }
    /// The clock goes on.
    func pass(seconds: Int) { inside.withLock { $0.time += seconds } }
    /// Another hand, or an earlier run, made a key.
    func put(_ object: Value) {
        inside.withLock { inside in
            guard let id = object.fields?["id"]?.string else { return }
            inside.keys[id] = object
            inside.created[id] = inside.time
        }
    }
    /// Another hand removed a key.
    func remove(_ id: String) { inside.withLock { $0.keys[id] = nil } }

    // MARK: - Provider

    func read(_ requests: [ReadRequest]) async -> [ReadAnswer] {
        requests.map { request in
            let id = request.prior.fields?["id"]?.string ?? ""
            return inside.withLock { $0.keys[id] }.map { .object($0) } ?? .gone
        }
    }

    func readData(type: String, configuration: Value) async throws(Diagnostic) -> Value {
        let name = configuration.fields?["name"]?.string ?? ""
        try await course.call("READ \(name)", hearsCancellation: true)
        return .object(["id": .string("place of \(name)"), "name": .string(name)])
    }

    func find(
        type: String, like fingerprints: [Fingerprint], matching: Set<String>?
    ) async throws(Diagnostic) -> Findings {
        try await course.call("LIST")
        func narrowed(_ fingerprint: Fingerprint) -> Fingerprint {
            guard let matching else { return fingerprint }
            return Fingerprint(fingerprint.parts.filter { matching.contains($0.key) })
        }
        let wanted = Set(fingerprints.map(narrowed))
        return inside.withLock { inside in
            let found = inside.keys.compactMap { id, object -> Findings.Found? in
                guard let fingerprint = Sample.fingerprint(object), wanted.contains(narrowed(fingerprint)) else {
                    return nil
                }
                return Findings.Found(
                    id: id, importID: id, fingerprint: fingerprint, createdAt: inside.created[id], object: object)
            }
            return Findings(found: found.sorted { $0.id < $1.id }, serverTime: inside.time)
        }
    }

    func create(type: String, planned: Value) async -> CreateAnswer {
        let name = planned.fields?["name"]?.string ?? ""
        let fingerprint = Sample.fingerprint(planned) ?? Fingerprint([:])
        begin()
        inside.withLock { inside in
            inside.posting[fingerprint, default: 0] += 1
            inside.postingMax = max(inside.postingMax, inside.posting[fingerprint] ?? 0)
        }
        let lapse = inside.withLock { inside -> Lapse? in
            inside.lapses[name]?.isEmpty == false ? inside.lapses[name]?.removeFirst() ?? nil : nil
        }
        var answer = CreateAnswer.refused(.error("Refused", name))
        do throws(Diagnostic) {
            try await course.call("POST \(name)")
            answer = self.answer(name, planned, lapse)
        } catch {
            answer = .refused(error)
        }
        end()
        inside.withLock { $0.posting[fingerprint, default: 0] -= 1 }
        return answer
    }

    private func answer(_ name: String, _ planned: Value, _ lapse: Lapse?) -> CreateAnswer {
        guard lapse != .refused else { return .refused(.error("Refused", name)) }
        guard lapse != .lostBefore else { return .ambiguous(.error("Answer lost", name)) }
        let object = inside.withLock { inside in
            inside.numbers[name, default: 0] += 1
            let id = "\(name)-\(inside.numbers[name] ?? 0)"
            let object = Sample.object(
                id: id, name: name, label: planned.fields?["label"]?.string, owner: planned.fields?["owner"]?.string)
            inside.keys[id] = object
            inside.created[id] = inside.time
            return object
        }
        guard lapse != .lostAfter else { return .ambiguous(.error("Answer lost", name)) }
        return .created(object, secret: "secret of \(object.fields?["id"]?.string ?? "")")
    }

    func update(type: String, prior: Value, planned: Value) async throws(Diagnostic) -> Value {
        begin()
        defer { end() }
        let id = prior.fields?["id"]?.string ?? ""
        try await course.call("PATCH \(id)", hearsCancellation: true)
        inside.withLock { $0.keys[id] = planned }
        return planned
    }

    func delete(type: String, prior: Value) async throws(Diagnostic) {
        try await delete(type: type, id: prior.fields?["id"]?.string ?? "", like: nil)
    }

    func delete(type: String, id: String, like fingerprint: Fingerprint?) async throws(Diagnostic) {
        begin()
        defer { end() }
        try await course.call("DELETE \(id)", hearsCancellation: true)
        remove(id)
    }

    func list(type: String, owner: String?) async throws(Diagnostic) -> [RemoteObject] {
        inside.withLock { $0.keys }.sorted { $0.key < $1.key }.map { id, object in
            RemoteObject(type: type, id: id, importID: id, createdAt: nil, object: object)
        }
    }

    func awaitReady(type: String, object: Value, secret: String?) async -> Readiness {
        let id = object.fields?["id"]?.string ?? ""
        guard (try? await course.call("PROBE \(id)", hearsCancellation: true)) != nil else {
            return .notReady("It was given up.")
        }
        return inside.withLock { $0.unready[id] }.map { .notReady($0) } ?? .ready
    }

    func importObject(type: String, id: String) async throws(Diagnostic) -> ImportedObject {
        guard let object = inside.withLock({ $0.keys[id] }) else { throw .error("Key not found", id) }
        return ImportedObject(object: object, id: id)
    }

    func check(secret: String, of object: Value, type: String) async throws(Diagnostic) -> [Diagnostic] {
        try await course.call("CHECK \(object.fields?["id"]?.string ?? "")")
        return []
    }

    func close() async {}

    private func begin() {
        inside.withLock { inside in
            inside.running += 1
            inside.runningMax = max(inside.runningMax, inside.running)
        }
    }

    private func end() { inside.withLock { $0.running -= 1 } }
}
