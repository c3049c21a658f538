import Applying
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage
import Synchronization

/// Plans, put into effect.
extension Session {
    /// Does something that a signal must not cut short: it is told to stop, and finishes what is in flight.
    func uninterrupted<Result>(_ work: () async throws -> Result) async rethrows -> Result {
        Flinkform.isApplying.withLock { $0 = true }
        defer { Flinkform.isApplying.withLock { $0 = false } }
        return try await work()
    }

    /// Applies a plan and shows nothing but progress.
    func perform(_ plan: Plan, _ intents: [Intent], _ settings: ApplySettings) async -> ApplyResult {
        var plan = plan
        plan.leavesState = true
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
    ///   - mode: Which question the plan answers that the check looks at.
    ///   - check: Looks at the plan before anything is done.
    func settle(
        _ stored: StoredState, importing keys: Set<String>, parallelism: Int, targets: [Target]? = nil,
        mode: Plan.Mode = .normal, check: (Plan) throws -> Void
    ) async throws -> StoredState {
        var options = PlanOptions(mode: mode, refreshes: false, targets: targets)
        options.isInternal = true
        options.importing = keys
        let (plan, _) = try await plan(stored, options, parallelism: parallelism)
        try check(plan)
        guard !stored.intents.isEmpty else { return stored }
        var only = plan
        only.mode = .normal
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
        let result = await uninterrupted { await execution.perform(acceptsNewSecretStore: false) }
        if result.diagnostics.hasErrors { throw problems(result.diagnostics) }
        return try await state.read()
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
}
