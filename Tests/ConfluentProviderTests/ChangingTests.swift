import Applying
import Configuring
import ConfluentProvider
import Diagnostics
import Emulator
import Testing
import Values

/// Making, changing, deleting and importing keys.
@Suite struct ChangingTests {
    @Test(
        "A create is created, refused, or unclear, and what is unclear is not repeated",
        arguments: [
            (nil, "created", 1), ("400", "refused", 0), ("409", "refused", 0), ("429:0,on=1", "created", 1),
            ("500", "ambiguous", 0), ("500,when=after", "ambiguous", 1), ("drop", "ambiguous", 0),
            ("drop,when=after", "ambiguous", 1), ("html:200,when=after", "ambiguous", 1), ("truncate", "ambiguous", 1),
            ("empty:202,when=after", "ambiguous", 1),
        ] as [(String?, String, Int)])
    func create(fault: String?, wanted: String, made: Int) async throws {
        try await Cloud.with { cloud in
            if let fault {
                let parsed = try Fault(parsing: fault)
                await cloud.emulator.setSwitches { $0.faults = [parsed] }
            }
            let planned = Cloud.object(id: "", name: "new", description: "what for")
            let word: String
            switch await cloud.provider.create(type: Cloud.type, planned: planned) {
            case .created(let object, let secret):
                word = "created"
                let key = try #require(try await cloud.emulator.keys().first)
                #expect(secret == key.secret)
                #expect(object.fields?["id"]?.string == key.id)
                #expect(object.fields?["secret"]?.isNull == true)
                #expect(
                    [key.name, key.description, key.owner, key.environment] == [
                        "new", "what for", "sa-demo1", "env-demo1",
                    ])
            case .refused: word = "refused"
            case .ambiguous: word = "ambiguous"
            }
            #expect(word == wanted)
            #expect(try await cloud.emulator.keys().count == made)
            #expect(
                await cloud.requests().filter { $0.hasPrefix("POST") }.count
                    == (fault?.hasPrefix("429") == true ? 2 : 1))
        }
    }

    @Test("A change sends what changed; of what the cloud does not know, nothing")
    func update() async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k", description: "old")
            let prior = Cloud.object(id: key.id, description: "old")
            let waiting = try await cloud.provider.update(
                type: Cloud.type, prior: prior,
                planned: Cloud.object(id: key.id, description: "old", disablesWait: false))
            #expect(waiting.fields?["disable_wait_for_ready"]?.bool == false)
            #expect(await cloud.requests() == ["GET /iam/v2/api-keys/\(key.id)"])
            let renamed = try await cloud.provider.update(
                type: Cloud.type, prior: prior, planned: Cloud.object(id: key.id, name: "new", description: "old"))
            #expect(renamed.fields?["display_name"]?.string == "new")
            let emptied = try await cloud.provider.update(
                type: Cloud.type, prior: renamed, planned: Cloud.object(id: key.id, name: "new", description: nil))
            #expect(emptied.fields?["description"]?.string == "")
            let stored = try #require(try await cloud.emulator.keys().first)
            #expect([stored.name, stored.description] == ["new", ""])
        }
    }

    @Test("A key is deleted once; one that is proven gone is deleted already", arguments: [403, 404])
    func delete(status: Int) async throws {
        try await Cloud.with { cloud in
            await cloud.emulator.setSwitches { $0.goneStatus = status }
            let key = try await cloud.emulator.addKey(name: "k")
            _ = try await cloud.emulator.addKey(name: "witness")
            let object = Cloud.object(id: key.id)
            try await cloud.provider.delete(type: Cloud.type, prior: object)
            #expect(try await cloud.emulator.keys().map(\.name) == ["witness"])
            try await cloud.provider.delete(type: Cloud.type, prior: object)
            try await cloud.provider.delete(
                type: Cloud.type, id: key.id, like: Fingerprint(["owner": "sa-demo1", "environment": "env-demo1"]))
            // Nothing is known of whose key it is: only 404 is gone then.
            if status == 403 {
                await #expect(throws: Diagnostic.self) {
                    try await cloud.provider.delete(type: Cloud.type, id: key.id, like: nil)
                }
            }
        }
    }

    @Test("A delete whose answer was lost is done, also for the last key in sight")
    func deleteLastKey() async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k")
            let object = Cloud.object(id: key.id)
            _ = await cloud.read([object])
            let fault = Fault(.drop, .after, method: "DELETE", selector: .ordinals([1]))
            await cloud.emulator.setSwitches { $0.faults = [fault] }
            try await cloud.provider.delete(type: Cloud.type, prior: object)
            #expect(try await cloud.emulator.keys().isEmpty)
        }
    }

    @Test("A deletion that is not allowed does not count as one: the key is still to be seen")
    func refusedDeletion() async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k")
            _ = try await cloud.emulator.addKey(name: "witness")
            await cloud.emulator.setSwitches { $0.faults = [Fault(.status(403), method: "DELETE")] }
            for isFingerprinted in [false, true] {
                do throws(Diagnostic) {
                    if isFingerprinted {
                        let fingerprint = Fingerprint(["owner": "sa-demo1", "environment": "env-demo1"])
                        try await cloud.provider.delete(type: Cloud.type, id: key.id, like: fingerprint)
                    } else {
                        try await cloud.provider.delete(type: Cloud.type, prior: Cloud.object(id: key.id))
                    }
                    Issue.record("it counted as gone")
                } catch {
                    #expect(error.detail.contains("DELETE /iam/v2/api-keys/\(key.id) was answered with 403"))
                }
            }
            #expect(try await cloud.emulator.keys().count == 2)
        }
    }

    @Test("Keys are found by owner, scope, name and description, and by fewer of them")
    func find() async throws {
        try await Cloud.with { cloud in
            try await cloud.emulator.addServiceAccount("sa-demo2", name: "second")
            let wanted = try await cloud.emulator.addKey(name: "a", description: "d")
            let other = try await cloud.emulator.addKey(name: "a", description: "e")
            for (owner, name) in [("sa-demo1", "b"), ("sa-demo2", "a")] {
                _ = try await cloud.emulator.addKey(owner: owner, name: name, description: "d")
            }
            let schema = try #require(
                Catalogue.schema.resourceTypes[Cloud.type]?.fingerprint?(
                    Cloud.object(id: "", name: "a", description: "d")))
            let exact = try await cloud.provider.find(type: Cloud.type, like: [schema], matching: nil)
            #expect(exact.found.map(\.id) == [wanted.id])
            #expect(exact.found.map(\.importID) == ["env-demo1/\(wanted.id)"])
            #expect(exact.serverTime > 1_600_000_000)
            let parts: Set<String> = ["owner", "resource", "environment", "display_name"]
            let alike = try await cloud.provider.find(type: Cloud.type, like: [schema], matching: parts)
            #expect(alike.found.map(\.id) == [wanted.id, other.id].sorted())
        }
    }

    @Test("An import id names a key, with or without its environment")
    func importing() async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k")
            for id in [key.id, "env-demo1/\(key.id)"] {
                #expect(try await cloud.provider.importObject(type: Cloud.type, id: id).id == key.id)
            }
            for (id, summary) in [
                ("env-else/\(key.id)", "Key of another environment"), ("AAAAAAAAAAAAAAAA", "Key not found"),
                ("", "Invalid import id"), ("a/b/c", "Invalid import id"), ("lkc-1/\(key.id)", "Invalid import id"),
                ("../\(key.id)", "Invalid import id"), ("env-demo1/\(key.id.lowercased())", "Invalid import id"),
            ] {
                do throws(Diagnostic) {
                    _ = try await cloud.provider.importObject(type: Cloud.type, id: id)
                    Issue.record("\(id) was accepted")
                } catch {
                    #expect(error.summary == summary, "\(id)")
                }
            }
        }
    }

    @Test("A key that is not usable yet is waited for; one that never is, in bounded time")
    func readiness() async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k")
            let object = Cloud.object(id: key.id, disablesWait: false)
            func isReady(_ object: Value, _ secret: String) async -> Bool {
                if case .ready = await cloud.provider.awaitReady(type: Cloud.type, object: object, secret: secret) {
                    true
                } else {
                    false
                }
            }
            #expect(await isReady(object, key.secret))
            #expect(await !isReady(object, "wrong"))
            let probes = await cloud.requests().filter { $0.contains("/statements") }
            // 1, 2, 4, 8, 16 seconds, then every 30, for five minutes; and the one that worked. On a busy machine answers take
            // their time, too, and there are fewer.
            #expect((3...16).contains(probes.count), "\(probes.count)")
            // Whoever does not want to wait is not kept waiting.
            #expect(await isReady(Cloud.object(id: key.id, disablesWait: true), "wrong"))
            #expect(await cloud.requests().filter { $0.contains("/statements") }.count == probes.count)
        }
    }

    @Test("A given secret is tried: refused for an old key, a warning for a young one", arguments: [true, false])
    func check(isOld: Bool) async throws {
        try await Cloud.with { cloud in
            let key = try await cloud.emulator.addKey(name: "k", age: isOld ? .seconds(3_600) : .zero)
            let other = try await cloud.emulator.addKey(name: "other")
            let object = Cloud.object(id: key.id)
            #expect(try await cloud.provider.check(secret: key.secret, of: object, type: Cloud.type).isEmpty)
            do throws(Diagnostic) {
                let warnings = try await cloud.provider.check(secret: other.secret, of: object, type: Cloud.type)
                #expect(!isOld && warnings.map(\.summary) == ["Secret was not tried"])
            } catch {
                #expect(isOld && error.summary == "Secret does not fit the key")
            }
            await #expect(throws: Diagnostic.self) {
                _ = try await cloud.provider.check(secret: key.secret + "x", of: object, type: Cloud.type)
            }
        }
    }
}
