import Applying
import ArgumentParser
import Configuring
import Diagnostics
import JSON
import Planning
import Reporting
import Storage
import Values

/// What `apply` and `destroy` have in common.
struct ApplyOptions: ParsableArguments {
    @Flag(name: .both("auto-approve"), help: "Do not ask before the changes are made.")
    var autoApprove = false

    @Flag(
        name: .both("allow-missing"), help: "With -auto-approve: go on although most objects are gone from the cloud.")
    var allowMissing = false

    @Flag(
        name: .both("allow-duplicates"),
        help: "With -auto-approve: go on although objects like those to be created exist."
    )
    var allowDuplicates = false

    @Flag(
        name: .both("new-secret-store"),
        help:
            "Go on with another secret store than the one that the state names; secrets of keys that exist count as not known."
    )
    var newSecretStore = false

    @Option(
        name: .both("secrets-out"),
        help: ArgumentHelp(
            "Write the sensitive outputs to a file of their own, as JSON, for its owner only.", valueName: "file"),
        completion: .file())
    var secretsOut: String?
}

/// `flinkform apply`.
struct ApplyCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make the cloud like the configuration.",
        discussion: "Shows the plan and asks before anything is changed. With a plan file, does what that plan says.")

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var applying: ApplyOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var paths: StatePathOptions

    @OptionGroup var mode: PlanModeOptions

    @Argument(help: ArgumentHelp("A plan that \"plan -out\" wrote.", valueName: "planfile"), completion: .file())
    var planFile: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        let needsApproval = planFile == nil && !applying.autoApprove
        return try await machine.run(paths.applied(to: invocation), needsApproval: needsApproval) { invocation in
            paths.warn(invocation)
            if let planFile { return try await applySaved(planFile, invocation) }
            return try await Self.planAndApply(
                try mode.checked(), invocation, variables, output, lock, planning, applying)
        }
    }

    /// Plans, asks, and applies; `isDestroying` says whether the command itself is the one that destroys.
    static func planAndApply(
        _ mode: Plan.Mode, _ invocation: Invocation, _ variables: VariableOptions, _ output: OutputOptions,
        _ lock: LockOptions, _ planning: PlanningOptions, _ applying: ApplyOptions, isDestroying: Bool = false
    ) async throws -> Int32 {
        let project = try Project.load(invocation, variables, mayBeEmpty: mode == .destroy)
        let session = try Session(project, invocation, noColor: output.noColor)
        let options = try planning.options(mode)
        try await session.checkForeignState()
        return try await session.locked("OperationTypeApply", lock) {
            let stored = try await session.loadToPlan(takesJournalOver: true)
            let (plan, warnings) = try await session.plan(
                stored, options, parallelism: planning.operations.checked(), showsRemains: true)
            let asks = !plan.isEmpty && !applying.autoApprove
            // Whoever is asked sees the warnings first; else they come with those of the run.
            session.show(plan, asks ? warnings : [], planning)
            if asks, !ask(plan, invocation, variables) {
                invocation.terminal.writeError(mode == .destroy ? "\nDestroy cancelled.\n" : "\nApply cancelled.\n")
                return 1
            }
            if applying.autoApprove { try check(plan, applying, session) }
            if !plan.isApplicable, plan.mode == .refreshOnly, plan.outputs.contains(where: { $0.action != .noOp }) {
                throw session.problems(.notApplicable)
            }
            return try await session.apply(
                plan, stored.intents,
                ApplySettings(
                    parallelism: planning.operations.checked(), secretsOut: applying.secretsOut,
                    acceptsNewSecretStore: applying.newSecretStore, isDestroying: isDestroying,
                    warnings: asks ? [] : warnings.filter { !$0.isProvisional }, isCompact: planning.compactWarnings))
        }
    }

    private static func ask(_ plan: Plan, _ invocation: Invocation, _ variables: VariableOptions) -> Bool {
        let place = plan.workspace == "default" ? "" : " in workspace \"\(VisibleText.escaped(plan.workspace))\""
        let (question, explanation) =
            switch plan.mode {
            case .destroy:
                (
                    "Do you really want to destroy all resources\(place)?",
                    "flinkform will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm."
                )
            case .refreshOnly:
                (
                    place.isEmpty
                        ? "Would you like to update the flinkform state to reflect these detected changes?"
                        : "Would you like to update the flinkform state for\(place.dropFirst(3)) to reflect these detected changes?",
                    "flinkform will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm."
                )
            case .normal:
                (
                    "Do you want to perform these actions\(place)?",
                    "flinkform will perform the actions described above.\n  Only 'yes' will be accepted to approve."
                )
            }
        return Approval(
            question: question, explanation: explanation,
            withoutAsking: "Use -auto-approve, or apply a saved plan."
        ).ask(invocation, input: variables.input)
    }

    /// Refuses what nobody looked at and what looks like an accident.
    static func check(_ plan: Plan, _ applying: ApplyOptions, _ session: Session) throws {
        if !plan.lookAlikes.isEmpty && !applying.allowDuplicates { throw session.problems(.duplicatesNotAllowed) }
        try checkMissing(plan, applying.allowMissing, session)
    }

    /// Refuses what looks like the wrong account: most objects are gone.
    static func checkMissing(_ plan: Plan, _ isAllowed: Bool, _ session: Session) throws {
        let gone = plan.drift.count { $0.action == .delete }
        let all = plan.changes.count { $0.before.fields != nil } + gone
        if gone > 3, gone * 2 > all, !isAllowed { throw session.problems(.missingNotAllowed(gone, of: all)) }
    }

    // MARK: - Saved plans

    private func applySaved(_ path: String, _ invocation: Invocation) async throws -> Int32 {
        let encryption = try EncryptionSource.encryption(invocation)
        let plan = try PlanFile.read(invocation.path(path), named: path, on: invocation.files, encryption)
        let workspace = try Workspace.current(invocation)
        guard plan.workspace == workspace else { throw Problems(.otherWorkspace(plan.workspace, now: workspace)) }
        let (configuration, problems) = try Project.configuration(of: plan)
        let warnings =
            try SavedPlanVariables(plan, configuration).check(invocation) + [optionsWithoutUse].compactMap { $0 }
        let given = try Project.sources(invocation)
        var project = try Project.resolve(
            configuration, problems, invocation, variables, sources: given.restricted(to: plan, configuration),
            sharingKeysOf: encryption)
        let missing = plan.sensitiveVariables.filter { !project.variables.set.contains($0) }
        guard missing.isEmpty else { throw Problems(.sensitiveVariablesMissing(missing)) }
        for (name, value) in plan.variables { project.variables.values[name] = value }
        let session = try Session(project, invocation, noColor: output.noColor)
        try await session.checkForeignState()
        guard !plan.isErrored else { throw session.problems(.incompletePlan) }
        try Self.check(plan, applying, session)
        return try await session.locked("OperationTypeApply", lock) {
            let stored = try await session.load(takesJournalOver: true)
            let settled = Set(
                plan.steps.compactMap { step -> String? in
                    if case .settle(let settlement) = step.work { settlement.intent.id } else { nil }
                })
            guard plan.serial == 0 || stored.state?.lineage == plan.lineage else {
                throw session.problems(.otherLineage)
            }
            guard (stored.state?.serial ?? 0) == plan.serial,
                stored.state == nil || stored.state?.lineage == plan.lineage,
                Set(stored.intents.map(\.id)) == settled
            else { throw session.problems(.stalePlan) }
            invocation.log?.add(ProtocolLine.changes(of: plan, isSaved: true))
            try await session.configureProviders(for: plan)
            var current = plan
            if stored.state == nil { current.state.lineage = session.newLineage }
            return try await session.apply(
                current, stored.intents,
                ApplySettings(
                    parallelism: planning.operations.checked(), secretsOut: applying.secretsOut,
                    acceptsNewSecretStore: applying.newSecretStore, warnings: warnings,
                    isCompact: planning.compactWarnings))
        }
    }

    /// Says of options about a plan that they do nothing to one that was made already; nil when there are none.
    private var optionsWithoutUse: Diagnostic? {
        let given = [
            ("-destroy", mode.destroy), ("-refresh-only", mode.refreshOnly), ("-refresh", planning.refresh != nil),
            ("-replace", !planning.replace.isEmpty), ("-target", !planning.target.isEmpty),
            ("-exclude", !planning.exclude.isEmpty),
        ].filter(\.1).map(\.0)
        guard !given.isEmpty else { return nil }
        return .warning(
            "Plan options with a saved plan",
            "A saved plan says already what is done, so \(given.joined(separator: ", ")) changed nothing. To plan otherwise, make a new plan."
        )
    }
}

