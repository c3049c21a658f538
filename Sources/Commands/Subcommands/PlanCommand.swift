import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Storage

/// `flinkform plan`.
struct PlanCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what apply would change, without changing anything.")

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var machine: MachineOptions

    @Option(
        name: .both("out"),
        help: ArgumentHelp("Write the plan to a file, for apply. It holds no secret.", valueName: "file"),
        completion: .file())
    var out: String?

    @OptionGroup var mode: PlanModeOptions

    @Flag(name: .both("detailed-exitcode"), help: "Exit with 0 for no changes, 1 for an error, 2 for changes.")
    var detailedExitCode = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await machine.run(invocation, plan)
    }

    private func plan(_ invocation: Invocation) async throws -> Int32 {
        let project = try Project.load(invocation, variables)
        let session = try Session(project, invocation, noColor: output.noColor)
        let options = try planning.options(try mode.checked())
        try await session.checkForeignState()
        return try await session.looking("OperationTypePlan", lock) {
            let stored = try await session.load(takesJournalOver: lock.lock ?? true)
            let (plan, warnings) = try await session.plan(
                stored, options, parallelism: planning.operations.checked(), showsRemains: true)
            session.show(plan, warnings, planning)
            if out != nil { try session.checkSources(of: plan) }
            try finish(plan, project.encryption, invocation)
            return detailedExitCode && !plan.isEmpty ? 2 : 0
        }
    }

    private func finish(_ plan: Plan, _ encryption: Encryption, _ invocation: Invocation) throws {
        let rule = String(repeating: "─", count: 77)
        if let out {
            try PlanFile.write(plan, to: invocation.path(out), on: invocation.files, encryption)
            invocation.terminal.write("\n\(rule)\n\nSaved the plan to: \(VisibleText.escaped(out))\n")
            if !invocation.isAutomated {
                invocation.terminal.write(
                    "\nTo perform exactly these actions, run the following command to apply:\n    flinkform apply \"\(VisibleText.escaped(out))\"\n"
                )
            }
        } else if !plan.isEmpty && !invocation.isAutomated {
            invocation.terminal.write(
                "\n\(rule)\n\nNote: You didn't use the -out option to save this plan, so flinkform can't\nguarantee to take exactly these actions if you run \"flinkform apply\" now.\n"
            )
        }
    }
}

extension PlanningOptions {
    /// Makes sure that the options fit together.
    private func check(_ mode: Plan.Mode) throws {
        if mode == .refreshOnly, refresh == false {
            throw Problems(
                .error(
                    "Incompatible refresh options",
                    "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because flinkform would have nothing to do."
                ))
        }
        if mode != .normal, !replace.isEmpty {
            throw Problems(
                .error(
                    "Unsupported plan mode",
                    "Forcing resource instance replacement (with -replace=...) is allowed only in normal planning mode."
                ))
        }
        guard target.isEmpty || exclude.isEmpty else {
            throw Problems(
                .error(
                    "Invalid combination of arguments",
                    "-target and -exclude cannot be used together: one says what alone is planned for, the other what is left out."
                ))
        }
    }

    /// The options as planning takes them.
    func options(_ mode: Plan.Mode) throws -> PlanOptions {
        var addresses: [InstanceAddress] = []
        for text in replace { addresses.append(try InstanceAddress(parsing: text)) }
        var options = PlanOptions(mode: mode, refreshes: refresh ?? true, replaced: addresses)
        try check(mode)
        if !target.isEmpty { options.targets = try target.map { try Target(parsing: $0, as: "target") } }
        options.excluded = try exclude.map { try Target(parsing: $0, as: "exclude") }
        return options
    }
}
