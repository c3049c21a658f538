import ArgumentParser
import Reporting

extension RecordFormat: ExpressibleByArgument {}

/// The format of what a command prints.
struct FormatOptions: ParsableArguments {
    @Option(
        name: [
            .customShort("o", allowingJoined: true), .customLong("output", withSingleDash: true), .customLong("output"),
        ],
        help: ArgumentHelp("Specify the output format as \"human\", \"json\", or \"yaml\".", valueName: "format"))
    var format: RecordFormat = .human
}