extension [VariableSource] {
    /// Only what a plan does not hold: sensitive variables, and files and environment for these.
    fileprivate func restricted(to plan: Plan, _ configuration: Configuration) -> [VariableSource] {
        let wanted = Set(plan.sensitiveVariables)
        var result = filter { source in
            switch source {
            case .environment(let name, _, _), .argument(let name, _): wanted.contains(name)
            case .file: !wanted.isEmpty
            case .value: true
            }
        }
        // Those that the plan holds are filled in afterwards; until then they must not count as missing.
        result += plan.variables.map { .value(name: $0.key, $0.value) }
        return result
    }
}

extension Session {
    /// Configures the providers that a saved plan needs, and makes sure that they point where the plan was made.
    func configureProviders(for plan: Plan) async throws {
        let names = Set(plan.changes.map(\.provider)).union(
            plan.steps.compactMap { step in
                if case .settle(let settlement) = step.work { settlement.intent.provider } else { nil }
            })
        for name in names.sorted() {
            guard let place = try await configure(name) else { continue }
            if let origin = plan.places[name] ?? plan.origin,
                origin.organization != place.organization || origin.endpoint != place.endpoint
            {
                throw problems(.otherPlace(origin, place.organization, place.endpoint))
            }
        }
    }
}

/// `flinkform destroy`.
struct DestroyCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Destroy everything in the state.")

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var applying: ApplyOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var paths: StatePathOptions

    @Argument(help: .hidden)
    var planFile: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await machine.run(paths.applied(to: invocation), needsApproval: !applying.autoApprove) { invocation in
            if let planFile { throw Problems(.destroyOfPlan(planFile)) }
            paths.warn(invocation)
            return try await ApplyCommand.planAndApply(
                .destroy, invocation, variables, output, lock, planning, applying, isDestroying: true)
        }
    }
}

