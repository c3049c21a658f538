import EngineSupport
import Emulator
import Foundation
import Testing

/// How a run goes about its steps.
@Suite struct RunningTests {
    @Test("No more calls run at once than -parallelism says", arguments: [1, 5])
    func parallelism(_ limit: Int) async throws {
        try await Workplace.with { place in
            await place.emulator.setSwitches { $0.latency = .milliseconds(5) }
            try place.configure(
                Configurations.provider
                    + Configurations.key("k", displayName: "\"k-${count.index}\"", more: "count = 20"))
            let applied = await place.run("apply", "-auto-approve", "-parallelism=\(limit)")
            #expect(applied.status == 0, "\(applied.text)")
            #expect(try await place.emulator.keys().count == 20)
            let highest = await place.emulator.concurrencyMax()
            #expect(highest <= limit && highest > limit / 2, "\(highest)")
        }
    }

    @Test("Creates that could be mistaken for one another wait for one another")
    func twins() async throws {
        try await Workplace.with { place in
            await place.emulator.setSwitches { $0.latency = .milliseconds(5) }
            try place.configure(
                Configurations.provider + Configurations.key("twin", displayName: "\"twin\"", more: "count = 4"))
            let applied = await place.run("apply", "-auto-approve", "-parallelism=10")
            #expect(applied.status == 0, "\(applied.text)")
            #expect(try await place.emulator.keys().count == 4)
            #expect(await place.emulator.concurrencyMax() == 1)
            let plan = await place.run("plan", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan.text)")
        }
    }

    @Test("When nothing can be recorded any more, every key that is not made is told, twins included")
    func fullDisk() async throws {
        try await Workplace.with { place in
            try place.configure(
                Configurations.provider + Configurations.key("twin", displayName: "\"twin\"", more: "count = 5"))
            place.files.arrange(.full, atEffect: 24)
            let applied = await place.run("apply", "-auto-approve", "-parallelism=1")
            #expect(applied.status == 1)
            let made = applied.output.components(separatedBy: "Creation complete").count - 1
            #expect(made < 5)
            for index in made..<5 { #expect(applied.errors.contains("twin[\(index)]"), "\(index): \(applied.errors)") }
            #expect(applied.errors.components(separatedBy: "Error: Not created").count <= 2)
            #expect(try await place.emulator.keys().count == made)
        }
    }

    @Test("Keys that are not usable yet hold no slot: they wait together")
    func readiness() async throws {
        try await Workplace.with { place in
            await place.emulator.setSwitches { $0.readinessDelay = .seconds(3_600) }
            var text = Configurations.provider
            for index in 0..<3 {
                text += Configurations.key("k\(index)").replacing("disable_wait_for_ready = true", with: "")
            }
            try place.configure(text)
            let applied = await place.run("apply", "-auto-approve", "-parallelism=1")
            // They are recorded, and never lost; that they do not work yet is a warning.
            #expect(applied.status == 0, "\(applied.text)")
            #expect(applied.output.contains("Warning: New objects not usable yet"))
            #expect(try place.managed().count == 3)
            let created = try #require(applied.output.firstRange(of: "k2: Creating..."))
            let complete = try #require(applied.output.firstRange(of: "k0: Creation complete"))
            #expect(created.lowerBound < complete.lowerBound)
            #expect(applied.output.contains("Still creating..."))
        }
    }
}
