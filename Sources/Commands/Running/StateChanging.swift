import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Storage

/// Where the state before a change of it is kept.
struct BackupOptions: ParsableArguments {
    @Option(
        name: .both("backup"),
        help: ArgumentHelp(
            "Where the state before the change is kept; by default beside it, under a name with the time.",
            valueName: "path"))
    var backup: String?
}

/// What a command that changes nothing but the state works on.
struct StateOnHand {
    /// The state; the command changes it.
    var state: State
    /// Creates that are not settled.
    let intents: [Intent]
}

extension Session {
    /// Changes the state, and nothing else, under its lock; what an interrupted run left in the journal is taken over first.
    ///
    /// - Parameters:
    ///   - operation: What holders of the lock are shown.
    ///   - lock: How the lock is taken.
    ///   - backup: Where the state before is kept as well; nil for the store's own backup alone.
    ///   - isRehearsal: Whether nothing is written.
    ///   - work: Changes the state; what it returns is passed on. Throws to leave everything as it is.
    func changingState<Result>(
        _ operation: String, _ lock: LockOptions, backup: BackupOptions? = nil, isRehearsal: Bool = false,
        _ work: (inout StateOnHand) async throws -> Result
    ) async throws -> Result {
        try await locked(operation, lock) {
            let stored = try await load(takesJournalOver: !isRehearsal)
            guard let before = stored.state else { throw PlainError.noState }
            var onHand = StateOnHand(state: before, intents: stored.intents)
            let result = try await work(&onHand)
            guard !isRehearsal, onHand.state != before else { return result }
            if let backup { try keep(before, backup.backup) }
            _ = try await state.write(onHand.state, intents: stored.intents)
            return result
        }
    }

    /// Keeps a state beside the one in use, or where the user says; one that a backend keeps has its earlier versions there.
    func keep(_ before: State, _ backup: String?) throws {
        var path = backup.map(invocation.path)
        // A dash is Terraform's word for no backup, which these commands do not take.
        if path == nil || backup == "-" {
            guard location.backend == nil else { return }
            path = freeBackup()
        }
        guard let path else { return }
        try StateFile(path, on: invocation.files, catalog: Project.catalog, project.encryption).write(before)
    }

    /// A name for a backup beside the state: with the time, and a number where several are made in one second.
    private func freeBackup() -> String {
        let name = "\(location.localPath).\(invocation.surroundings.now().seconds)"
        func isTaken(_ path: String) -> Bool { ((try? invocation.files.status(path)) ?? nil) != nil }
        var path = "\(name).backup"
        var number = 2
        while isTaken(path) {
            path = "\(name)-\(number).backup"
            number += 1
        }
        return path
    }

    /// Makes sure that no create is open at a place that is about to change: what it made would be recorded elsewhere.
    func check(_ intents: [Intent], leave targets: [Target]) throws {
        let open = intents.filter { intent in
            intent.isManaged && targets.contains { $0.selects(intent.address) }
        }.map(\.address.description)
        guard open.isEmpty else { throw problems(.openCreates(Array(Set(open)).sorted())) }
    }
}

extension Diagnostic {
    fileprivate static func openCreates(_ addresses: [String]) -> Diagnostic {
        let list = addresses.prefix(20).map { "    \(VisibleText.escaped($0))" }.joined(separator: "\n")
        return .error(
            "Interrupted create is not settled",
            """
            An earlier run was interrupted while it created these, and what became of them is not known yet:

            \(list)

            A move would let the object that turns up be recorded in the wrong place, so nothing was changed. Let \
            "flinkform apply" settle them first.
            """)
    }
}
