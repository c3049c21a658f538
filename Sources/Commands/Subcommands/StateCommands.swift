import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform state`.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Look at the state, change what it has, or give it out whole.",
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateMoveCommand.self, StateRemoveCommand.self,
            StatePullCommand.self, StatePushCommand.self, StateReplaceProviderCommand.self, StateDeliverCommand.self,
        ])
}

/// The files of a local state that a command works on, named in the place of the workspace's.
struct StatePathOptions: ParsableArguments {
    @Option(
        name: .both("state"),
        help: ArgumentHelp(
            "Use this state file instead of the state of the workspace. For local states only.", valueName: "path"),
        completion: .file())
    var state: String?

    @Option(
        name: .both("state-out"),
        help: ArgumentHelp(
            "Write the state to this file, and leave the one that was read as it is. For local states only.",
            valueName: "path"), completion: .file())
    var out: String?

    @Option(
        name: .both("backup"),
        help: ArgumentHelp(
            "Where the state before the change is kept; by default beside it, as .backup. With -, it is not kept. For local states only.",
            valueName: "path"), completion: .file())
    var backup: String?

    /// The invocation, with these files.
    func applied(to invocation: Invocation) -> Invocation {
        var invocation = invocation
        invocation.statePaths = StatePaths(state: state, out: out, backup: backup)
        return invocation
    }
}

extension StatePathOptions {
    /// Says that there is a better place to name the state in.
    func warn(_ invocation: Invocation) {
        guard state != nil else { return }
        Problems(
            .warning("Deprecated flag: -state", "Use `path` attribute within the `local` backend instead.")
        ).show(invocation)
    }
}

/// What Terraform takes for the sake of its own services, and means nothing here.
struct RemoteVersionOptions: ParsableArguments {
    @Flag(
        name: .both("ignore-remote-version"),
        help: "Accepted for Terraform's sake; no backend here depends on a version.")
    var ignoreRemoteVersion = false
}

/// A state file that is changed in the place of the one in use.
struct ChangedStateOptions: ParsableArguments {
    @Option(
        name: .both("state"),
        help: ArgumentHelp(
            "Change this state file instead of the state of the workspace. For local states only.", valueName: "path"),
        completion: .file())
    var state: String?

    @OptionGroup var remoteVersion: RemoteVersionOptions

    /// The invocation, with this file.
    func applied(to invocation: Invocation) -> Invocation {
        var invocation = invocation
        invocation.statePaths = StatePaths(state: state)
        return invocation
    }
}

/// A state file that is looked at in the place of the one in use.
struct StateFileOptions: ParsableArguments {
    @Option(
        name: .both("state"),
        help: ArgumentHelp("Look at this state file instead of the state of the workspace.", valueName: "path"))
    var path: String?

    /// The state; nil when there is none.
    func state(_ invocation: Invocation) async throws -> State? {
        guard let path else { return try await StateReading(invocation).store.read().state }
        let encryption = try EncryptionSource.encryption(invocation)
        return try StateFile(invocation.path(path), on: invocation.files, catalog: Project.catalog, encryption).read()
    }
}

/// `flinkform state list`.
struct StateListCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the addresses in the state.",
        discussion: "An address that the state does not have is an error.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var file: StateFileOptions

    @Option(name: .both("id"), help: ArgumentHelp("Only instances whose id is this one.", valueName: "id"))
    var id: String?

    @Argument(help: "Only these instances, or all instances of these resources or modules.")
    var addresses: [String] = []

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard let state = try await file.state(invocation) else { throw PlainError.noState }
        let targets = try addresses.map { try Target(inState: $0) }
        let missing = targets.compactMap { state.absence(of: $0) }
        guard missing.isEmpty else { throw Problems(spaced: missing) }
        let instances = targets.isEmpty ? state.instanceAddresses : targets.flatMap { state.instances(at: $0) }
        for address in instances where id.map({ state.hasObject(address, withID: $0) }) ?? true {
            invocation.terminal.write(VisibleText.escaped(address.description) + "\n")
        }
        return 0
    }
}

/// `flinkform state show`.
struct StateShowCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one object of the state.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var file: StateFileOptions
    @Argument(help: "The address of the instance.")
    var address: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard let state = try await file.state(invocation) else { throw PlainError.noState }
        guard let instance = try? InstanceAddress(parsing: address) else { throw PlainError.noAddress(address) }
        guard let object = state[instance] else { throw PlainError.noInstance }
        let known = await (try StateReading(invocation)).knownSecrets()
        invocation.terminal.write(
            StateText(catalog: Project.catalog, knownSecrets: known).text(instance, object, deposed: nil))
        return 0
    }
}

/// `flinkform state rm`.
struct StateRemoveCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Take objects out of the state, without destroying them.",
        discussion: "The keys go on working, and their secrets stay in the secret store until \"secret prune\".")

    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var file: ChangedStateOptions
    @OptionGroup var backup: BackupOptions
    @Flag(name: .both("dry-run"), help: "Only say what would be taken out.")
    var dryRun = false
    @Argument(help: "The addresses of instances, or of resources or modules with all their instances.")
    var addresses: [String]

    func run(_ invocation: Invocation) async throws -> Int32 {
        let targets = try addresses.map { try Target(inState: $0) }
        let session = try Session(readingStateOf: file.applied(to: invocation), noColor: output.noColor)
        let removed = try await session.changingState("state rm", lock, backup: backup, isRehearsal: dryRun) { onHand in
            var removed: [InstanceAddress] = []
            for target in targets {
                let found = onHand.state.instances(at: target)
                for address in found { onHand.state.remove(address) }
                removed += found
            }
            guard dryRun || !removed.isEmpty else { throw Problems(.nothingToRemove) }
            return removed
        }
        let word = dryRun ? "Would remove" : "Removed"
        for address in removed { invocation.terminal.write("\(word) \(VisibleText.escaped(address.description))\n") }
        if !dryRun {
            invocation.terminal.write("Successfully removed \(removed.count) resource instance(s).\n")
        } else if removed.isEmpty {
            invocation.terminal.write("Would have removed nothing.\n")
        }
        return 0
    }
}

extension State {
    /// Takes an instance with all its objects out.
    fileprivate mutating func remove(_ address: InstanceAddress) {
        let deposed = resources[address.resource]?.instances[address.key]?.deposed ?? [:]
        for key in deposed.keys { set(nil, at: address, deposed: key) }
        set(nil, at: address, deposed: nil)
    }
}

extension PlainError {
    private static let oneInstance = """
        This command requires that the address references one specific instance.
        To view the available instances, use "flinkform state list". Please modify\u{20}
        the address to reference a specific instance.
        """

    fileprivate static let noInstance = PlainError("No instance found for the given address!\n\n\(oneInstance)")

    fileprivate static func noAddress(_ text: String) -> PlainError {
        PlainError("Error parsing instance address: \(VisibleText.escaped(text))\n\n\(oneInstance)")
    }
}

extension Diagnostic {
    static func noInstance(_ address: InstanceAddress, _ state: State) -> Diagnostic {
        let phrase = Suggestion.phrase(address.description, among: state.instanceAddresses.map(\.description))
        return .error(
            "No instance found for the given address",
            "The state has no object at \(VisibleText.escaped(address.description)).\(phrase) \"flinkform state list\" prints all addresses; an instance of count or for_each is named with its key, in single quotes for the shell."
        )
    }

    static var noState: Diagnostic {
        .error("No state", "There is no state in this directory: nothing was ever applied or imported here.")
    }

    fileprivate static var nothingToRemove: Diagnostic {
        .error(
            "Invalid target address",
            "No matching objects found. To view the available instances, use \"flinkform state list\". Please modify the address to reference a specific instance."
        )
    }
}

extension Target {
    /// Reads an address that a command works on; throws what is told when it is none.
    init(inState text: String) throws {
        do throws(Diagnostic) {
            try self.init(parsing: text, as: "address")
        } catch {
            throw Problems(.invalidAddress(error.detail))
        }
    }
}

extension Diagnostic {
    /// Of an address on the command line that is none; as Terraform has it, with the place that it has not.
    static func invalidAddress(_ detail: String) -> Diagnostic {
        .error("Invalid address", "  on  line 1:\n  (source code not available)\n\n\(detail)")
    }
}
