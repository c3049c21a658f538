import ArgumentParser
import Configuring
import Diagnostics
import Planning

/// What `taint` and `untaint` have in common.
struct TaintOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var paths: StatePathOptions
    @OptionGroup var remoteVersion: RemoteVersionOptions
    @Flag(name: .both("allow-missing"), help: "Succeed although there is no such instance.")
    var allowMissing = false
    @Argument(help: "The address of the instance.")
    var address: String

    /// Marks the instance's object, or takes the mark away, and says so with these words.
    func perform(_ operation: String, _ isTainted: Bool, _ words: String, _ invocation: Invocation) async throws
        -> Int32
    {
        guard let address = try? InstanceAddress(parsing: address) else {
            throw Problems(.invalidAddress(Target.noInstance(self.address)))
        }
        let name = VisibleText.escaped(address.description)
        guard address.resource.mode == .managed || !isTainted else {
            throw PlainError("Resource instance \(name) cannot be tainted")
        }
        let session = try Session(readingStateOf: paths.applied(to: invocation), noColor: output.noColor)
        let missing: Diagnostic?
        do {
            missing = try await session.changingState(operation, lock) { onHand in
                try onHand.state.taint(address, isTainted)
            }
        } catch let error as PlainError where error.text == PlainError.noState.text {
            missing = .noResourcesAtAll
        }
        guard let missing else {
            invocation.terminal.write("Resource instance \(name) has been \(words).\n")
            return 0
        }
        guard allowMissing else { throw session.problems(missing) }
        session.problems(
            .warning(
                "No such resource instance",
                "Resource instance \(name) was not found, but this is not an error because -allow-missing was set.")
        ).show(invocation)
        return 0
    }
}

/// `flinkform taint`.
struct TaintCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "taint", abstract: "Mark an object as one that must be replaced.",
        discussion:
            "Nothing but the state is changed; the next plan replaces it. See also: flinkform plan -replace=ADDRESS")

    @OptionGroup var options: TaintOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await options.perform("taint", true, "marked as tainted", invocation)
    }
}

/// `flinkform untaint`.
struct UntaintCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "untaint", abstract: "Take the mark away that an object must be replaced.")

    @OptionGroup var options: TaintOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        try await options.perform("untaint", false, "successfully untainted", invocation)
    }
}
