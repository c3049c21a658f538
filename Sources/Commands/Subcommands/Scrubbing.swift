import Applying
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform adopt -scrub`: takes secrets that flinkform has out of a Terraform state and its backup.
struct Scrubbing {
    let source: TerraformStateFile
    /// The file as the user names it.
    let name: String
    let invocation: Invocation
    let lock: LockOptions
    let output: OutputOptions
    let asks: Bool
    let input: Bool?

    func run() async throws -> Int32 {
        let session = try Session(readingStateOf: invocation, noColor: output.noColor)
        guard source.path != session.location.localPath else { throw session.problems(.ownStateFile(source.path)) }
        return try await session.locked("adopt -scrub", lock) {
            try await source.changing(as: session.invocation.holder("adopt -scrub", of: source.path)) {
                content, replace in
                try await scrub(content, session, replace)
            }
        }
    }

    private func scrub(
        _ content: TerraformState, _ session: Session, _ replace: (TerraformState) throws(Diagnostic) -> Void
    ) async throws -> Int32 {
        let stored = try await session.load(takesJournalOver: true)
        guard var state = stored.state,
            let adopted = state.adoptions.first(where: { $0.lineage == content.lineage })
        else { throw session.problems(.notAdopted(name)) }
        if adopted.serial != content.serial {
            // An earlier try may have been interrupted before it noted the new serial.
            let adoption = Adoption(of: content, into: state, catalog: Project.catalog, configured: nil)
            guard adoption.conflicts.isEmpty, adoption.takesNothing else { throw session.problems(.adoptFirst(name)) }
        }
        let secrets = try await secrets(of: state, session)
        var scrubbed = content.scrubbed(of: secrets, catalog: Project.catalog)
        let backup = try source.readBackup()
        let scrubbedBackup = backup?.scrubbed(of: secrets, catalog: Project.catalog)
        guard scrubbed.isChanged || scrubbedBackup?.isChanged == true else {
            try await note(content, &state, stored.intents, session)
            invocation.terminal.write(
                "No secret that flinkform has is in \(VisibleText.escaped(name)) or its backup.\n")
            warn(scrubbed, session)
            return 0
        }
        invocation.terminal.write("\n" + text(scrubbed, scrubbedBackup))
        warn(scrubbed, session)
        guard !asks || approval.ask(invocation, input: input) else {
            invocation.terminal.writeError("\nNothing was taken out.\n")
            return 1
        }
        // The backup first: what is left in one of the two is found by the next try.
        if let scrubbedBackup, scrubbedBackup.isChanged { try source.replaceBackup(with: scrubbedBackup.content) }
        if scrubbed.isChanged {
            do throws(StateFileError) {
                scrubbed.content = try scrubbed.content.withNextSerial()
            } catch {
                throw session.problems(.adoptFirst(name))
            }
            try replace(scrubbed.content)
        }
        try await note(scrubbed.content, &state, stored.intents, session)
        report(scrubbed, session)
        return 0
    }

    /// The secrets of the state's objects as the secret store has them on disk, by the ids of the objects.
    private func secrets(of state: State, _ session: Session) async throws -> [String: String] {
        let managed = state.objectIDs
        let entries = try await session.secrets.entries().filter { managed.contains($0.key) }
        return Dictionary(entries.map { ($0.key, $0.secret) }, uniquingKeysWith: { first, _ in first })
    }

    /// Remembers the serial that the file has now.
    private func note(
        _ content: TerraformState, _ state: inout State, _ intents: [Intent], _ session: Session
    ) async throws {
        guard var adopted = state.adoptions.first(where: { $0.lineage == content.lineage }) else { return }
        adopted.serial = content.serial
        state.note(adopted)
        _ = try await session.state.write(state, intents: intents)
    }

    private func text(_ scrubbed: TerraformState.Scrubbed, _ backup: TerraformState.Scrubbed?) -> String {
        func list(_ title: String, _ names: [String]) -> String {
            names.isEmpty ? "" : "\(title):\n\n" + names.map { "    \(VisibleText.escaped($0))\n" }.joined()
        }
        let file = VisibleText.escaped(name)
        return [
            list("Secrets to take out of \(file)", scrubbed.objects),
            list("Outputs of \(file) that hold one of them and become null", scrubbed.outputs),
            list("Secrets to take out of \(file).backup", backup?.objects ?? []),
            list("Outputs of \(file).backup that hold one of them and become null", backup?.outputs ?? []),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var approval: Approval {
        Approval(
            question: "Do you want to take these secrets out?",
            explanation:
                "They are in flinkform's secret store, which was read again. Terraform will\n  see null in their places. Only 'yes' will be accepted to approve.",
            withoutAsking: "Use -auto-approve.")
    }

    /// Says what stays in clear.
    private func warn(_ scrubbed: TerraformState.Scrubbed, _ session: Session) {
        var warnings: [Diagnostic] = []
        if !scrubbed.kept.isEmpty { warnings.append(.secretsKept(scrubbed.kept, name)) }
        if !scrubbed.elsewhere.isEmpty { warnings.append(.secretsElsewhere(scrubbed.elsewhere, name)) }
        session.problems(warnings).show(invocation)
    }

    private func report(_ scrubbed: TerraformState.Scrubbed, _ session: Session) {
        let paint = Paint(isColored: invocation.isColored(output.noColor))
        let file = VisibleText.escaped(name)
        var text = "\n\(paint.good("The secrets are out.")) \(file) has serial \(scrubbed.content.serial).\n"
        if !invocation.isAutomated {
            text += """

                Terraform sees secret = null in it now. If it goes on with other resources of
                this state, let it forget these objects, so that nothing that refers to their
                secrets is changed:
                    terraform state rm ADDRESS...

                Other copies are not touched: older backups, version control, saved plans, a
                remote backend.
                """ + "\n"
        }
        invocation.terminal.write(text)
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func notAdopted(_ name: String) -> Diagnostic {
        .error(
            "Not an adopted state",
            "\(VisibleText.escaped(name)) was not adopted here, so nothing was taken out. Take it over first: flinkform adopt \(VisibleText.escaped(name))"
        )
    }

    fileprivate static func adoptFirst(_ name: String) -> Diagnostic {
        .error(
            "Terraform state has more",
            "\(VisibleText.escaped(name)) has objects that flinkform does not have like this, so nothing was taken out. See what they are, and take them over first: flinkform adopt \(VisibleText.escaped(name))"
        )
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(20).map { "    \(VisibleText.escaped($0))" }.joined(separator: "\n")
            + (names.count > 20 ? "\n    and \(names.count - 20) more" : "")
    }

    fileprivate static func secretsKept(_ names: [String], _ file: String) -> Diagnostic {
        .warning(
            "Secrets stay in clear",
            """
            \(VisibleText.escaped(file)) has secrets of objects that flinkform does not manage, or of which it has no secret, or \
            another one. They stay there:

            \(list(names))
            """)
    }

    fileprivate static func secretsElsewhere(_ names: [String], _ file: String) -> Diagnostic {
        .warning(
            "Secrets in other objects",
            """
            These objects of \(VisibleText.escaped(file)) hold a secret, too. They are not flinkform's, and stay as they are:

            \(list(names))
            """)
    }
}
