import Diagnostics

/// Switches as Terraform takes them: `-name`, `-name=true` and `-name=false`, with one dash or two.
///
/// The words for true and false are those of Go's `strconv.ParseBool`.
enum BooleanArguments {
    /// Off unless they are given; the commands declare them as flags.
    private static let flags: Set<String> = [
        "allow-duplicates", "allow-missing", "allow-unconfigured", "auto-approve", "compact-warnings",
        "current-user", "destroy", "detailed-exitcode", "draw-cycles", "dry-run", "force", "force-copy", "html",
        "ignore-remote-version", "json", "migrate-state", "new-secret-store", "no-color", "no-config", "no-tests",
        "or-create", "overwrite", "prompt", "raw", "reconfigure", "refresh-only", "scrub", "secret-stdin", "steps",
        "update", "upgrade", "verbose", "with-secrets",
    ]
    /// On unless they are turned off; the commands declare them as options with a value.
    private static let options: Set<String> = ["backend", "get", "input", "lock", "refresh"]
    private static let words = [
        "1": true, "t": true, "T": true, "true": true, "TRUE": true, "True": true,
        "0": false, "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]

    /// Whether a name, without dashes, is that of a switch: the word behind it is none of its own.
    static func isSwitch(_ name: String) -> Bool { flags.contains(name) || options.contains(name) }

    /// Whether an option of a name, without dashes, may have a value: a switch is true or false.
    static func mayBe(_ name: String, _ value: String) -> Bool { !isSwitch(name) || words[value] != nil }

    /// The arguments as the commands declare them; throws `Problems` for a value that is neither true nor false.
    static func normalised(_ arguments: [String]) throws -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return try arguments[..<end].compactMap(normalised) + arguments[end...]
    }

    /// An argument as the commands declare it; nil for a flag that is turned off.
    private static func normalised(_ argument: String) throws -> String? {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard argument.hasPrefix("-"), let spelled = parts.first else { return argument }
        let name = String(spelled.drop { $0 == "-" })
        guard isSwitch(name) else { return argument }
        guard parts.count == 2 else { return options.contains(name) ? "\(spelled)=true" : argument }
        guard let value = words[parts[1]] else { throw Problems(ofUsage: .noBoolean(spelled, parts[1])) }
        if options.contains(name) { return "\(spelled)=\(value)" }
        return value ? spelled : nil
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func noBoolean(_ spelled: String, _ value: String) -> Diagnostic {
        .error(
            "Failed to parse command-line flags",
            "\(spelled)=\(VisibleText.escaped(value)): say \(spelled)=true or \(spelled)=false.")
    }
}
