import Applying
import BuiltinProvider
import Configuring
import ConfluentProvider
import Diagnostics
import Functions
import HCL
import Planning
import Reporting
import Storage

/// One run over one state: its stores, its providers, its lock.
struct Session: Sendable {
    let invocation: Invocation
    private(set) var project: Project
    let run: String
    let state: any StateStore
    let settings: Settings
    let secrets: any SecretStore
    let providers: Providers
    let location: StateLocation
    let newLineage: String
    let noColor: Bool
    /// Whether the steps are shown as they go; what interrupted runs left is always shown.
    var showsProgress = true

    /// A session that changes nothing but the state and the secrets; the configuration need not be whole.
    init(readingStateOf invocation: Invocation, noColor: Bool = false) throws {
        let configuration = try Project.partialConfiguration(invocation)
        let planned = invocation.surroundings.timestamp()
        let project = Project(
            configuration: configuration, variables: VariableValues(values: [:], set: [], missing: []),
            planned: planned, functions: Project.functionTable(invocation, planned: planned), warnings: [],
            directory: invocation.directory,
            encryption: try EncryptionSource.encryption(of: configuration, nil, invocation))
        try self.init(project, invocation, noColor: noColor)
    }

    /// A session over the state of a directory.
    init(_ project: Project, _ invocation: Invocation, noColor: Bool) throws {
        self.invocation = invocation
        self.project = project
        self.noColor = noColor
        let surroundings = invocation.surroundings
        run = surroundings.hexadecimal(digits: 16)
        newLineage = surroundings.uuid()
        location = try StateLocation(project.configuration, invocation)
        state = try location.store(invocation, run: run, newLineage: newLineage, encryption: project.encryption)
        settings = try Settings.load(invocation)
        secrets = try settings.secretStore(of: location, invocation)
        providers = Providers(
            builtin: [
                BuiltinProvider.name: BuiltinProvider(
                    surroundings: surroundings, reader: StatesElsewhere(invocation, project.encryption))
            ],
            source: ConfluentCloud.source(
                environment: invocation.environment, login: LoginFile.source(invocation), version: Flinkform.version,
                surroundings: surroundings, announceWait: ProgressLines.announceWait(on: invocation.terminal)))
    }

    /// The same run, over the same state, with another reading of its configuration.
    func with(_ project: Project) -> Session {
        var session = self
        session.project = project
        return session
    }

    // MARK: - Lock

    /// Does something under the lock of the state, and lets everything go afterwards.
    func locked<Result>(
        _ operation: String, _ options: LockOptions, _ work: () async throws -> Result
    ) async throws -> Result {
        let timeout = try options.checked()
        do throws(Diagnostic) {
            try await state.lock(invocation.holder(operation, of: location.name()), timeout: timeout)
        } catch {
            throw problems(error)
        }
        do {
            let result = try await work()
            await end()
            return result
        } catch {
            await end()
            if let diagnostic = error as? Diagnostic { throw problems(diagnostic) }
            throw error
        }
    }

    /// Does something that only looks at the state, under its lock unless that was waived, and lets everything go afterwards.
    func looking<Result>(
        _ operation: String, _ options: LockOptions, _ work: () async throws -> Result
    ) async throws -> Result {
        if options.lock ?? true { return try await locked(operation, options, work) }
        do {
            let result = try await work()
            await end()
            return result
        } catch {
            await end()
            if let diagnostic = error as? Diagnostic { throw problems(diagnostic) }
            throw error
        }
    }

    private func end() async {
        await providers.close()
        await state.unlock()
        await location.backend?.close()
    }

    func problems(_ diagnostics: [Diagnostic]) -> Problems {
        Problems(diagnostics, project.configuration.files, noColor: noColor)
    }

    func problems(_ diagnostic: Diagnostic) -> Problems { problems([diagnostic]) }

    // MARK: - What is told, and to whom

    /// Shows the progress of this run.
    var report: @Sendable (ApplyEvent) -> Void {
        let lines = ProgressLines(terminal: invocation.terminal, isColored: invocation.isColored(noColor)).report
        let (log, debugLog) = (invocation.log, invocation.debugLog)
        let show = { @Sendable (event: ApplyEvent) in
            lines(event)
            log?.add(event)
            debugLog?.add(event)
        }
        guard !showsProgress else { return show }
        return { event in
            switch event {
            case .settled, .stopping: show(event)
            default: break
            }
        }
    }

    /// Shows warnings, and errors among them.
    func showWarnings(_ warnings: [Diagnostic], isCompact: Bool) {
        var problems = problems(warnings)
        problems.isCompact = isCompact
        problems.show(invocation)
    }

    /// The functions as they are while what was planned at a moment is applied.
    func functions(since planned: String) -> FunctionTable {
        let surroundings = invocation.surroundings
        return Project.functionTable(
            invocation, planned: planned,
            .applying(now: { surroundings.timestamp() }, uuid: { surroundings.uuid() }))
    }
}
