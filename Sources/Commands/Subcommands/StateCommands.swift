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
        commandName: "state", abstract: "Look at the state, take objects out of it, or give it out whole.",
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateRemoveCommand.self, StatePullCommand.self,
            StateDeliverCommand.self,
        ])
}

/// `flinkform state list`.
struct StateListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the addresses in the state.")

    @Argument(help: "Only these addresses, or all instances of these resources.")
    var addresses: [String] = []

    func run(_ invocation: Invocation) async throws -> Int32 {
        let state = try await StateReading(invocation).state()
        var wanted: Set<InstanceAddress> = []
        for text in addresses {
            let address = try InstanceAddress(parsing: text)
            let isThere = state.instanceAddresses.contains {
                $0 == address || (address.key == .none && $0.resource == address.resource)
            }
            guard isThere else { throw Problems(.noInstance(address, state)) }
            wanted.insert(address)
        }
        for address in state.instanceAddresses where state[address] != nil {
            let isWanted =
                wanted.isEmpty || wanted.contains(address) || wanted.contains(InstanceAddress(address.resource))
            if isWanted { invocation.terminal.write(VisibleText.escaped(address.description) + "\n") }
        }
        return 0
    }
}

/// `flinkform state show`.
struct StateShowCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one object of the state.")

    @OptionGroup var output: OutputOptions
    @Argument(help: "The address of the instance.")
    var address: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        let address = try InstanceAddress(parsing: address)
        let state = try await reading.state()
        guard let object = state[address] else { throw Problems(.noInstance(address, state)) }
        let known = await reading.knownSecrets()
        invocation.terminal.write(
            StateText(catalog: Project.catalog, knownSecrets: known).text(address, object, deposed: nil))
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
    @Flag(name: .both("dry-run"), help: "Only say what would be taken out.")
    var dryRun = false
    @Argument(help: "The addresses of instances, or of resources with all their instances.")
    var addresses: [String]

    func run(_ invocation: Invocation) async throws -> Int32 {
        let session = try Session(readingStateOf: invocation, noColor: output.noColor)
        return try await session.locked("state rm", lock) {
            let stored = try await session.load(takesJournalOver: !dryRun)
            guard var state = stored.state else { throw Problems(.noState) }
            var removed: [InstanceAddress] = []
            for text in addresses {
                let address = try InstanceAddress(parsing: text)
                let matches = state.instanceAddresses.filter {
                    $0 == address || (address.key == .none && $0.resource == address.resource)
                }
                guard !matches.isEmpty else { throw Problems(.noInstance(address, state)) }
                for match in matches { state.remove(match) }
                removed += matches
            }
            for address in removed {
                invocation.terminal.write(
                    "\(dryRun ? "Would remove" : "Removed") \(VisibleText.escaped(address.description))\n")
            }
            if dryRun { return 0 }
            _ = try await session.state.write(state, intents: stored.intents)
            invocation.terminal.write("Successfully removed \(removed.count) resource instance(s).\n")
            return 0
        }
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
}
