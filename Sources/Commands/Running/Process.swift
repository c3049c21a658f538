import Applying
import Dispatch
import Glibc
import Storage
import Synchronization

/// This process: its arguments, environment, terminal, clock and signals.
///
/// The one place that reads them.
package enum Process {
    /// Runs the command line of this process and ends it.
    package static func main() async -> Never {
        signal(SIGPIPE, SIG_IGN)
        let stop = StopSignal()
        let sources = watchSignals(stop)
        let status = await Flinkform.run(invocation(stop))
        withExtendedLifetime(sources) {}
        if let reason = lostOutput.withLock({ $0 }), status == 0 {
            write("Error: The output could not be written: \(reason).\n", to: STDERR_FILENO)
            exit(1)
        }
        exit(status)
    }

    private static func invocation(_ stop: StopSignal) -> Invocation {
        Invocation(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: environment, directory: ".",
            terminal: terminal, files: POSIXFileSystem(), surroundings: surroundings, stop: stop)
    }

    private static var environment: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }

    private static let surroundings = Surroundings(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return (time.tv_sec, time.tv_nsec)
        },
        clock: ContinuousClock(),
        elapsed: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        random: { UInt64.random(in: .min ... .max) })

    private static var terminal: Terminal {
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let hasSize = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
        return Terminal(
            write: { write($0, to: STDOUT_FILENO) }, writeError: { write($0, to: STDERR_FILENO) },
            readLine: { Swift.readLine() }, readSecret: { Echo.off { Swift.readLine() } }, readAll: { readAll() },
            isTerminal: isTerminal, isInteractive: isatty(STDIN_FILENO) == 1,
            width: hasSize ? min(Int(size.ws_col), 120) : 78)
    }

    /// Why standard output took not all that was written to it; nil when it did, or when its reader has gone.
    private static let lostOutput = Mutex<String?>(nil)

    /// Writes what can be written: a full disk behind it, or a reader that has gone, is no reason to stop an apply.
    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno == EPIPE ? nil : String(cString: strerror(errno))
                if descriptor == STDOUT_FILENO { lostOutput.withLock { $0 = $0 ?? reason } }
                return
            }
            start += count
        }
    }

    private static func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // Whole states come this way, too.
        while bytes.count < 1 << 30 {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// The first signal asks the run to stop; the second ends the process at once.
    ///
    /// Nothing is lost by that: what was done is in the journal.
    private static func watchSignals(_ stop: StopSignal) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isSecond = stop.isRequested
                stop.request()
                // A command that does not apply anything has nothing to finish.
                guard isSecond || !Flinkform.isApplying.withLock({ $0 }) else { return }
                Echo.restore()
                _exit(1)
            }
            source.resume()
            return source
        }
    }
}
