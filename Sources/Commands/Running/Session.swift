import Applying
import BuiltinProvider
import Configuring
import ConfluentProvider
import Diagnostics
import Functions
import HCL
import JSON
import Planning
import Reporting
import Storage
import Synchronization
import Values

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

    // MARK: - Planning

    /// Makes sure that the files of the configuration, which a saved plan holds, do not hold the secret of a provider or a backend.
    func checkSources(of plan: Plan) throws {
        if let block = project.configuration.backend, let name = BackendKind.secretArgument(of: block) {
            throw problems(.backendSecretInSources(name, of: block))
        }
        for name in project.configuration.providers.keys.sorted() {
            guard let provider = Project.catalog.provider(of: name) else { continue }
            var ignored: [Diagnostic] = []
            let evaluation = Evaluation(
                configuration: project.configuration, variables: project.variables.values,
                functions: project.functions, directory: project.directory)
            let value = evaluation.providerArguments(name, schema: provider.configuration, diagnostics: &ignored)
            for attribute in provider.configuration.block.attributes where attribute.isSecret {
                guard let secret = value.fields?[attribute.name]?.string, !secret.isEmpty,
                    plan.sources.contains(where: { $0.text.contains(secret) })
                else { continue }
                throw problems(.secretInSources(attribute.name, of: name))
            }
        }
    }

    /// Configures a provider from the configuration, and returns where its objects live; nil for one that there is not.
    func configure(_ name: String) async throws -> ProviderPlace? {
        guard let schema = Project.catalog.provider(of: name)?.configuration else { return nil }
        var diagnostics: [Diagnostic] = []
        let evaluation = Evaluation(
            configuration: project.configuration, variables: project.variables.values, functions: project.functions,
            directory: project.directory)
        let value = evaluation.providerArguments(name, schema: schema, diagnostics: &diagnostics)
        if diagnostics.hasErrors { throw problems(diagnostics) }
        return try await providers.configure(name, value).place
    }

    /// Makes sure that no Terraform state in the directory manages the same objects: none but one that was adopted as it is.
    func checkForeignState() async throws {
        let file = TerraformStateFile(
            invocation.path("terraform.tfstate"), on: invocation.files, project.encryption)
        guard file.path != location.localPath || location.backend != nil else { return }
        let (content, adoptions): (TerraformState, [AdoptedState])
        do throws(Diagnostic) {
            guard let read = try file.read(), read.hasResources else { return }
            (content, adoptions) = (read, try await state.read().state?.adoptions ?? [])
        } catch {
            throw problems(error)
        }
        guard let adopted = adoptions.first(where: { $0.lineage == content.lineage }) else {
            throw problems(.foreignState)
        }
        guard adopted.serial == content.serial else {
            throw problems(.changedForeignState(adopted: adopted.serial, now: content.serial))
        }
    }

    /// Reads the state; what an interrupted run left in the journal is taken over first, if this run may write.
    func load(takesJournalOver: Bool) async throws(Diagnostic) -> StoredState {
        let stored = try await state.read()
        guard takesJournalOver, stored.isJournaled, let current = stored.state else { return stored }
        _ = try await state.write(current, intents: stored.intents)
        return try await state.read()
    }

    /// Reads the state to plan from it, and looks meanwhile for what is wrong with the configuration whatever the values are: that is
    /// told before anything else is read.
    func loadToPlan(takesJournalOver: Bool) async throws -> StoredState {
        async let faults = faults()
        let stored: StoredState
        do {
            stored = try await load(takesJournalOver: takesJournalOver)
        } catch {
            try await check(faults)
            throw error
        }
        try await check(faults)
        return stored
    }

    private func faults() async -> [Diagnostic] {
        Evaluation.problems(
            of: project.configuration, functions: project.functions, directory: project.directory
        ).filter { $0.severity == .error }
    }

    private func check(_ faults: [Diagnostic]) throws {
        guard faults.isEmpty else { throw problems(project.warnings + faults) }
    }

    /// Makes a plan; throws when it cannot be made.
    ///
    /// - Parameters:
    ///   - stored: What it is made from.
    ///   - options: How.
    ///   - parallelism: How many data sources are read at once.
    ///   - showsRemains: Whether what was planned is shown with the problems that keep a plan from being made.
    func plan(
        _ stored: StoredState, _ options: PlanOptions, parallelism: Int, showsRemains: Bool = false
    ) async throws -> (
        plan: Plan, warnings: [Diagnostic]
    ) {
        let inputs = PlanInputs(
            configuration: project.configuration, variables: project.variables.values,
            variablesSet: project.variables.set, state: stored.state ?? State(lineage: newLineage),
            intents: stored.intents, catalog: Project.catalog, functions: project.functions,
            directory: project.directory, options: options)
        let answering = Answering(
            providers: providers, secrets: secrets, catalog: Project.catalog, parallelism: parallelism,
            elapsed: invocation.surroundings.elapsed, report: report)
        let planned = await invocation.debugLog.timed("Planned") { await answering.plan(inputs) }
        let diagnostics = planned.diagnostics
        guard var plan = planned.plan else {
            var problems = problems(project.warnings + diagnostics)
            if showsRemains, var remains = planned.remains {
                remains.isErrored = true
                remains.timestamp = project.planned
                problems.remains = remains
                problems.preface = "\n" + text(of: remains)
                invocation.log?.add(ProtocolLine.plan(remains))
            }
            throw problems
        }
        plan.timestamp = project.planned
        return (
            plan,
            project.warnings + settings.unknownKeys(in: project.configuration) + diagnostics + stayingSecrets(of: plan)
        )
    }

    /// A warning when other machines get the state, and this one alone the secrets, without that having been said.
    private func stayingSecrets(of plan: Plan) -> [Diagnostic] {
        guard location.backend != nil, !settings.namesSecretStore, plan.makesSecrets(Project.catalog) else { return [] }
        return [.secretsStayHere(location.localPath + ".secrets.json")]
    }

    /// Shows the progress of this run.
    private var report: @Sendable (ApplyEvent) -> Void {
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

    private func text(of plan: Plan) -> String {
        PlanText(plan, catalog: Project.catalog, isColored: invocation.isColored(noColor)).text
    }

    /// Shows a plan.
    func show(_ plan: Plan, _ warnings: [Diagnostic], _ planning: PlanningOptions) {
        invocation.terminal.write("\n" + text(of: plan))
        invocation.log?.add(ProtocolLine.plan(plan))
        showWarnings(warnings + lookAlikes(plan), isCompact: planning.compactWarnings)
    }

    /// Shows warnings, and errors among them.
    func showWarnings(_ warnings: [Diagnostic], isCompact: Bool) {
        var problems = problems(warnings)
        problems.isCompact = isCompact
        problems.show(invocation)
    }

    private func lookAlikes(_ plan: Plan) -> [Diagnostic] {
        plan.lookAlikes.isEmpty ? [] : [.lookAlikes(plan.lookAlikes)]
    }

    // MARK: - Applying

    /// The functions as they are while what was planned at a moment is applied.
    private func functions(since planned: String) -> FunctionTable {
        let surroundings = invocation.surroundings
        return Project.functionTable(
            invocation, planned: planned,
            .applying(now: { surroundings.timestamp() }, uuid: { surroundings.uuid() }))
    }

    /// Does something that a signal must not cut short: it is told to stop, and finishes what is in flight.
    func uninterrupted<Result>(_ work: () async throws -> Result) async rethrows -> Result {
        Flinkform.isApplying.withLock { $0 = true }
        defer { Flinkform.isApplying.withLock { $0 = false } }
        return try await work()
    }

    /// Applies a plan and shows nothing but progress.
    func perform(_ plan: Plan, _ intents: [Intent], _ settings: ApplySettings) async -> ApplyResult {
        let resolver = Resolver(
            plan: plan, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: plan.timestamp), catalog: Project.catalog, directory: project.directory)
        var execution = Execution(
            plan: plan, intents: intents, resolver: resolver, catalog: Project.catalog,
            effects: effects(), parallelism: settings.parallelism, run: run,
            awaitsReadiness: settings.awaitsReadiness)
        return await uninterrupted {
            await invocation.debugLog.timed("Applied") {
                await execution.perform(acceptsNewSecretStore: settings.acceptsNewSecretStore)
            }
        }
    }

    /// Applies a plan and shows what came of it; returns the exit status.
    func apply(_ plan: Plan, _ intents: [Intent], _ settings: ApplySettings) async throws -> Int32 {
        let result = await perform(plan, intents, settings)
        var diagnostics = settings.warnings + result.diagnostics
        if plan.isPartial, !settings.isRefreshing { diagnostics.append(.incomplete) }
        if let path = settings.secretsOut, !diagnostics.hasErrors {
            do throws(Diagnostic) {
                try await writeSecrets(to: path, result.state)
            } catch {
                diagnostics.append(error)
            }
        }
        showWarnings(diagnostics, isCompact: settings.isCompact)
        if diagnostics.hasErrors { return 1 }
        let counts = PlanCounts(
            imported: result.counts.imported, add: result.counts.added, change: result.counts.changed,
            destroy: result.counts.destroyed)
        let paint = Paint(isColored: invocation.isColored(noColor))
        let words =
            settings.isDestroying
            ? "Destroy complete! Resources: \(counts.destroy) destroyed."
            : "Apply complete! Resources: \(counts.done)"
        if !settings.isRefreshing {
            invocation.terminal.write("\n" + paint.good(words) + "\n")
            invocation.log?.add([.summary(counts, settings.isDestroying ? .destroy : .apply)])
            if let place = location.told(after: counts) { invocation.terminal.write(place) }
        }
        if !settings.isDestroying { invocation.log?.add([.outputs(of: result.state)]) }
        let outputs = settings.isDestroying ? [] : OutputText.lines(result.state.outputs)
        if !outputs.isEmpty {
            invocation.terminal.write("\n\(paint.good("Outputs:"))\n\n" + outputs.joined(separator: "\n") + "\n")
        }
        return 0
    }

    /// What a run works with.
    func effects() -> Effects {
        Effects(
            providers: providers, state: state, secrets: secrets, surroundings: invocation.surroundings,
            stop: invocation.stop, delivery: ConfiguredDelivery(settings, invocation), report: report)
    }

    /// Settles what interrupted runs left, and nothing else; returns the state and the intents after it.
    ///
    /// - Parameters:
    ///   - stored: The state and the intents before.
    ///   - keys: The ids of the keys that are being imported or adopted: they are not what an interrupted run made.
    ///   - parallelism: How many data sources are read at once.
    ///   - targets: All that is planned for; nil means everything.
    ///   - check: Looks at the plan before anything is done.
    func settle(
        _ stored: StoredState, importing keys: Set<String>, parallelism: Int, targets: [Target]? = nil,
        check: (Plan) throws -> Void
    ) async throws -> StoredState {
        var options = PlanOptions(refreshes: false, targets: targets)
        options.isInternal = true
        options.importing = keys
        let (plan, _) = try await plan(stored, options, parallelism: parallelism)
        try check(plan)
        guard !stored.intents.isEmpty else { return stored }
        var only = plan
        only.steps = plan.steps.filter(\.isSettlement).map { Step($0.work) }
        only.changes = []
        let text = PlanText(only, catalog: Project.catalog, isColored: invocation.isColored(noColor)).text
        invocation.terminal.write("\n" + text)
        let resolver = Resolver(
            plan: only, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: only.timestamp), catalog: Project.catalog, directory: project.directory)
        // The run looks once more at its end, and must not take it for theirs then.
        var intents = stored.intents
        for index in intents.indices {
            intents[index].known = Set(intents[index].known).union(keys).sorted()
        }
        var execution = Execution(
            plan: only, intents: intents, resolver: resolver, catalog: Project.catalog, effects: effects(),
            parallelism: 1, run: run)
        let result = await execution.perform(acceptsNewSecretStore: false)
        if result.diagnostics.hasErrors { throw problems(result.diagnostics) }
        return try await state.read()
    }

    // MARK: - Outputs

    /// The outputs that a state gets with a Terraform state: those that come out alike here.
    ///
    /// They are worked out anew, so that a secret in them is null whatever was done with it. What depends on a data source, or
    /// comes out otherwise, is left to the next apply.
    func outputs(of content: TerraformState, in current: State) -> [String: OutputState] {
        var resolver = Resolver(
            state: current, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: project.planned), catalog: Project.catalog, directory: project.directory)
        var ignored: [Diagnostic] = []
        var result: [String: OutputState] = [:]
        for (output, value) in resolver.outputs(secrets: nil, diagnostics: &ignored) {
            guard let old = content.outputs[output.name]?["value"] else { continue }
            let bare = ObjectMarks.withoutAnySecret(value)
            guard bare.isWhollyKnown, let known = try? OutputCoding.state(bare, isSensitive: output.isSensitive),
                value.allMarks.contains(.secret) || known.value == old
            else { continue }
            result[output.name] = known
        }
        return result
    }

    /// The values of all outputs with their secrets; null for one that is not known.
    func outputValues(_ current: State) async throws(Diagnostic) -> [(name: String, value: Value, isSensitive: Bool)] {
        var secrets: [String: String] = [:]
        for entry in try await self.secrets.entries() { secrets[entry.key] = entry.secret }
        var resolver = Resolver(
            state: current, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: project.planned), catalog: Project.catalog, directory: project.directory)
        var ignored: [Diagnostic] = []
        return resolver.outputs(secrets: secrets, diagnostics: &ignored).map { output, value in
            (output.name, value.isWhollyKnown ? value : .null(value.type), output.isSensitive)
        }
    }

    /// The output values of a state, and those of them that hold secrets put together anew from configuration and secret store.
    static func clearOutputs(
        of current: State, _ invocation: Invocation, _ variables: VariableOptions
    ) async throws -> [String: Value] {
        var values = current.outputs.mapValues(OutputCoding.value)
        guard current.outputs.values.contains(where: { $0.isSensitive && $0.value.holdsNull }) else { return values }
        let session = try Session(try Project.load(invocation, variables), invocation, noColor: true)
        for (name, value, isSensitive) in try await session.outputValues(current)
        where isSensitive && values[name] != nil {
            if value.allMarks.contains(.secret) || value.isNull { values[name] = value }
        }
        return values
    }

    private func writeSecrets(to path: String, _ current: State) async throws(Diagnostic) {
        var values = JSONObject()
        for (name, value, isSensitive) in try await outputValues(current) where isSensitive {
            values[name] = (try? value.withoutMarks([.sensitive, .secret]).json()) ?? .null
        }
        try SecretsOutput.write(values, to: invocation.path(path), on: invocation.files)
    }
}

