import EngineSupport
import Foundation
import Storage
import Testing

@testable import Commands

/// What the real Git says of the secret store, in a work tree of its own.
@Suite struct GitTests {
    private let directory: TemporaryDirectory
    private let environment: [String: String]

    init() throws {
        directory = try TemporaryDirectory()
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin", "HOME": directory.path,
            "GIT_CONFIG_NOSYSTEM": "1",
        ]
    }

    private func git(_ arguments: String...) throws {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", directory.path] + arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments)")
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: directory.path + "/" + name, atomically: false, encoding: .utf8)
    }

    private func standing(_ environment: [String: String]? = nil) async -> FileSecretStore.VersionControl.Standing {
        await Git.standing(
            of: directory.path + "/s.json", on: POSIXFileSystem(), environment: environment ?? self.environment)
    }

    private func removeRepository() { try? FileManager.default.removeItem(atPath: directory.path + "/.git") }

    @Test("A file is not ignored, then ignored, then tracked all the same")
    func standings() async throws {
        #expect(await standing() == .unknown)
        try git("init", "--quiet")
        defer { removeRepository() }
        #expect(await standing() == .notIgnored)
        try write("*.json\n", to: ".gitignore")
        #expect(await standing() == .ignored)
        try write("{}", to: "s.json")
        try git("add", "--force", "s.json")
        #expect(await standing() == .tracked)
        // The newest form of the index stores paths as differences.
        try git("update-index", "--index-version", "4")
        #expect(await standing() == .tracked)
    }

    @Test("Without a git that runs, nothing is known")
    func missing() async throws {
        try git("init", "--quiet")
        defer { removeRepository() }
        try write("ruin", to: ".git/HEAD")
        #expect(await standing() == .unknown)
    }
}
