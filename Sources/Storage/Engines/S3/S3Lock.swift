import Applying
import Diagnostics
import JSON
import Networking

/// The lock beside a state: an object that is made only where there is none, as Terraform makes it with `use_lockfile`.
///
/// It has two more members, which Terraform reads over: `Heartbeat`, every how many seconds it is renewed, and `Renewals`, how often
/// that was done, so that each renewal has a tag of its own. One that has not been renewed for four times that long, by the store's
/// clock, was left by a run that is gone: it is replaced, if it is still the same then. Terraform's own are never replaced.
extension S3Engine {
    static let interval = Duration.seconds(15)
    private static let staleAfter = 4

    private var lockKey: String { key + ".tflock" }
    private var usesLock: Bool { client.settings.usesLockfile }

    /// A lock that is there.
    private struct FoundLock {
        var holder: LockHolder?
        var tag: String
        var age: Duration?
        /// How often its holder renews it; nil when it does not.
        var interval: Duration?

        var isStale: Bool {
            guard let age, let interval else { return false }
            return age > interval * S3Engine.staleAfter
        }

        var remark: String? {
            guard let age, interval != nil else { return nil }
            return "It was last renewed \(age.components.seconds) seconds ago."
        }
    }

    func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal? {
        (held, isLost, seenJournal) = (nil, false, nil)
        guard usesLock else { return nil }
        let what = "The state could not be locked"
        // Who comes between two requests is met in the next round.
        for _ in 0..<4 {
            let found = try await lockThatIsThere(what)
            if let found, !found.isStale { return LockRefusal(holder: found.holder, remark: found.remark) }
            let condition = found.map { S3Client.Condition.tag($0.tag) } ?? .absent
            let bytes = Self.bytes(holder, renewals: 0)
            switch try await client.put(what, lockKey, bytes, if: condition) {
            case .done(let tag):
                try await probe(bytes)
                held = HeldLock(holder: holder, tag: tag)
                return nil
            case .unmet(mayBeOurs: true):
                if let mine = try await lockThatIsThere(what), mine.holder?.id == holder.id {
                    held = HeldLock(holder: holder, tag: mine.tag)
                    return nil
                }
            case .unmet(mayBeOurs: false): break
            }
        }
        return LockRefusal(holder: nil, remark: "It changes hands at this moment.")
    }

    func renew() async throws(EngineError) {
        guard !isLost else { throw lost(nil) }
        guard let mine = held else { return }
        let what = "The lock could not be renewed"
        let bytes = Self.bytes(mine.holder, renewals: mine.renewals + 1)
        let writing = try await client.put(what, lockKey, bytes, if: .tag(mine.tag))
        guard held?.holder.id == mine.holder.id else { return }
        held?.renewals = mine.renewals + 1
        switch writing {
        case .done(let tag): held?.tag = tag
        case .unmet:
            // A renewal whose answer was lost left another tag; whose lock it is, its id says.
            let found = try await lockThatIsThere(what)
            guard held?.holder.id == mine.holder.id else { return }
            guard let found, found.holder?.id == mine.holder.id else {
                isLost = true
                throw lost(found)
            }
            held?.tag = found.tag
        }
    }

    /// Makes sure that the lock still is this run's, where there are locks and this run took one.
    func checkLock() async throws(EngineError) {
        guard !isLost else { throw lost(nil) }
        guard let mine = held else { return }
        let found = try await lockThatIsThere("The lock could not be checked")
        if found?.holder?.id == mine.holder.id || held?.holder.id != mine.holder.id { return }
        isLost = true
        throw lost(found)
    }

    func unlock() async throws(EngineError) {
        guard let mine = held else { return }
        (held, isLost) = (nil, false)
        let what = "The lock could not be let go"
        guard let found = try await lockThatIsThere(what), found.holder?.id == mine.holder.id else { return }
        try await client.delete(what, lockKey)
    }

    func standing() async throws(EngineError) -> LockStanding? {
        guard usesLock, let found = try await lockThatIsThere("The lock could not be read") else { return nil }
        return LockStanding(holder: found.holder, sinceRenewal: found.interval == nil ? nil : found.age)
    }

    func forceUnlock(id: String) async throws(EngineError) {
        guard usesLock else {
            throw EngineError(
                .refused, "\(place) is not locked: the backend's argument \"use_lockfile\" is not set.")
        }
        let what = "The lock could not be let go"
        guard let found = try await lockThatIsThere(what) else {
            throw EngineError(.refused, "\(place) is not locked.")
        }
        guard found.holder?.id == id else {
            let other = found.holder.map { "\"\(VisibleText.escaped($0.id))\"" } ?? "not known"
            throw EngineError(
                .refused, "The lock of \(place) has another id than \"\(VisibleText.escaped(id))\": it is \(other).")
        }
        try await client.delete(what, lockKey)
    }

    // MARK: - Parts

    private func lost(_ found: FoundLock?) -> EngineError {
        let holder = found?.holder.map {
            " Now \(VisibleText.escaped($0.who)) has it, id \(VisibleText.escaped($0.id))."
        }
        return EngineError(.lockLost, "The lock of \(place) is not this run's any more.\(holder ?? "")")
    }

    private func lockThatIsThere(_ what: String) async throws(EngineError) -> FoundLock? {
        guard let object = try await client.get(what, lockKey) else { return nil }
        let json = try? JSONValue(parsing: object.bytes, repeatedKeys: .lastWins)
        let seconds = json?["Heartbeat"]?.int.flatMap { (1...3_600).contains($0) ? $0 : nil }
        return FoundLock(
            holder: json.flatMap { LockHolder(json: $0) }, tag: object.tag, age: object.age,
            interval: seconds.map { .seconds($0) })
    }

    private static func bytes(_ holder: LockHolder, renewals: Int) -> [UInt8] {
        guard case .object(var members) = holder.json else { return [] }
        members["Heartbeat"] = .number(JSONNumber(Int(interval.components.seconds)))
        members["Renewals"] = .number(JSONNumber(renewals))
        return JSONValue.object(members).bytes(.compact)
    }

    /// Makes sure that the store honours conditions; without that no lock is one, so it is let go again.
    ///
    /// With the lock there, a second one must be refused, and so must one in the place of a lock that is not there.
    private func probe(_ bytes: [UInt8]) async throws(EngineError) {
        if client.settings.isAmazon { return }
        let what = "The store could not be tried"
        let first = try await client.put(what, lockKey, bytes, if: .absent)
        let second =
            if case .unmet = first {
                try await client.put(what, lockKey, bytes, if: .tag("\"\(String(repeating: "0", count: 32))\""))
            } else {
                first
            }
        guard case .done = second else { return }
        try await client.delete(what, lockKey)
        let header = first == second ? "If-None-Match" : "If-Match"
        throw EngineError(
            .refused,
            "\(client.settings.endpoint.host) does not honour conditional writes: it took one that \(header) forbids, so no lock would keep anybody out.",
            advice:
                "Use a store that honours If-None-Match and If-Match on PutObject, a newer version of this one, or another backend."
        )
    }
}
