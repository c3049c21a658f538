import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Reporting
import Storage

/// `flinkform lock`.
struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "The lock of the state.", subcommands: [LockStatusCommand.self])
}

/// `flinkform lock status`.
struct LockStatusCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show who has the lock of the state; exit code 2 when somebody has.")

    func run(_ invocation: Invocation) async throws -> Int32 {
        let location = try StateLocation(try Project.partialConfiguration(invocation), invocation)
        let standing: LockStanding?
        if let engine = try location.engine() {
            do throws(EngineError) {
                standing = try await engine.standing()
            } catch {
                throw Diagnostic.backend("Lock cannot be read", error)
            }
            await location.backend?.close()
        } else {
            standing = try LocalStateStore.standing(of: location.localPath, on: invocation.files)
        }
        let name = VisibleText.escaped(try location.name())
        guard let standing else {
            invocation.terminal.write("\(name) is not locked.\n")
            return 0
        }
        var text = "\(name) is locked.\n"
        if let holder = standing.holder { text += "\n\(holder.table)" }
        if let since = standing.sinceRenewal {
            text += "\nIts holder was last heard of \(since.components.seconds) seconds ago.\n"
        }
        if let remark = standing.remark { text += "\n\(remark)\n" }
        invocation.terminal.write(text)
        return 2
    }
}

/// `flinkform force-unlock`.
struct ForceUnlockCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "force-unlock", abstract: "Free the lock of a run that is certainly gone.")

    @Flag(name: .both("force"), help: "Do not ask.")
    var force = false

    @Argument(help: "The id of the lock, as \"flinkform lock status\" shows it.")
    var id: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let location = try StateLocation(try Project.partialConfiguration(invocation), invocation)
        guard let engine = try location.engine() else { throw Problems(.localLockEnds) }
        let name = try location.name()
        guard force || isApproved(name, invocation) else { return 1 }
        do throws(EngineError) {
            try await engine.forceUnlock(id: id)
        } catch {
            throw Diagnostic.backend("Lock was not freed", error)
        }
        await location.backend?.close()
        invocation.terminal.write(
            "The lock of \(VisibleText.escaped(name)) is free. The next run settles what the last one left.\n")
        return 0
    }

    private func isApproved(_ name: String, _ invocation: Invocation) -> Bool {
        invocation.terminal.write(
            "Do you really want to force-unlock \(VisibleText.escaped(name))?\n  If its holder is still at work, two runs write it at once. Only 'yes' will be accepted.\n\n  Enter a value: "
        )
        if invocation.terminal.readLine() == "yes" { return true }
        invocation.terminal.writeError("\nThe lock stays. To free it without being asked: -force\n")
        return false
    }
}

/// `flinkform state deliver`.
struct StateDeliverCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver",
        abstract: "Take over into the state what an interrupted run, or one that could not reach it, has recorded.")

    @OptionGroup var lock: LockOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation)
        return try await session.locked("state deliver", lock) {
            let before = try await session.state.read()
            guard before.isJournaled else {
                invocation.terminal.write("There is nothing to deliver: the state has everything.\n")
                return 0
            }
            let after = try await session.load(takesJournalOver: true)
            let count = after.intents.count
            let rest =
                count == 0
                ? ""
                : " \(count) create\(count == 1 ? " is" : "s are") still open: the next apply settles \(count == 1 ? "it" : "them")."
            invocation.terminal.write("Delivered: the state has everything that was recorded.\(rest)\n")
            return 0
        }
    }
}

extension Diagnostic {
    fileprivate static var localLockEnds: Diagnostic {
        .error(
            "Local lock ends by itself",
            "The lock of a local state belongs to a process and ends with it, however that ends. \"flinkform lock status\" shows who has it: wait for that run, or end it."
        )
    }
}
