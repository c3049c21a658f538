import Applying
import ConfluentProvider
import BuiltinProvider
import Configuring
import Diagnostics
import Functions
import Glibc
import HCL
import Planning
import Storage
import Values

/// A directory of configuration, read and checked, with the values of its variables.
struct Project: Sendable {
    var configuration: Configuration
    var variables: VariableValues
    /// The moment for which plans are made, in the form of RFC 3339.
    var planned: String
    /// The functions as they are while planning.
    var functions: FunctionTable
    /// Warnings so far.
    var warnings: [Diagnostic]
    /// The working directory as `path.cwd` shows it.
    var directory: String
    /// How state and plans are encrypted.
    var encryption: Encryption

    /// What this program can manage.
    static let catalog = Catalog([
        BuiltinProvider.schema(checking: StatesElsewhere.problem), Catalogue.schema,
    ])

    private static let fileMaximum = 1 << 26

    /// Reads and checks the configuration of the directory.
    ///
    /// `file` is a file that is read as if it had these bytes, whether it is there or not; `mayBeEmpty` says whether no file at all is
    /// a configuration, of nothing.
    static func configuration(
        _ invocation: Invocation, with file: (name: String, bytes: [UInt8])? = nil, mayBeEmpty: Bool = false
    ) throws -> (configuration: Configuration, warnings: [Diagnostic]) {
        let names = Set(try fileNames(invocation) + (file.map { [$0.name] } ?? [])).sorted()
        let later = names.filter(isUnsupported)
        var diagnostics = later.map(Diagnostic.unsupportedFile)
        var sources: [(name: String, bytes: [UInt8])] = []
        for name in names where name.hasSuffix(".tf") && !later.contains(name) {
            sources.append((name, try name == file?.name ? file?.bytes ?? [] : read(name, invocation)))
        }
        guard mayBeEmpty || !sources.isEmpty || !later.isEmpty else {
            throw Problems(.noConfiguration(invocation.directory))
        }
        var unreadable: Problems?
        var (configuration, problems) = Configuration.load(sources, catalog: catalog) { directory in
            do {
                return try moduleSources(directory, invocation)
            } catch {
                unreadable = unreadable ?? error as? Problems
                return []
            }
        }
        if let unreadable { throw unreadable }
        configuration.workspace = try Workspace.current(invocation)
        diagnostics += problems + (configuration.backend.map(BackendKind.problems) ?? [])
        if diagnostics.hasErrors { throw Problems(diagnostics, configuration.files) }
        return (configuration, diagnostics)
    }

    /// The configuration that a plan was made of, read from the plan.
    static func configuration(
        of plan: Plan
    ) throws -> (configuration: Configuration, warnings: [Diagnostic]) {
        let sources = Dictionary(grouping: plan.sources) { Path.directory(of: $0.name) }
            .mapValues { files in files.map { (name: $0.name, bytes: Array($0.text.utf8)) } }
        var (configuration, problems) = Configuration.load(
            sources["."] ?? [], catalog: catalog, modules: { sources[$0] })
        if problems.hasErrors { throw Problems(problems, configuration.files) }
        configuration.workspace = plan.workspace
        return (configuration, problems)
    }

    /// The files of a module's directory, whose names begin at the root module's; nil when it has none.
    private static func moduleSources(
        _ directory: String, _ invocation: Invocation
    ) throws -> [Configuration.SourceText]? {
        let place = invocation.path(directory)
        guard let names = fileNames(in: place) else {
            guard [ENOENT, ENOTDIR].contains(errno) else { throw Problems(.directoryCannotBeRead(place, errno)) }
            return nil
        }
        let later = names.filter(isUnsupported)
        guard later.isEmpty else { throw Problems(later.map { Diagnostic.unsupportedFile("\(directory)/\($0)") }) }
        var sources: [Configuration.SourceText] = []
        for name in names where name.hasSuffix(".tf") {
            let path = directory == "." ? name : "\(directory)/\(name)"
            sources.append((path, try read(path, invocation)))
        }
        return sources.isEmpty ? nil : sources
    }

    /// Whether a file is one of configuration, in a form that is not read.
    private static func isUnsupported(_ name: String) -> Bool {
        name.hasSuffix(".tf.json") || name.hasSuffix("_override.tf") || name == "override.tf"
    }