/// How a plan is applied.
struct ApplySettings: Sendable {
    var parallelism = 10
    var secretsOut: String?
    var acceptsNewSecretStore = false
    var awaitsReadiness = true
    /// Whether the command is the one that destroys, and says so at the end.
    var isDestroying = false
    /// Whether the command is the one that refreshes, and says nothing at the end.
    var isRefreshing = false
    /// What planning had to say and nobody was shown yet.
    var warnings: [Diagnostic] = []
    /// Whether warnings are shown by their summaries alone.
    var isCompact = false
}

extension JSONValue {
    /// Whether it is null or has a null inside.
    var holdsNull: Bool {
        switch self {
        case .null: true
        case .array(let items): items.contains { $0.holdsNull }
        case .object(let object): object.contains { $0.value.holdsNull }
        default: false
        }
    }
}

extension Diagnostic {
    fileprivate static var incomplete: Diagnostic {
        .warning(
            "Applied changes may be incomplete",
            """
            The plan was created with the -target option in effect, so some changes requested in the configuration may have been \
            ignored and the output values may not be fully updated. Run the following command to verify that no other changes are \
            pending:
                flinkform plan

            Note that the -target option is not suitable for routine use, and is provided only for exceptional situations such as \
            recovering from errors or mistakes, or when flinkform specifically suggests to use it as part of an error message.
            """)
    }

