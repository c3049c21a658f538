import Applying
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Planning
import Storage
import Testing

/// Locks of states.
@Suite struct StateLockTests {
    @Test("Two stores of one process exclude each other on this machine's disk, whatever replaces the file")
    func exclusion() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate"
        let first = try await Samples.locked(POSIXFileSystem(), path)
        let second = Samples.store(POSIXFileSystem(), path, run: "run2")
        for count in 0..<4 {
            let problem = await failure { try await second.lock(Samples.holder(path), timeout: .zero) }
            #expect(problem.summary == "Error acquiring the state lock")
            _ = try await first.write(Samples.state(keys: 0...count), intents: [])
        }
        await first.unlock()
        // A process that another test starts has a copy of the lock until it begins its program.
        for attempt in 0..<500 {
            do {
                try await second.lock(Samples.holder(path), timeout: .zero)
                break
            } catch {
                guard attempt < 499 else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        #expect(try await second.read().state?.serial == 4)
        await second.unlock()
    }

    @Test("The holder is written as Terraform writes it, for its owner alone, and goes with the lock")
    func holder() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate"
        let store = try await Samples.locked(POSIXFileSystem(), path)
        let name = ".flinkform.tfstate.lock.info"
        #expect(directory.mode(name) == 0o600)
        let bytes = try #require(try POSIXFileSystem().read(directory.path + "/" + name, limit: 1 << 16))
        let json = try JSONValue(parsing: bytes)
        #expect(json.object?.keys == ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"])
        #expect(json["Created"]?.string == "2026-11-23T08:00:00.123456789Z")
        await store.unlock()
        #expect(directory.names == [".flinkform.tfstate.lock"])
    }

    @Test("Who has the lock is shown in Terraform's layout")
    func message() async throws {
        let files = ForgetfulFileSystem()
        let store = try await Samples.locked(files)
        let problem = await failure { try await Samples.store(files).lock(Samples.holder(), timeout: .zero) }
        #expect(
            problem.detail.contains(
                """
                Lock Info:
                  ID:        0f0f
                  Path:      /project/flinkform.tfstate
                  Operation: OperationTypeApply
                  Who:       me@here
                  Version:   0.1.0
                  Created:   2026-11-23T08:00:00.123456789Z
                  Info:      \n
                """))
        await store.unlock()
    }

    @Test("It is tried again for as long as it was asked to, and no longer")
    func timeout() async throws {
        let files = ForgetfulFileSystem()
        let holding = try await Samples.locked(files)
        let time = TestTime()
        let waiting = Samples.store(files, run: "run2", time: time)
        _ = await failure { try await waiting.lock(Samples.holder(), timeout: .seconds(10)) }
        #expect(time.now.offset == .seconds(10))
        #expect(time.sleeps.count < 20)
        _ = await failure { try await waiting.lock(Samples.holder(), timeout: .zero) }
        #expect(time.now.offset == .seconds(10))
        await holding.unlock()
    }

    @Test("A lock that is let go meanwhile is taken")
    func handover() async throws {
        let disk = ForgetfulFileSystem()
        let process = ProcessFiles(on: disk)
        _ = try await Samples.locked(process)
        let time = TestTime { passed in if passed >= .seconds(3) { process.end() } }
        let waiting = Samples.store(disk, run: "run2", time: time)
        try await waiting.lock(Samples.holder(), timeout: .seconds(60))
        #expect(time.now.offset < .seconds(5))
        await waiting.unlock()
    }

    @Test("Whoever has the replaced file open finds one line there that is no state, and never an empty file")
    func replacedFile() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/flinkform.tfstate"
        let files = POSIXFileSystem()
        try AtomicFile.write(Samples.state(keys: 0..<3).fileBytes(), to: path, on: files)
        var opened = [open(path, O_RDONLY)]
        let store = try await Samples.locked(files, path)
        for count in 1...2 {
            _ = try await store.write(Samples.state(keys: 0..<count), intents: [])
            opened.append(open(path, O_RDONLY))
        }
        await store.unlock()
        var texts: [String] = []
        for descriptor in opened {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            texts.append(String(decoding: buffer[..<max(0, read(descriptor, &buffer, buffer.count))], as: UTF8.self))
            close(descriptor)
        }
        for text in texts.prefix(2) {
            #expect(text == "{ This state was replaced by flinkform. Run the command again.\n")
            #expect((try? JSONValue(parsing: text)) == nil)
        }
        #expect(texts.last?.contains("\"serial\": 2") == true)
    }

    @Test("A state that is a symbolic link is refused")
    func link() async throws {
        let files = ForgetfulFileSystem()
        files.putLink(at: Samples.statePath)
        let problem = await failure { try await Samples.store(files).lock(Samples.holder(), timeout: .zero) }
        #expect(problem.detail.contains("symbolic link"))
        // Nothing of the failed attempt is left: once the link is gone, the lock is free.
        files.takeAway(Samples.statePath)
        let store = try await Samples.locked(files)
        await store.unlock()
    }
}
