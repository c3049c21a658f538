import ArgumentParser
import Emulator

/// Where the emulator listens and keeps its data.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The address to listen on: 127.0.0.1 or ::1.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port to listen on; 0 takes any that is free.", valueName: "number"))
    var port = 0

    @Option(
        help: ArgumentHelp(
            "The database file. It survives a restart and a kill. :memory: ends with the process.",
            valueName: "path"))
    var database = ":memory:"

    @Flag(help: "End, too, when standard input ends: so that no emulator outlives the script that started it.")
    var untilInputCloses = false

    func apply(to settings: inout EmulatorSettings) throws {
        guard (0...65_535).contains(port) else { throw ValidationError("The port must be from 0 to 65535.") }
        guard ["127.0.0.1", "::1"].contains(host) else {
            throw ValidationError("\(EmulatorError.hostNotLoopback(host))")
        }
        settings.host = host
        settings.port = port
        settings.database = database
    }
}
