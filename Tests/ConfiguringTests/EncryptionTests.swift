import Configuring
import Diagnostics
import Testing
import Values

/// `encryption` blocks, in `terraform` blocks and in the environment.
@Suite struct EncryptionTests {
    private static let block = """
        key_provider "pbkdf2" "team" {
          passphrase    = var.passphrase
          key_length    = 16
          iterations    = 200000
          salt_length   = 8
          hash_function = "sha256"
          encrypted_metadata_alias = "alias"
        }
        key_provider "pbkdf2" "old" { passphrase = "correct horse battery staple" }
        method "aes_gcm" "new" { keys = key_provider.pbkdf2.team }
        method "aes_gcm" "old" { keys = key_provider.pbkdf2.old }
        method "unencrypted" "none" {}
        state {
          method = method.aes_gcm.new
          fallback {
            method = method.aes_gcm.old
            fallback { method = method.unencrypted.none }
          }
        }
        plan {
          method   = method.aes_gcm.old
          enforced = true
        }
        """

    private static let variables = ["passphrase": Value.string("a passphrase of a variable")]

    private static var expected: EncryptionSettings {
        var team = EncryptionSettings.KeyProvider(
            metadataKey: "alias", passphrase: EncryptionSettings.Passphrase("a passphrase of a variable"))
        team.keyLength = 16
        team.iterations = 200_000
        team.saltLength = 8
        team.hashFunction = .sha256
        let old = EncryptionSettings.Method.aesGCM(
            EncryptionSettings.KeyProvider(
                metadataKey: "key_provider.pbkdf2.old",
                passphrase: EncryptionSettings.Passphrase("correct horse battery staple")))
        return EncryptionSettings(
            state: EncryptionSettings.Target(methods: [.aesGCM(team), old, .unencrypted]),
            plan: EncryptionSettings.Target(methods: [old]))
    }

