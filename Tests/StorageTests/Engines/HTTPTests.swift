import Applying
import Diagnostics
import EngineSupport
import Glibc
import NIOSSL
import Networking
import StateServer
import Storage
import Synchronization
import Testing

/// A state at an address, on a server with GitLab's rules and on one that does what the protocol says.
struct HTTPTests {
    private static let credentials = ["username": "user", "password": "canary-password"]

    private static func gitlab(_ server: StateServer, _ name: String = "state") -> [String: String] {
        let address = "\(server.address)/gitlab/\(name)"
        return credentials.merging([
            "address": address, "lock_address": address + "/lock", "unlock_address": address + "/lock",
            "lock_method": "POST", "unlock_method": "DELETE",
        ]) { $1 }
    }

    private static func plain(_ server: StateServer) -> [String: String] {
        let address = "\(server.address)/plain/state"
        return credentials.merging(["address": address, "lock_address": address, "unlock_address": address]) { $1 }
    }

    private static func backend(
        _ arguments: [String: String], _ transport: (any Transport)? = nil
    ) throws(Diagnostic) -> HTTPBackend {
        try HTTPBackend(
            arguments: arguments, environment: [:],
            surroundings: HurriedClock().surroundings(seed: .random(in: 0 ... .max)),
            transport: transport)
    }

    @Test func conformsWithGitLabsRules() async throws {
        let server = try await StateServer()
        try await EngineConformance(
            backend: { try Self.backend(Self.gitlab(server)) }, tellsHolder: false, hasWorkspaces: false
        ).all()
    }

    @Test func conformsWithTheProtocol() async throws {
        let server = try await StateServer()
        try await EngineConformance(backend: { try Self.backend(Self.plain(server)) }, hasWorkspaces: false).all()
    }

    @Test func gitLabTellsPartOfTheHolder() async throws {
        let server = try await StateServer()
        let backend = try Self.backend(Self.gitlab(server))
        let (mine, theirs) = (try backend.engine(workspace: "default"), try backend.engine(workspace: "default"))
        #expect(try await mine.lock(EngineConformance.holder(1)) == nil)
        let holder = try #require(try await theirs.lock(EngineConformance.holder(2))?.holder)
        #expect(holder.id == EngineConformance.holder(1).id && holder.who == "user1@host")
        #expect(holder.info != EngineConformance.holder(2).info, "what was asked with is not the holder's")
        try await refused(.refused) { try await theirs.forceUnlock(id: EngineConformance.holder(2).id) }
        #expect(try await theirs.standing()?.holder?.id == EngineConformance.holder(1).id)
        await backend.close()
    }

    @Test func withoutALockNothingIsOverwrittenThatWasSeen() async throws {
        let server = try await StateServer()
        let arguments = Self.credentials.merging(["address": "\(server.address)/plain/free?a=b"]) { $1 }
        let backend = try Self.backend(arguments)
        let (mine, theirs) = (try backend.engine(workspace: "default"), try backend.engine(workspace: "default"))
        #expect(mine.renewal == nil && mine.place == "\(server.address)/plain/free")
        #expect(try await mine.lock(EngineConformance.holder(1)) == nil)
        #expect(try await theirs.lock(EngineConformance.holder(2)) == nil)
        _ = try await theirs.write(EngineConformance.state(1), replacing: nil)
        try await refused(.conflict) { _ = try await mine.write(EngineConformance.state(1), replacing: nil) }
        try await mine.append([1], generation: 1, number: 0)
        #expect(try await theirs.journal() == EngineJournal(generation: 1, parts: [[1]]))
        try await theirs.append([2], generation: 2, number: 0)
        try await refused(.lockLost) { try await mine.append([3], generation: 1, number: 1) }
        try await refused(.refused) { try await mine.forceUnlock(id: EngineConformance.holder(2).id) }
        await backend.close()
    }

