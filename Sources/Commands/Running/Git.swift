import Glibc
import Storage

/// What Git says of a file.
///
/// The program `git` is asked, which knows every form of work tree, index and ignore file.
enum Git {
    /// How a file stands with Git; `unknown` where there is no work tree, or no `git` that answers.
    static func standing(
        of path: String, on files: any FileSystem, environment: [String: String]
    ) async -> FileSecretStore.VersionControl.Standing {
        let directory = Path.directory(of: path)
        guard isInWorkTree(directory, files) else { return .unknown }
        let name = Path.name(of: path)
        switch await status(["ls-files", "--error-unmatch", "--", name], in: directory, environment) {
        case 0: return .tracked
        case 1: break
        default: return .unknown
        }
        switch await status(["check-ignore", "--quiet", "--", name], in: directory, environment) {
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

    /// How long `git` may take.
    private static let patience = Duration.seconds(30)

    /// The exit status of `git` with its output thrown away; nil when it did not run to its end.
    ///
    /// The repository's own programs are kept from being started.
    private static func status(
        _ arguments: [String], in directory: String, _ environment: [String: String]
    ) async -> Int32? {
        let words = ["git", "-c", "core.fsmonitor=false", "-C", directory] + arguments
        let variables = environment.filter { !$0.key.hasPrefix("CONFLUENT_") && $0.key != "API_KEY_SECRET" }
        let program = ChildProgram(words, environment: variables, directory: ".", timeout: patience)
        return try? await program.run().status
    }
}
