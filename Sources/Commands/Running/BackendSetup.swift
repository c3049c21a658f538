import Applying
import Configuring
import Diagnostics
import HCL
import Planning
import Storage

/// What `flinkform init` does about the backend: finds out whether it changed, takes the state along, and remembers it.
struct BackendSetup {
    /// What the flags of `init` say.
    struct Choices {
        /// `-backend-config`, in order: `NAME=VALUE`, or a file of arguments.
        var settings: [String] = []
        var reconfigures = false
        var migrates = false
        /// Whether questions are answered with yes.
        var forcesCopy = false
        var mayAsk = true
        var timeout = Duration.zero
    }

    let configuration: Configuration
    let invocation: Invocation
    let choices: Choices

    /// Does it; returns what to tell the user, nil when nothing is to be told.
    func run() async throws -> String? {
        let block = configuration.backend
        let record = try rememberedRecord()
        var next = BackendRecord(block: block, added: record.isCurrent(block) ? record.added : [:])
        if !choices.settings.isEmpty { next.added = try added(to: block) }
        let isLocal = (block?.type ?? BackendKind.local.rawValue) == BackendKind.local.rawValue
        if block == nil, next.added.isEmpty { next.block = nil }
        if record.block == nil, isLocal { return nil }
        let new = try StateLocation(
            block, added: next.added, workspace: StateLocation.defaultWorkspace, invocation, files: configuration.files)
        let isChanged = !record.isCurrent(block) || record.added != next.added
        if isChanged, !choices.reconfigures {
            let old = try StateLocation(
                record.block, added: record.added, workspace: StateLocation.defaultWorkspace, invocation)
            let moved = try await Migration(
                old: old, new: new, setup: self,
                encryption: try EncryptionSource.encryption(of: configuration, nil, invocation)
            ).run(from: record, to: next)
            await old.backend?.close()
            try next.write(invocation)
            await new.backend?.close()
            return moved
        }
        try next.write(invocation)
        await new.backend?.close()
        guard isChanged, let block else { return nil }
        return "Successfully configured the backend \"\(VisibleText.escaped(block.type))\"."
    }

    /// What an earlier `init` remembered; one that cannot be read does not matter if it is written anew.
    private func rememberedRecord() throws(Diagnostic) -> BackendRecord {
        if choices.reconfigures, let record = try? BackendRecord.read(invocation) { return record }
        return choices.reconfigures ? BackendRecord() : try BackendRecord.read(invocation)
    }

    /// What `-backend-config` gives.
    private func added(to block: BackendBlock?) throws -> [String: String] {
        guard var given = block else { throw Diagnostic.noBackendBlock }
        given.arguments = [:]
        for setting in choices.settings {
            if let equals = setting.firstIndex(of: "="), !setting[..<equals].contains("/") {
                given.arguments[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
            } else {
                try readFile(setting, into: &given)
            }
        }
        given.ranges = [:]
        let problems = BackendKind.problems(of: given)
        guard problems.isEmpty else { throw Problems(problems, configuration.files) }
        return given.arguments
    }

    private func readFile(_ name: String, into block: inout BackendBlock) throws {
        let bytes: [UInt8]
        do throws(FileError) {
            guard let read = try invocation.files.read(invocation.path(name), limit: 1 << 20) else {
                throw FileError("read", name, "There is no such file")
            }
            bytes = read
        } catch {
            throw Diagnostic.unreadableSettings(name, error.reason)
        }
        var files = SourceFiles()
        let file = files.add(name: name, bytes: bytes)
        let (tree, problems) = SyntaxTree.parse(bytes, file: file)
        var diagnostics = problems
        block.read(tree.body, diagnostics: &diagnostics)
        if diagnostics.hasErrors { throw Problems(diagnostics, files) }
    }
}

/// The state of every workspace, taken from one place to another.
private struct Migration {
    let old: StateLocation
    let new: StateLocation
    let setup: BackendSetup
    let encryption: Encryption

    private var invocation: Invocation { setup.invocation }

    func run(from record: BackendRecord, to next: BackendRecord) async throws -> String? {
        var names: [String] = []
        for name in try await workspaces(of: old) {
            let there = try location(name, record)
            if try await store(at: there).read().state != nil { names.append(name) }
            await there.backend?.close()
        }
        guard !names.isEmpty else {
            return next.block.map { "Successfully configured the backend \"\(VisibleText.escaped($0.type))\"." }
        }
        guard setup.choices.migrates || setup.choices.forcesCopy || approves(names) else {
            throw Diagnostic.migrationNeeded(try old.name(), try new.name())
        }
        for name in names { try await move(name, record, next) }
        let states = names.count == 1 ? "The state was" : "The states of \(names.count) workspaces were"
        return "\(states) copied from \(VisibleText.escaped(try old.name())) to \(VisibleText.escaped(try new.name()))."
    }

