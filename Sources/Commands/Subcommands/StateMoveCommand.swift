import ArgumentParser
import Configuring
import Diagnostics
import Planning

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
    @OptionGroup var backup: BackupOptions
    @Flag(name: .both("dry-run"), help: "Only say what would be moved.")
    var dryRun = false
    @Argument(help: "The address of an instance, a resource or a module in the state.")
    var source: String
    @Argument(help: "Its new address, which the state must not have yet.")
    var destination: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let source = try Target(parsing: source, as: "address")
        let destination = try Target(parsing: destination, as: "address")
        let session = try Session(readingStateOf: invocation, noColor: output.noColor)
        let moves = try await session.changingState("state mv", lock, backup: backup, isRehearsal: dryRun) { onHand in
            let moves: [StateMove]
            do throws(StateMoveRefusal) {
                moves = try onHand.state.move(source, to: destination)
            } catch {
                switch error {
                case .unfit(let diagnostics): throw Problems(spaced: diagnostics)
                case .moduleExists: throw PlainError.moduleExists
                }
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

    private func quoted(_ address: String) -> String {
        let escaped = address.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(VisibleText.escaped(escaped))\""
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
