import Diagnostics
import Emulator
import Testing
import Values

/// Reading keys again: how many requests that takes, and when a key is gone.
@Suite struct ReadingTests {
    @Test("Few keys are asked for one by one, many are listed", arguments: [1, 3, 4, 250])
    func requests(count: Int) async throws {
        try await Cloud.with { cloud in
            var priors: [Value] = []
            for index in 0..<count {
                priors.append(Cloud.object(id: try await cloud.emulator.addKey(name: "k\(index)").id))
            }
            #expect(await cloud.read(priors) == (0..<count).map { "k\($0)" })
            #expect(await cloud.requests().count == (count < 4 ? count : (count + 99) / 100))
        }
    }

    @Test("Keys of many owners are read with one list", arguments: [(120, 1), (21, 4)])
    func manyOwners(owners: Int, keysEach: Int) async throws {
        try await Cloud.with { cloud in
            var priors: [Value] = []
            for owner in 0..<owners {
                try await cloud.emulator.addServiceAccount("sa-o\(owner)", name: "o\(owner)")
                for index in 0..<keysEach {
                    let key = try await cloud.emulator.addKey(owner: "sa-o\(owner)", name: "k\(index)")
                    priors.append(Cloud.object(id: key.id, owner: "sa-o\(owner)"))
                }
            }
            #expect(await cloud.read(priors).allSatisfy { $0.hasPrefix("k") })
            #expect(await cloud.requests().count == (owners * keysEach + 99) / 100)
        }
    }

    @Test("A new object that is not to be seen for some seconds is not taken for gone", arguments: [403, 404])
    func readLag(status: Int) async throws {
        try await Cloud.with { cloud in
            await cloud.emulator.setSwitches { switches in
                switches.goneStatus = status
                (switches.readLag, switches.listLag) = (.milliseconds(20), .milliseconds(20))
            }
            // Five seconds of the run are fifty milliseconds here.
            let key = try await cloud.emulator.addKey(name: "new")
            #expect(await cloud.read([Cloud.object(id: key.id)]) == ["new"])
        }
    }

    @Test("Each answer belongs to its request, whichever comes first")
    func outOfOrder() async throws {
        try await Cloud.with { cloud in
            let slow = try await cloud.emulator.addKey(name: "slow")
            let fast = try await cloud.emulator.addKey(name: "fast")
            let stall = Fault(.stall(milliseconds: 100), .after, method: "GET", path: "/iam/v2/api-keys/\(slow.id)")
            await cloud.emulator.setSwitches { $0.faults = [stall] }
            let priors = [slow, fast].map { Cloud.object(id: $0.id) }
            #expect(await cloud.read(priors) == ["slow", "fast"])
        }
    }

    @Test("What a list does not have is asked for by its id: there, it is; gone, it is", arguments: [403, 404])
    func missingInList(status: Int) async throws {
        try await Cloud.with { cloud in
            await cloud.emulator.setSwitches { switches in
                switches.goneStatus = status
                switches.listLag = .seconds(3_600)
            }
            var priors: [Value] = []
            for index in 0..<4 {
                let age: Duration = index < 2 ? .seconds(7_200) : .zero
                priors.append(Cloud.object(id: try await cloud.emulator.addKey(name: "k\(index)", age: age).id))
            }
            // The last two are too new for the list. The last is gone.
            try await cloud.emulator.removeKey(priors[3].fields?["id"]?.string ?? "")
            #expect(await cloud.read(priors) == ["k0", "k1", "k2", "gone"])
        }
    }

    enum Witness: CaseIterable { case otherOfOwner, ownerIsGone, none }

    @Test("Forbidden is gone only if something proves it", arguments: Witness.allCases)
    func forbidden(_ witness: Witness) async throws {
        try await Cloud.with { cloud in
            try await cloud.emulator.addServiceAccount("sa-other", name: "other")
            if witness == .otherOfOwner { _ = try await cloud.emulator.addKey(owner: "sa-other", name: "seen") }
            let owner = witness == .ownerIsGone ? "sa-absent" : "sa-other"
            let answers = await cloud.read([
                Cloud.object(id: "AAAAAAAAAAAAAAAA", owner: owner, environment: "env-else")
            ])
            #expect(answers == [witness == .none ? "Key not visible to these credentials" : "gone"])
        }
    }

    @Test("A failing list is no failure: the keys are asked for one by one")
    func failingList() async throws {
        try await Cloud.with { cloud in
            var priors: [Value] = []
            for index in 0..<5 {
                priors.append(Cloud.object(id: try await cloud.emulator.addKey(name: "k\(index)").id))
            }
            let fault = Fault(.status(400), .before, method: "GET", path: "/iam/v2/api-keys", selector: .ordinals([1]))
            await cloud.emulator.setSwitches { $0.faults = [fault] }
            #expect(await cloud.read(priors) == ["k0", "k1", "k2", "k3", "k4"])
        }
    }
}
