import Applying
import Configuring
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Planning
import Storage
import Testing

/// Beside a real Terraform, on the same state: only where one is installed.
@Suite(.enabled(if: Terraform.path != nil)) struct TerraformTests {
    private static let arguments = ["-state=flinkform.tfstate", "-no-color"]

    private struct Place: Sendable {
        let directory: TemporaryDirectory
        var path: String { directory.path + "/flinkform.tfstate" }
        let files = POSIXFileSystem()

        /// A directory with a configuration.
        init(_ configuration: String) throws {
            directory = try TemporaryDirectory()
            try AtomicFile.write(Array(configuration.utf8), to: directory.path + "/main.tf", on: files)
        }

        func terraform(_ arguments: [String]) throws -> Terraform { try Terraform(in: directory.path, arguments) }

        func state() throws -> State? {
            try files.read(path, limit: 1 << 20).map { try State(json: JSONValue(parsing: $0)) }
        }
    }

    @Test("It lists what flinkform wrote, and what it writes is read: each object still says where it lives")
    func reading() async throws {
        let place = try Place("")
        let store = try await Samples.locked(place.files, place.path)
        _ = try await store.write(Samples.state(keys: 0..<3, origin: Samples.origin("run1")), intents: [])
        await store.unlock()
        let list = try await place.terraform(["state", "list", "-state=flinkform.tfstate"]).end()
        #expect(list.output == "confluent_api_key.k[0] confluent_api_key.k[1] confluent_api_key.k[2]")
        let removal = try await place.terraform(["state", "rm", "-state=flinkform.tfstate", "confluent_api_key.k[1]"])
            .end()
        #expect(removal.status == 0, "\(removal.output)")
        let state = try #require(try place.state())
        #expect(state.keys == [0, 2])
        #expect(state.serial == 2)
        #expect(state.origin == nil)
        #expect(state[Samples.key(2)]?.record == Samples.object(2).record)
        // What Terraform left open to others is closed again.
        let next = try await Samples.locked(place.files, place.path)
        _ = try await next.write(Samples.state(keys: 0..<1), intents: [])
        await next.unlock()
        #expect(place.directory.mode("flinkform.tfstate") == 0o600)
    }

    @Test("While flinkform has the lock, it is refused and shows who has it, also after the file was replaced")
    func locked() async throws {
        let place = try Place("")
        let store = try await Samples.locked(place.files, place.path)
        for count in 1...2 {
            _ = try await store.write(Samples.state(keys: 0..<count), intents: [])
            let removal = try await place.terraform([
                "state", "rm", "-state=flinkform.tfstate", "confluent_api_key.k[0]",
            ]).end()
            #expect(removal.status != 0)
            #expect(removal.output.contains("Error acquiring the state lock"), "\(removal.output)")
            #expect(removal.output.contains("me@here"))
        }
        await store.unlock()
        let removal = try await place.terraform(["state", "rm", "-state=flinkform.tfstate", "confluent_api_key.k[0]"])
            .end()
        #expect(removal.status == 0, "\(removal.output)")
        #expect(try place.state()?.keys == [1])
    }

    @Test("One that waits for the lock of a replaced file stops, and no result is lost")
    func waiting() async throws {
        let place = try Place("resource \"terraform_data\" \"t\" {}\n")
        var state = State(lineage: Samples.lineage)
        state.outputs["o"] = OutputState(value: "x", type: "string", isSensitive: false)
        try AtomicFile.write(state.fileBytes(), to: place.path, on: place.files)
        let store = try await Samples.locked(place.files, place.path)
        let terraform = try place.terraform(["apply", "-auto-approve", "-lock-timeout=60s"] + Self.arguments)
        await terraform.opened(place.path)
        state.outputs["o"] = OutputState(value: "y", type: "string", isSensitive: false)
        let written = try await store.write(state, intents: [])
        await store.unlock()
        let end = try await terraform.end()
        #expect(end.status != 0)
        #expect(end.output.contains("Unsupported state file format"), "\(end.output)")
        #expect(try place.state() == written)
    }

    @Test("While it has the lock, flinkform is refused and shows its holder")
    func terraformHolds() async throws {
        let place = try Place(
            """
            resource "terraform_data" "t" {
              provisioner "local-exec" { command = "cat gate" }
            }
            """)
        var state = State(lineage: Samples.lineage)
        state.outputs["o"] = OutputState(value: "x", type: "string", isSensitive: false)
        try AtomicFile.write(state.fileBytes(), to: place.path, on: place.files)
        let gate = place.directory.path + "/gate"
        #expect(mkfifo(gate, 0o600) == 0)
        let terraform = try place.terraform(["apply", "-auto-approve"] + Self.arguments)
        // Once the pipe has its reader, it is in the middle of its run.
        let descriptor = await Terraform.openedGate(gate)
        let store = Samples.store(place.files, place.path)
        let problem = await failure { try await store.lock(Samples.holder(place.path), timeout: .zero) }
        #expect(problem.summary == "Error acquiring the state lock")
        #expect(problem.detail.contains("Operation: OperationTypeApply"))
        close(descriptor)
        #expect(try await terraform.end().status == 0)
        try await store.lock(Samples.holder(place.path), timeout: .zero)
        #expect(try await store.read().state?.instanceAddresses.map(\.description) == ["terraform_data.t"])
        await store.unlock()
    }
}
