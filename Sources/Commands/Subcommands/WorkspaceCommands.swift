import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform workspace`.
struct WorkspaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace", abstract: "Several states of one configuration.",
        subcommands: [
            WorkspaceListCommand.self, WorkspaceShowCommand.self, WorkspaceNewCommand.self,
            WorkspaceSelectCommand.self, WorkspaceDeleteCommand.self,
        ])

    /// Where the state of a workspace is; by default, that of the workspace of now.
    fileprivate static func location(_ name: String? = nil, _ invocation: Invocation) throws -> StateLocation {
        let configuration = try Project.partialConfiguration(invocation)
        let record = try BackendRecord.read(invocation)
        try record.check(configuration, invocation)
        return try StateLocation(
            configuration.backend, added: record.added, workspace: try name ?? Workspace.current(invocation),
            invocation, files: configuration.files)
    }

    fileprivate static func checkNoOverride(_ invocation: Invocation) throws {
        if let (variable, name) = Workspace.override(invocation) {
            throw Problems(.workspaceIsOverridden(variable, name))
        }
    }
}

/// `flinkform workspace list`.
struct WorkspaceListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the workspaces.")

    func run(_ invocation: Invocation) async throws -> Int32 {
        let location = try WorkspaceCommand.location(nil, invocation)
        let names = try await WorkspaceList(location, invocation).names
        await location.backend?.close()
        let lines = names.map { ($0 == location.workspace ? "* " : "  ") + VisibleText.escaped($0) }
        invocation.terminal.write(lines.joined(separator: "\n") + "\n\n")
        return 0
    }
}

/// `flinkform workspace show`.
struct WorkspaceShowCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the workspace of now.")

    func run(_ invocation: Invocation) async throws -> Int32 {
        invocation.terminal.write(VisibleText.escaped(try Workspace.current(invocation)) + "\n")
        return 0
    }
}

/// `flinkform workspace new`.
struct WorkspaceNewCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a workspace and change to it.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @Argument(help: "The name.")
    var name: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        try Workspace.check(name)
        try WorkspaceCommand.checkNoOverride(invocation)
        let location = try WorkspaceCommand.location(name, invocation)
        guard try await !WorkspaceList(location, invocation).names.contains(name) else {
            throw Problems(.existingWorkspace(name))
        }
        let store = try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16),
            newLineage: invocation.surroundings.uuid(), encryption: try EncryptionSource.encryption(invocation))
        if location.backend != nil {
            // A workspace of a backend is there as soon as it has a state, even an empty one.
            let session = try Session(readingStateOf: invocation)
            try await store.lock(session.holder("workspace new", of: try location.name()), timeout: try lock.checked())
            let made: Result<Void, any Error>
            do {
                try await store.establish()
                made = .success(())
            } catch {
                made = .failure(error)
            }
            await store.unlock()
            await location.backend?.close()
            try made.get()
        }
        try Workspace.select(name, invocation)
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        invocation.terminal.write(
            "\(paint.good("Created and switched to workspace \"\(name)\"!"))\n\nIts state is empty: a plan shows everything as new.\n"
        )
        return 0
    }
}

/// `flinkform workspace select`.
struct WorkspaceSelectCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "select", abstract: "Change to a workspace.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @Flag(name: .both("or-create"), help: "Make it when it is not there.")
    var orCreate = false
    @Argument(help: "The name.")
    var name: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        try Workspace.check(name)
        try WorkspaceCommand.checkNoOverride(invocation)
        let location = try WorkspaceCommand.location(name, invocation)
        let names = try await WorkspaceList(location, invocation).names
        await location.backend?.close()
        guard names.contains(name) else {
            guard orCreate else { throw Problems(.noWorkspace(name, among: names)) }
            var command = WorkspaceNewCommand()
            (command.name, command.output, command.lock) = (name, output, lock)
            return try await command.run(invocation)
        }
        try Workspace.select(name, invocation)
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        invocation.terminal.write("\(paint.good("Switched to workspace \"\(name)\"."))\n")
        return 0
    }
}

/// `flinkform workspace delete`.
struct WorkspaceDeleteCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a workspace that has no objects.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @Flag(name: .both("force"), help: "Delete it although it has objects: nothing manages them any more.")
    var force = false
    @Argument(help: "The name.")
    var name: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        try Workspace.check(name)
        guard name != StateLocation.defaultWorkspace else { throw Problems(.defaultWorkspaceStays) }
        guard try Workspace.current(invocation) != name else { throw Problems(.workspaceOfNow(name)) }
        let location = try WorkspaceCommand.location(name, invocation)
        let names = try await WorkspaceList(location, invocation).names
        guard names.contains(name) else { throw Problems(.noWorkspace(name, among: names)) }
        let store = try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16),
            newLineage: invocation.surroundings.uuid(), encryption: try EncryptionSource.encryption(invocation))
        let session = try Session(readingStateOf: invocation)
        try await store.lock(session.holder("workspace delete", of: try location.name()), timeout: try lock.checked())
        let deleted: Result<Void, any Error>
        do {
            try await delete(location, try await store.read(), invocation)
            deleted = .success(())
        } catch {
            deleted = .failure(error)
        }
        await store.unlock()
        await location.backend?.close()
        try deleted.get()
        if location.backend == nil { try? invocation.files.removeDirectory(Path.directory(of: location.localPath)) }
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        invocation.terminal.write("\(paint.good("Deleted workspace \"\(name)\"!"))\n")
        return 0
    }

    private func delete(_ location: StateLocation, _ stored: StoredState, _ invocation: Invocation) async throws {
        let count = stored.state?.instanceAddresses.count ?? 0
        guard force || count == 0 && stored.intents.isEmpty else { throw Problems(.workspaceNotEmpty(name, count)) }
        if let backend = location.backend {
            do throws(EngineError) {
                try await backend.remove(workspace: name)
            } catch {
                throw Diagnostic.backend("Workspace cannot be deleted", error)
            }
            return
        }
        do throws(FileError) {
            for suffix in ["", ".journal", ".backup"] { try invocation.files.remove(location.localPath + suffix) }
        } catch {
            throw Diagnostic.error(
                "Workspace cannot be deleted",
                "Could not remove \(VisibleText.escaped(error.path)): \(error.reason).")
        }
    }
}

extension Diagnostic {
    fileprivate static func workspaceIsOverridden(_ variable: String, _ name: String) -> Diagnostic {
        .error(
            "Workspace is overridden",
            "The environment variable \(variable) says \"\(VisibleText.escaped(name))\", so choosing another workspace would change nothing. Unset it first."
        )
    }

    fileprivate static func existingWorkspace(_ name: String) -> Diagnostic {
        .error("Workspace exists", "There is a workspace \"\(name)\" already: flinkform workspace select \(name)")
    }

    fileprivate static func noWorkspace(_ name: String, among names: [String]) -> Diagnostic {
        .error(
            "Workspace does not exist",
            "There is no workspace \"\(name)\".\(Suggestion.phrase(name, among: names)) \"flinkform workspace new \(name)\" makes it."
        )
    }

    fileprivate static var defaultWorkspaceStays: Diagnostic {
        .error("Workspace cannot be deleted", "The workspace \"default\" is always there.")
    }

    fileprivate static func workspaceOfNow(_ name: String) -> Diagnostic {
        .error(
            "Workspace is in use",
            "\"\(name)\" is the workspace of now. Change to another one first: flinkform workspace select default")
    }

    fileprivate static func workspaceNotEmpty(_ name: String, _ count: Int) -> Diagnostic {
        .error(
            "Workspace is not empty",
            "The state of \"\(name)\" has \(count) object\(count == 1 ? "" : "s"), or creates that are not settled. Destroy them first; with -force the workspace goes and nothing manages them any more."
        )
    }
}
