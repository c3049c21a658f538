import Applying
import Configuring
import Diagnostics
import EngineSupport
import JSON
import Planning
import Storage
import TestSupport
import Testing

/// State, journal and plans encrypted at rest.
@Suite struct EncryptionTests {
    private typealias Method = EncryptionSettings.Method

    private static func provider(
        _ name: String = "key_provider.pbkdf2.team", _ passphrase: String = "correct horse battery staple"
    ) -> EncryptionSettings.KeyProvider {
        var provider = EncryptionSettings.KeyProvider(
            metadataKey: name, passphrase: EncryptionSettings.Passphrase(passphrase))
        provider.iterations = 200_000
        return provider
    }

    private static func encryption(_ methods: Method...) -> Encryption {
        Encryption(
            EncryptionSettings(
                state: EncryptionSettings.Target(methods: methods), plan: EncryptionSettings.Target(methods: methods)))
    }

    /// One for most tests, whose key is derived once.
    private static let team = encryption(.aesGCM(provider()))

    private static func store(_ bytes: [UInt8], _ encryption: Encryption) async throws -> LocalStateStore {
        let files = ForgetfulFileSystem()
        files.put(bytes, at: Samples.statePath)
        return try await Samples.locked(files, encryption: encryption)
    }

    @Test("What other software encrypted is read", arguments: ["sha512", "sha256"])
    func readsTheLayout(name: String) async throws {
        let plain = try State(json: JSONValue(parsing: Fixtures.bytes("encryption/plain.tfstate")))
        let provider = Self.provider(name == "sha256" ? "alias" : "key_provider.pbkdf2.team")
        let store = try await Self.store(
            Fixtures.bytes("encryption/\(name).tfstate"), Self.encryption(.aesGCM(provider)))
        #expect(try await store.read().state == plain)
    }

    @Test("What is written is encrypted, in the same layout, and so is the journal; nothing of it is readable")
    func conformance() async throws {
        let files = ForgetfulFileSystem()
        try await StateStoreConformance(
            store: { Samples.store(files, run: $0, encryption: Self.team) }, holder: Samples.holder()
        ).all()
        let store = try await Samples.locked(files, encryption: Self.team)
        try await store.append([.opened(Samples.intent(7)), Samples.recorded(8)])
        await store.unlock()
        let bytes = try #require(files.bytes(Samples.statePath))
        let envelope = try #require(try JSONValue(parsing: bytes).object)
        #expect(envelope.map(\.key) == ["serial", "lineage", "meta", "encrypted_data", "encryption_version"])
        let lineage = try await store.read().state?.lineage
        #expect(lineage != nil && envelope["lineage"]?.string == lineage)
        #expect(envelope["encryption_version"]?.string == "v0")
        #expect(envelope["meta"]?.object?.map(\.key) == ["key_provider.pbkdf2.team"])
        for path in [Samples.statePath, Samples.journalPath, Samples.statePath + ".backup"] {
            let text = String(decoding: files.bytes(path) ?? [], as: UTF8.self)
            #expect(!text.isEmpty && !text.contains("confluent_api_key"), "\(path)")
        }
    }

