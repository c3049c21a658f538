import Applying
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Storage
import Synchronization
import TestSupport
import Testing

/// Secrets in a file.
@Suite struct FileSecretStoreTests {
    /// Processes on a file system, the last of which goes on.
    private final class Processes: Sendable {
        private let files: any FileSystem
        private let current: Mutex<ProcessFiles>

        init(_ files: any FileSystem) {
            self.files = files
            current = Mutex(ProcessFiles(on: files))
        }

        var now: ProcessFiles { current.withLock { $0 } }

        func interrupt() {
            current.withLock { current in
                current.end()
                current = ProcessFiles(on: files)
            }
        }
    }

    @Test("It does what every secret store does, in memory and on this machine's disk", arguments: [false, true])
    func conformance(isEncrypted: Bool) async throws {
        let memory = Processes(ForgetfulFileSystem())
        let encryption = isEncrypted ? Samples.passphrase("a passphrase") : nil
        try await SecretStoreConformance(
            store: { Samples.secrets(memory.now, encryption: encryption) }, interrupt: { memory.interrupt() }
        ).all()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate.secrets.json"
        let disk = Processes(POSIXFileSystem())
        try await SecretStoreConformance(
            store: { Samples.secrets(disk.now, path, encryption: encryption) }, interrupt: { disk.interrupt() }
        ).all()
        if isEncrypted { #expect(try Leaks.find(Canary.secret, inFolder: directory.path).isEmpty) }
        #expect(directory.names == [".flinkform.tfstate.secrets.json.lock", "flinkform.tfstate.secrets.json"])
        #expect(directory.mode("flinkform.tfstate.secrets.json") == 0o600)
    }

    @Test("It makes the directory of a workspace whose state is at a backend")
    func directoryOfAWorkspace() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate.d/prod/flinkform.tfstate.secrets.json"
        try await Samples.secrets(POSIXFileSystem(), path).put(Samples.entry(0, Canary.secret))
        #expect(try await Samples.secrets(POSIXFileSystem(), path).entries().count == 1)
        #expect(try POSIXFileSystem().status(directory.path + "/flinkform.tfstate.d")?.permissions == 0o700)
    }

    @Test("Only an ordinary file that its owner alone can read is used", arguments: ["", ".journal"])
    func permissions(ending: String) async throws {
        let whole = Array(#"{"version":1,"id":"x","secrets":{}}"#.utf8)
        let open = ForgetfulFileSystem()
        open.put(whole, at: Samples.secretsPath)
        open.put(whole, at: Samples.secretsPath + ending, isOpenToOthers: true)
        let link = ForgetfulFileSystem()
        link.put(whole, at: Samples.secretsPath)
        link.putLink(at: Samples.secretsPath + ending)
        for (files, part) in [(open, "Others than its owner"), (link, "symbolic link")] {
            let store = Samples.secrets(files)
            for problem in [
                await failure { try await store.id() }, await failure { try await store.prepare() },
                await failure { try await store.put(Samples.entry(0)) },
            ] {
                #expect(problem.summary == "Secret store cannot be used")
                #expect(problem.detail.contains(part))
                #expect(problem.detail.contains("chmod 600"))
            }
        }
    }

    @Test("A pipe in its place is refused and not waited for")
    func pipe() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate.secrets.json"
        #expect(mkfifo(path, 0o600) == 0)
        let problem = await failure { try await Samples.secrets(POSIXFileSystem(), path).entries() }
        #expect(problem.detail.contains("not an ordinary file"))
        #expect(throws: FileError.self) { try POSIXFileSystem().read(path, limit: 1) }
    }

