import Applying
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// Where the state of a directory is, in one of its workspaces: in a local file, or with a backend.
struct StateLocation: Sendable {
    /// The workspace.
    let workspace: String
    /// The local state file, or the path that it would have: what stays on this machine lies beside it.
    private(set) var localPath: String
    /// The directory of the local states of all workspaces but `default`.
    let workspaceDirectory: String
    /// The local state file that is read until the run writes the other one; nil for that itself.
    private(set) var source: String?
    /// The file that the user said to write, as it was named.
    private var out: String?
    /// Where the state before a change is kept.
    private(set) var backup = StateBackup.beside
    /// What keeps the state elsewhere; nil for the local file.
    let backend: (any Backend)?

    /// The workspace that there always is.
    static let defaultWorkspace = "default"

    /// Finds out where the state is: the block in the configuration, what `init` was given beside it, and the workspace of now.
    ///
    /// Throws when the backend is not the one that `init` prepared, or its arguments make no sense.
    init(_ configuration: Configuration, _ invocation: Invocation) throws {
        let record = try BackendRecord.read(invocation)
        try record.check(configuration, invocation)
        try self.init(
            configuration.backend, added: record.added, workspace: Workspace.current(invocation), invocation,
            files: configuration.files)
        try use(invocation.statePaths, configuration.backend, invocation)
    }

    /// Takes the files that the command line names in the place of those of the workspace.
    private mutating func use(_ paths: StatePaths, _ block: BackendBlock?, _ invocation: Invocation) throws {
        guard let option = paths.options.first else { return }
        guard backend == nil else { throw Problems(.notLocal(option, block?.type ?? "")) }
        func path(_ text: String) -> String { Path.plain(invocation.path(text)) }
        if let state = paths.state { localPath = path(state) }
        out = paths.out
        if let out, path(out) != Path.plain(localPath) {
            source = localPath
            localPath = path(out)
        }
        if let backup = paths.backup { self.backup = backup == "-" ? .nowhere : .at(path(backup)) }
    }

    /// The place that a block speaks of, with arguments that were given beside it.
    init(
        _ block: BackendBlock?, added: [String: String], workspace: String, _ invocation: Invocation,
        files: SourceFiles = SourceFiles()
    ) throws {
        self.workspace = workspace
        let type = block?.type ?? BackendKind.local.rawValue
        let arguments = (block?.arguments ?? [:]).merging(added) { $1 }
        guard let kind = BackendKind(rawValue: type) else {
            throw Problems(block.map(BackendKind.problems) ?? [], files)
        }
        let path = kind == .local ? arguments["path"] : nil
        let directory = kind == .local ? arguments["workspace_dir"] : nil
        workspaceDirectory = invocation.path(directory ?? "flinkform.tfstate.d")
        localPath =
            workspace == Self.defaultWorkspace
            ? invocation.path(path ?? "flinkform.tfstate") : "\(workspaceDirectory)/\(workspace)/flinkform.tfstate"
        do throws(Diagnostic) {
            backend = try invocation.backends(kind, arguments, invocation.environment, invocation.surroundings)
        } catch {
            var error = error
            if error.subject == nil { error.subject = block?.headerRange }
            throw Problems([error], files)
        }
    }

    /// What the state is called in messages.
    func name() throws(Diagnostic) -> String { try engine()?.place ?? localPath }

    /// Where the state was written, after changes, if that is not where it was read; nil when there is nothing to tell.
    func told(after counts: PlanCounts) -> String? {
        guard let out, counts.add + counts.change > 0 else { return nil }
        return """

            The state of your infrastructure has been saved to the path below. This state
            is required to modify and destroy your infrastructure, so keep it safe. To
            inspect the complete state use the `flinkform show` command.

            State path: \(VisibleText.escaped(out))

            """
    }

    /// What keeps the state of this workspace; nil for the local file.
    func engine() throws(Diagnostic) -> (any StateEngine)? {
        do throws(EngineError) {
            return try backend?.engine(workspace: workspace)
        } catch {
            throw .backend("Workspaces not supported", error)
        }
    }

    /// The store of the state.
    ///
    /// - Parameters:
    ///   - invocation: Files, time and the signal to stop, which is given when the lock is lost.
    ///   - run: The random id of this run.
    ///   - newLineage: The lineage of a state that is not there yet.
    ///   - encryption: How state and journal are encrypted.
    func store(
        _ invocation: Invocation, run: String, newLineage: String, encryption: Encryption
    ) throws -> any StateStore {
        let store = try plainStore(invocation, run: run, newLineage: newLineage, encryption: encryption)
        guard let log = invocation.debugLog else { return store }
        return LoggedStateStore(store, at: try name(), log)
    }

    private func plainStore(
        _ invocation: Invocation, run: String, newLineage: String, encryption: Encryption
    ) throws -> any StateStore {
        let stop = invocation.stop
        guard let engine = try engine() else {
            if workspace != Self.defaultWorkspace, invocation.statePaths.options.isEmpty {
                try makeDirectory(invocation)
            }
            return LocalStateStore(
                path: localPath, source: source, backup: backup, files: invocation.files, catalog: Project.catalog,
                surroundings: invocation.surroundings, run: run, newLineage: newLineage, encryption: encryption)
        }
        return RemoteStateStore(
            engine: engine, catalog: Project.catalog, surroundings: invocation.surroundings, run: run,
            newLineage: newLineage, encryption: encryption,
            undelivered: UndeliveredChanges(path: localPath + ".undelivered", files: invocation.files),
            onLoss: { stop.request() })
    }

    private func makeDirectory(_ invocation: Invocation) throws {
        do throws(FileError) {
            try invocation.files.makeDirectory(Path.directory(of: localPath))
        } catch {
            throw Diagnostic.error(
                "Workspace cannot be used",
                "Could not make \(VisibleText.escaped(error.path)): \(error.reason). The directory of the configuration must be writable."
            )
        }
    }
}

/// Files of a local state that the command line names, as Terraform's options of old do.
struct StatePaths: Sendable {
    /// The state.
    var state: String?
    /// Where it is written; it is read from the other one.
    var out: String?
    /// Where the state before is kept; `-` for nowhere.
    var backup: String?

    /// The options that were given.
    var options: [String] {
        [("-state", state), ("-state-out", out), ("-backup", backup)].compactMap { $1 == nil ? nil : $0 }
    }
}

extension Diagnostic {
    fileprivate static func notLocal(_ option: String, _ type: String) -> Diagnostic {
        .error(
            "Option for local states only",
            """
            The state is kept by backend "\(VisibleText.escaped(type))", and \(option) names a file of this machine. Leave it out. To \
            work on a copy, write one with "flinkform state pull > FILE", and use it in a directory without a backend block.
            """)
    }

    /// A backend did not do something.
    static func backend(_ summary: String, _ error: EngineError) -> Diagnostic {
        .error(summary, "\(error.reason)\(error.advice.map { " \($0)" } ?? "")")
    }
}
