import Diagnostics

/// Arguments that the environment adds to a command line: `FLINKFORM_CLI_ARGS`, and `FLINKFORM_CLI_ARGS_COMMAND` for one command.
enum ExtraArguments {
    /// The command line with what the environment adds, right behind the name of the command.
    ///
    /// What is for one command stands before what is for all, as in Terraform. A line that names no command but has options is left
    /// alone: it asks for help or for completions.
    static func added(to arguments: [String], _ environment: [String: String]) throws -> [String] {
        let names = CommandPath(arguments).names
        guard !names.isEmpty || arguments.isEmpty else { return arguments }
        let suffix = "_" + names.map { $0.replacing("-", with: "_") }.joined(separator: "_")
        var added: [String] = []
        for suffix in names.isEmpty ? [""] : [suffix, ""] {
            guard let (variable, text) = EnvironmentSetting.arguments.value(in: environment, suffix: suffix) else {
                continue
            }
            guard let words = ShellSyntax.words(of: text) else { throw Problems(.invalidWords(variable)) }
            added += words
        }
        return arguments[..<names.count] + added + arguments[names.count...]
    }
}

extension Diagnostic {
    fileprivate static func invalidWords(_ variable: String) -> Diagnostic {
        .error(
            "Invalid arguments in the environment",
            "The environment variable \(variable) cannot be split into arguments: a quote is not closed, or a backslash ends it. It is read as a shell would read it, such as: -parallelism=5 -var 'name=two words'"
        )
    }
}
