import Applying
import Diagnostics
import EngineSupport
import Glibc
import Storage
import Testing

/// The connection string of a server for tests; nil when there is none.
private let server = getenv("FLINKFORM_TEST_POSTGRES").map { String(cString: $0) }

/// A state in PostgreSQL, on a real server; one test after the other, since a new state is made by one run at a time.
@Suite(.serialized, .enabled(if: server != nil, "FLINKFORM_TEST_POSTGRES names no server")) struct PostgresTests {
    private let schema = "test \"\(UInt64.random(in: 0 ... .max))\""

    private func backend(_ more: [String: String] = [:]) throws -> PostgresBackend {
        let arguments = ["conn_str": try #require(server), "schema_name": schema]
        return try PostgresBackend(arguments: arguments.merging(more) { $1 }, environment: [:])
    }

    @Test func conforms() async throws {
        let first = try backend()
        try await EngineConformance(backend: { try backend() }).all()
        await first.close()
    }

    @Test func aWrongPasswordIsRefused() async throws {
        let text = try #require(server).replacingPassword(by: "canary-wrong")
        let backend = try backend(["conn_str": text])
        let problem = await #expect(throws: EngineError.self) { _ = try await backend.workspaces() }
        #expect(problem?.kind == .refused)
        #expect(problem?.reason.contains("password authentication failed") == true)
        #expect(problem?.reason.contains("canary") == false)
    }

    @Test func aServerOfAnotherAuthorityIsNotTrusted() async throws {
        // The system's authorities did not sign the server's certificate.
        let text = try #require(server?.split(separator: "&").first.map(String.init))
        let backend = try backend(["conn_str": text + "&sslrootcert=/etc/ssl/certs/ca-certificates.crt"])
        let problem = await #expect(throws: EngineError.self) { _ = try await backend.workspaces() }
        #expect(problem?.reason.contains("certificate verify failed") == true)
    }

    @Test func nobodyListens() async throws {
        let backend = try backend(["conn_str": "postgres://u:canary@localhost:1/d"])
        let problem = await #expect(throws: EngineError.self) {
            _ = try await backend.engine(workspace: "default").read()
        }
        #expect(problem?.kind == .away)
        #expect(problem?.reason.contains("canary") == false)
        #expect(try backend.engine(workspace: "w").place == "postgres://localhost/d/\(schema)/w")
    }

    @Test func badArgumentsAreToldWithoutTheirSecrets() throws {
        let words = #expect(throws: Diagnostic.self) { _ = try backend(["conn_str": "host=h password=canary oops"]) }
        #expect(words?.summary == "Invalid backend configuration")
        #expect(words?.detail.contains("canary") == false && words?.detail.contains("oops") == false)
        #expect(throws: Diagnostic.self) { _ = try backend(["skip_table_creation": "maybe"]) }
        #expect(throws: Diagnostic.self) {
            _ = try PostgresBackend(arguments: [:], environment: ["PG_SKIP_INDEX_CREATION": "2"])
        }
        #expect(throws: Diagnostic.self) { _ = try backend(["schema_name": ""]) }
    }

    @Test func tablesThatMayNotBeMadeAreMissed() async throws {
        let backend = try backend(["skip_schema_creation": "true"])
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.read() == nil)
        let problem = await #expect(throws: EngineError.self) { _ = try await engine.lock(EngineConformance.holder(1)) }
        #expect(problem?.kind == .refused)
        #expect(problem?.reason.contains("does not exist") == true)
    }

    /// While a state is made, Terraform locks nothing else in the database, and neither do we; it is said so.
    @Test func aStateThatIsBeingMadeKeepsOthersOut() async throws {
        let backend = try backend()
        let made = try backend.engine(workspace: "made")
        #expect(try await made.lock(EngineConformance.holder(1)) == nil)
        _ = try await made.write(EngineConformance.state(1), replacing: nil)
        try await made.unlock()
        let new = try backend.engine(workspace: "new")
        #expect(try await new.lock(EngineConformance.holder(2)) == nil)
        let refusal = try #require(try await made.lock(EngineConformance.holder(3)))
        #expect(refusal.holder == EngineConformance.holder(2))
        #expect(refusal.remark?.hasPrefix("A new state is being made in this database") == true)
        let elsewhere = try self.backend(["schema_name": schema + " too"]).engine(workspace: "new")
        let remark = try #require(try await elsewhere.lock(EngineConformance.holder(4))).remark
        #expect(remark?.contains("a flinkform that keeps its state in another schema") == true)
        try await new.unlock()
        #expect(try await made.lock(EngineConformance.holder(3)) == nil)
        try await made.unlock()
        await backend.close()
    }

    @Test(.enabled(if: Terraform.path != nil)) func terraformReadsWritesAndRespectsTheLock() async throws {
        let directory = try TemporaryDirectory()
        let text = """
            terraform {
              backend "pg" {}
            }
            resource "terraform_data" "a" {
              provisioner "local-exec" { command = "cat \(directory.path)/gate" }
            }
            output "told" { value = "by terraform" }
            """
        try AtomicFile.write(Array(text.utf8), to: directory.path + "/main.tf", on: POSIXFileSystem())
        #expect(mkfifo(directory.path + "/gate", 0o600) == 0)
        func terraform(_ arguments: String...) throws -> Terraform {
            try Terraform(in: directory.path, arguments + ["-no-color"])
        }
        let settings = [
            "-backend-config=conn_str=\(try #require(server))", "-backend-config=schema_name=\(schema)",
        ]
        let begun = try await Terraform(in: directory.path, ["init", "-no-color"] + settings).end()
        #expect(begun.status == 0, "\(begun.output)")
        let backend = try backend()
        let engine = try backend.engine(workspace: "default")

        // A state that is not there yet: each keeps the other out.
        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        let refused = try await terraform("apply", "-auto-approve").end()
        #expect(refused.status == 1 && refused.output.contains("Already locked for workspace creation"))
        try await engine.unlock()
        let making = try terraform("apply", "-auto-approve")
        var gate = await Terraform.openedGate(directory.path + "/gate")
        let refusal = try #require(try await engine.lock(EngineConformance.holder(1)))
        #expect(refusal.holder == nil)
        #expect(refusal.remark?.contains("The holder is not flinkform") == true)
        let force = await #expect(throws: EngineError.self) { try await engine.forceUnlock(id: "x") }
        #expect(force?.advice?.contains("SELECT pg_terminate_backend(") == true)
        close(gate)
        let made = try await making.end()
        #expect(made.status == 0, "\(made.output)")

        // The same with one that is there, which each reads as the other wrote it.
        let read = try #require(try await engine.read())
        #expect(String(decoding: read.bytes, as: UTF8.self).contains("by terraform"))
        #expect(try await engine.lock(EngineConformance.holder(2)) == nil)
        let locked = try await terraform("apply", "-auto-approve").end()
        #expect(locked.status == 1 && locked.output.contains("Workspace is already locked: default"))
        let changed = String(decoding: read.bytes, as: UTF8.self).split(separator: "by terraform")
            .joined(separator: "by flinkform")
        _ = try await engine.write(Array(changed.utf8), replacing: read.version)
        try await engine.unlock()
        let output = try await terraform("output").end()
        #expect(output.output == #"told = "by flinkform""#)
        let changing = try terraform("apply", "-auto-approve", "-replace=terraform_data.a")
        gate = await Terraform.openedGate(directory.path + "/gate")
        #expect(try await engine.lock(EngineConformance.holder(3)) != nil)
        close(gate)
        let done = try await changing.end()
        #expect(done.status == 0, "\(done.output)")
        #expect(try await engine.lock(EngineConformance.holder(3)) == nil)
        try await engine.unlock()
        await backend.close()
    }
}

extension String {
    fileprivate func replacingPassword(by password: String) -> String {
        guard let at = firstIndex(of: "@"), let colon = self[..<at].lastIndex(of: ":") else { return self }
        return self[...colon] + password + self[at...]
    }
}
