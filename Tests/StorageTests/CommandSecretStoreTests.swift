import Applying
import Configuring
import Diagnostics
import EngineSupport
import Glibc
import Storage
import TestSupport
import Testing

/// Secrets that a program keeps.
@Suite struct CommandSecretStoreTests {
    private static func isInstalled(_ programs: String...) -> Bool {
        programs.allSatisfy { program in
            ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains { access($0 + program, X_OK) == 0 }
        }
    }

    private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    /// The environment of a program that is started, and the store of one.
    private static func store(
        _ words: [String], in directory: String, environment: [String: String] = [:], timeout: Int = 60,
        workspace: String? = nil
    ) throws -> any SecretStore {
        let variables = ["PATH": variable("PATH"), "HOME": directory].merging(environment) { $1 }
        let place = SecretStorePlace(
            environment: variables, directory: directory, files: POSIXFileSystem(),
            versionControl: FileSecretStore.VersionControl { _ in .unknown }, surroundings: TestTime().surroundings())
        return try SecretStores.store(
            .command(SecretStoreSettings.Command(words: words, timeout: timeout)), statePath: "unused",
            workspace: workspace, in: place)
    }

    private static func helper(_ mode: String, _ directory: String) -> [String] {
        ["python3", Fixtures.path + "/helpers/store.py", mode, directory + "/kept"]
    }

    private static func tool(_ name: String) -> String { Fixtures.path + "/../docs/helpers/\(name)" }

    @Test("It does what every secret store does")
    func conformance() async throws {
        let directory = try TemporaryDirectory()
        try await SecretStoreConformance(
            store: { Self.opened { try Self.store(Self.helper("keeps", directory.path), in: directory.path) } },
            interrupt: {}, locks: false
        ).all()
    }

    /// A store whose making cannot fail here.
    private static func opened(_ make: () throws -> any SecretStore) -> any SecretStore {
        do {
            return try make()
        } catch {
            Issue.record("\(error)")
            return Samples.secrets(ForgetfulFileSystem())
        }
    }

    @Test("Each workspace has secrets of its own, as far as the helper goes")
    func workspaces() async throws {
        let directory = try TemporaryDirectory()
        let words = Self.helper("tells", directory.path)
        let store = try Self.store(words, in: directory.path, workspace: "staging")
        _ = try await store.prepare()
        try await store.put(Samples.entry(1, Canary.secret))
        // Neither the command line nor the environment has the secret.
        let bytes = try POSIXFileSystem().read(directory.path + "/kept.seen", limit: 1 << 20)
        let seen = String(decoding: try #require(bytes), as: UTF8.self)
        #expect(seen.contains("store.py"))
        #expect(Leaks.find(Canary.secret, in: seen).isEmpty)
    }

    @Test(
        "A helper that behaves badly is an error that says so and shows no secret",
        arguments: [
            ("rubbish", "not one JSON object"), ("dies", "status 3"), ("refuses", "no room for"),
        ])
    func bad(mode: String, part: String) async throws {
        let directory = try TemporaryDirectory()
        let store = try Self.store(Self.helper(mode, directory.path), in: directory.path)
        let problem = await failure { try await store.put(Samples.entry(1, Canary.secret)) }
        #expect(problem.summary == "Secret store did not answer")
        #expect(problem.detail.contains(part))
        #expect(Leaks.find(Canary.secret, in: "\(problem)").isEmpty)
        #expect(!problem.detail.contains("\u{1b}"))
    }

    @Test("A helper that forgets is noticed before a key is made")
    func forgets() async throws {
        let directory = try TemporaryDirectory()
        let store = try Self.store(Self.helper("forgets", directory.path), in: directory.path)
        #expect(await failure { try await store.prepare() }.detail.contains("has not kept"))
    }

    @Test("A helper that hangs is ended, and what it leaves running is not waited for")
    func hangs() async throws {
        let directory = try TemporaryDirectory()
        let hanging = try Self.store(Self.helper("hangs", directory.path), in: directory.path, timeout: 1)
        #expect(await failure { try await hanging.prepare() }.detail.contains("took too long"))
        let lingering = try Self.store(Self.helper("lingers", directory.path), in: directory.path)
        #expect(try await lingering.prepare().warnings.isEmpty)
    }

    @Test("A program that is not there is an error")
    func missing() async throws {
        let directory = try TemporaryDirectory()
        let store = try Self.store(["no-such-program"], in: directory.path)
        #expect(await failure { try await store.id() }.detail.contains("not found"))
    }

    @Test("pass keeps secrets, encrypted", .enabled(if: isInstalled("pass", "gpg"), "pass is not installed"))
    func pass() async throws {
        let directory = try TemporaryDirectory()
        let environment = [
            "GNUPGHOME": directory.path + "/gnupg", "PASSWORD_STORE_DIR": directory.path + "/store",
            "PATH": Self.variable("PATH"), "HOME": directory.path,
        ]
        func run(_ words: String...) async throws {
            let program = ChildProgram(
                words, environment: environment, directory: directory.path, timeout: .seconds(60))
            #expect(try await program.run().status == 0, "\(words)")
        }
        try await run("mkdir", "-m", "700", directory.path + "/gnupg")
        try await run(
            "gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key",
            "test@example.com", "future-default")
        try await run("pass", "init", "test@example.com")
        let words = [Self.tool("flinkform-secrets-pass"), "flinkform/test"]
        let at = directory.path
        try await SecretStoreConformance(
            store: { Self.opened { try Self.store(words, in: at, environment: environment) } },
            interrupt: {}, locks: false
        ).all()
        #expect(try Leaks.find(Canary.secret, inFolder: directory.path + "/store").isEmpty)
        let other = try Self.store(words, in: at, environment: environment, workspace: "staging")
        #expect(try await other.entries().isEmpty)
        try await run("gpgconf", "--kill", "all")
    }

    @Test("age keeps secrets in a directory, encrypted", .enabled(if: isInstalled("age"), "age is not installed"))
    func age() async throws {
        let directory = try TemporaryDirectory()
        let shell = ChildProgram(
            ["sh", "-c", "age-keygen -o key.txt && age-keygen -y key.txt > recipients.txt"],
            environment: ["PATH": Self.variable("PATH")], directory: directory.path, timeout: .seconds(60))
        #expect(try await shell.run().status == 0)
        let words = [
            Self.tool("flinkform-secrets-age"), "--directory=kept", "--recipients=recipients.txt",
            "--identity=key.txt",
        ]
        let at = directory.path
        try await SecretStoreConformance(
            store: { Self.opened { try Self.store(words, in: at) } }, interrupt: {}, locks: false
        ).all()
        #expect(try Leaks.find(Canary.secret, inFolder: directory.path).isEmpty)
        #expect(directory.mode("kept/ID3.age") == 0o600)
        // One secret cannot take another's place.
        #expect(
            try await ChildProgram(
                ["cp", "kept/ID3.age", "kept/ID4.age"], environment: ["PATH": Self.variable("PATH")],
                directory: at, timeout: .seconds(60)
            ).run().status == 0)
        let problem = await failure { try await Self.store(words, in: at).entry("ID4") }
        #expect(problem.detail.contains("secret of another key"))
    }
}
