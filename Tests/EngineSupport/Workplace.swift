import Applying
import Commands
package import Emulator
import Glibc
package import JSON
package import Storage
import Synchronization
import TestSupport

/// A directory with a configuration, and a cloud: runs of the whole program in this process.
///
/// The configuration is on the real disk; state, secrets, plans and whatever else is written are on a file system in memory.
package final class Workplace: Sendable {
    /// What a run showed.
    package struct Transcript: Sendable {
        /// The exit status.
        package var status: Int32
        /// Standard output.
        package var output: String
        /// Standard error.
        package var errors: String
        /// Both.
        package var text: String { output + errors }
    }

    /// The real directory.
    package let directory: String
    /// Where everything is but the configuration.
    package let files = ForgetfulFileSystem()
    /// The cloud.
    package let emulator: RunningEmulator
    private let surroundings: Surroundings
    private let backends = Mutex<BackendSource>(BackendKind.source)
    /// The names of files that may hold secrets in clear.
    private let clear = Mutex<Set<String>>([])

    private init(_ emulator: RunningEmulator, seed: UInt64) throws {
        self.emulator = emulator
        var template = Array("/tmp/flinkform-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw FileError("make", "/tmp", String(cString: strerror(errno)))
        }
        directory = String(cString: made)
        surroundings = HurriedClock().surroundings(seed: seed)
    }

    /// Does something in a new place, and clears it away afterwards.
    ///
    /// Throws what the work throws, and whatever keeps the emulator from starting.
    package static func with(
        _ settings: EmulatorSettings = EmulatorSettings(), seed: UInt64 = 1, _ work: (Workplace) async throws -> Void
    ) async throws {
        let place = try Workplace(try await RunningEmulator.start(settings), seed: seed)
        do {
            try await work(place)
            await place.clear()
        } catch {
            await place.clear()
            throw error
        }
    }

    private func clear() async {
        await emulator.stop()
        // The program may have written configuration, too.
        if let entries = opendir(directory) {
            while let entry = readdir(entries) {
                withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    guard let start = name.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
                    unlink(path(String(cString: start)))
                }
            }
            closedir(entries)
        }
        rmdir(directory)
    }

    // MARK: - Work

    /// Decides what keeps state elsewhere in the runs that follow.
    package func keepState(with source: @escaping BackendSource) { backends.withLock { $0 = source } }

    /// The machine stops and is lost with all its files, but for the secret store, which is on a disk of its own.
    package func loseMachine() {
        if files.isCrashed { files.restart(.nothing) } else { files.killProcess() }
        for path in files.paths where !path.hasPrefix(self.path("flinkform.tfstate.secrets.json")) {
            files.takeAway(path)
        }
    }

    /// Writes a file of the configuration, in the place of an earlier one; its name ends with `.tf` or `.tfvars`.
    ///
    /// Directories in the name are made.
    package func configure(_ text: String, as name: String = "main.tf") throws {
        try POSIXFileSystem().makeDirectory(Path.directory(of: path(name)))
        try AtomicFile.write(Array(text.utf8), to: path(name), on: POSIXFileSystem())
    }

    /// Runs a command line.
    ///
    /// When the machine stops at a fault that was arranged, the run gets nothing more done, at the cloud either.
    ///
    /// - Parameters:
    ///   - arguments: The arguments.
    ///   - input: Standard input.
    ///   - environment: Environment variables beside, or in the place of, those that name the emulator.
    package func run(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async -> Transcript {
        await run(arguments, input: input, environment: environment)
    }

    /// Runs a command line, given as a list.
    ///
    /// `isTyped` says that the input comes from a person at a terminal; once `interruption` is written, the run is told to stop.
    package func run(
        _ arguments: [String], input: String = "", isTyped: Bool = false, environment: [String: String] = [:],
        interruption: String? = nil
    ) async -> Transcript {
        let (output, errors) = (Tape(), Tape())
        let lines = Lines(input)
        let machine = MachineFiles(files)
        let stop = StopSignal()
        var variables = [
            "CONFLUENT_CLOUD_ENDPOINT": emulator.url, "CONFLUENT_CLOUD_API_KEY": emulator.cloudAPIKey,
            "CONFLUENT_CLOUD_API_SECRET": emulator.cloudAPISecret, "USER": "tester",
        ]
        variables.merge(environment) { $1 }
        let invocation = Invocation(
            arguments: arguments, environment: variables, directory: directory,
            terminal: Terminal(
                write: { text in
                    output.write(text)
                    if let interruption, text.contains(interruption) { stop.request() }
                }, writeError: { errors.write($0) }, readLine: { lines.next() },
                readSecret: { lines.next() }, readAll: { Array(input.utf8) }, isTerminal: false, isInteractive: isTyped,
                width: 78),
            files: machine, surroundings: surroundings, stop: stop, backends: backends.withLock { $0 })
        let task = Task { await runFlinkform(invocation) }
        // A task that is cancelled sends no request any more.
        machine.whenStopped { task.cancel() }
        return Transcript(status: await task.value, output: output.text, errors: errors.text)
    }

    /// What a run writes, in the order of writing.
    private final class Tape: Sendable {
        private let written = Mutex("")
        var text: String { written.withLock { $0 } }
        func write(_ text: String) { written.withLock { $0 += text } }
    }

    private final class Lines: Sendable {
        private let lines: Mutex<ArraySlice<Substring>>
        init(_ text: String) { lines = Mutex(text.split(separator: "\n")[...]) }
        func next() -> String? { lines.withLock { $0.popFirst().map(String.init) } }
    }

    // MARK: - What is there

    /// The path of a file in the directory.
    package func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// The text of a file; nil when there is none.
    package func text(_ name: String) -> String? { files.bytes(path(name)).map { String(decoding: $0, as: UTF8.self) } }

    /// The text of a file of the configuration; nil when there is none.
    package func configuration(_ name: String) -> String? {
        (try? POSIXFileSystem().read(path(name), limit: 1 << 20)).flatMap { $0 }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The state file as JSON; nil when there is none.
    ///
    /// Throws when it is no JSON.
    package func state() throws -> JSONValue? {
        try files.bytes(path("flinkform.tfstate")).map { bytes throws in try JSONValue(parsing: bytes) }
    }

    /// The ids of the keys in the state file, by the address, with ` (deposed)` behind those that are.
    ///
    /// Throws when it is no JSON.
    package func managed() throws -> [String: String] {
        var result: [String: String] = [:]
        for resource in try state()?["resources"]?.array ?? [] where resource["mode"]?.string == "managed" {
            for instance in resource["instances"]?.array ?? [] {
                let key =
                    instance["index_key"].map { $0.string.map { "[\"\($0)\"]" } ?? "[\($0.text(.compact))]" } ?? ""
                let deposed = instance["deposed"] == nil ? "" : " (deposed)"
                let address = "\(resource["type"]?.string ?? "").\(resource["name"]?.string ?? "")\(key)\(deposed)"
                result[address] = instance["attributes"]?["id"]?.string ?? ""
            }
        }
        return result
    }

    /// The secrets that the program knows, by the id of the key, asked of the program itself.
    package func secret(of id: String) async -> String? {
        let shown = await run("secret", "get", id)
        return shown.status == 0 ? shown.output : nil
    }

    /// Says whether a file may hold secrets in clear, as Terraform's do; `leaks` leaves such a file alone.
    package func expectSecrets(in name: String, _ isExpected: Bool = true) {
        clear.withLock { if isExpected { $0.insert(path(name)) } else { $0.remove(path(name)) } }
    }

    /// Where secrets of the cloud's keys are that they should not be: in any file but the secret store's and the login's, or in a
    /// transcript.
    package func leaks(_ transcripts: Transcript...) async throws -> [String] {
        try await leaks(of: [], transcripts)
    }

    /// The same, for secrets of keys that are gone, too.
    package func leaks(of former: Set<String>, _ transcripts: [Transcript]) async throws -> [String] {
        var found: [String] = []
        let clear = clear.withLock { $0 }
        for secret in former.union(try await emulator.keys().map(\.secret)).union([emulator.cloudAPISecret]) {
            for path in files.paths
            where !path.contains(".secrets.json") && !path.hasSuffix("/flinkform/login.json") && !clear.contains(path) {
                found += Leaks.find(secret, in: files.bytes(path) ?? []).map { "\($0.form) in \(path)" }
            }
            for transcript in transcripts {
                found += Leaks.find(secret, in: transcript.text).map { "\($0.form) in a transcript" }
            }
        }
        return found
    }
}