    /// The configuration as far as it can be read, for commands that need only to know where the state is.
    ///
    /// Throws when just that cannot be told: something is wrong, and a backend is spoken of that was not understood.
    static func partialConfiguration(_ invocation: Invocation) throws -> Configuration {
        var sources: [(name: String, bytes: [UInt8])] = []
        for name in try fileNames(invocation) where name.hasSuffix(".tf") {
            sources.append((name, try read(name, invocation)))
        }
        let (configuration, problems) = Configuration.load(sources, catalog: catalog)
        let word = Array("backend".utf8)
        if problems.hasErrors, configuration.backend == nil,
            sources.contains(where: { $0.bytes.firstRange(of: word) != nil })
        {
            throw Problems(problems, configuration.files)
        }
        return configuration
    }

    /// Reads the directory, with the values of the variables; `file` and `mayBeEmpty` as for `configuration`.
    static func load(
        _ invocation: Invocation, _ options: VariableOptions, with file: (name: String, bytes: [UInt8])? = nil,
        mayBeEmpty: Bool = false
    ) throws -> Project {
        let read = try invocation.debugLog.timed("Configuration read") {
            try configuration(invocation, with: file, mayBeEmpty: mayBeEmpty)
        }
        return try resolve(read.configuration, read.warnings, invocation, options, sources: try sources(invocation))
    }

    /// Gives the variables of a configuration their values, asking for what is missing where that is possible.
    static func resolve(
        _ configuration: Configuration, _ warnings: [Diagnostic], _ invocation: Invocation, _ options: VariableOptions,
        sources: [VariableSource], sharingKeysOf other: Encryption? = nil
    ) throws -> Project {
        var configuration = configuration
        var diagnostics: [Diagnostic] = []
        var sources = sources
        let planned = invocation.surroundings.timestamp()
        var variables = configuration.resolveVariables(sources, diagnostics: &diagnostics)
        let mayAsk =
            (options.input ?? true) && invocation.terminal.isInteractive && invocation.mayAskForValues
        if !variables.missing.isEmpty, mayAsk, !diagnostics.hasErrors {
            for name in variables.missing {
                guard let text = ask(for: name, configuration, invocation) else { break }
                sources.append(.argument(name: name, text: text))
            }
            diagnostics = []
            variables = configuration.resolveVariables(sources, diagnostics: &diagnostics)
        }
        diagnostics += variables.missing.map(configuration.missingVariable)
        if diagnostics.hasErrors { throw Problems(warnings + diagnostics, configuration.files) }
        return Project(
            configuration: configuration, variables: variables, planned: planned,
            functions: functionTable(invocation, planned: planned), warnings: warnings + diagnostics,
            directory: invocation.directory,
            encryption: try EncryptionSource.encryption(
                of: configuration, variables, invocation, sharingKeysOf: other))
    }

    private static func ask(for name: String, _ configuration: Configuration, _ invocation: Invocation) -> String? {
        let description = configuration.variables[name]?.description ?? ""
        invocation.terminal.write(
            "var.\(name)\n" + (description.isEmpty ? "" : "  \(VisibleText.escaped(description))\n")
                + "\n  Enter a value: ")
        return invocation.terminal.readLine()
    }

    /// The functions, with the files of this machine, for a plan that is made at a moment.
    static func functionTable(
        _ invocation: Invocation, planned: String, _ phase: FunctionEnvironment.Phase = .planning
    ) -> FunctionTable {
        let files = invocation.files
        return BuiltinFunctions.table(
            FunctionEnvironment(
                readFile: { path throws(FunctionError) in
                    do throws(FileError) {
                        guard let bytes = try files.read(invocation.path(path), limit: fileMaximum) else {
                            throw FileError("read", path, "there is no such file")
                        }
                        return bytes
                    } catch {
                        throw FunctionError("could not read \(VisibleText.escaped(path)): \(error.reason)")
                    }
                },
                kind: { path in kind(of: invocation.path(path)) },
                list: { path in (try? files.list(invocation.path(path))) ?? [] },
                workingDirectory: invocation.directory, home: invocation.environment["HOME"], planned: planned,
                phase: phase))
    }

