import Emulator
import Glibc
import JSON
import Testing

@Suite("Outages, late commits, compressed bodies", .timeLimit(.minutes(5)))
struct OutageTests {
    @Test("A commit that comes late is there when its time has come, and not before")
    func lateCommit() async throws {
        let fault = Fault(.status(504), .later(seconds: 100_000), selector: .ordinals([1]))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            #expect(try await client.createKey(name: "late").status == 504)
            #expect(try await emulator.keys().isEmpty)
            await emulator.setSwitches { $0.clockOffset = .seconds(50_000) }
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids == [])
            await emulator.setSwitches { $0.clockOffset = .seconds(200_000) }
            #expect(try await client.send("GET", "/iam/v2/api-keys").ids.count == 1)
            let key = try #require(try await emulator.keys().first)
            #expect(key.name == "late")
            // It was made when it was due, whenever somebody looked.
            let due = Timestamp.now().advanced(by: .seconds(100_000))
            #expect(key.created <= due && key.created > due.advanced(by: .seconds(-50_000)))
        }
    }

    @Test("A late commit that can no longer be is refused in silence")
    func lateRefusal() async throws {
        let fault = Fault(.drop, .later(seconds: 100_000), selector: .ordinals([1]))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            await #expect(throws: (any Error).self) { try await client.createKey() }
            #expect(try await client.send("DELETE", "/iam/v2/service-accounts/sa-demo1").status == 204)
            await emulator.setSwitches { $0.clockOffset = .seconds(200_000) }
            #expect(try await emulator.keys().isEmpty)
        }
    }

    @Test("An outage begins with a request, strikes all that follow, and ends by the clock")
    func outage() async throws {
        let fault = Fault(.status(503), method: nil, selector: .outage(from: 2, seconds: 100_000))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            #expect(try await client.createKey().status == 202)
            for _ in 0..<3 { #expect(try await client.createKey().status == 503) }
            #expect(try await client.send("GET", "/iam/v2/users").status == 503)
            await emulator.setSwitches { $0.clockOffset = .seconds(200_000) }
            #expect(try await client.createKey().status == 202)
            #expect(try await emulator.keys().count == 2)
        }
    }

    @Test("Connections are refused, and an emulator can be stopped meanwhile")
    func refused() async throws {
        let fault = Fault(.refuse(seconds: 3_600), .after, selector: .ordinals([1]))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            #expect(OutageTests.isAccepting(emulator.port))
            await #expect(throws: (any Error).self) { try await client.createKey() }
            // Each look is a connection that the emulator has to close: not as many as can be.
            while OutageTests.isAccepting(emulator.port) { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await emulator.keys().count == 1)
        }
    }

    @Test("After the outage connections are accepted at the same port")
    func acceptedAgain() async throws {
        let fault = Fault(.refuse(seconds: 1), selector: .ordinals([1]))
        try await withEmulator(switched { $0.faults = [fault] }) { _, client async throws in
            await #expect(throws: (any Error).self) { try await client.createKey() }
            var status: Int?
            // Not as fast as can be: a hundred thousand attempts a second keep others from their work.
            for _ in 0..<600 where status == nil {
                status = try? await client.send("GET", "/iam/v2/users").status
                if status == nil { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(status == 200)
        }
    }

    /// Whether a connection to the port of this machine is accepted.
    private static func isAccepting(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    @Test("A compressed body holds the true answer or an error, and no header says that it is compressed")
    func compressed() async throws {
        let settings = switched {
            $0.faults = [
                Fault(.gzip(nil), method: "GET", selector: .ordinals([2])), Fault(.gzip(500), method: "POST"),
            ]
        }
        try await withEmulator(settings) { emulator, client async throws in
            let plain = try await client.send("GET", "/fcpm/v2/regions")
            let packed = try await client.send("GET", "/fcpm/v2/regions")
            #expect(packed.status == 200)
            #expect(packed.header("Content-Encoding") == nil)
            #expect(packed.bytes.starts(with: [0x1f, 0x8b, 8]))
            #expect(packed.bytes.count < plain.bytes.count)
            // The last four bytes of a gzip member are the length of what it holds.
            let length = packed.bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(length == plain.bytes.count)
            let refused = try await client.createKey()
            #expect(refused.status == 500)
            #expect(refused.bytes.starts(with: [0x1f, 0x8b, 8]))
            #expect(try await emulator.keys().isEmpty)
        }
    }
}
