import ArgumentParser
import Emulator
import Glibc

/// The command line of the emulator.
@main
struct Entrypoint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confluent-emulator",
        abstract: "A Confluent Cloud on this machine, for API keys and what they belong to.",
        discussion: """
            Once it accepts connections it prints one line, `listening on URL`, and goes on until SIGTERM or SIGINT. \
            It listens on loopback addresses only.

            It answers /iam/v2/api-keys, role-bindings, service-accounts and users, /org/v2/environments and \
            organizations, /fcpm/v2/compute-pools and regions, /cmk/v2, /srcm/v3 and /ksqldbcm/v2/clusters, \
            /tableflow/v1/regions, and, at the addresses that regions and clusters tell, what a new key can be tried \
            on. All of it is described at /openapi.json.

            A new database holds one organization, the Flink regions, and env-demo1, sa-demo1, u-demo1, lkc-demo1, \
            lsrc-demo1, lksqlc-demo1.
            """)

    @OptionGroup(title: "Where") var place: PlaceOptions
    @OptionGroup(title: "Who and what is there at first") var seed: SeedOptions
    @OptionGroup(title: "How it behaves") var behaviour: BehaviourOptions
    @OptionGroup(title: "What goes wrong") var failure: FailureOptions

    func validate() throws {
        _ = try settings()
    }

    func run() async throws {
        let signal = TerminationSignal()
        let emulator: RunningEmulator
        do {
            emulator = try await RunningEmulator.start(settings())
        } catch {
            throw ValidationError("The emulator cannot start: \(error)")
        }
        write(line: "listening on \(emulator.url)", to: STDOUT_FILENO)
        await signal.wait(orStandardInput: place.untilInputCloses)
        await emulator.stop()
    }

    private func settings() throws -> EmulatorSettings {
        var settings = EmulatorSettings()
        try place.apply(to: &settings)
        try seed.apply(to: &settings)
        try behaviour.apply(to: &settings.switches)
        try failure.apply(to: &settings.switches)
        settings.requestsRemembered = 0
        return settings
    }
}

/// Writes a line at once, without a buffer in between.
private func write(line: String, to descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // Nobody reads the line, so nobody waits for it.
        if count <= 0 { return }
        written += count
    }
}