    private func location(_ workspace: String, _ record: BackendRecord) throws -> StateLocation {
        try StateLocation(record.block, added: record.added, workspace: workspace, invocation)
    }

    private func workspaces(of location: StateLocation) async throws -> [String] {
        try await WorkspaceList(location, invocation).names
    }

    private func store(at location: StateLocation) throws -> any StateStore {
        try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16),
            newLineage: invocation.surroundings.uuid(), encryption: encryption)
    }

    private func approves(_ names: [String]) -> Bool {
        guard setup.choices.mayAsk, invocation.terminal.isInteractive, invocation.mayAskForValues else { return false }
        invocation.terminal.write(
            """
            Do you want to copy the existing state to the new backend?
              There is a state at the place where it was kept before. Only 'yes' will be
              accepted; else nothing is changed.

              Enter a value: 
            """)
        return invocation.terminal.readLine() == "yes"
    }

    /// Copies one workspace, both places locked, and takes a local state away afterwards.
    private func move(_ workspace: String, _ record: BackendRecord, _ next: BackendRecord) async throws {
        let from = try location(workspace, record)
        let to = try location(workspace, next)
        let source = try store(at: from)
        let target = try store(at: to)
        let holder = invocation.holder("migrate state", of: try from.name())
        var failure: (any Error)?
        do {
            try await source.lock(holder, timeout: setup.choices.timeout)
            try await target.lock(holder, timeout: setup.choices.timeout)
            try await copy(from: source, to: target, named: try to.name())
        } catch {
            failure = error
        }
        await target.unlock()
        await source.unlock()
        await from.backend?.close()
        await to.backend?.close()
        if let failure { throw failure }
        if from.backend == nil { try takeAway(from.localPath) }
    }

    private func copy(
        from source: any StateStore, to target: any StateStore, named place: String
    ) async throws {
        let stored = try await source.read()
        let there = try await target.read()
        guard let state = stored.state else { return }
        // Creates that are open there are keys that nobody would look for any more.
        let isForeign = there.state.map { $0.lineage != state.lineage || $0.serial > state.serial } ?? true
        let isInUse = !(there.state?.resources.isEmpty ?? true) || !there.intents.isEmpty
        guard !isForeign || !isInUse || setup.choices.forcesCopy else { throw Diagnostic.targetNotEmpty(place) }
        _ = try await target.write(state, intents: stored.intents)
    }

    /// A local state that was copied becomes the backup beside it, so that nothing goes on with it.
    private func takeAway(_ path: String) throws {
        do throws(FileError) {
            for name in [path, path + ".journal"] where try invocation.files.status(name) != nil {
                try invocation.files.rename(name, to: name + ".backup")
            }
            try invocation.files.syncDirectory(Path.directory(of: path))
        } catch {
            throw Diagnostic.error(
                "Local state is still there",
                "The state was copied, but \(VisibleText.escaped(error.path)) could not be moved away: \(error.reason). Move it away, so that nothing goes on with it."
            )
        }
    }
}

extension Diagnostic {
    fileprivate static var noBackendBlock: Diagnostic {
        .error(
            "Missing backend configuration",
            "-backend-config adds to a backend block, and the configuration has none. Add one, which may be empty: terraform { backend \"s3\" {} }"
        )
    }

    fileprivate static func unreadableSettings(_ name: String, _ reason: String) -> Diagnostic {
        .error(
            "Backend settings cannot be read",
            "-backend-config=\(VisibleText.escaped(name)) is neither NAME=VALUE nor a file of such lines: \(reason).")
    }

    fileprivate static func migrationNeeded(_ old: String, _ new: String) -> Diagnostic {
        .error(
            "Backend configuration changed",
            """
            The state is in \(VisibleText.escaped(old)), and the configuration now keeps it in \(VisibleText.escaped(new)). \
            Nothing was changed.

            To take the state along:
                flinkform init -migrate-state
            To use what is at the new place, leaving the old state where it is:
                flinkform init -reconfigure
            """)
    }

    fileprivate static func targetNotEmpty(_ place: String) -> Diagnostic {
        .error(
            "State at the new place",
            """
            \(VisibleText.escaped(place)) has a state of its own, which is not an older version of the one that was to be copied \
            there. It was not overwritten. To use it: flinkform init -reconfigure. To overwrite it: flinkform init -force-copy
            """)
    }
}
