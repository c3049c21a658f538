import Applying
import Configuring
import Diagnostics
import Planning
import Storage

/// Where the state of a directory is, in one of its workspaces: in a local file, or with a backend.
struct StateLocation: Sendable {
    /// The workspace.
    let workspace: String
    /// The local state file, or the path that it would have: what stays on this machine lies beside it.
    let localPath: String
    /// The directory of the local states of all workspaces but `default`.
    let workspaceDirectory: String
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
            if workspace != Self.defaultWorkspace { try makeDirectory(invocation) }
            return LocalStateStore(
                path: localPath, files: invocation.files, catalog: Project.catalog,
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

extension Diagnostic {
    /// A backend did not do something.
    static func backend(_ summary: String, _ error: EngineError) -> Diagnostic {
        .error(summary, "\(error.reason)\(error.advice.map { " \($0)" } ?? "")")
    }
}
