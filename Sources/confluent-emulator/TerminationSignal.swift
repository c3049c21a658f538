import Dispatch
import Glibc

/// Waits for the user or the system to ask the process to end.
///
/// From its creation on, SIGTERM and SIGINT end the process no longer by themselves.
struct TerminationSignal {
    private let events: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let sources: [any DispatchSourceSignal]

    init() {
        let (events, continuation) = AsyncStream<Void>.makeStream()
        self.events = events
        self.continuation = continuation
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        // A reader that went away is found out by the write that fails.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns once SIGTERM or SIGINT has arrived or, if asked for, standard input has ended.
    func wait(orStandardInput watchesInput: Bool) async {
        if watchesInput {
            // A thread of its own, since files and the null device cannot be polled.
            let continuation = continuation
            DispatchQueue.global().async {
                var bytes = [UInt8](repeating: 0, count: 512)
                while read(STDIN_FILENO, &bytes, bytes.count) > 0 {}
                continuation.yield()
            }
        }
        _ = await events.first { true }
        for source in sources { source.cancel() }
    }
}
