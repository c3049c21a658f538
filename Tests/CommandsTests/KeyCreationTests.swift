import Emulator
import EngineSupport
import Storage
import Testing

/// `api-key create` on a machine that stops, or whose disk fails, at every effect in turn.
@Suite(.serialized) struct KeyCreationTests {
    private static let create = [
        "api-key", "create", "--resource", "flink", "--cloud", "aws", "--region", "us-east-1", "--environment",
        "env-demo1", "--service-account", "sa-demo1",
    ]

    /// Every key at the cloud has its secret in the store.
    private static func expectSecrets(_ place: Workplace, _ text: String) async throws {
        for key in try await place.emulator.keys() {
            #expect(await place.secret(of: key.id) == key.secret, "\(text)")
        }
    }

    @Test("A block and its key are both there in the end, or neither", arguments: ForgetfulFileSystem.Fault.allCases)
    func managed(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await CrashTests.everyEffect(fault, seeds: 11_000, showsSecrets: true) { _ in
        } _: { place in
            await place.run(Self.create + ["--description", "one"])
        } after: { place, text in
            if place.configuration("flinkform-keys.tf") != nil {
                let next = await place.run("apply", "-auto-approve")
                #expect(next.status == 0, "\(text)\n--- then:\n\(next.text)")
                let keys = try await place.emulator.keys()
                #expect(keys.map(\.description) == ["one"], "\(text)\n--- then:\n\(next.text)")
                #expect(try place.managed() == ["confluent_api_key.one": keys.first?.id ?? ""], "\(text)")
            } else {
                #expect(try await place.emulator.keys().isEmpty, "\(text)")
                #expect(try place.managed() == [:], "\(text)")
            }
            try await Self.expectSecrets(place, text)
        }
        #expect(effects > 10 && effects < 1_000)
    }

    @Test(
        "A key without a block has its secret stored, or is deleted by the next run",
        arguments: ForgetfulFileSystem.Fault.allCases)
    func unmanaged(_ fault: ForgetfulFileSystem.Fault) async throws {
        let effects = try await CrashTests.everyEffect(fault, seeds: 12_000, showsSecrets: true) { _ in
        } _: { place in
            await place.run(Self.create + ["--description", "one", "-no-config"])
        } after: { place, text in
            let next = await place.run(Self.create + ["--description", "two", "-no-config"])
            #expect(next.status == 0, "\(text)\n--- then:\n\(next.text)")
            let keys = try await place.emulator.keys().map(\.description)
            #expect([["one", "two"], ["two"]].contains(keys), "\(text)\n--- then:\n\(next.text)")
            try await Self.expectSecrets(place, text)
            #expect(place.text("flinkform.tfstate") == nil, "\(text)")
        }
        #expect(effects > 5 && effects < 1_000)
    }

    @Test("A key without a block stays, whatever an interrupted create of an equal one left to look for")
    func equalKeys() async throws {
        try await Workplace.with { place in
            let create = Self.create + ["--description", "same", "-no-config"]
            await place.emulator.setSwitches { $0.faults = [Fault(.drop, .before)] }
            #expect(await place.run(create).status == 1)
            await place.emulator.setSwitches { $0.faults = [] }
            // The first is still looked for while the second is made, and while a third is.
            #expect(await place.run(create).status == 0)
            #expect(await place.run(create).status == 0)
            let keys = try await place.emulator.keys()
            #expect(keys.map(\.description) == ["same", "same"])
            try await Self.expectSecrets(place, "")
        }
    }

    @Test("A file keeps what is in it, and who may read it")
    func file() async throws {
        try await Workplace.with { place in
            try place.configure("# mine\nlocals {}", as: "keys.tf")
            let files = POSIXFileSystem()
            let handle = try files.open(place.path("keys.tf"), .existing)
            try files.setPermissions(0o640, of: handle)
            files.close(handle)
            let run = await place.run(Self.create + ["-file", "keys.tf"])
            #expect(run.status == 0, "\(run.text)")
            let text = try #require(place.configuration("keys.tf"))
            #expect(
                text.hasPrefix("# mine\nlocals {}\n\nresource \"confluent_api_key\" \"sa_demo1_aws_us_east_1\" {\n"))
            #expect(text.hasSuffix("\n}\n"))
            #expect(try files.status(place.path("keys.tf"))?.permissions == 0o640)
            await place.emulator.setSwitches { $0.faults = [Fault(.status(422), .before)] }
            let failed = await place.run(Self.create + ["-file", "keys.tf", "--description", "no"])
            #expect(failed.status == 1)
            #expect(place.configuration("keys.tf") == text)
            #expect(try files.status(place.path("keys.tf"))?.permissions == 0o640)
        }
    }

    @Test(
        "Names of blocks are valid, whatever the description is",
        arguments: [
            ("Billing: Q3 (EU)", "billing_q3_eu"), ("3 apples", "key_3_apples"), ("?!", "sa_demo1_aws_us_east_1"),
            ("\u{1F511}", "sa_demo1_aws_us_east_1"), ("\"${x}\"\n", "x"), ("Straße", "stra_e"),
        ])
    func names(_ description: String, _ name: String) async throws {
        try await Workplace.with { place in
            let run = await place.run(Self.create + ["--description", description])
            #expect(run.status == 0, "\(run.text)")
            let (managed, keys) = (try place.managed(), try await place.emulator.keys())
            #expect(managed.keys.sorted() == ["confluent_api_key.\(name)"])
            #expect(keys.map(\.description) == [description])
            #expect(await place.run("plan", "-detailed-exitcode").status == 0)
        }
    }
}
