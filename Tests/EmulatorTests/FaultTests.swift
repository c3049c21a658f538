import Emulator
import JSON
import Testing

@Suite("Faults")
struct FaultTests {
    @Test(
        "A fault is read from the command line",
        arguments: [
            ("500", Fault(.status(500))),
            ("503,when=after,method=any,every=3", Fault(.status(503), .after, method: nil, selector: .every(3))),
            ("drop,method=delete,path=/iam", Fault(.drop, method: "DELETE", path: "/iam")),
            ("html", Fault(.html(502))), ("html:200", Fault(.html(200))),
            ("empty", Fault(.empty(503))), ("empty:202", Fault(.empty(202))),
            ("429", Fault(.throttle(retryAfter: 1))), ("429:0", Fault(.throttle(retryAfter: 0))),
            ("429:bare", Fault(.throttle(retryAfter: nil))),
            ("gzip", Fault(.gzip(nil))), ("gzip:500", Fault(.gzip(500))), ("refuse:30", Fault(.refuse(seconds: 30))),
            ("504,when=later:5", Fault(.status(504), .later(seconds: 5))),
            ("503,outage=10+30", Fault(.status(503), selector: .outage(from: 10, seconds: 30))),
            ("truncate,on=1+4+7", Fault(.truncate, selector: .ordinals([1, 4, 7]))),
            ("stall:50,chance=0.25", Fault(.stall(milliseconds: 50), selector: .chance(0.25))),
        ])
    func parsing(text: String, fault: Fault) throws {
        #expect(try Fault(parsing: text) == fault)
    }

    @Test(
        "What is no fault is refused",
        arguments: [
            "", "nonsense", "200", "600", "html:99", "stall", "stall:x", "429:x", "drop:1", "500,when=later",
            "500,when=later:x", "gzip:200", "refuse", "refuse:0", "500,outage=5", "500,outage=0+5", "500,outage=1+2+3",
            "500,every=0", "500,every", "500,chance=2", "500,on=0", "500,on=1+", "500,colour=red",
        ])
    func refused(text: String) {
        #expect(throws: FaultSyntaxError.self) { try Fault(parsing: text) }
    }

    @Test("A plan strikes the requests it names, and the same ones for the same seed")
    func plan() {
        func strikes(_ faults: [Fault], seed: UInt64 = 1, count: Int = 9) -> [Int] {
            var plan = FaultPlan(faults, seed: seed)
            return (1...count).filter { _ in plan.strike(method: "POST", path: "/a", at: .now()) != nil }
        }
        #expect(strikes([Fault(.drop, selector: .every(4))]) == [4, 8])
        #expect(strikes([Fault(.drop, selector: .ordinals([2, 9, 30]))]) == [2, 9])
        #expect(strikes([Fault(.drop, method: "GET"), Fault(.drop, path: "/b")]) == [])
        let chance = [Fault(.drop, selector: .chance(0.3))]
        let struck = strikes(chance, count: 1_000)
        #expect((200...400).contains(struck.count))
        #expect(strikes(chance, count: 1_000) == struck)
        #expect(strikes(chance, seed: 2, count: 1_000) != struck)
    }

    @Test("The first fault that strikes counts, and the others count on")
    func firstFault() {
        var plan = FaultPlan(
            [Fault(.drop, selector: .ordinals([1])), Fault(.status(500), selector: .every(2))], seed: 1)
        #expect(plan.strike(method: "POST", path: "/", at: .now())?.effect == .drop)
        #expect(plan.strike(method: "POST", path: "/", at: .now())?.effect == .status(500))
    }

    @Test(
        "A request that fails before it takes effect leaves nothing, one that fails after it leaves a key",
        arguments: [
            (.status(500), 500), (.status(503), 503), (.html(502), 502), (.html(200), 200), (.empty(500), 500),
            (.drop, nil),
        ] as [(Fault.Effect, Int?)], [Fault.Moment.before, .after])
    func commit(effect: (Fault.Effect, Int?), moment: Fault.Moment) async throws {
        let fault = Fault(effect.0, moment, selector: .ordinals([1]))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            let answer = try? await client.createKey()
            #expect(answer?.status == effect.1)
            #expect(answer?.json["id"]?.string == nil)
            #expect(try await emulator.keys().count == (moment == .after ? 1 : 0))
            let request = try #require(await emulator.requests().first)
            #expect(request.status == effect.1 ?? 0)
            #expect(request.isCommitted == (moment == .after))
            #expect(try await client.createKey().status == 202)
        }
    }

    @Test("The bodies of faults are an envelope, a page, or nothing")
    func bodies() async throws {
        let settings = switched {
            $0.faults = [
                Fault(.status(500), selector: .ordinals([1])), Fault(.html(502), selector: .ordinals([2])),
                Fault(.empty(503), selector: .ordinals([3])),
            ]
        }
        try await withEmulator(settings) { _, client async throws in
            #expect(try await client.createKey().error["code"] == "internal_server_error")
            let page = try await client.createKey()
            #expect(page.header("Content-Type") == "text/html")
            #expect(page.text.hasPrefix("<html>"))
            let empty = try await client.createKey()
            #expect(empty.status == 503 && empty.bytes.isEmpty)
        }
    }

    @Test("A truncated answer breaks off in the body, and the key exists")
    func truncate() async throws {
        try await withEmulator(switched { $0.faults = [Fault(.truncate)] }) { emulator, client async throws in
            await #expect(throws: (any Error).self) { try await client.createKey() }
            #expect(try await emulator.keys().count == 1)
        }
    }

    @Test("A stalled answer is the true one")
    func stall() async throws {
        let fault = Fault(.stall(milliseconds: 30))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            let clock = ContinuousClock()
            let start = clock.now
            let answer = try await client.createKey()
            #expect(clock.now - start >= .milliseconds(30))
            #expect(answer.status == 202)
        }
    }

    @Test("Throttled requests have no effect and tell when to come back, or do not", arguments: [0, 7, nil])
    func throttle(seconds: Int?) async throws {
        let fault = Fault(.throttle(retryAfter: seconds), .after, method: nil, selector: .every(2))
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            let first = try await client.createKey()
            #expect(first.status == 202)
            let second = try await client.createKey()
            #expect(second.status == 429)
            #expect(second.header("Retry-After") == seconds.map(String.init))
            #expect((second.header("X-RateLimit-Reset") == nil) == (seconds == nil))
            #expect(try await emulator.keys().count == 1)
        }
    }

    @Test("Faults look at method and path, and can be changed while it runs")
    func scope() async throws {
        let fault = Fault(.status(503), method: "DELETE", path: "/iam/v2/api-keys/")
        try await withEmulator(switched { $0.faults = [fault] }) { emulator, client async throws in
            let key = try await emulator.addKey()
            #expect(try await client.send("DELETE", "/iam/v2/api-keys/\(key.id)").status == 503)
            #expect(try await client.send("GET", "/iam/v2/api-keys/\(key.id)").status == 200)
            #expect(try await client.send("DELETE", "/iam/v2/users/u-demo1").status == 204)
            await emulator.setSwitches { $0.faults = [] }
            #expect(try await client.send("DELETE", "/iam/v2/api-keys/\(key.id)").status == 204)
        }
    }
}
