import Dispatch

/// Runs an actor on a queue of its own, so that what blocks there blocks neither the main thread nor other tasks.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Makes an executor; the label is what debuggers show.
    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
