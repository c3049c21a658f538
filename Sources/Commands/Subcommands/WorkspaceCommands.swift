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

    fileprivate static func checkNoOverride(
        _ invocation: Invocation, _ error: (_ variable: String) -> PlainError
    ) throws {
        if let (variable, _) = Workspace.override(invocation) { throw error(variable) }
    }
}

/// `flinkform workspace list`.
struct WorkspaceListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the workspaces.")

    @OptionGroup var output: OutputOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let location = try WorkspaceCommand.location(nil, invocation)
        let names = try await WorkspaceList(location, invocation).names
        await location.backend?.close()
        let lines = names.map { ($0 == location.workspace ? "* " : "  ") + VisibleText.escaped($0) }
        invocation.terminal.write(lines.joined(separator: "\n") + "\n\n")
        if let (variable, _) = Workspace.override(invocation) {
            invocation.terminal.write(
                "\n\nThe active workspace is being overridden using the \(variable) environment\nvariable.\n\n")
        }
        return 0
    }
}

/// `flinkform workspace show`.
struct WorkspaceShowCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the workspace of now.")

    @OptionGroup var output: OutputOptions

    /// As Terraform, it takes more words, and does nothing with them.
    @Argument(help: .hidden)
    var rest: [String] = []

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
    @Option(
        name: .both("state"), help: ArgumentHelp("Copy this state file into the new workspace.", valueName: "path"))
    var state: String?
    @Argument(help: "The name.")
    var name: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        try WorkspaceCommand.checkNoOverride(invocation, PlainError.workspaceNotMade)
        return try await Self.make(name, invocation, lock, copying: state)
    }

    /// Makes a workspace, with the state of a file if one is given, and changes to it.
    static func make(
        _ name: String, _ invocation: Invocation, _ lock: LockOptions, copying state: String? = nil
    ) async throws -> Int32 {
        guard Workspace.isSound(name) else { throw PlainError.invalidWorkspace(name) }
        let location = try WorkspaceCommand.location(name, invocation)
        guard try await !WorkspaceList(location, invocation).names.contains(name) else {
            throw PlainError("Workspace \"\(name)\" already exists")
        }
        let encryption = try EncryptionSource.encryption(invocation)
        let copied = try state.map { path in
            let file = StateFile(invocation.path(path), on: invocation.files, catalog: Project.catalog, encryption)
            guard let state = try file.read() else {
                throw PlainError("open \(VisibleText.escaped(path)): no such file or directory")
            }
            return state
        }
        let store = try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16),
            newLineage: invocation.surroundings.uuid(), encryption: encryption)
        if location.backend != nil || copied != nil {
            try await fill(store, copied, location, invocation, lock)
        }
        try Workspace.select(name, invocation)
        let paint = Paint(isColored: invocation.isColored(false))
        invocation.terminal.write(
            """
            \(paint.good("Created and switched to workspace \"\(name)\"!"))

            You're now on a new, empty workspace. Workspaces isolate their state,
            so if you run "flinkform plan" flinkform will not see any existing state
            for this configuration.

            """)
        return 0
    }

    /// Gives a new workspace its first state; one of a backend is there as soon as it has one, even an empty one.
    private static func fill(
        _ store: any StateStore, _ copied: State?, _ location: StateLocation, _ invocation: Invocation,
        _ lock: LockOptions
    ) async throws {
        try await store.lock(invocation.holder("workspace new", of: try location.name()), timeout: try lock.checked())
        let made: Result<Void, any Error>
        do {
            if let copied {
                // Somebody else may have made it, and more, before the lock was had.
                let stored = try await store.read()
                guard stored.state == nil, stored.intents.isEmpty else {
                    throw PlainError("Workspace \"\(location.workspace)\" already exists")
                }
                try await store.replace(with: copied, intents: [])
            } else {
                try await store.establish()
            }
            made = .success(())
        } catch {
            made = .failure(error)
        }
        await store.unlock()
        await location.backend?.close()
        try made.get()
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
        try WorkspaceCommand.checkNoOverride(invocation, PlainError.workspaceNotChosen)
        guard Workspace.isSound(name) else { throw PlainError.invalidWorkspace(name) }
        let location = try WorkspaceCommand.location(name, invocation)
        let names = try await WorkspaceList(location, invocation).names
        await location.backend?.close()
        guard names.contains(name) else {
            guard orCreate else { throw PlainError.noWorkspace(name, among: names) }
            return try await WorkspaceNewCommand.make(name, invocation, lock)
        }
        guard try Workspace.current(invocation) != name else { return 0 }
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
        guard Workspace.isSound(name) else { throw PlainError.invalidWorkspace(name) }
        guard try Workspace.current(invocation) != name else { throw PlainError.workspaceIsActive(name) }
        guard name != StateLocation.defaultWorkspace else { throw PlainError.defaultWorkspaceStays }
        let location = try WorkspaceCommand.location(name, invocation)
        let names = try await WorkspaceList(location, invocation).names
        guard names.contains(name) else { throw PlainError.noWorkspace(name, among: names) }
        let store = try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16),
            newLineage: invocation.surroundings.uuid(), encryption: try EncryptionSource.encryption(invocation))
        try await store.lock(
            invocation.holder("workspace delete", of: try location.name()), timeout: try lock.checked())
        let deleted: Result<Bool, any Error>
        do {
            deleted = .success(try await delete(location, try await store.read(), invocation))
            // Under the lock still, which whoever waits for it finds gone then.
            if location.backend == nil { clear(Path.directory(of: location.localPath), invocation) }
        } catch {
            deleted = .failure(error)
        }
        await store.unlock()
        await location.backend?.close()
        let wasEmpty = try deleted.get()
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        invocation.terminal.write("\(paint.good("Deleted workspace \"\(name)\"!"))\n")
        if !wasEmpty {
            invocation.terminal.write(
                """
                WARNING: "\(name)" was non-empty.
                The resources managed by the deleted workspace may still exist,
                but are no longer manageable by flinkform since the state has
                been deleted.

                """)
        }
        return 0
    }

    /// Takes the directory of a workspace away, with its locks and backups; secrets that are kept in it stay, with it.
    private func clear(_ directory: String, _ invocation: Invocation) {
        for name in (try? invocation.files.list(directory)) ?? []
        where [".lock", ".lock.info", ".backup"].contains(where: { name.hasSuffix($0) }) {
            try? invocation.files.remove("\(directory)/\(name)")
        }
        try? invocation.files.removeDirectory(directory)
    }

    /// Deletes the state, and returns whether it had nothing.
    private func delete(
        _ location: StateLocation, _ stored: StoredState, _ invocation: Invocation
    ) async throws -> Bool {
        let addresses = stored.state?.instanceAddresses.filter { $0.resource.mode == .managed } ?? []
        let isEmpty = addresses.isEmpty && stored.intents.isEmpty
        guard force || isEmpty else {
            throw Problems(.workspaceNotEmpty(name, addresses, stored.intents.map(\.address)))
        }
        if let backend = location.backend {
            do throws(EngineError) {
                try await backend.remove(workspace: name)
            } catch {
                throw Diagnostic.backend("Workspace cannot be deleted", error)
            }
            return isEmpty
        }
        do throws(FileError) {
            for suffix in ["", ".journal", ".backup"] { try invocation.files.remove(location.localPath + suffix) }
        } catch {
            throw Diagnostic.error(
                "Workspace cannot be deleted",
                "Could not remove \(VisibleText.escaped(error.path)): \(error.reason).")
        }
        return isEmpty
    }
}

