import Applying
import ArgumentParser
import Diagnostics
import Planning
import Storage

/// `flinkform refresh`.
struct RefreshCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh", abstract: "Bring the state up to date with the cloud and the outputs.",
        discussion: """
            Nothing at the cloud is changed, and nobody is asked. "flinkform apply -refresh-only" does the same and shows first \
            what changes in the state.
            """)

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var paths: StatePathOptions

    @Flag(name: .both("allow-missing"), help: "Go on although most objects are gone from the cloud.")
    var allowMissing = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await machine.run(paths.applied(to: invocation), refresh)
    }

    private func refresh(_ invocation: Invocation) async throws -> Int32 {
        paths.warn(invocation)
        let project = try Project.load(invocation, variables, mayBeEmpty: true)
        let session = try Session(project, invocation, noColor: output.noColor)
        let options = try planning.options(.normal)
        try await session.checkForeignState()
        return try await session.locked("OperationTypeRefresh", lock) {
            let stored = try await session.loadToPlan(takesJournalOver: true)
            var (plan, warnings) = try await session.plan(
                stored, options, parallelism: planning.operations.checked())
            if stored.state?.resources.isEmpty ?? true { warnings.insert(.nothingToRefresh, at: 0) }
            try ApplyCommand.checkMissing(plan, allowMissing, session)
            return try await session.apply(
                plan.refreshingAlone, stored.intents,
                ApplySettings(
                    parallelism: planning.operations.checked(), isRefreshing: true, warnings: warnings,
                    isCompact: planning.compactWarnings))
        }
    }
}

extension Diagnostic {
    fileprivate static var nothingToRefresh: Diagnostic {
        .warning(
            "Empty or non-existent state",
            "There are currently no remote objects tracked in the state, so there is nothing to refresh.")
    }
}
