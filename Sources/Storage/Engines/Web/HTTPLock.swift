import Applying
import Diagnostics

/// The lock that the server keeps: one request takes it or tells who has it.
///
/// Nothing in the protocol asks who has a lock, or whether it is still held, without trying to take it. Where somebody has it, the try
/// changes nothing; where nobody has, the lock is let go again at once.
extension HTTPEngine {
    func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal? {
        begin()
        guard let address = client.settings.lock else { return nil }
        let what = "The state could not be locked"
        switch try await client.lock(what, address, holder) {
        case .taken: held = holder
        case .held(let other, mayBeOurs: true) where other?.id == holder.id: held = holder
        case .held(let other, _): return LockRefusal(holder: other)
        case .missing(let status): throw noLock(what, address, status)
        }
        return nil
    }

    private func noLock(_ what: String, _ address: WebAddress, _ status: Int) -> EngineError {
        EngineError(
            .refused,
            "\(what): \(address.shown) answered \(client.settings.lockMethod) with HTTP \(status): nothing can be locked there.",
            advice: "Check lock_address and lock_method; GitLab takes POST at the state's address with \"/lock\".")
    }

    /// What is thrown when the lock is another's.
    func lost(_ holder: LockHolder?) -> EngineError {
        let words = holder.map { " Now \(VisibleText.escaped($0.who)) has it, id \(VisibleText.escaped($0.id))." } ?? ""
        return EngineError(.lockLost, "The lock of \(place) is not this run's any more.\(words)")
    }

    func renew() async throws(EngineError) {
        guard !isLost else { throw lost(nil) }
        guard let mine = held, let address = client.settings.lock else { return }
        let client = client
        // A task of its own: were it cancelled on the way, nobody would know whether it still arrives.
        let task =
            renewing
            ?? Task {
                do throws(EngineError) {
                    let locking = try await client.lock("The lock could not be checked", address, mine)
                    if case .held(let other, _) = locking, other?.id != mine.id { return .failure(self.lost(other)) }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        renewing = task
        let result = await task.value
        renewing = nil
        if case .failure(let error) = result, error.kind == .lockLost, held == mine { isLost = true }
        try result.get()
    }

    func unlock() async throws(EngineError) {
        guard let mine = held, let address = client.settings.unlock else { return }
        let (wasLost, wasJournalLocked) = (isLost, isJournalLocked)
        begin()
        if let renewing { _ = await renewing.value }
        let what = "The lock could not be let go"
        if wasJournalLocked, let journal = client.journal.unlock {
            _ = try await client.unlock(what, journal, mine)
        }
        // Servers that do not look at the id would let the lock of another go.
        if !wasLost { _ = try await client.unlock(what, address, mine) }
    }

    /// Locks the journal's document, which only who has the state's lock does.
    ///
    /// Whose lock is found there has lost that of the state without giving back this one: it is broken, so that the server takes no
    /// more of that run's writes.
    func lockJournal() async throws(EngineError) {
        guard let mine = held, !isJournalLocked, let lock = client.journal.lock, let unlock = client.journal.unlock
        else {
            return
        }
        let what = "The journal could not be locked"
        for _ in 0..<3 {
            switch try await client.lock(what, lock, mine) {
            case .taken: isJournalLocked = held == mine
            case .held(let other, _) where other?.id == mine.id: isJournalLocked = held == mine
            case .held(let other, _):
                try await renew()
                if let other { _ = try await client.unlock(what, unlock, other) }
                continue
            case .missing(let status): throw noLock(what, lock, status)
            }
            return
        }
        throw EngineError(.lockLost, "Another run has the lock of \(client.journal.address.shown).")
    }

    /// Who has the lock; nil when nobody has.
    private func holderThatIsThere(_ what: String) async throws(EngineError) -> HTTPStateClient.Locking? {
        guard let address = client.settings.lock, let unlock = client.settings.unlock else { return nil }
        let probe = LockHolder(
            id: surroundings.uuid(), operation: "", who: "", version: "", created: surroundings.timestamp(), path: "")
        let locking = try await client.lock(what, address, probe)
        let isOurs = if case .held(let other, mayBeOurs: true) = locking { other?.id == probe.id } else { false }
        guard locking == .taken || isOurs else { return locking }
        _ = try await client.unlock(what, unlock, probe)
        return nil
    }

    func standing() async throws(EngineError) -> LockStanding? {
        guard case .held(let holder, _) = try await holderThatIsThere("The lock could not be read") else { return nil }
        return LockStanding(holder: holder)
    }

    func forceUnlock(id: String) async throws(EngineError) {
        let what = "The lock could not be let go"
        guard let unlock = client.settings.unlock else {
            throw EngineError(.refused, "\(place) is not locked: the backend's argument \"lock_address\" is not set.")
        }
        guard case .held(let found, _) = try await holderThatIsThere(what) else {
            throw EngineError(.refused, "\(place) is not locked.")
        }
        guard found == nil || found?.id == id else {
            throw EngineError(
                .refused,
                "The lock of \(place) has another id than \"\(VisibleText.escaped(id))\": it is \"\(VisibleText.escaped(found?.id ?? ""))\"."
            )
        }
        let holder = found ?? LockHolder(id: id, operation: "", who: "", version: "", created: "", path: "")
        guard try await client.unlock(what, unlock, holder) else {
            throw EngineError(
                .refused, "\(what): the server says that the id \"\(VisibleText.escaped(id))\" is not the lock's.")
        }
        // The journal's may not be held at all; who takes the state's lock next breaks what is left.
        if let journal = client.journal.unlock { _ = try? await client.unlock(what, journal, holder) }
    }
}
