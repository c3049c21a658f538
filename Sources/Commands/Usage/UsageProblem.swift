import ArgumentParser
import Diagnostics
import Reporting

/// What is wrong with a command line that names a command.
struct UsageProblem {
    private let path: CommandPath
    private let arguments: [String]
    private let message: String

    /// Takes what the parser says.
    init(_ error: any Error, _ path: CommandPath, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
        message = Flinkform.message(for: error)
    }

    /// The problem.
    var diagnostic: Diagnostic {
        // An option that there is none of may be why an argument seems to be missing.
        let isOfOptions = ["Unknown option", "Missing expected argument"].contains { message.hasPrefix($0) }
        if isOfOptions || message.isEmpty || isMisread, let name = unknownOption {
            return .unknownOption(name, of: path, known)
        }
        if message.contains("nexpected argument") { return .error("Too many command line arguments", sentence) }
        if message.hasPrefix("Missing expected argument") {
            return .error(
                "Missing command line argument", [sentence, missing].compactMap { $0 }.joined(separator: " "))
        }
        return .error("Failed to parse command-line flags", sentence)
    }

    /// Where more is told.
    static func hint(on path: CommandPath) -> String {
        "\nFor more help on using this command, run:\n  \(path.spelled) -help\n"
    }

    /// Whether there is an option that the command has not, so that whatever the parser made of it was not meant.
    var isMisread: Bool {
        guard !arguments.contains(where: { $0.contains("-completion") || $0 == "---" }) else { return false }
        return path.choices.isEmpty ? unknownOption != nil : arguments.last?.hasPrefix("-") == true
    }

    /// Shows it, on standard error, or for programs where the command was asked to speak to them.
    func show(_ invocation: Invocation) {
        var problems = Problems(diagnostic)
        problems.isOfUsage = true
        guard MachineOptions.isAsked(by: arguments, of: path) else {
            problems.show(invocation)
            return invocation.terminal.writeError(Self.hint(on: path))
        }
        let log = MachineLog(invocation.surroundings) { invocation.terminal.write($0) }
        log.add([.version(of: Flinkform.version)])
        log.add(problems.diagnostics, problems.files)
    }

    private var sentence: String {
        let line = message.split(separator: "\n").first.map(String.init) ?? message
        return VisibleText.escaped(line) + (line.hasSuffix(".") || line.hasSuffix("?") ? "" : ".")
    }

    /// What the argument that is missing is for.
    private var missing: String? {
        CommandDescription(path).arguments.first { argument in
            argument.isPositional
                ? message.contains("'<\(argument.spelling)>") : message.contains("'\(argument.name) <")
        }?.help
    }

    /// The names of all options of the command, without dashes.
    private var known: [String] {
        CommandDescription(path).arguments.flatMap(\.names) + ["help"]
    }

    /// The first option that there is none of, without its value.
    private var unknownOption: String? {
        let names = Set(known)
        return arguments.dropFirst(path.names.count).prefix { $0 != "--" }
            .first { word in
                word.hasPrefix("-") && word != "-" && !names.contains(Self.bare(word))
            }
            .map { String($0.prefix { $0 != "=" }) }
    }

    fileprivate static func bare(_ word: String) -> String { String(word.drop { $0 == "-" }.prefix { $0 != "=" }) }
}

extension Diagnostic {
    fileprivate static func unknownOption(_ word: String, of path: CommandPath, _ known: [String]) -> Diagnostic {
        let dashes = word.prefix { $0 == "-" }
        let nearest = Suggestion.nearest(to: UsageProblem.bare(word), among: known)
        return .error(
            "Failed to parse command-line flags",
            "\"\(path.spelled)\" has no option \(VisibleText.escaped(word)).\(nearest.map { " Did you mean \(dashes)\($0)?" } ?? "")"
        )
    }
}
