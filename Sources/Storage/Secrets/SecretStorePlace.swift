package import Applying
import Configuring
import Diagnostics
import Networking

/// What secret stores find around them: the files, environment and clock of this machine.
package struct SecretStorePlace: Sendable {
    /// The environment variables.
    package var environment: [String: String]
    /// The directory of the configuration: relative paths of the settings begin there.
    package var directory: String
    /// The file system.
    package var files: any FileSystem
    /// What version control says of files.
    package var versionControl: FileSecretStore.VersionControl
    /// Time and chance.
    package var surroundings: Surroundings

    /// Gathers it.
    package init(
        environment: [String: String], directory: String, files: any FileSystem,
        versionControl: FileSecretStore.VersionControl, surroundings: Surroundings
    ) {
        self.environment = environment
        self.directory = directory
        self.files = files
        self.versionControl = versionControl
        self.surroundings = surroundings
    }

    /// A path of the settings, from where the program runs.
    package func path(_ name: String) -> String {
        if name.hasPrefix("~/"), let home = environment["HOME"], !home.isEmpty { return home + name.dropFirst() }
        return name.hasPrefix("/") || directory == "." ? name : "\(directory)/\(name)"
    }

    /// Variables that programs started from here are not given: they are for this one alone.
    private static let ownVariables = ["FLINKFORM_SECRETS_PASSPHRASE", "API_KEY_SECRET"]

    /// A program that runs in the directory of the configuration.
    package func program(_ words: [String], timeout: Duration) -> ChildProgram {
        let variables = environment.filter { !$0.key.hasPrefix("CONFLUENT_") && !Self.ownVariables.contains($0.key) }
        return ChildProgram(words, environment: variables, directory: directory, timeout: timeout)
    }

    /// The content of a file; throws when it is not there, or too long.
    func file(_ path: String, limit: Int = 1 << 20) throws(Diagnostic) -> [UInt8] {
        do throws(FileError) {
            guard let bytes = try files.read(path, limit: limit) else {
                throw FileError("read", path, "There is no such file")
            }
            return bytes
        } catch {
            throw .unreadable(error)
        }
    }

    /// The content of a file that only its owner may read; throws when others may.
    func privateFile(_ path: String, limit: Int) throws(Diagnostic) -> [UInt8] {
        do throws(FileError) {
            if try files.status(path)?.isOpenToOthers == true {
                throw FileError("use", path, "Others than its owner can read it (chmod 600)")
            }
        } catch {
            throw .unreadable(error)
        }
        return try file(path, limit: limit)
    }

    /// What a program prints; throws when it fails.
    func output(of words: [String]) async throws(Diagnostic) -> [UInt8] {
        let outcome: ChildProgram.Outcome
        do throws(ChildProgram.Failure) {
            outcome = try await program(words, timeout: .seconds(60)).run()
        } catch {
            throw .programFailed(words[0], error.description)
        }
        guard outcome.status == 0 else { throw .programFailed(words[0], outcome.failureText()) }
        return outcome.output
    }
}

extension ChildProgram.Failure {
    /// The end of a sentence such as `The program failed: …`.
    package var description: String {
        switch self {
        case .notStarted(let reason): "it could not be started: \(VisibleText.escaped(reason))"
        case .timedOut: "it took too long and was ended"
        case .tooMuchOutput: "it wrote more than it may and was ended"
        }
    }
}

extension ChildProgram.Outcome {
    /// The end of a sentence such as `The program failed: …`: how it ended, and what it wrote to standard error, without
    /// control characters, without `hidden` texts and without anything that looks like the secret of a key.
    package func failureText(hiding hidden: [String] = []) -> String {
        let ending = status.map { "it ended with status \($0)" } ?? "a signal ended it"
        let text = ServerText.cleaned(String(decoding: errors, as: UTF8.self), hiding: hidden)
        return text.isEmpty ? ending : "\(ending) and wrote: \(text)"
    }
}

extension Diagnostic {
    fileprivate static func unreadable(_ error: FileError) -> Diagnostic {
        .error(
            "File cannot be read",
            "Could not \(error.operation) \(VisibleText.escaped(error.path)), which the settings name: \(error.reason)."
        )
    }

    fileprivate static func programFailed(_ program: String, _ reason: String) -> Diagnostic {
        .error(
            "Program failed",
            "\(VisibleText.escaped(program)), which the settings name, failed: \(reason). Run it by hand to see why.")
    }
}
