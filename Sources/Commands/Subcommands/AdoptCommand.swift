import Applying
import ArgumentParser
import Configuring
import ConfluentProvider
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform adopt`.
struct AdoptCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Take a Terraform state over, its secrets into the secret store.",
        discussion: """
            FILE is a Terraform state; without it, terraform.tfstate in this directory. It is only read. Secrets are stored first \
            and read back, then everything else goes to flinkform's state. What flinkform cannot manage stays, and is listed.

            With -scrub, the secrets of objects that were adopted are taken out of FILE and its backup, under Terraform's lock.
            """)

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var operations: ParallelismOptions

    @Flag(name: .both("auto-approve"), help: "Do not ask.")
    var autoApprove = false

    @Flag(name: .both("scrub"), help: "Take the secrets that flinkform has out of FILE and its backup.")
    var scrub = false

    @Option(
        name: .both("refresh"),
        help: ArgumentHelp(
            "Do not look for the objects at the cloud first: the next plan does.", valueName: "false"))
    var refresh: Bool?

    @Flag(
        name: .both("allow-unconfigured"),
        help: "Take objects, too, whose resources are not in the configuration: the next apply destroys them.")
    var allowUnconfigured = false

    @Flag(
        name: .both("allow-missing"), help: "With -auto-approve: go on although most objects are gone from the cloud.")
    var allowMissing = false

    @Argument(help: ArgumentHelp("A Terraform state.", valueName: "file"))
    var file: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        let name = file ?? "terraform.tfstate"
        let source = TerraformStateFile(
            invocation.path(name), on: invocation.files, try EncryptionSource.encryption(invocation))
        if scrub {
            return try await Scrubbing(
                source: source, name: name, invocation: invocation, lock: lock, output: output,
                asks: !autoApprove, input: variables.input
            ).run()
        }
        let project = try Project.load(invocation, variables)
        let session = try Session(project, invocation, noColor: output.noColor)
        guard source.path != session.location.localPath else { throw session.problems(.ownStateFile(source.path)) }
        return try await session.locked("adopt", lock) {
            try await source.reading { content in
                if content.isOurs { throw session.problems(.otherFlinkformState(source.path)) }
                return try await adopt(content, name: name, session)
            }
        }
    }

    private func adopt(_ content: TerraformState, name: String, _ session: Session) async throws -> Int32 {
        let stored = try await session.loadToPlan(takesJournalOver: true)
        let configured = Set(session.project.configuration.resources.map(\.address))
        var settled = stored
        var adoption = Adoption(
            of: content, into: stored.state ?? State(lineage: session.newLineage), catalog: Project.catalog,
            configured: allowUnconfigured ? nil : configured)
        var place: ProviderPlace?
        if refresh ?? true {
            if !stored.intents.isEmpty || adoption.takings.contains(where: { !$0.isBuiltin }) {
                place = try await session.configure(Catalogue.schema.name)
            }
            if !stored.intents.isEmpty {
                settled = try await session.settle(
                    stored, importing: Set(adoption.takings.map(\.id)), parallelism: operations.checked()
                ) { _ in }
                adoption = Adoption(
                    of: content, into: settled.state ?? State(lineage: session.newLineage), catalog: Project.catalog,
                    configured: allowUnconfigured ? nil : configured)
            }
            try await look(&adoption, settled.state, place, session)
        } else {
            guard stored.intents.isEmpty else { throw session.problems(.unsettled) }
            adoption.goOnUnasked()
        }
        if !adoption.conflicts.isEmpty { throw session.problems(adoption.conflicts) }
        return try await take(adoption, of: content, settled, place, name: name, configured, session)
    }

    /// Finds out at the cloud what of the file is there.
    private func look(
        _ adoption: inout Adoption, _ state: State?, _ place: ProviderPlace?, _ session: Session
    ) async throws {
        guard let place else { return }
        if let origin = state?.origin, origin.organization != place.organization || origin.endpoint != place.endpoint {
            throw session.problems(.otherPlace(origin, place))
        }
        guard !adoption.questions.isEmpty else { return }
        let count = adoption.questions.count
        let adopting = Adopting(effects: session.effects(), run: session.run)
        let answers = try await adopting.lookUp(adoption, provider: Catalogue.schema.name)
        let isSeen = answers.contains { if case .object = $0 { true } else { false } }
        let problems = adoption.answer(answers)
        if problems.hasErrors { throw session.problems(problems) }
        guard isSeen || state?.origin != nil else { throw session.problems(.nothingSeen(count, place)) }
        let all = adoption.takings.count + adoption.goneCount
        if autoApprove, !allowMissing, adoption.goneCount > 3, adoption.goneCount * 2 > all {
            throw session.problems(.mostGone(adoption.goneCount, of: all))
        }
    }

    /// Shows what is taken and what stays, asks, and does it.
    private func take(
        _ adoption: Adoption, of content: TerraformState, _ stored: StoredState, _ place: ProviderPlace?, name: String,
        _ configured: Set<ResourceAddress>, _ session: Session
    ) async throws -> Int32 {
        let invocation = session.invocation
        let state = stored.state ?? State(lineage: session.newLineage)
        let adopting = Adopting(effects: session.effects(), run: session.run)
        let keys = try await adopting.knownSecrets(adoption, state)
        let newSecrets = adoption.secrets.keys.count { !keys.contains($0) }
        let taken = adoption.takings.count(where: \.isTaken)
        let text = AdoptionText(adoption, file: name, stored: keys).text
        if !text.isEmpty { invocation.terminal.write("\n\(text)") }
        let unconfigured = adoption.takings.filter {
            $0.isTaken && !configured.contains($0.address.resource.inConfiguration)
        }
        if !unconfigured.isEmpty { session.problems(.unconfigured(unconfigured.map(\.name))).show(invocation) }
        let hasWork = taken > 0 || newSecrets > 0
        if hasWork {
            invocation.terminal.write(
                "\nAdopt: \(taken) object\(taken == 1 ? "" : "s") to take over, \(newSecrets) secret\(newSecrets == 1 ? "" : "s") to store, \(adoption.remainders.count) to stay.\n"
            )
            let approval = Approval(
                question: "Do you want to adopt these objects?",
                explanation:
                    "flinkform stores the secrets first, and the state then. The file is left as it is.\n  Only 'yes' will be accepted to approve.",
                withoutAsking: "Use -auto-approve.")
            guard autoApprove || approval.ask(invocation, input: variables.input) else {
                invocation.terminal.writeError("\nAdoption cancelled.\n")
                return 1
            }
        }
        let outcome = try await adopting.perform(
            adoption, state: state, intents: stored.intents, place: place,
            rereading: session.settings.secretStore(of: session.location, invocation),
            outputs: { session.outputs(of: content, in: $0) })
        session.problems(session.project.warnings + outcome.diagnostics).show(invocation)
        report(adoption, taken, outcome.storedCount, name: name, session)
        return 0
    }

    private func report(
        _ adoption: Adoption, _ taken: Int, _ secrets: Int, name: String, _ session: Session
    ) {
        let paint = Paint(isColored: session.invocation.isColored(output.noColor))
        let file = VisibleText.escaped(name)
        guard taken > 0 || secrets > 0 else {
            session.invocation.terminal.write(
                "\n\(paint.good("Nothing to adopt.")) flinkform has all that it can manage of \(file),\nserial \(adoption.source.serial).\n"
            )
            return
        }
        var text =
            "\n\(paint.good("Adoption complete!")) Objects: \(taken) taken over. Secrets: \(secrets) stored.\n"
        if !session.invocation.isAutomated {
            let option = name == "terraform.tfstate" ? "" : " \(file)"
            text += """

                From now on flinkform manages these objects. Do not run "terraform apply" for
                them any more.
                """ + "\n"
            if !adoption.secrets.isEmpty {
                text += """
                    \(file) still has their secrets in clear. To take them out:
                        flinkform adopt -scrub\(option)
                    """ + "\n"
            }
        }
        session.invocation.terminal.write(text)
    }
}

// MARK: - Messages

extension Diagnostic {
    static func ownStateFile(_ path: String) -> Diagnostic {
        .error(
            "This is flinkform's own state",
            """
            The configuration says (backend "local") that flinkform keeps its state in \(VisibleText.escaped(path)), so it cannot \
            be the file to adopt, which stays as it is. If Terraform wrote it, move it away and adopt it from there:
                mv \(VisibleText.escaped(path)) from-terraform.tfstate
                flinkform adopt from-terraform.tfstate
            """)
    }

    fileprivate static func otherFlinkformState(_ path: String) -> Diagnostic {
        .error(
            "Not a Terraform state",
            """
            flinkform wrote \(VisibleText.escaped(path)), so there is nothing to adopt: its secrets are in a store beside it. To \
            use it here, copy it with its secrets as flinkform.tfstate and flinkform.tfstate.secrets.json.
            """)
    }

    fileprivate static var unsettled: Diagnostic {
        .error(
            "Interrupted run not settled",
            "An earlier run was interrupted while it made keys. What it left is looked for at the cloud before anything is adopted: leave out -refresh=false."
        )
    }

    fileprivate static func otherPlace(_ origin: Origin, _ place: ProviderPlace) -> Diagnostic {
        .error(
            "Objects of another organization",
            """
            This directory's state is of organization \(VisibleText.escaped(origin.organization)) at \
            \(VisibleText.escaped(origin.endpoint)), but the provider's credentials are of organization \
            \(VisibleText.escaped(place.organization)) at \(VisibleText.escaped(place.endpoint)). Nothing was adopted. Use the \
            credentials that belong to this state, or another directory for the other organization.
            """)
    }

    fileprivate static func nothingSeen(_ count: Int, _ place: ProviderPlace) -> Diagnostic {
        .error(
            "No object found at the cloud",
            """
            Organization \(VisibleText.escaped(place.organization)) has none of the \(count) object\(count == 1 ? "" : "s") that \
            would be adopted. A Terraform state does not say which organization it is from, so these are probably the credentials \
            of another one. Nothing was adopted.

            Use the credentials that Terraform used. If all of them were deleted, let Terraform forget them first: terraform \
            apply -refresh-only
            """)
    }

    fileprivate static func mostGone(_ gone: Int, of all: Int) -> Diagnostic {
        .error(
            "Most objects are gone",
            "\(gone) of \(all) objects are gone from the cloud, and -auto-approve means that nobody looks. Nothing was adopted. If it is right, say -allow-missing."
        )
    }

    fileprivate static func unconfigured(_ names: [String]) -> Diagnostic {
        let list = names.prefix(20).map { "    \(VisibleText.escaped($0))" }.joined(separator: "\n")
        let more = names.count > 20 ? "\n    and \(names.count - 20) more" : ""
        return .warning(
            "Objects are not in the configuration",
            "The next apply will destroy them, unless their blocks are added before:\n\n\(list)\(more)")
    }
}
