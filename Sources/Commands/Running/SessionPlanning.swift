import Applying
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage
import Values

/// Plans, and what keeps one from being made.
extension Session {
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
        guard file.path != location.source ?? location.localPath || location.backend != nil else { return }
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
        var inputs = PlanInputs(
            configuration: project.configuration, variables: project.variables.values,
            variablesSet: project.variables.set, state: stored.state ?? State(lineage: newLineage),
            intents: stored.intents, catalog: Project.catalog, functions: project.functions,
            directory: project.directory, options: options)
        inputs.variablesGiven = project.variables.given
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

    private func text(of plan: Plan) -> String {
        PlanText(plan, catalog: Project.catalog, isColored: invocation.isColored(noColor)).text
    }

    /// Shows a plan.
    func show(_ plan: Plan, _ warnings: [Diagnostic], _ planning: PlanningOptions) {
        invocation.terminal.write("\n" + text(of: plan))
        invocation.log?.add(ProtocolLine.plan(plan))
        showWarnings(warnings + lookAlikes(plan), isCompact: planning.compactWarnings)
    }

    private func lookAlikes(_ plan: Plan) -> [Diagnostic] {
        plan.lookAlikes.isEmpty ? [] : [.lookAlikes(plan.lookAlikes)]
    }
}

extension Diagnostic {
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
