import Dispatch
import Glibc
import Synchronization

/// A child process whose standard output is read, for tests of the program as users start it.
final class ChildProcess: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    /// Held while a pipe is open that is not marked yet, so that no other child inherits it.
    private static let spawning = Mutex(())

    private let id: pid_t
    private let output: Int32

    /// Starts a program that lies beside the tests.
    ///
    /// Its standard input is the null device, and its standard error is thrown away.
    init(_ program: String, _ arguments: [String]) throws {
        var path = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { throw Failure(code: errno) }
        let tests = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = tests[..<(tests.lastIndex(of: "/") ?? tests.endIndex)]

        (id, output) = try ChildProcess.spawning.withLock { _ in
            try ChildProcess.spawn("\(folder)/\(program)", arguments)
        }
    }

    private static func spawn(_ path: String, _ arguments: [String]) throws -> (pid_t, Int32) {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw Failure(code: errno) }
        for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, nil, &words, environ)
        close(pipes[1])
        guard code == 0 else {
            close(pipes[0])
            throw Failure(code: code)
        }
        return (child, pipes[0])
    }

    deinit {
        close(output)
    }

    /// The next line of the output without its end, or what is left of it.
    func line() async -> String {
        await waiting { [output] in
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while bytes.count < 65_536, read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// All the rest of the output, once it has ended.
    func rest() async -> String {
        await waiting { [output] in
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = read(output, &buffer, buffer.count)
                guard count > 0 else { return String(decoding: text, as: UTF8.self) }
                text += buffer[..<count]
            }
        }
    }

    /// Sends the process a signal.
    func signal(_ number: Int32) {
        kill(id, number)
    }

    /// Waits for the end: the exit status, or the number of the signal that ended it, negative.
    func end() async -> Int32 {
        await waiting { [id] in
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0 && errno == EINTR {}
            return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
        }
    }

    /// Runs what blocks on a thread that no other test needs.
    private func waiting<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
