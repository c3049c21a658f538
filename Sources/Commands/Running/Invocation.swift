package import Applying
package import Storage

/// What a command works with: everything that it gets from outside, gathered once.
package struct Invocation: Sendable {
    /// The arguments, without the program's name.
    package var arguments: [String]
    /// The environment variables.
    package var environment: [String: String]
    /// The directory of the configuration; `.` or a path.
    package var directory: String
    /// Where output goes and input comes from.
    package var terminal: Terminal
    /// The file system.
    package var files: any FileSystem
    /// Time and chance.
    package var surroundings: Surroundings
    /// Tells the run to stop.
    package var stop: StopSignal
    /// Makes what keeps state elsewhere.
    package var backends: BackendSource
    /// Which files of state were named in the place of the workspace's.
    var statePaths = StatePaths()
    /// Whether -no-color was given.
    var noColor = false
    /// Told for programs what the run does; nil when nobody asked.
    var log: MachineLog?
    /// Told, for whoever looks for a fault, what the run does; nil when nobody asked.
    var debugLog: DebugLog?

    /// Gathers what a command works with.
    package init(
        arguments: [String], environment: [String: String], directory: String, terminal: Terminal,
        files: any FileSystem, surroundings: Surroundings, stop: StopSignal,
        backends: @escaping BackendSource = BackendKind.source
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.terminal = terminal
        self.files = files
        self.surroundings = surroundings
        self.stop = stop
        self.backends = backends
    }

    /// A path as the user wrote it, from where the program runs.
    func path(_ name: String) -> String {
        name.hasPrefix("/") || directory == "." ? name : "\(directory)/\(name)"
    }

    /// Whether this run is part of a pipeline: hints on what to type next are left out.
    var isAutomated: Bool { value(of: .inAutomation) != nil || environment["CI"] == "true" }

    /// The environment variable that says something about this run, and what it says; nil when none does.
    func value(of setting: EnvironmentSetting) -> (variable: String, text: String)? { setting.value(in: environment) }

    /// Whether values that are missing may be asked for, as far as the environment is concerned.
    var mayAskForValues: Bool { !["0", "f", "F", "false", "False", "FALSE"].contains(value(of: .input)?.text ?? "") }

    /// The directory of what belongs to one checkout: which workspace it works in, and what `init` was told of the backend.
    var dataDirectory: String { path(value(of: .dataDirectory)?.text ?? ".flinkform") }

    /// Whether colours are used.
    func isColored(_ noColor: Bool) -> Bool {
        !noColor && !self.noColor && terminal.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
    }
}

/// Where output goes and input comes from.
package struct Terminal: Sendable {
    /// Writes to standard output.
    package var write: @Sendable (String) -> Void
    /// Writes to standard error.
    package var writeError: @Sendable (String) -> Void
    /// Reads a line of standard input, without its end; nil at its end.
    package var readLine: @Sendable () -> String?
    /// Reads a line like `readLine`, without showing what is typed.
    package var readSecret: @Sendable () -> String?
    /// Reads all of standard input.
    package var readAll: @Sendable () -> [UInt8]
    /// Whether standard output is a terminal.
    package var isTerminal: Bool
    /// Whether a user can be asked: standard input is a terminal.
    package var isInteractive: Bool
    /// How many characters fit on a line.
    package var width: Int

    /// A terminal on which nothing is seen, and nobody to ask.
    static let silent = Terminal(
        write: { _ in }, writeError: { _ in }, readLine: { nil }, readSecret: { nil }, readAll: { [] },
        isTerminal: false, isInteractive: false, width: 78)

    /// Makes a terminal of its parts.
    package init(
        write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
        readLine: @escaping @Sendable () -> String?, readSecret: @escaping @Sendable () -> String?,
        readAll: @escaping @Sendable () -> [UInt8], isTerminal: Bool, isInteractive: Bool, width: Int
    ) {
        self.write = write
        self.writeError = writeError
        self.readLine = readLine
        self.readSecret = readSecret
        self.readAll = readAll
        self.isTerminal = isTerminal
        self.isInteractive = isInteractive
        self.width = width
    }
}