    fileprivate static var foreignState: Diagnostic {
        .error(
            "Terraform manages this directory",
            """
            There is a terraform.tfstate with resources in this directory. Two tools that manage the same keys would make them \
            twice, so nothing was planned.

            Take the Terraform state over, which leaves the file as it is: flinkform adopt terraform.tfstate

            If Terraform shall go on with these resources, give flinkform a directory of its own.
            """)
    }

    fileprivate static func changedForeignState(adopted: Int, now: Int) -> Diagnostic {
        .error(
            "Terraform state has changed since",
            """
            terraform.tfstate was adopted with serial \(adopted), and has serial \(now) now: \
            \(now > adopted ? "Terraform has written it since" : "an older file was put there"). What it did could be undone or \
            done twice, so nothing was planned.

            See what has changed, and take it over: flinkform adopt terraform.tfstate
            """)
    }

    fileprivate static func secretInSources(_ attribute: String, of provider: String) -> Diagnostic {
        .error(
            "Secret in the configuration",
            """
            The files of the configuration hold the \(attribute) of provider "\(provider)" in clear, and a saved plan holds those \
            files. Nothing was saved.

            Give the secret with the environment variable CONFLUENT_CLOUD_API_SECRET, or with a variable that is set from outside.
            """)
    }

    fileprivate static func backendSecretInSources(_ name: String, of block: BackendBlock) -> Diagnostic {
        let variables = BackendKind(rawValue: block.type)?.arguments.first { $0.name == name }?.environment ?? []
        let place = variables.first.map { "the environment variable \($0)" } ?? "an environment variable"
        let advice =
            block.type == BackendKind.pg.rawValue
            ? "Give the password with PGPASSWORD or ~/.pgpass." : "Give it with \(place)."
        return .error(
            "Secret in the configuration",
            """
            The backend block holds a secret in clear, in "\(name)", and a saved plan holds the files of the configuration. Nothing \
            was saved.

            \(advice)
            """, at: block.ranges[name] ?? block.headerRange)
    }

    fileprivate static func secretsStayHere(_ path: String) -> Diagnostic {
        .warning(
            "Secrets stay on this machine",
            """
            The state is kept by a backend, for every machine, but the secrets of the keys that this plan makes go to \
            \(VisibleText.escaped(path)), on this machine alone. Where that is lost, as on the machines of most pipelines, they are \
            lost with it.

            Say in flinkform.hcl where they are to go, such as secrets "vault" {…}; or, if they are to stay here, secrets "file" {}.
            """)
    }

    static func lookAlikes(_ items: [Plan.LookAlike]) -> Diagnostic {
        let commands = items.prefix(20).map {
            "    flinkform import '\($0.address)' \(VisibleText.escaped($0.importID))"
        }
        let more = items.count > 20 ? "\n    and \(items.count - 20) more" : ""
        return .warning(
            "Objects like these exist already",
            """
            At the cloud there are objects with the name, owner and scope of those that are about to be created, and neither \
            this state nor an interrupted run knows them. If they are the ones you mean, import them instead:

            \(commands.joined(separator: "\n"))\(more)
            """)
    }
}
