import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Storage

/// `flinkform state mv`.
struct StateMoveCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Give objects of the state another address, without changing them.",
        discussion: """
            Moves an instance, a resource with all its instances, or a module with all that is in it. Secrets go with their keys. \
            Change the configuration in the same way, so that a plan finds nothing to do.
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var file: ChangedStateOptions
    @OptionGroup var backup: BackupOptions
    @Option(
        name: .both("state-out"),
        help: ArgumentHelp(
            "Move the objects to this state file, out of the other one. For local states only.", valueName: "path"),
        completion: .file())
    var out: String?
    @Option(
        name: .both("backup-out"),
        help: ArgumentHelp("Where the state of -state-out before the change is kept.", valueName: "path"),
        completion: .file())
    var backupOut: String?
    @Flag(name: .both("dry-run"), help: "Only say what would be moved.")
    var dryRun = false
    @Argument(help: "The address of an instance, a resource or a module in the state.")
    var source: String
    @Argument(help: "Its new address, which the state must not have yet.")
    var destination: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let source = try Target(inState: source)
        let destination = try Target(inState: destination)
        let session = try Session(readingStateOf: file.applied(to: invocation), noColor: output.noColor)
        let other = try otherState(session, invocation)
        let moves = try await session.changingState("state mv", lock, backup: backup, isRehearsal: dryRun) { onHand in
            let before = onHand.state
            if let other {
                return try await session.moveObjects(
                    source, destination, from: &onHand, before, to: other, lock, backup: backupOut, isRehearsal: dryRun)
            }
            let moves = try Session.moved { () throws(StateMoveRefusal) in
                try onHand.state.move(source, to: destination)
            }
            try session.check(onHand.intents, leave: [source, destination])
            return moves
        }
        let word = dryRun ? "Would move" : "Move"
        for move in moves {
            invocation.terminal.write("\(word) \(quoted(move.source)) to \(quoted(move.destination))\n")
        }
        if !dryRun { invocation.terminal.write("Successfully moved \(moves.count) object(s).\n") }
        return 0
    }

    /// The state that the objects go to, when it is another one.
    private func otherState(_ session: Session, _ invocation: Invocation) throws -> Session? {
        guard let out else { return nil }
        var there = invocation
        there.statePaths = StatePaths(state: out)
        let other = try Session(readingStateOf: there, noColor: output.noColor)
        let isSame = Path.plain(other.location.localPath) == Path.plain(session.location.localPath)
        return isSame ? nil : other
    }

    private func quoted(_ address: String) -> String {
        let escaped = address.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(VisibleText.escaped(escaped))\""
    }
}

extension Session {
    /// Moves in a state, and tells of a refusal as Terraform does.
    fileprivate static func moved(
        _ work: () throws(StateMoveRefusal) -> [StateMove]
    ) throws -> [StateMove] {
        do throws(StateMoveRefusal) {
            return try work()
        } catch {
            switch error {
            case .unfit(let diagnostics): throw Problems(spaced: diagnostics)
            case .moduleExists: throw PlainError.moduleExists
            }
        }
    }

    /// Moves objects to another state, which is written first: after a crash between the two they are in both, not in none.
    fileprivate func moveObjects(
        _ source: Target, _ destination: Target, from onHand: inout StateOnHand, _ before: State, to other: Session,
        _ lock: LockOptions, backup: String?, isRehearsal: Bool
    ) async throws -> [StateMove] {
        var here = onHand.state
        let moves = try await other.locked("state mv", lock) {
            let stored = try await other.load(takesJournalOver: !isRehearsal)
            var there = stored.state ?? State(lineage: other.newLineage)
            let moves = try Self.moved { () throws(StateMoveRefusal) in
                try here.move(source, to: destination, in: &there)
            }
            try check(onHand.intents, leave: [source])
            try other.check(stored.intents, leave: [destination])
            try await checkSecrets(of: before.instances(at: source), in: before, go: other)
            guard !isRehearsal else { return moves }
            if let state = stored.state { try other.keep(state, backup) }
            _ = try await other.state.write(there, intents: stored.intents)
            return moves
        }
        onHand.state = here
        return moves
    }

    /// Makes sure that the secrets of what is moved are where the other state looks for them.
    private func checkSecrets(of addresses: [InstanceAddress], in state: State, go other: Session) async throws {
        let keys = addresses.filter { Project.catalog.schema(for: $0.resource)?.secretAttribute != nil }
        guard !keys.isEmpty, try await secrets.id() != other.secrets.id() else { return }
        let known = Set(try await secrets.entries().map(\.key))
        guard let key = keys.first(where: { state[$0]?.id.map(known.contains) ?? false }) else { return }
        throw problems(.secretsStayBehind(key))
    }
}

extension PlainError {
    fileprivate static let moduleExists = PlainError(
        """
        Error moving state: destination module already exists

        Please ensure your addresses and state paths are valid. No
        state was persisted. Your existing states are untouched.
        """)
}

extension Diagnostic {
    fileprivate static func secretsStayBehind(_ address: InstanceAddress) -> Diagnostic {
        let name = VisibleText.escaped(address.description)
        return .error(
            "Secrets are kept elsewhere",
            """
            \(name) has a secret, which is in the secret store of this state; the other state has a secret store of its own, and would \
            not find it. Nothing was moved.

            Give both states one secret store, with a "secrets" block in flinkform.hcl. Or let the other state take the key over with its \
            secret, and then let this one forget it:
                flinkform secret get '\(name)' | flinkform import -state=PATH -secret-stdin '\(name)' ID
                flinkform state rm '\(name)'
            """)
    }
}