    @Test("What is no whole store of this version is refused, and no secret is in the error")
    func refused() async throws {
        let cases = [
            ("", "not a whole"),
            ("{\"version\":1,\"id\":\"x\",\"secrets\":{\"K\":{\"secret\":\"\(Canary.secret)\"", "not a whole"),
            ("{\"version\":3,\"vault\":\"\(Canary.secret)\"}", "newer version"),
            ("{\"version\":1,\"id\":\"x\",\"secrets\":{\"K\":\"\(Canary.secret)\"}}", "damaged"),
        ]
        for (text, part) in cases {
            let files = ForgetfulFileSystem()
            files.put(Array(text.utf8), at: Samples.secretsPath)
            let problem = await failure { try await Samples.secrets(files).prepare() }
            #expect(problem.detail.contains(part))
            #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)
            #expect(files.bytes(Samples.secretsPath) == Array(text.utf8))
        }
    }

    @Test("A file that version control tracks is refused before anything is made")
    func tracked() async throws {
        let files = ForgetfulFileSystem()
        let problem = await failure { try await Samples.secrets(files, standing: .tracked).prepare() }
        #expect(problem.summary == "Secret store is under version control")
        #expect(files.paths.isEmpty)
    }

    @Test("A file that version control does not ignore is a warning", arguments: [true, false])
    func ignored(isIgnored: Bool) async throws {
        let store = Samples.secrets(ForgetfulFileSystem(), standing: isIgnored ? .ignored : .notIgnored)
        #expect(try await store.prepare().warnings.map(\.summary) == (isIgnored ? [] : ["Secret store is not ignored"]))
    }

    @Test("If only the journal is left, the store is made of it")
    func journalAlone() async throws {
        let files = ForgetfulFileSystem()
        let process = ProcessFiles(on: files)
        let first = Samples.secrets(process)
        let id = try await first.prepare().id
        try await first.put(Samples.entry(1, "one"))
        process.end()
        files.takeAway(Samples.secretsPath)
        let second = Samples.secrets(files, id: "store2")
        #expect(try await second.id() == id)
        #expect(try await second.prepare().id == id)
        #expect(try await second.entry("ID1")?.secret == "one")
        try await second.close()
        #expect(try await Samples.secrets(files).entry("ID1")?.secret == "one")
    }

    @Test("A journal of another store, or a damaged one, is refused and kept")
    func foreignJournal() async throws {
        let files = ForgetfulFileSystem()
        let process = ProcessFiles(on: files)
        let first = Samples.secrets(process)
        _ = try await first.prepare()
        try await first.put(Samples.entry(1, Canary.secret))
        process.end()
        let journal = try #require(files.bytes(Samples.secretsPath + ".journal"))
        var damaged = journal
        damaged[damaged.count - 10] ^= 1
        files.put(damaged, at: Samples.secretsPath + ".journal")
        let problem = await failure { try await Samples.secrets(files).prepare() }
        #expect(problem.detail.contains("Line 2"))
        #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)
        #expect(files.bytes(Samples.secretsPath + ".journal") == damaged)

        files.put(journal, at: Samples.secretsPath + ".journal")
        files.put(Array(#"{"version":1,"id":"other","secrets":{}}"#.utf8), at: Samples.secretsPath)
        #expect(await failure { try await Samples.secrets(files).prepare() }.detail.contains("another secret store"))
        #expect(files.bytes(Samples.secretsPath + ".journal") == journal)
    }

    @Test("Many removals cost one sync")
    func removals() async throws {
        let files = ForgetfulFileSystem()
        let store = Samples.secrets(files)
        _ = try await store.prepare()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<100 { group.addTask { try await store.put(Samples.entry(index)) } }
            try await group.waitForAll()
        }
        let before = files.syncCount
        try await store.remove((0..<100).map { "ID\($0)" })
        #expect(files.syncCount == before + 1)
        try await store.close()
        #expect(try await Samples.secrets(files).entries().isEmpty)
    }

    @Test("An entry is never shown by a dump")
    func dump() {
        var text = ""
        Swift.dump(Samples.entry(0, Canary.secret), to: &text)
        #expect(Leaks.find(Canary.secret, in: text + "\(Samples.entry(0, Canary.secret))").isEmpty)
    }
}
