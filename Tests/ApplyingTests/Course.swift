import Diagnostics
import Synchronization

/// What happens in a run, in the order of happening; with doors that calls wait at, and calls that fail, as the test says.
final class Course: Sendable {
    private struct Past {
        var events: [String] = []
        var watchers: [(event: String, times: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var closed: Set<String> = []
        var held: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
        var failing: Set<String> = []
        var next = 0
    }

    private let past = Mutex(Past())

    /// What happened so far.
    var events: [String] { past.withLock { $0.events } }

    /// What happened so far of these kinds: an event's first word.
    func events(_ kinds: String...) -> [String] {
        events.filter { event in kinds.contains { event.hasPrefix($0 + " ") } }
    }

    /// How often something happened.
    func count(_ event: String) -> Int { events.count { $0 == event } }

    /// The position of an event; nil when it did not happen.
    func position(_ event: String) -> Int? { events.firstIndex(of: event) }

    /// Forgets what happened.
    func forget() { past.withLock { $0.events = [] } }

    /// Calls of this name wait until the door is opened.
    func close(_ doors: String...) { past.withLock { $0.closed.formUnion(doors) } }

    /// Lets those go that wait, and all that come.
    func open(_ door: String) {
        let held = past.withLock { past in
            past.closed.remove(door)
            return past.held.removeValue(forKey: door) ?? [:]
        }
        for continuation in held.values { continuation.resume() }
    }

    /// Calls of this name fail.
    func fail(_ events: String...) { past.withLock { $0.failing.formUnion(events) } }

    /// Calls of this name work again.
    func mend(_ event: String) { _ = past.withLock { $0.failing.remove(event) } }

    /// Takes note of something.
    func note(_ event: String) {
        let told = past.withLock { past in
            past.events.append(event)
            let count = past.events.count { $0 == event }
            let told = past.watchers.filter { $0.event == event && $0.times <= count }
            past.watchers.removeAll { $0.event == event && $0.times <= count }
            return told
        }
        for watcher in told { watcher.continuation.resume() }
    }

    /// Returns once something has happened so many times.
    func happened(_ event: String, times: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isOver = past.withLock { past in
                if past.events.count(where: { $0 == event }) >= times { return true }
                past.watchers.append((event, times, continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// One call: it is noted, waits at its door, and fails if it is to.
    ///
    /// - Parameters:
    ///   - event: Its name.
    ///   - hearsCancellation: Whether it fails when its task is cancelled meanwhile.
    func call(_ event: String, hearsCancellation: Bool = false) async throws(Diagnostic) {
        note(event)
        let number = past.withLock { past in
            past.next += 1
            return past.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = past.withLock { past in
                    guard past.closed.contains(event), !(hearsCancellation && Task.isCancelled) else { return true }
                    past.held[event, default: [:]][number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            guard hearsCancellation else { return }
            past.withLock { $0.held[event]?.removeValue(forKey: number) }?.resume()
        }
        if hearsCancellation && Task.isCancelled {
            note("given up: \(event)")
            throw .error("Given up", event)
        }
        if past.withLock({ $0.failing.contains(event) }) { throw .error("Made to fail", event) }
    }
}