    @Test func theJournalsLockThatAVanishedRunLeftIsBroken() async throws {
        let server = try await StateServer()
        let backend = try Self.backend(Self.gitlab(server))
        let (lost, new) = (try backend.engine(workspace: "default"), try backend.engine(workspace: "default"))
        #expect(try await lost.lock(EngineConformance.holder(1)) == nil)
        try await lost.append([1], generation: 1, number: 0)
        // As Terraform lets it go: the state's lock alone.
        let terraform = HTTPTransport(proxy: .none, connectTimeout: .seconds(5), readTimeout: .seconds(120))
        _ = await terraform.send(
            OutgoingRequest(
                "DELETE", url: "\(server.address)/gitlab/state/lock", endpoint: try Endpoint(server.address),
                credentials: Credentials(key: "user", secret: "canary-password")))
        await terraform.shutdown()
        #expect(try await new.lock(EngineConformance.holder(2)) == nil)
        #expect(try await new.journal() == EngineJournal(generation: 1, parts: [[1]]))
        try await new.append([2], generation: 2, number: 0)
        try await refused(.lockLost) { try await lost.append([3], generation: 1, number: 1) }
        try await new.removeJournal(through: 2)
        try await new.unlock()
        #expect(try await new.standing() == nil)
        await backend.close()
    }

    @Test func answersThatWereLostAreNotTakenForOthers() async throws {
        let server = try await StateServer()
        let lossy = LossyWay()
        let backend = try Self.backend(Self.gitlab(server), lossy)
        let engine = try backend.engine(workspace: "default")
        lossy.lose("POST")
        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        lossy.lose("POST")
        let version = try await engine.write(EngineConformance.state(1), replacing: nil)
        #expect(try await engine.read()?.version == version)
        try await engine.append([1], generation: 1, number: 0)
        lossy.lose("POST")
        try await engine.append([2], generation: 1, number: 1)
        lossy.lose("POST")
        try await engine.renew()
        lossy.lose("DELETE")
        try await engine.unlock()
        #expect(try await engine.standing() == nil)
        #expect(try await engine.journal() == EngineJournal(generation: 1, parts: [[1], [2]]))
        await backend.close()
    }

    @Test func aRenewalThatIsUnderWayDoesNotOutliveTheLock() async throws {
        let server = try await StateServer()
        let slow = HeldUpWay()
        let backend = try Self.backend(Self.plain(server), slow)
        let engine = try backend.engine(workspace: "default")
        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        slow.holdUp("LOCK")
        let renewal = Task { try await engine.renew() }
        await slow.untilHeldUp()
        renewal.cancel()
        let unlocking = Task { try await engine.unlock() }
        slow.letGo()
        try await unlocking.value
        #expect(try await engine.standing() == nil)
        await backend.close()
    }

