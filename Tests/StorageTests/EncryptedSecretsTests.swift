import Applying
import Diagnostics
import EngineSupport
import JSON
import Storage
import TestSupport
import Testing

/// Secrets in a file that is encrypted.
@Suite struct EncryptedSecretsTests {
    private let path = Samples.secretsPath

    private func store(
        _ files: any FileSystem, _ encryption: FileSecretStore.Encryption? = Samples.passphrase("right")
    ) -> FileSecretStore { Samples.secrets(files, encryption: encryption) }

    private static func random(_ byte: UInt8) -> FileSecretStore.Encryption {
        FileSecretStore.Encryption(source: SecretKeySource { .random([UInt8](repeating: byte, count: 32)) })
    }

    @Test("No secret is ever on the disk in clear, in the file or in the journal")
    func canary() async throws {
        let files = ForgetfulFileSystem()
        func search() {
            for name in files.paths {
                #expect(Leaks.find(Canary.secret, in: files.bytes(name) ?? []).isEmpty, "\(name)")
            }
        }
        let process = ProcessFiles(on: files)
        let first = store(process)
        _ = try await first.prepare()
        try await first.put(Samples.entry(1, Canary.secret))
        search()
        process.end()
        #expect(try await store(files).entry("ID1")?.secret == Canary.secret)
        let second = store(files)
        _ = try await second.prepare()
        search()
        try await second.close()
        search()
        #expect(try await store(files).entries().map(\.secret) == [Canary.secret])
    }

    @Test("Another passphrase or key opens nothing, says so, and changes nothing")
    func wrong() async throws {
        for (right, wrong) in [
            (Samples.passphrase("right"), Samples.passphrase("wrong")), (Self.random(1), Self.random(2)),
            (Self.random(1), Samples.passphrase("right")),
        ] {
            let files = ForgetfulFileSystem()
            let first = store(files, right)
            _ = try await first.prepare()
            try await first.put(Samples.entry(1, Canary.secret))
            try await first.close()
            let before = files.bytes(path)
            for problem in [
                await failure { try await store(files, wrong).entries() },
                await failure { try await store(files, wrong).prepare() },
                await failure { try await store(files, wrong).put(Samples.entry(2)) },
            ] { #expect(problem.summary == "Wrong passphrase or key") }
            #expect(files.bytes(path) == before)
            #expect(try await store(files, right).entry("ID1")?.secret == Canary.secret)
        }
    }

    @Test("Going from clear to encrypted and back happens only when it is asked for")
    func explicit() async throws {
        let files = ForgetfulFileSystem()
        let clear = store(files, nil)
        let id = try await clear.prepare().id
        try await clear.put(Samples.entry(1, Canary.secret))
        try await clear.close()
        #expect(await failure { try await store(files).entries() }.summary == "Secret store is not encrypted")
        #expect(await failure { try await store(files).prepare() }.summary == "Secret store is not encrypted")
        #expect(try await store(files, nil).isEncrypted() == false)

        try await store(files, nil).changeKey(to: Samples.passphrase("right"))
        #expect(Leaks.find(Canary.secret, in: files.bytes(path) ?? []).isEmpty)
        #expect(await failure { try await store(files, nil).entries() }.summary == "Secret store is encrypted")
        #expect(try await store(files, nil).isEncrypted() == true)
        #expect(try await store(files).id() == id)
        #expect(try await store(files).entry("ID1") == Samples.entry(1, Canary.secret))

        try await store(files).changeKey(to: Samples.passphrase("next"))
        #expect(await failure { try await store(files).entries() }.summary == "Wrong passphrase or key")
        #expect(try await store(files, Samples.passphrase("next")).entry("ID1")?.secret == Canary.secret)

        try await store(files, Samples.passphrase("next")).changeKey(to: nil)
        #expect(try await store(files, nil).entry("ID1") == Samples.entry(1, Canary.secret))
    }

    @Test(
        "A crash while the key is changed leaves the old key or the new one",
        arguments: [ForgetfulFileSystem.Survival.nothing, .everything, .part(seed: 7)])
    func crash(survival: ForgetfulFileSystem.Survival) async throws {
        var crashes = 0
        for number in 0... {
            let files = ForgetfulFileSystem()
            let first = store(files)
            _ = try await first.prepare()
            try await first.put(Samples.entry(1, Canary.secret))
            try await first.close()
            files.arrange(.torn, atEffect: number)
            let isDone = (try? await store(files).changeKey(to: Samples.passphrase("next"))) != nil
            files.restart(survival)
            let old = try? await store(files).entry("ID1")?.secret
            let new = try? await store(files, Samples.passphrase("next")).entry("ID1")?.secret
            #expect([old, new].compactMap { $0 } == [Canary.secret], "at effect \(number)")
            crashes += 1
            if isDone { break }
        }
        #expect(crashes > 5)
    }

    @Test("An entry that takes another's place, or that was changed, is refused")
    func bound() async throws {
        let files = ForgetfulFileSystem()
        let first = store(files)
        _ = try await first.prepare()
        try await first.put(Samples.entry(1, "one"))
        try await first.put(Samples.entry(2, "two"))
        try await first.close()
        let json = try JSONValue(parsing: try #require(files.bytes(path)))
        var object = try #require(json.object)
        var secrets = try #require(object["secrets"]?.object)
        (secrets["ID1"], secrets["ID2"]) = (secrets["ID2"], secrets["ID1"])
        object["secrets"] = .object(secrets)
        files.put(JSONValue.object(object).bytes(.indented), at: path)
        #expect(await failure { try await store(files).entries() }.detail.contains("was moved there from elsewhere"))

        // The head of another store does not make its entries valid here.
        object = try #require(json.object)
        object["id"] = "other"
        files.put(JSONValue.object(object).bytes(.indented), at: path)
        #expect(await failure { try await store(files).entries() }.summary == "Wrong passphrase or key")
    }

    @Test("A journal of another key is refused and kept")
    func otherJournal() async throws {
        let files = ForgetfulFileSystem()
        let process = ProcessFiles(on: files)
        let first = store(process)
        _ = try await first.prepare()
        try await first.put(Samples.entry(1, Canary.secret))
        process.end()
        let journal = try #require(files.bytes(path + ".journal"))
        try await store(files).close()
        try await store(files).changeKey(to: Samples.passphrase("right"))
        files.put(journal, at: path + ".journal")
        let problem = await failure { try await store(files).prepare() }
        #expect(problem.detail.contains("another key"))
        #expect(files.bytes(path + ".journal") == journal)
    }

    @Test("An encrypted file may be under version control")
    func tracked() async throws {
        let files = ForgetfulFileSystem()
        let tracked = Samples.secrets(files, standing: .tracked, encryption: Self.random(1))
        #expect(try await tracked.prepare().warnings.isEmpty)
        try await tracked.close()
    }
}