extension PlainError {
    fileprivate static func invalidWorkspace(_ name: String) -> PlainError {
        PlainError(
            """

            The workspace name "\(VisibleText.escaped(name))" is not allowed. The name must contain only URL safe
            characters, and no path separators.

            """)
    }

    fileprivate static func workspaceNotChosen(_ variable: String) -> PlainError {
        PlainError(
            """

            The selected workspace is currently overridden using the \(variable)
            environment variable.

            To select a new workspace, either update this environment variable or unset
            it and then run this command again.

            """)
    }

    fileprivate static func workspaceNotMade(_ variable: String) -> PlainError {
        PlainError(
            """

            The workspace is currently overridden using the \(variable) environment
            variable. You cannot create a new workspace when using this setting.

            To create a new workspace, either unset this environment variable or update it
            to match the workspace name you are trying to create, and then run this command
            again.

            """)
    }

    fileprivate static func noWorkspace(_ name: String, among names: [String]) -> PlainError {
        PlainError(
            """

            Workspace "\(name)" doesn't exist.\(Suggestion.phrase(name, among: names))

            You can create this workspace with the "new" subcommand\u{20}
            or include the "-or-create" flag with the "select" subcommand.
            """)
    }

    fileprivate static let defaultWorkspaceStays = PlainError(
        "The workspace \"default\" is always there, and cannot be deleted.")

    fileprivate static func workspaceIsActive(_ name: String) -> PlainError {
        PlainError(
            """
            Workspace "\(name)" is your active workspace.

            You cannot delete the currently active workspace. Please switch
            to another workspace and try again.
            """)
    }
}

extension Diagnostic {
    fileprivate static func workspaceNotEmpty(
        _ name: String, _ addresses: [InstanceAddress], _ open: [InstanceAddress]
    ) -> Diagnostic {
        func list(_ addresses: [InstanceAddress]) -> String {
            let shown = addresses.prefix(20).map { "  - \(VisibleText.escaped($0.description))" }
            return (shown + (addresses.count > 20 ? ["  and \(addresses.count - 20) more"] : [])).joined(
                separator: "\n")
        }
        var parts: [String] = []
        if !addresses.isEmpty {
            parts.append(
                "Workspace \"\(name)\" is currently tracking the following resource instances:\n\(list(addresses))")
        }
        if !open.isEmpty {
            parts.append("An interrupted run of workspace \"\(name)\" was creating these:\n\(list(open))")
        }
        parts += [
            "Deleting this workspace would cause flinkform to lose track of any associated remote objects, which would then require you to delete them manually outside of flinkform. You should destroy these objects with flinkform before deleting the workspace.",
            "If you want to delete this workspace anyway, and have flinkform forget about these managed objects, use the -force option to disable this safety check.",
        ]
        return .error("Workspace is not empty", parts.joined(separator: "\n\n"))
    }
}
