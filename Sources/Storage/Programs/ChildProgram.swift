import Dispatch
import Glibc
import Synchronization

/// Runs a program to its end: bytes to its standard input, bytes from its standard output.
///
/// It gets a process group of its own, so that it ends whole when its time is up, and an interrupt of this run does not cut
/// it short. Nothing secret belongs on its command line or in its environment, which others can see.
package struct ChildProgram: Sendable {
    /// How a program ended.
    package struct Outcome: Sendable {
        /// What it wrote to standard output.
        package var output: [UInt8]
        /// The beginning of what it wrote to standard error.
        package var errors: [UInt8]
        /// Its exit status; nil when a signal ended it.
        package var status: Int32?
    }

    /// Why there is no outcome.
    package enum Failure: Error, Hashable, Sendable {
        /// It could not be started; the system's reason.
        case notStarted(String)
        /// It took longer than it may, and was ended.
        case timedOut
        /// It wrote more than it may, and was ended.
        case tooMuchOutput
    }

    private let words: [String]
    private let environment: [String: String]
    private let directory: String
    private let timeout: Duration

    /// One at a time, so that none inherits the pipes of another before they are marked as not to be inherited.
    private static let starting = Mutex(())
    private static let outputMaximum = 1 << 26
    private static let errorsMaximum = 1 << 14

    /// Makes it ready; nothing is started.
    ///
    /// - Parameters:
    ///   - words: The program, looked for on `PATH` unless it has a slash, and its arguments; not empty.
    ///   - environment: Its environment variables.
    ///   - directory: Where it runs.
    ///   - timeout: How long it may take.
    package init(_ words: [String], environment: [String: String], directory: String, timeout: Duration) {
        self.words = words
        self.environment = environment
        self.directory = directory
        self.timeout = timeout
    }

    /// Runs it; the calling task's thread is not blocked.
    package func run(input: [UInt8] = []) async throws(Failure) -> Outcome {
        let result: Result<Outcome, Failure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: runBlocking(input)) }
        }
        return try result.get()
    }

    private func runBlocking(_ input: [UInt8]) -> Result<Outcome, Failure> {
        var process = pid_t()
        let (pipes, failure) = Self.starting.withLock { _ in
            let pipes = (0..<3).compactMap { _ in Pipe() }
            return (pipes, pipes.count == 3 ? spawn(&process, pipes) : EMFILE)
        }
        defer { for pipe in pipes { pipe.close() } }
        guard failure == 0 else { return .failure(.notStarted(Self.reason(failure))) }
        pipes[0].closeReading()
        pipes[1].closeWriting()
        pipes[2].closeWriting()
        var exchange = Exchange(input: input, pipes: pipes, process: process, deadline: Self.now() + timeout)
        let end = exchange.perform(outputMaximum: Self.outputMaximum, errorsMaximum: Self.errorsMaximum)
        guard let status = exchange.status else {
            kill(-process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            return .failure(end ?? .timedOut)
        }
        if let end { return .failure(end) }
        // What the macros WIFEXITED and WEXITSTATUS read.
        return .success(
            Outcome(
                output: exchange.output, errors: exchange.errors,
                status: status & 0x7F == 0 ? status >> 8 & 0xFF : nil))
    }

    /// The highest descriptor that this process has open; a bound of what is usual where the system does not tell.
    private static var highestDescriptor: Int32 {
        guard let names = try? POSIXFileSystem().list("/proc/self/fd") else { return 1_024 }
        return names.compactMap { Int32($0) }.max() ?? STDERR_FILENO
    }

    private func spawn(_ process: inout pid_t, _ pipes: [Pipe]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0, posix_spawnattr_init(&attributes) == 0 else {
            return ENOMEM
        }
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, pipes[0].reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes[1].writing, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes[2].writing, STDERR_FILENO)
        // Connections and files of this process are none of the program's, and must not outlive it there.
        for descriptor in (STDERR_FILENO + 1)...(Self.highestDescriptor + 16) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // Signals that this program ignores would be ignored there, too.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        let moved =
            directory == "." ? words : ["/bin/sh", "-c", "cd -- \"$0\" && exec \"$@\"", directory] + words
        return Self.withStrings(moved) { words in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawnp(&process, words[0] ?? strdup(""), &actions, &attributes, words, variables)
            }
        }
    }

    fileprivate static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static func withStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// Both ends of a pipe, which no program inherits that is not given them.
private final class Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    /// Nil when there are no descriptors left.
    init?() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    func closeReading() {
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
    }

    func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    func close() {
        closeReading()
        closeWriting()
    }
}

/// Feeds a program and takes what it writes, all at once, so that neither side waits for the other.
private struct Exchange {
    private let input: [UInt8]
    private let pipes: [Pipe]
    private let process: pid_t
    private let deadline: Duration
    private var sent = 0
    /// What `waitpid` says of the program; nil while it runs.
    private(set) var status: Int32?
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []

    init(input: [UInt8], pipes: [Pipe], process: pid_t, deadline: Duration) {
        (self.input, self.pipes, self.process, self.deadline) = (input, pipes, process, deadline)
        _ = fcntl(pipes[0].writing, F_SETFL, O_NONBLOCK)
        if input.isEmpty { pipes[0].closeWriting() }
    }

    /// Milliseconds after which a program that is silent is looked after.
    private static let pause = 50

    /// Goes on until the program has ended and what it wrote is read; says why it has to be ended before that.
    ///
    /// What it leaves running in the background may keep its outputs open; that is not waited for.
    mutating func perform(outputMaximum: Int, errorsMaximum: Int) -> ChildProgram.Failure? {
        while true {
            guard ChildProgram.now() < deadline else { return .timedOut }
            let isSilent = pipes[1].reading < 0 && pipes[2].reading < 0
            if isSilent, hasEnded() { return nil }
            var watched = [
                pollfd(fd: pipes[0].writing, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: pipes[1].reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipes[2].reading, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&watched, 3, Int32(isSilent ? 1 : Self.pause))
            if ready < 0 && errno == EINTR { continue }
            if ready == 0, hasEnded() { return nil }
            if watched[0].revents != 0 { send() }
            if watched[1].revents != 0 {
                output += receive(1)
                if output.count > outputMaximum { return .tooMuchOutput }
            }
            if watched[2].revents != 0 {
                let more = receive(2)
                errors += more.prefix(max(0, errorsMaximum - errors.count))
            }
        }
    }

    private mutating func hasEnded() -> Bool {
        if status != nil { return true }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return false }
        self.status = status
        return true
    }

    private mutating func send() {
        let (count, failure) = Self.withoutBrokenPipeSignal {
            let count = input[sent...].withUnsafeBytes { write(pipes[0].writing, $0.baseAddress, $0.count) }
            return (count, errno)
        }
        if count < 0, failure == EAGAIN || failure == EINTR { return }
        // A program that does not read all of it has its reasons; its answer tells.
        sent = count < 0 ? input.count : sent + count
        if sent == input.count { pipes[0].closeWriting() }
    }

    /// Writes to a program that reads no more, without the signal that would end this process; on this thread alone.
    private static func withoutBrokenPipeSignal<Result>(_ body: () -> Result) -> Result {
        var (brokenPipe, before, nothing) = (sigset_t(), sigset_t(), timespec())
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
        let result = body()
        sigtimedwait(&brokenPipe, nil, &nothing)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        return result
    }

    private func receive(_ index: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(pipes[index].reading, &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return [] }
        guard count > 0 else {
            pipes[index].closeReading()
            return []
        }
        return Array(buffer[..<count])
    }
}