    @Test func oneRunMakesFewRequests() async throws {
        let server = try await StateServer()
        let lossy = LossyWay()
        let backend = try Self.backend(Self.gitlab(server), lossy)
        let engine = try backend.engine(workspace: "default")
        func requests(_ body: () async throws -> Void) async throws -> [String] {
            lossy.forget()
            try await body()
            return lossy.methods
        }
        #expect(try await requests { _ = try await engine.lock(EngineConformance.holder(1)) } == ["POST"])
        #expect(try await requests { _ = try await engine.read() } == ["GET"])
        #expect(try await requests { _ = try await engine.journal() } == ["GET"])
        #expect(
            try await requests { try await engine.append([1], generation: 1, number: 0) } == ["POST", "GET", "POST"])
        #expect(try await requests { try await engine.append([2], generation: 1, number: 1) } == ["GET", "POST"])
        #expect(try await requests { try await engine.renew() } == ["POST"])
        #expect(
            try await requests { _ = try await engine.write(EngineConformance.state(1), replacing: nil) } == [
                "GET", "POST",
            ])
        #expect(try await requests { try await engine.removeJournal(through: 1) } == ["GET", "POST"])
        #expect(try await requests { try await engine.unlock() } == ["DELETE", "DELETE"])
        await backend.close()
    }

    @Test func whatAServerRefusesIsTold() async throws {
        let server = try await StateServer()
        func problem(_ more: [String: String]) async throws -> EngineError? {
            let backend = try Self.backend(Self.gitlab(server).merging(more) { $1 })
            let engine = try backend.engine(workspace: "default")
            return await #expect(throws: EngineError.self) { _ = try await engine.lock(EngineConformance.holder(1)) }
        }
        let stranger = try await problem(["password": "canary-other"])
        #expect(stranger?.kind == .refused && stranger?.reason.contains("HTTP 401") == true)
        #expect(stranger?.advice?.contains("TF_HTTP_PASSWORD") == true && stranger?.reason.contains("canary") == false)
        let method = try await problem(["lock_method": "LOCK"])
        #expect(method?.reason.contains("nothing can be locked there") == true)
        let nobody = try await problem(["lock_address": "http://localhost:1/lock", "retry_max": "0"])
        #expect(nobody?.kind == .away)
    }

    @Test(
        "what cannot be used is told with a remedy",
        arguments: [
            (["address": ""], "address is missing"), (["address": "http://example.com/s"], "without encryption"),
            (["address": "https://user:canary@h/s"], "must not hold a user name"),
            (["lock_method": "lo ck"], "lock_method is"),
            (["lock_address": ""], "lock_address is missing"), (["retry_max": "x"], "retry_max is"),
            (["client_certificate_pem": "c"], "must be given together"),
            (["client_ca_certificate_pem": "c"], "cannot be read"),
        ])
    func problems(_ arguments: [String: String], _ words: String) {
        let base = ["address": "https://h/s", "lock_address": "https://h/s/lock", "unlock_address": "https://h/s/lock"]
        let problem = #expect(throws: Diagnostic.self) {
            _ = try HTTPBackend(
                arguments: base.merging(arguments) { $1 }, environment: [:], surroundings: TestTime().surroundings())
        }
        #expect(problem?.detail.contains(words) == true, "\(problem?.detail ?? "")")
        #expect(problem?.detail.contains("canary") == false)
    }

    @Test func theEnvironmentGivesWhatTheBlockLeavesOut() throws {
        let environment = ["TF_HTTP_ADDRESS": "https://h/one?token=canary", "TF_HTTP_USERNAME": "u"]
        let backend = try HTTPBackend(arguments: [:], environment: environment, surroundings: TestTime().surroundings())
        #expect(try backend.engine(workspace: "default").place == "https://h/one")
    }

    private static let certificates = getenv("FLINKFORM_TEST_TLS").map { String(cString: $0) }

    @Test(.enabled(if: certificates != nil, "FLINKFORM_TEST_TLS names no directory with certificates"))
    func bothSidesShowCertificates() async throws {
        let directory = try #require(Self.certificates)
        func text(_ name: String) throws -> String {
            String(decoding: try POSIXFileSystem().read("\(directory)/\(name)", limit: 1 << 16) ?? [], as: UTF8.self)
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(directory)/server.crt").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(directory)/server.key", format: .pem)))
        tls.trustRoots = .file("\(directory)/ca.crt")
        tls.certificateVerification = .noHostnameVerification
        let server = try await StateServer(tls: tls)
        var arguments = Self.plain(server).merging(["retry_max": "0"]) { $1 }
        func read() async throws -> EngineState? {
            let backend = try Self.backend(arguments)
            defer { Task { await backend.close() } }
            return try await backend.engine(workspace: "default").read()
        }
        try await refused(.away) { _ = try await read() }
        arguments["client_ca_certificate_pem"] = try text("ca.crt")
        try await refused(.away) { _ = try await read() }
        arguments["client_certificate_pem"] = try text("client.crt")
        arguments["client_private_key_pem"] = try text("client.key")
        #expect(try await read() == nil)
        arguments["client_ca_certificate_pem"] = nil
        arguments["skip_cert_verification"] = "true"
        #expect(try await read() == nil)
    }

    private func refused(
        _ kind: EngineError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async throws {
        let problem = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) { try await body() }
        #expect(problem?.kind == kind, sourceLocation: sourceLocation)
    }

    @Test(.enabled(if: Terraform.path != nil), arguments: [false, true])
    func terraformReadsWritesAndRespectsTheLock(likeGitLab: Bool) async throws {
        let server = try await StateServer()
        let arguments = likeGitLab ? Self.gitlab(server) : Self.plain(server)
        let directory = try TemporaryDirectory()
        let text = """
            terraform {
              backend "http" {}
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
        let settings = arguments.map { "-backend-config=\($0)=\($1)" }
        let begun = try await Terraform(in: directory.path, ["init", "-no-color"] + settings).end()
        #expect(begun.status == 0, "\(begun.output)")
        let backend = try Self.backend(arguments)
        let engine = try backend.engine(workspace: "default")

        #expect(try await engine.lock(EngineConformance.holder(1)) == nil)
        try await engine.renew()
        let refused = try await terraform("apply", "-auto-approve").end()
        #expect(refused.status == 1 && refused.output.contains(EngineConformance.holder(1).id), "\(refused.output)")
        try await engine.unlock()
        let making = try terraform("apply", "-auto-approve")
        let gate = await Terraform.openedGate(directory.path + "/gate")
        let refusal = try #require(try await engine.lock(EngineConformance.holder(1)))
        #expect(refusal.holder != nil && refusal.holder?.id != EngineConformance.holder(1).id)
        close(gate)
        let made = try await making.end()
        #expect(made.status == 0, "\(made.output)")

        let read = try #require(try await engine.read())
        #expect(String(decoding: read.bytes, as: UTF8.self).contains("by terraform"))
        #expect(try await engine.lock(EngineConformance.holder(2)) == nil)
        let changed = String(decoding: read.bytes, as: UTF8.self).split(separator: "by terraform")
            .joined(separator: "by flinkform").split(separator: "\"serial\": 1,").joined(separator: "\"serial\": 2,")
        _ = try await engine.write(Array(changed.utf8), replacing: read.version)
        let unlocked = try await terraform("force-unlock", "-force", EngineConformance.holder(2).id).end()
        #expect(unlocked.status == 0, "\(unlocked.output)")
        #expect(try await engine.standing() == nil)
        let output = try await terraform("output").end()
        #expect(output.output == #"told = "by flinkform""#)
        await backend.close()
    }
}

/// A way on which a request waits until it is let go.
private final class HeldUpWay: Transport {
    private struct Memory {
        var method: String?
        var heldUp: CheckedContinuation<Void, Never>?
        var waiting: CheckedContinuation<Void, Never>?
        var isHeldUp = false
        var isLetGo = false
    }

    private let memory = Mutex(Memory())
    private let way = HTTPTransport(proxy: .none, connectTimeout: .seconds(10), readTimeout: .seconds(120))

    /// Holds the next request of this method up.
    func holdUp(_ method: String) { memory.withLock { $0.method = method } }

    /// Waits until one is held up.
    func untilHeldUp() async {
        await withCheckedContinuation { continuation in
            let isHeldUp = memory.withLock { memory in
                if !memory.isHeldUp { memory.waiting = continuation }
                return memory.isHeldUp
            }
            if isHeldUp { continuation.resume() }
        }
    }

    func letGo() {
        let heldUp = memory.withLock { memory in
            memory.isLetGo = true
            defer { memory.heldUp = nil }
            return memory.heldUp
        }
        heldUp?.resume()
    }

    func send(_ request: OutgoingRequest) async -> TransportOutcome {
        let isHeldUp = memory.withLock { memory in
            guard memory.method == request.method else { return false }
            memory.method = nil
            memory.isHeldUp = true
            return true
        }
        if isHeldUp {
            memory.withLock { $0.waiting.take() }?.resume()
            await withCheckedContinuation { continuation in
                let isLetGo = memory.withLock { memory in
                    if !memory.isLetGo { memory.heldUp = continuation }
                    return memory.isLetGo
                }
                if isLetGo { continuation.resume() }
            }
        }
        return await way.send(request)
    }

    func shutdown() async { await way.shutdown() }
}
