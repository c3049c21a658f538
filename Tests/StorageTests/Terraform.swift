import Dispatch
import Glibc

/// A real `terraform`, run as a child process in a directory of its own.
final class Terraform: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    /// Where it is; nil when it is not installed.
    static let path: String? = ["/usr/local/bin/terraform", "/usr/bin/terraform"].first { access($0, X_OK) == 0 }

    let id: pid_t
    private let outputPath: String

    /// Starts it.
    init(in directory: String, _ arguments: [String]) throws {
        outputPath = directory + "/output"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        let path = Terraform.path ?? ""
        var words = ([path, "-chdir=" + directory] + arguments).map { strdup($0) } + [nil]
        let settings: [String] = ["HOME=" + directory, "CHECKPOINT_DISABLE=1", "PATH=/usr/bin:/bin"]
        var environment = settings.map { strdup($0) } + [nil]
        defer { for word in words + environment { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, nil, &words, &environment)
        guard code == 0 else { throw Failure(code: code) }
        id = child
    }

    /// Waits for its end: exit status and everything it said, on one line.
    func end() async throws -> (status: Int32, output: String) {
        let status = await Self.waiting { [id] in
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0 && errno == EINTR {}
            return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
        }
        let output = try Self.text(outputPath)
        return (status, output.split { " \n│╷╵".contains($0) }.joined(separator: " "))
    }

    /// Waits until it has a file open, or has ended.
    func opened(_ path: String) async {
        await Self.waiting { [id] in
            // Nothing tells when another process opens a file; ten seconds at most.
            for _ in 0..<2_000 {
                if Self.hasOpen(id, path) { return }
                usleep(5_000)
            }
        }
    }

    /// Opens a pipe for writing once it has its reader; negative when that takes longer than ten seconds.
    static func openedGate(_ path: String) async -> Int32 {
        await waiting {
            for _ in 0..<2_000 {
                let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                if descriptor >= 0 { return descriptor }
                usleep(5_000)
            }
            return -1
        }
    }

    private static func hasOpen(_ id: pid_t, _ path: String) -> Bool {
        (3..<64).contains { descriptor in
            var target = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/\(id)/fd/\(descriptor)", &target, target.count)
            return count > 0
                && String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
        }
    }

    private static func text(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }

    /// Runs what blocks on a thread that no other test needs.
    static func waiting<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
