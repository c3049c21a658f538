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
    @OptionGroup var paths: StatePathOptions

    @Option(
        name: .both("out"),
        help: ArgumentHelp("Write the plan to a file, for apply. It holds no secret.", valueName: "file"),
        completion: .file())
    var out: String?

    @Option(
        name: .both("generate-config-out"),
        help: ArgumentHelp(
            "Write configuration for import blocks without any to this file, which must not be there yet.",
            valueName: "file"))
    var generatedFile: String?

    @OptionGroup var mode: PlanModeOptions

    @Flag(name: .both("detailed-exitcode"), help: "Exit with 0 for no changes, 1 for an error, 2 for changes.")
    var detailedExitCode = false

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await machine.run(paths.applied(to: invocation), plan)
    }

    private func plan(_ invocation: Invocation) async throws -> Int32 {
        paths.warn(invocation)
        let project = try Project.load(invocation, variables, mayBeEmpty: mode.destroy)
        let session = try Session(project, invocation, noColor: output.noColor)
        var options = try planning.options(try mode.checked())
        if let generatedFile {
            try checkFree(generatedFile, options.mode, invocation)
            options.generates = true
        }
        try await session.checkForeignState()
        return try await session.looking("OperationTypePlan", lock) {
            let stored = try await session.loadToPlan(takesJournalOver: lock.lock ?? true)
            let plan: Plan
            let warnings: [Diagnostic]
            do {
                (plan, warnings) = try await session.plan(
                    stored, options, parallelism: planning.operations.checked(), showsRemains: true)
            } catch var problems as Problems {
                // It can be looked at with show.
                if let out, let remains = problems.remains {
                    do {
                        try session.checkSources(of: remains)
                        try PlanFile.write(remains, to: invocation.path(out), on: invocation.files, project.encryption)
                    } catch let more as Problems {
                        problems.diagnostics += more.diagnostics
                    } catch let diagnostic as Diagnostic {
                        problems.diagnostics.append(diagnostic)
                    }
                }
                throw problems
            }
            let isGenerated = try writeGenerated(plan, invocation)
            session.show(plan, warnings, planning)
            if out != nil { try session.checkSources(of: plan) }
            try finish(plan, project.encryption, invocation, isGenerated: isGenerated)
            return detailedExitCode && plan.isApplicable ? 2 : 0
        }
    }

    // MARK: - Generated configuration

    /// Makes sure that configuration may be generated, and written to a file of that name.
    private func checkFree(_ name: String, _ mode: Plan.Mode, _ invocation: Invocation) throws {
        guard mode == .normal else { throw Problems(.notGeneratedInMode) }
        guard (try? invocation.files.status(invocation.path(name))) ?? nil == nil else {
            throw Problems(.generatedFileExists)
        }
    }

    /// Writes the configuration that a plan generates; returns whether there is any.
    private func writeGenerated(_ plan: Plan, _ invocation: Invocation) throws -> Bool {
        let blocks = plan.changes.compactMap { change in
            change.generated.map { (importID: change.importing ?? "", text: $0) }
        }
        guard let generatedFile, !blocks.isEmpty else { return false }
        do throws(FileError) {
            try AtomicFile.write(
                Array(GeneratedConfiguration.file(of: blocks).utf8), to: invocation.path(generatedFile),
                on: invocation.files, permissions: 0o644)
        } catch {
            throw Problems(.generatedFileNotWritten(generatedFile, error.reason))
        }
        return true
    }

    /// Where the generated configuration is, in lines as long as the others.
    private func remark(onGenerated name: String) -> String {
        let text =
            "flinkform has generated configuration and written it to \(VisibleText.escaped(name)). Please review the configuration and edit it as necessary before adding it to version control."
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count > 77 {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = "\(line) \(word)"
            }
        }
        return lines.joined(separator: "\n")
    }

    private func finish(
        _ plan: Plan, _ encryption: Encryption, _ invocation: Invocation, isGenerated: Bool
    ) throws {
        var rule = String(repeating: "─", count: 77)
        if isGenerated, let generatedFile { rule += "\n\n" + remark(onGenerated: generatedFile) }
        if let out {
            try PlanFile.write(plan, to: invocation.path(out), on: invocation.files, encryption)
            guard plan.isApplicable else { return }
            invocation.terminal.write("\n\(rule)\n\nSaved the plan to: \(VisibleText.escaped(out))\n")
            if !invocation.isAutomated {
                invocation.terminal.write(
                    "\nTo perform exactly these actions, run the following command to apply:\n    flinkform apply \"\(VisibleText.escaped(out))\"\n"
                )
            }
        } else if plan.isApplicable && !invocation.isAutomated {
            invocation.terminal.write(
                "\n\(rule)\n\nNote: You didn't use the -out option to save this plan, so flinkform can't\nguarantee to take exactly these actions if you run \"flinkform apply\" now.\n"
            )
        }
    }
}

extension Diagnostic {
    fileprivate static var notGeneratedInMode: Diagnostic {
        .error(
            "Invalid generate-config-out flag",
            "Config can only be generated during a normal plan operation, and not during a refresh-only or destroy plan."
        )
    }

    fileprivate static var generatedFileExists: Diagnostic {
        .error(
            "Target generated file already exists",
            "flinkform can only write generated config into a new file. Either choose a different target location or move all existing configuration out of the target file, delete it and try again."
        )
    }

    fileprivate static func generatedFileNotWritten(_ name: String, _ reason: String) -> Diagnostic {
        .error(
            "Failed to create target generated file",
            "flinkform could not create the generated file (\(VisibleText.escaped(name))) in the target directory: \(reason). Name a file in a directory that is there and can be written to."
        )
    }
}

extension PlanningOptions {
    /// Makes sure that the options fit together.
    private func check(_ mode: Plan.Mode) throws {
        if mode == .refreshOnly, refresh == false {
            throw Problems(
                ofUsage: .error(
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
                ofUsage: .error(
                    "Invalid combination of arguments",
                    "-target and -exclude cannot be used together: one says what alone is planned for, the other what is left out."
                ))
        }
    }

    /// The options as planning takes them.
    func options(_ mode: Plan.Mode) throws -> PlanOptions {
        do {
            var addresses: [InstanceAddress] = []
            for text in replace { addresses.append(try InstanceAddress(parsing: text, as: "force-replace address")) }
            var options = PlanOptions(mode: mode, refreshes: refresh ?? true, replaced: addresses)
            if !target.isEmpty {
                options.targets = try target.map { try Target(parsing: $0, as: "target") }
            }
            options.excluded = try exclude.map { try Target(parsing: $0, as: "exclude") }
            try check(mode)
            return options
        } catch let diagnostic as Diagnostic {
            throw Problems(ofUsage: diagnostic)
        }
    }
}
