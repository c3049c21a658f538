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

    @Option(
        name: .both("out"),
        help: ArgumentHelp("Write the plan to a file, for apply. It holds no secret.", valueName: "file"))
    var out: String?

    @Flag(name: .both("destroy"), help: "Plan to destroy everything in the state.")
    var destroy = false

    @Flag(name: .both("detailed-exitcode"), help: "Exit with 0 for no changes, 1 for an error, 2 for changes.")
    var detailedExitCode = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        let project = try Project.load(invocation, variables)
        let session = try Session(project, invocation, noColor: output.noColor)
        let options = try planning.options(destroy ? .destroy : .normal)
        try await session.checkForeignState()
        return try await session.locked("OperationTypePlan", lock) {
            let stored = try await session.load(takesJournalOver: true)
            let (plan, warnings) = try await session.plan(stored, options, parallelism: planning.operations.checked())
            session.show(plan, warnings)
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
    /// The options as planning takes them.
    func options(_ mode: Plan.Mode) throws -> PlanOptions {
        var addresses: [InstanceAddress] = []
        for text in replace { addresses.append(try InstanceAddress(parsing: text)) }
        return PlanOptions(mode: mode, refreshes: refresh ?? true, replaced: addresses)
    }
}
