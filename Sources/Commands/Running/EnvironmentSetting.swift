/// What environment variables say about a run: each is called `FLINKFORM_NAME` or, as for Terraform, `TF_NAME`.
///
/// Where both are set, flinkform's own wins; one that is set to nothing counts as not set.
enum EnvironmentSetting: String, CaseIterable {
    /// Arguments for every command, or with `_COMMAND` behind it for one.
    case arguments = "CLI_ARGS"
    /// The directory of what belongs to one checkout.
    case dataDirectory = "DATA_DIR"
    /// How state and plans are encrypted; Terraform's variable is OpenTofu's.
    case encryption = "ENCRYPTION"
    /// Whether hints on what to type next are left out.
    case inAutomation = "IN_AUTOMATION"
    /// Whether values are asked for.
    case input = "INPUT"
    /// How much is logged.
    case log = "LOG"
    /// The file that the log goes to.
    case logPath = "LOG_PATH"
    /// The workspace.
    case workspace = "WORKSPACE"

    /// What it is for, in a sentence or two.
    var help: String {
        switch self {
        case .arguments:
            "Arguments that every command gets right behind its name; with _COMMAND at its end, such as FLINKFORM_CLI_ARGS_state_list, for one command alone. They are split as a shell would, and nothing in them is expanded."
        case .dataDirectory:
            "Where the workspace of now and what init was told of the backend are remembered, in place of .flinkform."
        case .encryption: "How state and plans are encrypted, before the encryption block of the configuration."
        case .inAutomation: "When it is set to anything: hints on what to type next are left out."
        case .input: "0 or false: values of variables that are missing are not asked for, as with -input=false."
        case .log:
            "What is logged to standard error: trace, debug, info, warn or error and what matters more; json for all of it as lines of JSON; off for nothing."
        case .logPath: "The file that the log is added to, in place of standard error."
        case .workspace: "The workspace, whichever is selected."
        }
    }

    private static let prefixes = ["FLINKFORM_", "TF_"]

    /// The variable that decides, and its value; nil when none is set.
    ///
    /// - Parameters:
    ///   - environment: All variables.
    ///   - suffix: What the name has behind it.
    func value(
        in environment: [String: String], suffix: String = ""
    ) -> (variable: String, text: String)? {
        for prefix in Self.prefixes {
            let variable = prefix + rawValue + suffix
            if let text = environment[variable], !text.isEmpty { return (variable, text) }
        }
        return nil
    }

    /// The values of input variables that the environment gives, sorted by name; the prefix says by which of the two names.
    static func inputVariables(in environment: [String: String]) -> [(name: String, prefix: String, text: String)] {
        var found: [String: (prefix: String, text: String)] = [:]
        // Backwards, so that what wins comes last.
        for prefix in prefixes.reversed() {
            let start = prefix + "VAR_"
            for (variable, text) in environment where variable.hasPrefix(start) {
                found[String(variable.dropFirst(start.count))] = (start, text)
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.prefix, $0.value.text) }
    }
}