    private func read(
        _ text: String, environment: String? = nil
    ) throws -> (settings: EncryptionSettings?, diagnostics: [Diagnostic], shown: String) {
        var loaded = Loaded("terraform {\n encryption {\n\(text)\n }\n}")
        var bodies = [try #require(loaded.configuration.encryption)]
        if let environment {
            let (body, problems) = EncryptionSettings.body(of: environment)
            #expect(problems.isEmpty)
            bodies.append(body)
        }
        let (settings, diagnostics) = EncryptionSettings.read(bodies, variables: Self.variables)
        loaded.diagnostics += diagnostics
        return (settings, loaded.diagnostics, loaded.shown())
    }

    @Test func everythingIsRead() throws {
        let read = try read(Self.block)
        #expect(read.shown.isEmpty)
        #expect(read.settings == Self.expected)
        let empty = try self.read("")
        #expect(empty.settings == nil && empty.shown.isEmpty)
    }

    @Test func theEnvironmentGoesFirst() throws {
        let whole = EncryptionSettings.read(
            [EncryptionSettings.body(of: Self.block).body], variables: Self.variables)
        #expect(whole.settings == Self.expected && whole.diagnostics.isEmpty)
        let part = try read(
            Self.block,
            environment: #"key_provider "pbkdf2" "old" { passphrase = "one from the environment" }"#)
        guard case .aesGCM(let provider)? = part.settings?.plan?.methods.first else {
            Issue.record("\(part.shown)")
            return
        }
        #expect(provider.passphrase == EncryptionSettings.Passphrase("one from the environment"))
        #expect(part.settings?.state?.methods.count == 3)
    }

    @Test func theEnvironmentMayBeJSON() throws {
        let json = #"""
            {
              "key_provider": {"pbkdf2": {
                "team": {"passphrase": "${var.passphrase}", "key_length": 16, "iterations": 200000, "salt_length": 8,
                         "hash_function": "sha256", "encrypted_metadata_alias": "alias"},
                "old": [{"passphrase": "correct horse battery staple"}]}},
              "method": {"aes_gcm": {"new": {"keys": "${key_provider.pbkdf2.team}"}, "old": {"keys": "key_provider.pbkdf2.old"}},
                         "unencrypted": {"none": {}}},
              "state": {"method": "${method.aes_gcm.new}", "fallback": {"method": "method.aes_gcm.old",
                        "fallback": {"method": "method.unencrypted.none"}}},
              "plan": {"method": "method.aes_gcm.old", "enforced": true}
            }
            """#
        let (body, problems) = EncryptionSettings.body(of: json)
        #expect(problems.isEmpty)
        let (settings, diagnostics) = EncryptionSettings.read([body], variables: Self.variables)
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(settings == Self.expected)
        #expect(EncryptionSettings.body(of: "{").diagnostics.map(\.summary) == ["Invalid encryption settings"])
        #expect(EncryptionSettings.body(of: "state {").diagnostics.map(\.summary) == ["Invalid encryption settings"])
    }

    @Test(arguments: [
        (#"key_provider "pbkdf2" "team" { passphrase = "canary"}"#, "Invalid passphrase", "at least 16 characters"),
        (
            #"key_provider "pbkdf2" "team" { passphrase = 12 + "canary"}"#, "Invalid passphrase",
            "In key_provider.pbkdf2.team:"
        ),
        (
            #"key_provider "pbkdf2" "team" { passphrase = local.canary_x }"#, "Invalid passphrase",
            "Only input variables"
        ),
        (#"key_provider "pbkdf2" "team" { passphrase = var.none }"#, "Invalid passphrase", "\"none\" with a value"),
        (#"key_provider "pbkdf2" "team" {}"#, "Missing required argument", "needs a passphrase"),
        (
            "key_provider \"pbkdf2\" \"t\" {\n  passphrase = var.passphrase\n  iterations = 1000\n}",
            "Invalid key provider", "from 200000"
        ),
        (
            "key_provider \"pbkdf2\" \"t\" {\n  passphrase = var.passphrase\n  key_length = 20\n}",
            "Invalid key provider", "16, 24 or 32"
        ),
        (
            "key_provider \"pbkdf2\" \"t\" {\n  passphrase = var.passphrase\n  hash_function = \"md5\"\n}",
            "Invalid key provider", "sha256"
        ),
        (
            "key_provider \"pbkdf2\" \"t\" {\n  passphrase = var.passphrase\n  iteration = 5\n}",
            "Unsupported argument", "iterations"
        ),
        (#"key_provider "pbkdf2" "team" { pasphrase = "canary"}"#, "Unsupported argument", "passphrase"),
        (#"key_provider "aws_kms" "team" {}"#, "Unsupported key provider", "pbkdf2"),
        (#"method "aes_gcm" "a" {}"#, "Missing required argument", "keys = key_provider.pbkdf2.NAME"),
        (#"method "aes_gcm" "a" { keys = key_provider.pbkdf2.b }"#, "Reference to undeclared key provider", "pbkdf2.b"),
        (#"method "aes_gcm" "a" { keys = "x" }"#, "Invalid reference", "without quotes"),
        (#"method "external" "a" {}"#, "Unsupported encryption method", "aes_gcm"),
        (#"state { method = method.aes_gcm.b }"#, "Reference to undeclared method", "method.aes_gcm.b"),
        (#"state {}"#, "Missing required argument", "needs a method"),
        (#"stat {}"#, "Unsupported block type", "state"),
        (
            "method \"unencrypted\" \"a\" {}\nstate {\nmethod = method.unencrypted.a\nenforced = true\n}",
            "Unencrypted method is forbidden", "enforced"
        ),
    ])
    func mistakesAreTold(text: String, summary: String, part: String) throws {
        let read = try read(text)
        #expect(read.diagnostics.first?.summary == summary, "\(read.shown)")
        #expect(read.shown.contains(part) || read.diagnostics.contains { $0.detail.contains(part) }, "\(read.shown)")
        #expect(!read.diagnostics.contains { $0.detail.contains("canary") })
        #expect(!read.shown.contains("\"canary\""), "\(read.shown)")
        #expect(read.settings == nil)
    }
}
