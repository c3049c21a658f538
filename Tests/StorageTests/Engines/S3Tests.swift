import Applying
import Diagnostics
import EngineSupport
import Glibc
import JSON
import Networking
import Storage
import Testing

/// States in a bucket, on a real server.
@Suite(.enabled(if: Store.address != nil, "FLINKFORM_TEST_S3 names no server")) struct S3Tests {
    private let store = Store()

    @Test func conforms() async throws {
        let store = store
        try await EngineConformance(backend: { try store.backend() }).all()
    }

    @Test func conformsOverTLSWithKeysOfTheCustomer() async throws {
        let key = Base64.encoded((0..<32).map { UInt8($0) })
        let arguments = ["encrypt": "true", "sse_customer_key": key, "workspace_key_prefix": "ws"]
        let store = store
        try await EngineConformance(backend: { try store.backend(arguments, overTLS: true) }).all()
    }

    @Test func anotherAuthorityIsNotTrusted() async throws {
        let address = try #require(Store.secureAddress)
        let backend = try S3Backend(
            arguments: store.arguments.merging(["endpoints.s3": address, "max_retries": "0"]) { $1 }, environment: [:],
            files: POSIXFileSystem(), surroundings: HurriedClock().surroundings(seed: 1))
        let problem = await #expect(throws: EngineError.self) { _ = try await backend.workspaces() }
        #expect(problem?.reason.contains("certificate") == true)
        await backend.close()
    }

    @Test func withoutALockfileNobodyIsKeptOutButNothingIsOverwritten() async throws {
        let (one, two) = (try store.backend(["use_lockfile": "false"]), try store.backend(["use_lockfile": "false"]))
        let (mine, theirs) = (try one.engine(workspace: "default"), try two.engine(workspace: "default"))
        #expect(mine.renewal == nil)
        #expect(try await mine.lock(EngineConformance.holder(1)) == nil)
        #expect(try await theirs.lock(EngineConformance.holder(2)) == nil)
        #expect(try await theirs.standing() == nil)
        _ = try await theirs.write(EngineConformance.state(1), replacing: nil)
        try await refused(.conflict) { _ = try await mine.write(EngineConformance.state(2), replacing: nil) }
        try await theirs.append([1], generation: 1, number: 0)
        try await refused(.lockLost) { try await mine.append([2], generation: 1, number: 0) }
        try await refused(.refused) { try await mine.forceUnlock(id: EngineConformance.holder(2).id) }
        await one.close()
        await two.close()
    }

    @Test func aRunThatWasOvertakenAddsNothing() async throws {
        let backend = try store.backend(["use_lockfile": "false"])
        let (old, new) = (try backend.engine(workspace: "default"), try backend.engine(workspace: "default"))
        try await old.append([1], generation: 1, number: 0)
        #expect(try await new.journal() == EngineJournal(generation: 1, parts: [[1]]))
        // It adds a part after it was overtaken, but before the other begins: what was read is not all there is.
        try await old.append([2], generation: 1, number: 1)
        try await refused(.conflict) { try await new.append([3], generation: 2, number: 0) }
        #expect(try await new.journal() == EngineJournal(generation: 1, parts: [[1], [2]]))
        try await new.append([3], generation: 2, number: 0)
        try await refused(.lockLost) { try await old.append([4], generation: 1, number: 2) }
        // What it still adds when all of that is gone is read by nobody, and cleared away.
        try await new.removeJournal(through: 2)
        try await old.append([5], generation: 1, number: 2)
        #expect(try await new.journal() == nil)
        try await new.append([6], generation: 1, number: 0)
        #expect(try await new.journal() == EngineJournal(generation: 1, parts: [[6]]))
        try await new.append([7], generation: 1, number: 1)
        try await new.append([8], generation: 1, number: 2)
        // A run that goes on in a generation of its own has written what it finds.
        try await new.append([9], generation: 2, number: 0)
        try await new.append([10], generation: 2, number: 1)
        try await new.append([11], generation: 3, number: 0)
        #expect(try await new.journal() == EngineJournal(generation: 3, parts: [[11]]))
        await backend.close()
    }

    @Test func aLockThatNobodyRenewsIsTakenOverByOne() async throws {
        let late = LateClock()
        let backend = try store.backend(transport: late)
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        try await engine.renew()
        late.pass(seconds: 60)
        let refusal = try #require(try await backend.engine(workspace: "default").lock(EngineConformance.holder(2)))
        #expect(refusal.remark?.contains("renewed") == true)
        #expect(try await engine.standing()?.sinceRenewal ?? .zero >= .seconds(60))
        late.pass(seconds: 1)
        // All see the same old lock; one of them replaces it, and for the others it is new.
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 2..<8 {
                group.addTask {
                    let engine = try backend.engine(workspace: "default")
                    return try await engine.lock(EngineConformance.holder(number)) == nil
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 1)
        try await refused(.lockLost) { try await engine.renew() }
        try await refused(.lockLost) { _ = try await engine.write(EngineConformance.state(1), replacing: nil) }
        await backend.close()
    }

    @Test func aLockOfTerraformIsNeverTakenOver() async throws {
        let late = LateClock()
        let backend = try store.backend(transport: late)
        try await store.put(".tflock", EngineConformance.holder(5).json.bytes(.compact))
        #expect(try await backend.engine(workspace: "default").standing()?.holder == EngineConformance.holder(5))
        late.pass(seconds: 100_000)
        let refusal = try #require(try await backend.engine(workspace: "default").lock(EngineConformance.holder(2)))
        #expect(refusal == LockRefusal(holder: EngineConformance.holder(5)))
        #expect(try await backend.engine(workspace: "default").standing()?.sinceRenewal == nil)
        await backend.close()
    }

    @Test func aStoreThatHonoursNoConditionsIsRefused() async throws {
        for name in ["if-none-match", "if-match"] {
            let backend = try store.backend(transport: CarelessStore(ignoring: name))
            let engine = try backend.engine(workspace: "default")
            let problem = await #expect(throws: EngineError.self) {
                _ = try await engine.lock(EngineConformance.holder(1))
            }
            #expect(problem?.kind == .refused)
            #expect(problem?.reason.lowercased().contains(name) == true)
            #expect(try await engine.standing() == nil, "nothing is left behind")
            await backend.close()
        }
    }

    @Test func answersThatWereLostAreNotTakenForOthers() async throws {
        let lossy = LossyWay()
        let backend = try store.backend(transport: lossy)
        let engine = try backend.engine(workspace: "default")
        lossy.lose("PUT")
        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        lossy.lose("PUT")
        let version = try await engine.write(EngineConformance.state(1), replacing: nil)
        #expect(try await engine.read()?.version == version)
        lossy.lose("PUT")
        try await engine.renew()
        try await engine.renew()
        lossy.lose("PUT")
        try await engine.append([1], generation: 1, number: 0)
        lossy.lose("DELETE")
        try await engine.unlock()
        #expect(try await engine.standing() == nil)
        await backend.close()
    }

    @Test func whatAStoreRefusesIsTold() async throws {
        let backend = try store.backend(["bucket": "no-such-bucket-here"])
        let problem = await #expect(throws: EngineError.self) {
            _ = try await backend.engine(workspace: "default").read()
        }
        #expect(problem?.kind == .refused)
        #expect(problem?.reason.contains("NoSuchBucket") == true)
        #expect(problem?.advice?.hasPrefix("Make the bucket no-such-bucket-here first") == true)
        await backend.close()
    }

    @Test func oneRunMakesFewRequests() async throws {
        let lossy = LossyWay()
        let backend = try store.backend(transport: lossy)
        let engine = try backend.engine(workspace: "default")
        func requests(_ body: () async throws -> Void) async throws -> [String] {
            lossy.forget()
            try await body()
            return lossy.methods
        }
        #expect(
            try await requests { _ = try await engine.lock(EngineConformance.holder(1)) } == [
                "GET", "PUT", "PUT", "PUT",
            ])
        #expect(try await requests { _ = try await engine.read() } == ["GET"])
        #expect(try await requests { _ = try await engine.journal() } == ["GET"])
        #expect(
            try await requests { try await engine.append([1], generation: 1, number: 0) }.sorted() == [
                "GET", "GET", "GET", "PUT",
            ])
        #expect(
            try await requests { try await engine.append([2], generation: 1, number: 1) }.sorted() == ["GET", "PUT"])
        #expect(try await requests { _ = try await engine.journal() } == ["GET", "GET", "GET"])
        #expect(try await requests { try await engine.renew() } == ["PUT"])
        #expect(
            try await requests { _ = try await engine.write(EngineConformance.state(1), replacing: nil) } == [
                "GET", "PUT",
            ])
        #expect(try await requests { try await engine.removeJournal(through: 1) } == ["GET", "DELETE", "DELETE"])
        #expect(try await requests { try await engine.unlock() } == ["GET", "DELETE"])
        await backend.close()
    }

    private func refused(
        _ kind: EngineError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async throws {
        let problem = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) { try await body() }
        #expect(problem?.kind == kind, sourceLocation: sourceLocation)
    }

    @Test(.enabled(if: Terraform.path != nil)) func terraformReadsWritesAndRespectsTheLock() async throws {
        let directory = try TemporaryDirectory()
        let text = """
            terraform {
              backend "s3" {}
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
        let settings = store.arguments.map { name, value in
            name == "endpoints.s3"
                ? "-backend-config=endpoints={s3=\"\(value)\"}" : "-backend-config=\(name)=\(value)"
        }
        let skipped = ["skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id"]
            .map { "-backend-config=\($0)=true" }
        let begun = try await Terraform(in: directory.path, ["init", "-no-color"] + settings + skipped).end()
        #expect(begun.status == 0, "\(begun.output)")
        let backend = try store.backend()
        let engine = try backend.engine(workspace: "default")

        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        try await engine.renew()
        let refused = try await terraform("apply", "-auto-approve").end()
        #expect(refused.status == 1 && refused.output.contains(EngineConformance.holder(1).id), "\(refused.output)")
        try await engine.unlock()
        let making = try terraform("apply", "-auto-approve")
        let gate = await Terraform.openedGate(directory.path + "/gate")
        let refusal = try #require(try await engine.lock(EngineConformance.holder(1)))
        #expect(refusal.holder?.operation == "OperationTypeApply")
        #expect(try await engine.standing()?.sinceRenewal == nil)
        close(gate)
        let made = try await making.end()
        #expect(made.status == 0, "\(made.output)")

        let read = try #require(try await engine.read())
        #expect(String(decoding: read.bytes, as: UTF8.self).contains("by terraform"))
        #expect(try await engine.lock(EngineConformance.holder(2)) == nil)
        let changed = String(decoding: read.bytes, as: UTF8.self).split(separator: "by terraform")
            .joined(separator: "by flinkform")
        _ = try await engine.write(Array(changed.utf8), replacing: read.version)
        let held = try #require(try await engine.standing()?.holder?.id)
        let unlocked = try await terraform("force-unlock", "-force", held).end()
        #expect(unlocked.status == 0, "\(unlocked.output)")
        try await self.refused(.lockLost) { try await engine.renew() }
        let output = try await terraform("output").end()
        #expect(output.output == #"told = "by flinkform""#)
        let other = try await terraform("workspace", "new", "other").end()
        #expect(other.status == 0, "\(other.output)")
        #expect(try await backend.workspaces() == ["default", "other"])
        await backend.close()
    }
}