    @Test("A journal belongs to the state whose lineage it names")
    func journalOfAnother() async throws {
        let files = ForgetfulFileSystem()
        let store = try await Samples.locked(files, encryption: Self.team)
        try await store.append([.opened(Samples.intent(1))])
        await store.unlock()
        let text = String(decoding: try #require(files.bytes(Samples.journalPath)), as: UTF8.self)
        #expect(text.contains("\"sealed\""))
        for other in [Self.encryption(.unencrypted), Self.encryption(.aesGCM(Self.provider("other")))] {
            let problem = await failure { try await Samples.store(files, encryption: other).read() }
            #expect(problem.summary.hasPrefix("Encrypted"))
        }
        #expect(try await Samples.store(files, encryption: Self.team).read().intents.map(\.id) == ["intent1"])
    }

    @Test("What cannot be opened says why, and what to do")
    func refusals() async throws {
        let sealed = try Fixtures.bytes("encryption/sha512.tfstate")
        let text = String(decoding: sealed, as: UTF8.self)
        let wrong = Self.encryption(.aesGCM(Self.provider("key_provider.pbkdf2.team", "canary: the wrong one")))
        let other = Self.encryption(.aesGCM(Self.provider("key_provider.pbkdf2.other")))
        let plain = try Fixtures.bytes("encryption/plain.tfstate")
        func changed(_ part: String, _ new: String) -> [UInt8] { Array(text.replacing(part, with: new).utf8) }
        let cases: [(bytes: [UInt8], encryption: Encryption, summary: String, part: String)] = [
            (sealed, wrong, "Decryption failed", "the passphrase is not the one"),
            (sealed, other, "Encrypted with another key provider", "encrypted_metadata_alias"),
            (sealed, Encryption(), "Encrypted file without its key", "key_provider.pbkdf2.team"),
            (plain, Self.team, "Unencrypted file refused", "fallback { method = method.unencrypted.migrate }"),
            (changed("\"serial\":7", "\"serial\":8"), Self.team, "Encrypted file is damaged", "serial"),
            (changed("\"v0\"", "\"v1\""), Self.team, "Unsupported encryption version", "\"v1\""),
            (changed("\"meta\"", "\"mete\""), Self.team, "Encrypted file is damaged", "meta"),
        ]
        for (bytes, encryption, summary, part) in cases {
            let store = try await Self.store(bytes, encryption)
            for problem in [
                await failure { try await store.read() },
                await failure { try await store.write(Samples.state(keys: 0..<1), intents: []) },
            ] {
                #expect(problem.summary == summary)
                #expect(problem.detail.contains(part), "\(problem.detail)")
                #expect(!problem.detail.contains("canary"))
            }
        }
    }

    @Test("An envelope that is cut off, or has another byte, is refused")
    func damage() async throws {
        let sealed = try Fixtures.bytes("encryption/sha512.tfstate")
        let start = try #require(sealed.firstRange(of: Array("encrypted_data\":\"".utf8))).upperBound
        for length in stride(from: 0, to: sealed.count, by: 7) {
            let store = try await Self.store(Array(sealed.prefix(length)), Self.team)
            _ = await failure { try await store.read() }
        }
        let end = try #require(sealed[start...].firstIndex(of: UInt8(ascii: "\"")))
        for kept in [0, 4, 16, 40, (end - start) / 8 * 4] {
            let store = try await Self.store(Array(sealed[..<(start + kept)] + sealed[end...]), Self.team)
            #expect(
                ["Decryption failed", "Encrypted file is damaged"].contains(
                    await failure { try await store.read() }.summary))
        }
        for place in [start, start + 20, end - 3] {
            var bytes = sealed
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let store = try await Self.store(bytes, Self.team)
            #expect(await failure { try await store.read() }.summary == "Decryption failed")
        }
    }

    @Test("Encryption is turned on, changed and turned off by one run each, although nothing else changed")
    func migration() async throws {
        let files = ForgetfulFileSystem()
        let old = Method.aesGCM(Self.provider())
        let new = Method.aesGCM(Self.provider("key_provider.pbkdf2.new", "another passphrase that is long"))
        let first = try await Samples.locked(files)
        var state = try await first.write(Samples.state(keys: 0..<2), intents: [])
        try await first.append([.opened(Samples.intent(4))])
        await first.unlock()
        let steps: [(Encryption, Encryption)] = [
            (Self.encryption(old, .unencrypted), Self.encryption(old)),
            (Self.encryption(new, old), Self.encryption(new)),
            (Self.encryption(.unencrypted, new), Encryption()),
        ]
        for (migrating, after) in steps {
            let store = try await Samples.locked(files, encryption: migrating)
            let stored = try await store.read()
            #expect(stored.intents.map(\.id) == ["intent4"])
            let written = try await store.write(try #require(stored.state), intents: stored.intents)
            #expect(written.serial == state.serial + 1)
            state = written
            #expect(try await store.write(state, intents: stored.intents).serial == state.serial, "once is enough")
            await store.unlock()
            let read = try await Samples.store(files, encryption: after).read()
            #expect(read.state == state)
            #expect(read.intents.map(\.id) == ["intent4"])
        }
        #expect(String(decoding: files.bytes(Samples.statePath) ?? [], as: UTF8.self).contains("confluent_api_key"))
    }
}
