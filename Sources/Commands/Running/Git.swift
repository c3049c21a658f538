import Glibc
import Storage

/// What Git says of a file.
///
/// The program `git` is asked, which knows every form of work tree, index and ignore file.
enum Git {
    /// How a file stands with Git; `unknown` where there is no work tree, or no `git` that answers.
    static func standing(
        of path: String, on files: any FileSystem, environment: [String: String]
    ) -> FileSecretStore.VersionControl.Standing {
        let directory = Path.directory(of: path)
        guard isInWorkTree(directory, files) else { return .unknown }
        let name = Path.name(of: path)
        switch status(["ls-files", "--error-unmatch", "--", name], in: directory, environment) {
        case 0: return .tracked
        case 1: break
        default: return .unknown
        }
        switch status(["check-ignore", "--quiet", "--", name], in: directory, environment) {
        case 0: return .ignored
        case 1: return .notIgnored
        default: return .unknown
        }
    }

    /// Whether the directory, or one above it, has a `.git`: without one, no process is started.
    private static func isInWorkTree(_ directory: String, _ files: any FileSystem) -> Bool {
        var directory = directory.hasPrefix("/") ? directory : absolute(directory)
        for _ in 0..<64 {
            let repository = directory == "/" ? "/.git" : directory + "/.git"
            if (try? files.status(repository)) != nil { return true }
            guard directory != "/" else { return false }
            directory = Path.directory(of: directory)
        }
        return false
    }

    private static func absolute(_ directory: String) -> String {
        guard let buffer = realpath(directory, nil) else { return directory }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    /// The exit status of `git` with its output thrown away; nil when it did not run to its end.
    ///
    /// The repository's own programs are kept from being started.
    private static func status(
        _ arguments: [String], in directory: String, _ environment: [String: String]
    ) -> Int32? {
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            guard posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) == 0 else {
                return nil
            }
        }
        let words = ["git", "-c", "core.fsmonitor=false", "-C", directory] + arguments
        let variables = environment.filter { !$0.key.hasPrefix("CONFLUENT_") && $0.key != "API_KEY_SECRET" }
        var process = pid_t()
        let failure = withStrings(words) { words in
            withStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawnp(&process, "git", &actions, nil, words, variables)
            }
        }
        guard failure == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return nil } }
        // What the macros WIFEXITED and WEXITSTATUS read.
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    private static func withStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
