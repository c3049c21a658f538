import ArgumentParser
import Diagnostics

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
        if isOfOptions, let name = unknownOption { return .unknownOption(name, of: path, known) }
        if message.contains("nexpected argument") { return .error("Too many command line arguments", sentence) }
        if message.hasPrefix("Missing expected argument") {
            return .error(
                "Missing command line argument", [sentence, missing].compactMap { $0 }.joined(separator: " "))
        }
        return .error("Failed to parse command-line flags", sentence)
    }

    /// Where more is told.
    var hint: String { "\nFor more help on using this command, run:\n  \(path.spelled) -help\n" }

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
