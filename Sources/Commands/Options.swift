import ArgumentParser
import Diagnostics
import Planning

extension NameSpecification {
    /// `-name` and `--name`.
    static func both(_ name: String) -> NameSpecification {
        [.customLong(name, withSingleDash: true), .customLong(name)]
    }
}

/// Values of input variables.
struct VariableOptions: ParsableArguments {
    @Option(
        name: .both("var"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Set an input variable.", valueName: "name=value"))
    var variables: [String] = []

    @Option(
        name: .both("var-file"),
        help: ArgumentHelp(
            "Read input variables from a file, beside terraform.tfvars and *.auto.tfvars.", valueName: "file"),
        completion: .file())
    var variableFiles: [String] = []

    @Option(
        name: .both("input"),
        help: ArgumentHelp("Do not ask for values that are not set: they are errors.", valueName: "false"))
    var input: Bool?
}

/// Where Terraform looks for tests, which are none of this program's.
struct TestDirectoryOptions: ParsableArguments {
    @Option(
        name: .both("test-directory"),
        help: ArgumentHelp(
            "Accepted for Terraform's sake; files of tests are not looked at.", valueName: "path"),
        completion: .directory)
    var testDirectory: String?
}

/// How output looks.
struct OutputOptions: ParsableArguments {
    @Flag(name: .both("no-color"), help: "Write no colour codes.")
    var noColor = false
}

/// The lock of the state.
struct LockOptions: ParsableArguments {
    @Option(
        name: .both("lock"),
        help: ArgumentHelp(
            "Do not hold the state's lock while planning; what writes the state holds it in any case.",
            valueName: "false"))
    var lock: Bool?

    @Option(
        name: .both("lock-timeout"),
        help: ArgumentHelp(
            "How long to try again while another run has the lock, such as 60s or 5m.", valueName: "duration"))
    var lockTimeout: String = "0s"

    /// The time to wait; throws when it is not understood.
    func checked() throws -> Duration {
        guard let timeout = Self.duration(lockTimeout) else {
            throw Problems(
                ofUsage: .error(
                    "Failed to parse command-line flags",
                    "-lock-timeout=\(VisibleText.escaped(lockTimeout)) is not a duration. Write it like 30s, 5m or 1h30m."
                ))
        }
        return timeout
    }

    /// Reads durations such as `90s`, `5m`, `1h30m`, `1.5s`, `500ms`, as Go writes them; one below zero waits for nothing.
    static func duration(_ text: String) -> Duration? {
        let isNegative = text.hasPrefix("-")
        var rest = (isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...])
        guard !rest.isEmpty else { return nil }
        if rest == "0" { return .zero }
        var result = Duration.zero
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard digits.first != nil, digits != ".", let number = Double(digits), number < 1e9 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let seconds = units[String(unit)] else { return nil }
            result += .seconds(number * seconds)
        }
        return isNegative ? .zero : result
    }

    /// The units of durations, in seconds.
    private static let units = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600,
    ]
}

/// What is planned.
struct PlanningOptions: ParsableArguments {
    @Option(
        name: .both("refresh"),
        help: ArgumentHelp(
            "Plan from the state as it is, without reading all objects again first.", valueName: "false"))
    var refresh: Bool?

    @Option(
        name: .both("replace"),
        help: ArgumentHelp("Replace this instance, whatever else is planned.", valueName: "address"))
    var replace: [String] = []

    @Option(
        name: .both("target"),
        help: ArgumentHelp(
            "Plan for this module, resource or instance only, and for what it depends on.", valueName: "address"))
    var target: [String] = []

    @Option(
        name: .both("exclude"),
        help: ArgumentHelp(
            "Plan for everything but this module, resource or instance, and what depends on it.", valueName: "address"))
    var exclude: [String] = []

    @Flag(name: .both("compact-warnings"), help: "Show warnings by their summaries alone.")
    var compactWarnings = false

    @OptionGroup var operations: ParallelismOptions
}

/// Which question a plan answers.
struct PlanModeOptions: ParsableArguments {
    @Flag(name: .both("destroy"), help: "Plan to destroy everything in the state.")
    var destroy = false

    @Flag(
        name: .both("refresh-only"),
        help: "Only bring the state up to date with the cloud and the outputs; change nothing there.")
    var refreshOnly = false

    /// The mode; throws when both are asked for.
    func checked() throws -> Plan.Mode {
        guard !(destroy && refreshOnly) else {
            throw Problems(
                ofUsage: .error(
                    "Incompatible plan mode options",
                    "The -destroy and -refresh-only options are mutually-exclusive."))
        }
        return destroy ? .destroy : refreshOnly ? .refreshOnly : .normal
    }
}

/// How much is done at once.
struct ParallelismOptions: ParsableArguments {
    @Option(name: .both("parallelism"), help: ArgumentHelp("How many operations run at once.", valueName: "n"))
    var parallelism = 10

    /// The number, where 0 is the default, as with Terraform; throws when it is none.
    func checked() throws -> Int {
        guard parallelism >= 0 else {
            throw Problems(
                .error("Invalid parallelism value", "The parallelism must be a positive value. Not \(parallelism)."))
        }
        return parallelism == 0 ? 10 : parallelism
    }
}
