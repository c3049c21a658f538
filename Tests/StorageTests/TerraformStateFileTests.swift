import Applying
import Configuring
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Planning
import Storage
import TestSupport
import Testing

/// The state file of a Terraform: it is read and changed only while no other program is at it.
@Suite struct TerraformStateFileTests {
    private static let path = "/project/terraform.tfstate"
    private static let text =
        #"{"version": 4, "serial": 1, "lineage": "l", "resources": [], "later": 1.50, "outputs": {"o": {"value": "x"}}}"#

    private func place(_ text: String = text) -> ForgetfulFileSystem {
        let files = ForgetfulFileSystem()
        files.put(Array(text.utf8), at: Self.path, isOpenToOthers: true)
        return files
    }

    private func next(_ state: TerraformState) throws -> TerraformState { try state.withNextSerial() }

    @Test("Readers keep writers away, not one another")
    func shared() async throws {
        let files = place()
        let file = TerraformStateFile(Self.path, on: files)
        try await file.reading { content in
            #expect(content.serial == 1)
            try await file.reading { again in #expect(again.lineage == "l") }
            let problem = await failure { try await file.changing(as: Samples.holder(Self.path)) { _, _ in } }
            #expect(problem.summary == "Terraform is at work")
            // What says who has the lock was not left behind.
            #expect(files.paths == [Self.path])
        }
        try await file.changing(as: Samples.holder(Self.path)) { _, _ in
            #expect(files.paths == ["/project/.terraform.tfstate.lock.info", Self.path])
            let problem = await failure { try await file.reading { _ in } }
            #expect(problem.summary == "Terraform is at work")
            #expect(problem.detail.contains("me@here"))
        }
        #expect(files.paths == [Self.path])
        #expect(files.bytes(Self.path) == Array(Self.text.utf8))
    }

    @Test("A new content has everything of the old one, and is for its owner only")
    func changing() async throws {
        let files = place()
        let file = TerraformStateFile(Self.path, on: files)
        try await file.changing(as: Samples.holder(Self.path)) { content, replace in
            try replace(next(content))
            // The lock is on the new file, too.
            #expect(await failure { try await file.reading { _ in } }.summary == "Terraform is at work")
        }
        #expect(!files.isOpenToOthers(Self.path))
        let json = try JSONValue(parsing: try #require(files.bytes(Self.path)))
        var wanted = try #require(try JSONValue(parsing: Self.text).object)
        wanted["serial"] = 2
        #expect(json == .object(wanted))
    }

    @Test("What is not there, is empty, or is a link is refused, and nothing is left")
    func refused() async throws {
        let holder = Samples.holder(Self.path)
        for prepare: (ForgetfulFileSystem) -> Void in [
            { _ in }, { $0.put([], at: Self.path) }, { $0.putLink(at: Self.path) },
            { $0.put(Array("{".utf8), at: Self.path) },
        ] {
            let files = ForgetfulFileSystem()
            prepare(files)
            let before = files.paths
            let file = TerraformStateFile(Self.path, on: files)
            _ = await failure { try await file.reading { _ in } }
            _ = await failure { try await file.changing(as: holder) { _, _ in } }
            #expect(files.paths == before)
        }
    }

    @Test("What an OpenTofu encrypted is read with its key, and stays encrypted")
    func encrypted() async throws {
        var provider = EncryptionSettings.KeyProvider(
            metadataKey: "key_provider.pbkdf2.team",
            passphrase: EncryptionSettings.Passphrase("correct horse battery staple"))
        provider.iterations = 200_000
        let encryption = Encryption(
            EncryptionSettings(state: EncryptionSettings.Target(methods: [.aesGCM(provider)])))
        let files = ForgetfulFileSystem()
        files.put(try Fixtures.bytes("encryption/sha512.tfstate"), at: Self.path)
        let file = TerraformStateFile(Self.path, on: files, encryption)
        try await file.changing(as: Samples.holder(Self.path)) { content, replace in
            #expect(content.serial == 7)
            try replace(try next(content))
        }
        let text = String(decoding: files.bytes(Self.path) ?? [], as: UTF8.self)
        #expect(text.hasPrefix(#"{"serial":8,"#) && !text.contains("by hand"))
        #expect(try file.read()?.outputs["told"]?["value"]?.string == "by hand")
        let problem = await failure { try TerraformStateFile(Self.path, on: files).read() }
        #expect(problem.summary == "Encrypted file without its key")
    }

    @Test("A new file is never written over another")
    func creating() throws {
        let files = place()
        let (old, new) = (TerraformStateFile(Self.path, on: files), TerraformStateFile("/project/new", on: files))
        #expect(throws: Diagnostic.self) { try old.create([1]) }
        #expect(files.bytes(Self.path) == Array(Self.text.utf8))
        try new.create([1])
        files.restart()
        #expect(files.bytes("/project/new") == [1])
        #expect(!files.isOpenToOthers("/project/new"))
        files.arrange(.fails, atEffect: 1)
        #expect(throws: Diagnostic.self) { try TerraformStateFile("/project/third", on: files).create([1]) }
        #expect(files.bytes("/project/third") == nil)
    }

    // MARK: - Beside a real Terraform

    private struct Directory: Sendable {
        let directory: TemporaryDirectory
        let files = POSIXFileSystem()
        var path: String { directory.path + "/terraform.tfstate" }
        var file: TerraformStateFile { TerraformStateFile(path, on: files) }

        init(_ configuration: String, _ state: State) throws {
            directory = try TemporaryDirectory()
            try AtomicFile.write(Array(configuration.utf8), to: directory.path + "/main.tf", on: files)
            try AtomicFile.write(state.fileBytes(), to: path, on: files)
        }

        func terraform(_ arguments: String...) throws -> Terraform { try Terraform(in: directory.path, arguments) }
    }

    @Test("Terraform waits neither for a reader nor for a change: it is refused", .enabled(if: Terraform.path != nil))
    func terraformRefused() async throws {
        let place = try Directory("", Samples.state(keys: 0..<2))
        try await place.file.reading { _ in
            let removal = try await place.terraform("state", "rm", "confluent_api_key.k[0]").end()
            #expect(removal.status != 0)
            #expect(removal.output.contains("Error acquiring the state lock"), "\(removal.output)")
        }
        try await place.file.changing(as: Samples.holder(place.path)) { content, replace in
            try replace(next(content))
            let removal = try await place.terraform("state", "rm", "confluent_api_key.k[0]").end()
            #expect(removal.status != 0)
            #expect(removal.output.contains("me@here"), "\(removal.output)")
        }
        #expect(place.directory.mode("terraform.tfstate") == 0o600)
        let removal = try await place.terraform("state", "rm", "confluent_api_key.k[0]").end()
        #expect(removal.status == 0, "\(removal.output)")
        let serial = try place.file.read()?.serial
        #expect(serial == 2)
    }

    @Test("While Terraform is at work, the file is neither read nor changed", .enabled(if: Terraform.path != nil))
    func terraformHolds() async throws {
        var state = State(lineage: Samples.lineage)
        state.outputs["o"] = OutputState(value: "x", type: "string", isSensitive: false)
        let place = try Directory(
            """
            resource "terraform_data" "t" {
              provisioner "local-exec" { command = "cat gate" }
            }
            """, state)
        let gate = place.directory.path + "/gate"
        #expect(mkfifo(gate, 0o600) == 0)
        let terraform = try place.terraform("apply", "-auto-approve")
        // Once the pipe has its reader, it is in the middle of its run.
        let descriptor = await Terraform.openedGate(gate)
        let holder = Samples.holder(place.path)
        for problem in [
            await failure { try await place.file.reading { _ in } },
            await failure { try await place.file.changing(as: holder) { _, _ in } },
        ] {
            #expect(problem.summary == "Terraform is at work")
            #expect(problem.detail.contains("Operation: OperationTypeApply"))
        }
        close(descriptor)
        #expect(try await terraform.end().status == 0)
    }

    @Test("Terraform takes back what was given back", .enabled(if: Terraform.path != nil))
    func pushed() async throws {
        var state = Samples.state(keys: 0..<2)
        let place = try Directory("", state)
        let adopted = AdoptedState(lineage: state.lineage, serial: state.serial, isWhole: true)
        state.note(adopted)
        let (back, _) = state.forTerraform(secrets: ["ID0": "s0", "ID1": "s1"], catalog: Samples.catalog)
        try TerraformStateFile(place.directory.path + "/back.tfstate", on: place.files).create(back.fileBytes())
        let list = try await place.terraform("state", "list", "-state=back.tfstate").end()
        #expect(list.output == "confluent_api_key.k[0] confluent_api_key.k[1]")
        let push = try await place.terraform("state", "push", "back.tfstate").end()
        #expect(push.status == 0, "\(push.output)")
        // It counts the push as a change of its own.
        let pushed = try #require(try place.file.read())
        #expect(pushed.serial == back.serial + 1)
        let wanted = try TerraformState(json: JSONValue(parsing: back.fileBytes())).withNextSerial()
        #expect(pushed.fileBytes() == wanted.fileBytes())
    }
}
