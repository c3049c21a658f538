import Synchronization

/// Tells a run that it is to stop: nothing new starts, and what is in flight is finished and recorded.
///
/// A class, since the signal handler and the run share it.
package final class StopSignal: Sendable {
    private struct Waiting {
        var isRequested = false
        var next = 0
        var continuations: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let waiting = Mutex(Waiting())

    /// Not requested yet.
    package init() {}

    /// Whether stopping was asked for.
    package var isRequested: Bool { waiting.withLock { $0.isRequested } }

    /// Asks for stopping; safe to call again.
    package func request() {
        let continuations = waiting.withLock { waiting in
            waiting.isRequested = true
            defer { waiting.continuations = [:] }
            return Array(waiting.continuations.values)
        }
        for continuation in continuations { continuation.resume() }
    }

    /// Returns when stopping is asked for, or the task is cancelled.
    package func wait() async {
        let number = waiting.withLock { waiting in
            waiting.next += 1
            return waiting.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    if waiting.isRequested || Task.isCancelled { return true }
                    waiting.continuations[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            waiting.withLock { $0.continuations.removeValue(forKey: number) }?.resume()
        }
    }
}
