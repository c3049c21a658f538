import Emulator
import EngineSupport
import JSON
import Testing

/// A key from its creation to its end, with the whole program.
@Suite struct LifecycleTests {
    private let one = Configurations.provider + Configurations.key("k") + Configurations.secretOutput("k")

    @Test("A created key is in state without its secret, and its secret is in the store")
    func create() async throws {
        try await Workplace.with { place in
            try place.configure(one)
            let applied = await place.run("apply", "-auto-approve")
            #expect(applied.status == 0, "\(applied.text)")
            #expect(applied.output.contains("Apply complete! Resources: 1 added, 0 changed, 0 destroyed."))
            let key = try #require(try await place.emulator.keys().first)
            #expect(try place.managed() == ["confluent_api_key.k": key.id])
            #expect(await place.secret(of: key.id) == key.secret)
            let second = await place.run("plan", "-detailed-exitcode")
            #expect(second.status == 0, "\(second.text)")
            let shown = await place.run("show")
            #expect(try await place.leaks(applied, second, shown) == [])
        }
    }
}