    private static func kind(of path: String) -> FunctionEnvironment.FileKind? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        return switch information.st_mode & S_IFMT {
        case S_IFREG: .regular
        case S_IFDIR: .directory
        default: .other
        }
    }

    // MARK: - Files

    private static func fileNames(_ invocation: Invocation) throws -> [String] {
        guard let names = fileNames(in: invocation.directory) else {
            throw Problems(.directoryCannotBeRead(invocation.directory, errno))
        }
        return names
    }

    /// The names in a directory that may be of configuration, sorted; nil when it cannot be read, for the reason in `errno`.
    private static func fileNames(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // Editors' backup and lock files are none of ours.
            if !name.hasPrefix("."), !name.hasSuffix("~"), !name.hasPrefix("#") { names.append(name) }
        }
        return names.sorted()
    }

    private static func read(_ name: String, _ invocation: Invocation) throws -> [UInt8] {
        do throws(FileError) {
            guard let bytes = try invocation.files.read(invocation.path(name), limit: fileMaximum) else {
                throw FileError("read", name, "There is no such file")
            }
            return bytes
        } catch {
            throw Problems(
                .error("File cannot be read", "Could not read \(VisibleText.escaped(name)): \(error.reason)."))
        }
    }

    /// Where values of variables come from, in Terraform's order: environment, files, then the command line as it was written.
    static func sources(_ invocation: Invocation) throws -> [VariableSource] {
        try standingSources(invocation) + argumentSources(invocation)
    }

    /// Where values come from whatever the command line says.
    static func standingSources(_ invocation: Invocation) throws -> [VariableSource] {
        var sources = EnvironmentSetting.inputVariables(in: invocation.environment)
            .map { VariableSource.environment(name: $0.name, text: $0.text, prefix: $0.prefix) }
        let names = try fileNames(invocation)
        let automatic =
            ["terraform.tfvars", "terraform.tfvars.json"].filter(names.contains)
            + names.filter { $0.hasSuffix(".auto.tfvars") || $0.hasSuffix(".auto.tfvars.json") }
        for name in automatic { sources.append(.file(name: name, bytes: try read(name, invocation))) }
        return sources
    }

    /// Where the command line says that values come from.
    static func argumentSources(_ invocation: Invocation) throws -> [VariableSource] {
        var sources: [VariableSource] = []
        var arguments = invocation.arguments[...]
        while let argument = arguments.popFirst() {
            for option in ["var-file", "var"] {
                var value: String?
                if argument == "-\(option)" || argument == "--\(option)" {
                    value = arguments.popFirst()
                } else if let prefix = ["-\(option)=", "--\(option)="].first(where: argument.hasPrefix) {
                    value = String(argument.dropFirst(prefix.count))
                }
                guard let value else { continue }
                if option == "var-file" {
                    guard ((try? invocation.files.status(invocation.path(value))) ?? nil) != nil else {
                        throw Problems(.noVariablesFile(value))
                    }
                    sources.append(.file(name: value, bytes: try read(value, invocation)))
                } else {
                    sources.append(try assignment(value))
                }
                break
            }
        }
        return sources
    }

    private static func assignment(_ text: String) throws -> VariableSource {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw Problems(
                .error(
                    "Invalid -var option",
                    "The given -var option \"\(VisibleText.escaped(text))\" is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."
                ))
        }
        return .argument(name: String(text[..<equals]), text: String(text[text.index(after: equals)...]))
    }
}

extension Diagnostic {
    fileprivate static func directoryCannotBeRead(_ path: String, _ number: Int32) -> Diagnostic {
        .error(
            "Directory cannot be read",
            "Could not read the directory \(VisibleText.escaped(path)): \(String(cString: strerror(number))).")
    }

    fileprivate static func noVariablesFile(_ name: String) -> Diagnostic {
        .error(
            "Failed to read variables file",
            "Given variables file \(VisibleText.escaped(name)) does not exist.")
    }

    fileprivate static func unsupportedFile(_ name: String) -> Diagnostic {
        .error(
            "Not supported yet",
            "\(VisibleText.escaped(name)): \(name.hasSuffix(".json") ? "configuration in JSON" : "override files") cannot be read by this version of flinkform."
        )
    }

    fileprivate static func noConfiguration(_ directory: String) -> Diagnostic {
        .error(
            "No configuration files",
            "There are no *.tf files in \(directory == "." ? "this directory" : VisibleText.escaped(directory)). Go to the directory of your configuration, or name it before the command: flinkform -chdir=DIR plan"
        )
    }
}
