import Diagnostics
import EngineSupport
import Glibc
import JSON
import Planning
import Storage
import Testing
import Values

/// Plans and handed-on secrets at rest, and the file system of the machine.
@Suite struct SmallFilesTests {
    private static let plan = Plan(
        mode: .destroy, lineage: "l", serial: 1, origin: nil, places: [:], sources: [], variables: [:],
        sensitiveVariables: [],
        state: State(lineage: "l"), drift: [], changes: [], outputs: [], steps: [], lookAlikes: [])

    @Test("A plan file is for its owner alone and comes back")
    func planFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/p"
        try PlanFile.write(Self.plan, to: path, on: POSIXFileSystem())
        #expect(directory.mode("p") == 0o600)
        #expect(directory.names == ["p"])
        let read = try PlanFile.read(path, on: POSIXFileSystem())
        #expect(read.mode == .destroy && read.lineage == "l")
    }

    @Test("A plan of which one bit is another is refused")
    func damaged() async throws {
        let files = ForgetfulFileSystem()
        try PlanFile.write(Self.plan, to: "/d/p", on: files)
        let bytes = try #require(files.bytes("/d/p"))
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1
            files.put(damaged, at: "/d/damaged")
            let problem = await failure { try PlanFile.read("/d/damaged", on: files) }
            #expect(["Not a plan file", "Plan of another version"].contains(problem.summary), "\(place)")
        }
    }

    @Test("A state that is kept beside another replaces a state, and nothing else")
    func beside() async throws {
        let files = ForgetfulFileSystem()
        let file = StateFile("/d/b", on: files, catalog: Samples.catalog, Encryption())
        try file.write(State(lineage: "l"))
        try file.write(State(lineage: "other"))
        let secrets = Array("{\"store\":\"s\",\"secrets\":{}}".utf8)
        files.put(secrets, at: "/d/b")
        let problem = await failure { try file.write(State(lineage: "l")) }
        #expect(problem.detail.contains("is no state") && files.bytes("/d/b") == secrets)
    }

    @Test("What is no plan file says what to do")
    func noPlan() async throws {
        let files = ForgetfulFileSystem()
        files.put(Array("{\"format\":\"flinkform plan 9\"}".utf8), at: "/d/newer")
        files.put(Array("{\"format\":\"flinkf".utf8), at: "/d/torn")
        let summaries = ["/d/newer": "Plan of another version", "/d/torn": "Not a plan file"]
        for (path, summary) in summaries {
            let problem = await failure { try PlanFile.read(path, on: files) }
            #expect(problem.summary == summary)
            #expect(problem.detail.contains("flinkform plan -out="))
        }
        let missing = await failure { try PlanFile.read("/d/none", named: "none", on: files) }
        #expect(missing.summary == "Failed to load \"none\" as a plan file")
        files.arrange(.full, atEffect: 1)
        let problem = await failure { try PlanFile.write(Self.plan, to: "/d/p", on: files) }
        #expect(problem.detail.contains("No space left on device"))
        #expect(files.paths == ["/d/newer", "/d/torn"])
    }

    @Test("A handed-on secret is never overwritten with nothing")
    func secretsOutput() async throws {
        let files = ForgetfulFileSystem()
        let path = "/d/secrets.json"
        try SecretsOutput.write(["a": "one", "b": nil], to: path, on: files)
        try SecretsOutput.write(["a": "two", "b": "known"], to: path, on: files)
        let kept = files.bytes(path)
        let problem = await failure { try SecretsOutput.write(["a": "three", "b": nil], to: path, on: files) }
        #expect(problem.detail.contains("not known now: b"))
        #expect(!problem.detail.contains("known\""))
        #expect(files.bytes(path) == kept)
        files.put(Array("no JSON".utf8), at: path)
        _ = await failure { try SecretsOutput.write(["a": "three"], to: path, on: files) }
        #expect(files.bytes(path) == Array("no JSON".utf8))
    }

    @Test("A file is replaced on the machine's disk: for its owner alone, no link followed, nothing left behind")
    func replacing() throws {
        let directory = try TemporaryDirectory()
        let files = POSIXFileSystem()
        let path = directory.path + "/file"
        try AtomicFile.write([1, 2, 3], to: path, on: files)
        #expect(chmod(path, 0o644) == 0)
        try AtomicFile.write([4], to: path, on: files)
        #expect(directory.mode("file") == 0o600)
        #expect(try files.read(path, limit: 10) == [4])
        #expect(symlink(path, directory.path + "/link") == 0)
        #expect(throws: FileError.self) { try AtomicFile.write([5], to: directory.path + "/link", on: files) }
        #expect(try files.read(path, limit: 10) == [4])
        #expect(throws: FileError.self) { try AtomicFile.write([5], to: directory.path + "/none/file", on: files) }
        #expect(directory.names == ["file", "link"])
        #expect(throws: FileError.self) { try AtomicFile.write([5], to: directory.path, on: files) }
    }

    @Test("Reading is bounded, and what is not there is nil")
    func reading() throws {
        let directory = try TemporaryDirectory()
        let files = POSIXFileSystem()
        let path = directory.path + "/file"
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        try AtomicFile.write(bytes, to: path, on: files)
        #expect(try files.read(path, limit: 200_000) == bytes)
        #expect(throws: FileError.self) { try files.read(path, limit: 199_999) }
        #expect(throws: FileError.self) { try files.read(directory.path, limit: 1) }
        #expect(try files.read(directory.path + "/none", limit: 1) == nil)
        #expect(try files.status(directory.path + "/none/none") == nil)
    }

    @Test("An open file is cut, and what is written next goes behind it")
    func truncating() throws {
        let directory = try TemporaryDirectory()
        for files in [POSIXFileSystem(), ForgetfulFileSystem()] as [any FileSystem] {
            let path = directory.path + "/file"
            try AtomicFile.write(Array("0123456789".utf8), to: path, on: files)
            let handle = try files.open(path, .existing)
            try files.truncate(handle, to: 2)
            try files.write(Array("ab".utf8), to: handle)
            files.close(handle)
            #expect(try files.read(path, limit: 100) == Array("01ab".utf8))
            let other = try files.open(path, .appending)
            try files.write(Array("c".utf8), to: other)
            files.close(other)
            #expect(try files.read(path, limit: 100) == Array("01abc".utf8))
            #expect(throws: FileError.self) { try files.open(path, .new) }
            #expect(throws: FileError.self) { try files.open(path + "2", .existing) }
        }
    }
}
