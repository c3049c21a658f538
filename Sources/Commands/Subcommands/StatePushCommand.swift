import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Storage

/// `flinkform state push`.
struct StatePushCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Put a state from a file in the place of the one in use.",
        discussion: """
            Refused are an older state, one of another lineage, and one that holds secrets in clear, which "flinkform adopt" takes \
            over. The secrets of keys stay where they are.
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var remoteVersion: RemoteVersionOptions
    @Flag(name: .both("force"), help: "Put an older state, or one of another lineage, there as well.")
    var force = false
    @Argument(help: ArgumentHelp("The state file; - reads standard input.", valueName: "path"))
    var path: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation, noColor: output.noColor)
        let file = StateFile(
            path == "-" ? "standard input" : invocation.path(path), on: invocation.files, catalog: Project.catalog,
            session.project.encryption)
        guard var pushed = try path == "-" ? file.read(invocation.terminal.readAll()) : file.read() else {
            throw PlainError("open \(VisibleText.escaped(path)): no such file or directory")
        }
        return try await session.locked("state push", lock) {
            let stored = try await session.load(takesJournalOver: true)
            let open = Set(stored.intents.map(\.address.description)).sorted()
            guard force || open.isEmpty else { throw session.problems(.creatingUnsettled(open)) }
            if let there = stored.state {
                if there == pushed { return 0 }
                if !force, let reason = pushed.refusal(over: there) { throw PlainError(reason) }
                // One serial never stands for two states.
                if pushed.serial == there.serial { pushed.serial += 1 }
            }
            try await session.state.replace(with: pushed, intents: stored.intents)
            return 0
        }
    }
}

extension State {
    /// Why it must not take the place of another, in Terraform's words; nil when it may.
    fileprivate func refusal(over other: State) -> String? {
        if lineage != other.lineage {
            return
                "Failed to write state: cannot import state with lineage \"\(VisibleText.escaped(lineage))\" over unrelated state with lineage \"\(VisibleText.escaped(other.lineage))\""
        }
        if serial < other.serial {
            return
                "Failed to write state: cannot import state with serial \(serial) over newer state with serial \(other.serial)"
        }
        if serial == other.serial {
            return
                "Failed to write state: cannot overwrite existing state with serial \(serial) with a different state that has the same serial"
        }
        return nil
    }
}

extension Diagnostic {
    fileprivate static func creatingUnsettled(_ addresses: [String]) -> Diagnostic {
        .error(
            "Interrupted create is not settled",
            "An earlier run was interrupted while it created \(addresses.prefix(5).map(VisibleText.escaped).joined(separator: ", ")), and another state may not have what became of it. Let \"flinkform apply\" settle that first; with -force the state is put there all the same, and the next apply settles it."
        )
    }
}
