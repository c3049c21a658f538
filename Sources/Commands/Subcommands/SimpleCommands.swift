import Applying
import ArgumentParser
import Configuring
import Diagnostics
import JSON
import Planning
import Reporting
import Storage

/// `flinkform validate`.
struct ValidateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the configuration, without state and without the cloud.")

    @OptionGroup var output: OutputOptions

    @Flag(name: .both("json"), help: "Print the diagnostics as JSON, as Terraform does.")
    var json = false

    @OptionGroup var tests: TestDirectoryOptions

    @Flag(name: .both("no-tests"), help: "Accepted for Terraform's sake; files of tests are not looked at.")
    var noTests = false

    @Argument(help: ArgumentHelp("The directory, if it is not this one.", valueName: "dir"), completion: .directory)
    var place: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        var invocation = invocation
        if let place { invocation.directory = invocation.path(place) }
        do {
            let (configuration, warnings) = try Project.configuration(invocation, mayBeEmpty: true)
            let diagnostics = warnings + validate(configuration, invocation)
            return try show(diagnostics, configuration, invocation)
        } catch let problems as Problems where json {
            return writeJSON(problems.diagnostics, problems.files, invocation)
        }
    }

    private func show(
        _ diagnostics: [Diagnostic], _ configuration: Configuration, _ invocation: Invocation
    ) throws -> Int32 {
        if json { return writeJSON(diagnostics, configuration.files, invocation) }
        if diagnostics.hasErrors { throw Problems(diagnostics, configuration.files, noColor: output.noColor) }
        Problems(diagnostics, configuration.files, noColor: output.noColor).show(invocation)
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        invocation.terminal.write("\(paint.good("Success!")) The configuration is valid.\n\n")
        return 0
    }

    private func writeJSON(_ diagnostics: [Diagnostic], _ files: SourceFiles, _ invocation: Invocation) -> Int32 {
        func count(_ severity: Diagnostic.Severity) -> JSONValue {
            .number(JSONNumber(diagnostics.count { $0.severity == severity }))
        }
        let report: JSONValue = [
            "format_version": "1.0", "valid": .bool(!diagnostics.hasErrors), "error_count": count(.error),
            "warning_count": count(.warning),
            "diagnostics": DiagnosticRenderer(files: files, width: 0, isColored: false).json(diagnostics),
        ]
        invocation.terminal.write(report.text(.indented) + "\n")
        return diagnostics.hasErrors ? 1 : 0
    }

    /// Evaluates what can be evaluated while no variable has a value.
    private func validate(_ configuration: Configuration, _ invocation: Invocation) -> [Diagnostic] {
        Evaluation.problems(
            of: configuration,
            functions: Project.functionTable(invocation, planned: invocation.surroundings.timestamp()),
            directory: invocation.directory)
            + EncryptionSource.settings(of: configuration, [:], invocation, knowsVariables: false).diagnostics
    }
}

/// `flinkform version`.
struct VersionCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")

    @Flag(name: .both("json"), help: "Print JSON, as Terraform does.")
    var json = false

    /// As Terraform, it takes more words, and does nothing with them.
    @Argument(help: .hidden)
    var rest: [String] = []

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard json else {
            invocation.terminal.write(
                "flinkform v\(Flinkform.version)\nFollows the language and the state format of Terraform \(State.terraformVersion).\n"
            )
            return 0
        }
        let report: JSONValue = [
            "terraform_version": .string(State.terraformVersion), "platform": .string(Self.platform),
            "provider_selections": [:], "terraform_outdated": false, "flinkform_version": .string(Flinkform.version),
        ]
        invocation.terminal.write(report.text(.indented) + "\n")
        return 0
    }

    /// The machine that this program was built for, as Terraform spells it.
    private static var platform: String {
        #if arch(arm64)
            "linux_arm64"
        #else
            "linux_amd64"
        #endif
    }
}

/// `flinkform show`.
struct ShowCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the state, or a file with a plan or a state.")

    @OptionGroup var output: OutputOptions
    @Flag(name: .both("json"), help: "Print JSON, as Terraform does.")
    var json = false
    @Flag(
        name: .both("html"), help: "Print a plan as a page for a browser, which needs nothing else and holds no secret."
    )
    var html = false
    @Flag(name: .both("steps"), help: "Print the steps of a plan, and which wait for which.")
    var steps = false
    @Argument(
        help: ArgumentHelp(
            "A file with a plan or a state; without one, the state in use is shown.", valueName: "path"),
        completion: .file())
    var file: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        if [json, html, steps].count(where: { $0 }) > 1 {
            throw Problems(
                .error("Invalid combination of options", "Only one of -json, -html and -steps can be used at a time."))
        }
        guard let file else {
            try checkIsPlan()
            let reading = try StateReading(invocation)
            guard let state = try await reading.store.read().state else {
                if json {
                    show(try await reading.state(), knownSecrets: [], invocation)
                } else {
                    invocation.terminal.write("No state.\n")
                }
                return 0
            }
            show(state, knownSecrets: await reading.knownSecrets(), invocation)
            return 0
        }
        let encryption = try EncryptionSource.encryption(invocation)
        switch try PlanFile.readPlanOrState(
            invocation.path(file), named: file, on: invocation.files, catalog: Project.catalog, encryption)
        {
        case .plan(let plan): try show(plan, invocation)
        case .state(let state):
            try checkIsPlan()
            show(state, knownSecrets: [], invocation)
        }
        return 0
    }

    /// Refuses what only plans can be shown as.
    private func checkIsPlan() throws {
        if html { throw Problems(.planNeeded("-html", advice: "flinkform show -html FILE > plan.html")) }
        if steps { throw Problems(.planNeeded("-steps", advice: "flinkform show -steps FILE")) }
    }

    private func show(_ state: State, knownSecrets: Set<String>, _ invocation: Invocation) {
        if json { return invocation.terminal.write(StateDocument(state, catalog: Project.catalog).text + "\n") }
        guard !state.resources.isEmpty || !state.outputs.isEmpty else {
            return invocation.terminal.write("The state file is empty. No resources are represented.\n")
        }
        invocation.terminal.write(StateText(catalog: Project.catalog, knownSecrets: knownSecrets).text(state))
    }

    private func show(_ plan: Plan, _ invocation: Invocation) throws {
        if html {
            let (configuration, _) = try Project.configuration(of: plan)
            invocation.terminal.write(PlanPage(plan, configuration, catalog: Project.catalog).text)
        } else if steps {
            invocation.terminal.write(StepText.text(plan))
        } else if json {
            let (configuration, _) = try Project.configuration(of: plan)
            let document = PlanDocument(plan, configuration, catalog: Project.catalog)
            invocation.terminal.write(document.text + "\n")
        } else {
            let text = PlanText(plan, catalog: Project.catalog, isColored: invocation.isColored(output.noColor)).text
            invocation.terminal.write("\n" + text)
        }
    }
}

extension Diagnostic {
    fileprivate static func planNeeded(_ option: String, advice: String) -> Diagnostic {
        .error(
            "Plan file required",
            "\(option) shows a saved plan. Save one with \"flinkform plan -out=FILE\", then: \(advice)")
    }
}