extension Diagnostic {
    fileprivate static func destroyOfPlan(_ path: String) -> Diagnostic {
        .error(
            "Destroy can't be called with a plan file",
            "If this plan was created using plan -destroy, apply it using:\n  flinkform apply \"\(VisibleText.escaped(path))\""
        )
    }

    /// Of a plan that only takes note, where outputs go or are not known: Terraform refuses it, too.
    fileprivate static var notApplicable: Diagnostic {
        .error(
            "Cannot apply non-applyable plan",
            "The given plan is not applyable. If this seems like a bug in flinkform, then please report it!")
    }

    fileprivate static func otherWorkspace(_ planned: String, now: String) -> Diagnostic {
        .error(
            "Plan of another workspace",
            "The plan was made in the workspace \"\(VisibleText.escaped(planned))\", and the workspace of now is \"\(VisibleText.escaped(now))\". Apply it there: FLINKFORM_WORKSPACE=\(VisibleText.escaped(planned)) flinkform apply PLANFILE"
        )
    }

    fileprivate static var incompletePlan: Diagnostic {
        .error(
            "Cannot apply incomplete plan",
            "flinkform encountered an error when generating this plan, so it cannot be applied.")
    }

    fileprivate static var otherLineage: Diagnostic {
        .error(
            "Saved plan does not match the given state",
            "The given plan file can not be applied because it was created from a different state lineage.")
    }

    fileprivate static var stalePlan: Diagnostic {
        .error(
            "Saved plan is stale",
            "The given plan file can no longer be applied because the state was changed by another operation after the plan was created."
        )
    }

    fileprivate static func sensitiveVariablesMissing(_ names: [String]) -> Diagnostic {
        let list = names.map { "\"\(VisibleText.escaped($0))\"" }.joined(separator: ", ")
        return .error(
            "Sensitive variables not given again",
            "The plan was made with values for \(list), and a plan does not hold the values of sensitive variables. Give the same values again, with -var, -var-file or TF_VAR_ variables."
        )
    }

    fileprivate static func otherPlace(_ origin: Origin, _ organization: String, _ endpoint: String) -> Diagnostic {
        .error(
            "Plan of another organization",
            "The plan was made for organization \(VisibleText.escaped(origin.organization)) at \(VisibleText.escaped(origin.endpoint)), but the credentials are of organization \(VisibleText.escaped(organization)) at \(VisibleText.escaped(endpoint)). Use the credentials that the plan was made with."
        )
    }

    fileprivate static var duplicatesNotAllowed: Diagnostic {
        .error(
            "Refusing to create duplicates",
            "Objects like those to be created exist already (see above), and -auto-approve means that nobody looks. Import them, or say -allow-duplicates."
        )
    }

    fileprivate static func missingNotAllowed(_ gone: Int, of all: Int) -> Diagnostic {
        .error(
            "Most objects are gone",
            "\(gone) of \(all) objects in the state are gone from the cloud, and nobody is asked. That may be a wrong organization or a wrong account. If it is right, say -allow-missing."
        )
    }
}
