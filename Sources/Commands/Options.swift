import ArgumentParser
import Diagnostics

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
            "Read input variables from a file, beside terraform.tfvars and *.auto.tfvars.", valueName: "file"))
    var variableFiles: [String] = []

    @Option(
        name: .both("input"),
        help: ArgumentHelp("Ask for what is not set; -input=false makes it an error.", valueName: "bool"))
    var input: Bool?
}

/// How output looks.
struct OutputOptions: ParsableArguments {
    @Flag(name: .both("no-color"), help: "Write no colour codes.")
    var noColor = false
}

/// The lock of the state.
struct LockOptions: ParsableArguments {
    @Option(
        name: .both("lock-timeout"),
        help: ArgumentHelp(
            "How long to try again while another run has the lock, such as 60s or 5m.", valueName: "duration"))
    var lockTimeout: String = "0s"

    /// The time to wait; throws when it is not understood.
    func checked() throws -> Duration {
        guard let timeout = Self.duration(lockTimeout) else {
            throw Problems(
                .error(
                    "Invalid duration",
                    "-lock-timeout=\(VisibleText.escaped(lockTimeout)) is not a duration. Write it like 30s, 5m or 1h30m."
                ))
        }
        return timeout
    }

    /// Reads durations such as `90s`, `5m`, `1h30m`, `500ms`.
    static func duration(_ text: String) -> Duration? {
        var rest = text[...]
        var result = Duration.zero
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), number < 1_000_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !$0.isNumber }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "ms": result += .milliseconds(number)
            case "s": result += .seconds(number)
            case "m": result += .seconds(60 * number)
            case "h": result += .seconds(3600 * number)
            default:
                guard unit.isEmpty, number == 0 else { return nil }
            }
        }
        return result
    }
}

/// What is planned.
struct PlanningOptions: ParsableArguments {
    @Option(
        name: .both("refresh"),
        help: ArgumentHelp(
            "Read all objects again first; -refresh=false plans from the state as it is.", valueName: "bool"))
    var refresh: Bool?

    @Option(
        name: .both("replace"),
        help: ArgumentHelp("Replace this instance, whatever else is planned.", valueName: "address"))
    var replace: [String] = []

    @OptionGroup var operations: ParallelismOptions
}

/// How much is done at once.
struct ParallelismOptions: ParsableArguments {
    @Option(name: .both("parallelism"), help: ArgumentHelp("How many operations run at once.", valueName: "n"))
    var parallelism = 10

    /// The number; throws when it is none.
    func checked() throws -> Int {
        guard parallelism >= 1 else {
            throw Problems(.error("Invalid parallelism", "-parallelism must be at least 1."))
        }
        return parallelism
    }
}
