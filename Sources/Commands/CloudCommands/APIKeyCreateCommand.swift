import Applying
import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage
import Values

/// `flinkform api-key create`.
struct APIKeyCreateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an API key, and the block that manages it.",
        discussion: """
            Writes a resource block into flinkform-keys.tf, and plans and applies just that: other changes that wait in the \
            directory are left alone. The key and its secret are printed once; the secret goes to the secret store, too.

            If the key is not created, the block is taken out again. If it is not clear whether it was, the block stays, and the \
            next apply settles that.
            """)

    @Option(
        name: .both("resource"),
        help: ArgumentHelp(
            "What the key is for: \"cloud\", \"global\", \"flink\", \"tableflow\", or the id of a cluster.",
            valueName: "resource"))
    var resource: String

    @Option(
        name: .both("description"), parsing: .unconditional,
        help: ArgumentHelp("What the key is for, in words.", valueName: "text"))
    var description: String?

    @Option(
        name: .both("cloud"),
        help: ArgumentHelp("The cloud of a Flink key: \"aws\", \"azure\", or \"gcp\".", valueName: "cloud"))
    var cloud: String?

    @Option(
        name: .both("region"), help: ArgumentHelp("The region of a Flink key.", valueName: "region"))
    var region: String?

    @Option(
        name: .both("environment"),
        help: ArgumentHelp("The environment of the region or the cluster.", valueName: "id"))
    var environment: String?

    @Option(
        name: .both("service-account"),
        help: ArgumentHelp(
            "The owner; otherwise the owner of the Cloud API key in use.", valueName: "id"))
    var serviceAccount: String?

    @Option(name: .both("file"), help: ArgumentHelp("The file that gets the block.", valueName: "name"))
    var file = "flinkform-keys.tf"

    @Flag(name: .both("no-config"), help: "Write no block: no configuration manages the key. Its secret is stored.")
    var noConfig = false

    @OptionGroup var output: FormatOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var lock: LockOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let order = try KeyOrder(self)
        // Standard output is for the key alone.
        var quiet = invocation
        quiet.terminal.write = invocation.terminal.writeError
        let request = try await CloudConnection.with(quiet) { try await order.request($0) }
        var session = try Session(readingStateOf: quiet)
        session.showsProgress = false
        return try await session.locked("api-key create", lock) {
            noConfig
                ? try await createUnmanaged(request, session.with(try Project.partial(quiet)), invocation)
                : try await createManaged(request, session, invocation)
        }
    }

    // MARK: - With a block

    private func createManaged(
        _ request: KeyRequest, _ session: Session, _ invocation: Invocation
    ) async throws -> Int32 {
        let stored = try await session.loadToPlan(takesJournalOver: true)
        let arguments = KeyArguments.value(of: request)
        let address = address(request, taken: session.takenNames(KeyArguments.typeName, stored))
        var file = try ConfigurationFile(file, invocation)
        if session.project.configuration.sources.isEmpty { file.add(Self.requirement) }
        file.add(GeneratedConfiguration.block(address.resource, KeyArguments.schema.block, arguments))
        let project = try Project.load(session.invocation, variables, with: (file.name, file.bytes))
        let session = session.with(project)
        try await session.checkForeignState()
        var options = PlanOptions(targets: [Target(address.resource)])
        options.isInternal = true
        let (plan, _) = try await session.plan(stored, options, parallelism: 1)
        try file.write()
        let result = await session.perform(plan, stored.intents, ApplySettings(awaitsReadiness: false))
        let failed = result.diagnostics.hasErrors
        if let key = result.state[address]?.id, let secret = try await session.secrets.entry(key)?.secret {
            show(key, secret, "Added \(address) to \(VisibleText.escaped(file.name)).", invocation)
            session.problems(result.diagnostics).show(session.invocation)
            return failed ? 1 : 0
        }
        var diagnostics = result.diagnostics
        diagnostics.append(await settled(file, address, session))
        throw session.problems(diagnostics)
    }

    private func address(_ request: KeyRequest, taken: Set<String>) -> InstanceAddress {
        InstanceAddress(
            ResourceAddress(
                mode: .managed, type: KeyArguments.typeName, name: BlockName.unique(for: request, among: taken)))
    }

    /// What Terraform must be told to find the provider; the first file of a configuration says so.
    private static let requirement = """
        terraform {
          required_providers {
            confluent = {
              source = "confluentinc/confluent"
            }
          }
        }

        """

    /// Takes the block of a key that was not created out again; it stays when the key may be there.
    private func settled(
        _ file: ConfigurationFile, _ address: InstanceAddress, _ session: Session
    ) async -> Diagnostic {
        let stored = try? await session.state.read()
        let isOpen = stored?.intents.contains { $0.address == address } ?? true
        if isOpen || stored?.state?[address] != nil { return .blockStays(address, file.name) }
        do throws(Diagnostic) {
            try file.restore()
            return .blockRemoved(address, file.name)
        } catch {
            return error
        }
    }

    // MARK: - Without one

    private func createUnmanaged(
        _ request: KeyRequest, _ session: Session, _ invocation: Invocation
    ) async throws -> Int32 {
        let stored = try await session.load(takesJournalOver: true)
        _ = try await session.configure("confluent")
        let settled =
            stored.intents.isEmpty
            ? stored : try await session.settle(stored, importing: [], parallelism: 1, targets: []) { _ in }
        let creation = UnmanagedCreation(effects: session.effects(), catalog: Project.catalog)
        let outcome = try await session.uninterrupted {
            try await creation.perform(
                address(request, taken: session.takenNames(KeyArguments.typeName, settled)), provider: "confluent",
                arguments: KeyArguments.value(of: request),
                state: settled.state ?? State(lineage: session.newLineage), intents: settled.intents)
        }
        show(outcome.id, outcome.secret ?? "", "No configuration manages this API key.", invocation)
        session.problems(outcome.diagnostics).show(session.invocation)
        return outcome.diagnostics.hasErrors ? 1 : 0
    }

    // MARK: - Output

    /// Shows the key with its secret, once.
    private func show(_ key: String, _ secret: String, _ remark: String, _ invocation: Invocation) {
        if output.format == .human {
            invocation.terminal.writeError(
                """
                It may take a couple of minutes for the API key to be ready.
                Save the API key and secret. The secret is not retrievable later.
                \(remark) The secret is stored: flinkform secret get \(VisibleText.escaped(key))

                """)
        }
        let record = Record([
            .init("API Key", "api_key", .text(key)), .init("API Secret", "api_secret", .text(secret)),
        ])
        invocation.terminal.write(RecordText.one(record, output.format))
    }
}

extension Session {
    /// The names of a type's resources, in the configuration, in the state and in what interrupted runs left.
    fileprivate func takenNames(_ type: String, _ stored: StoredState) -> Set<String> {
        let addresses =
            project.configuration.resources.map(\.address) + (stored.state?.resources.keys.map(\.self) ?? [])
            + stored.intents.map(\.address.resource)
        return Set(addresses.filter { $0.mode == .managed && $0.type == type }.map(\.name))
    }
}

extension Diagnostic {
    fileprivate static func blockRemoved(_ address: InstanceAddress, _ file: String) -> Diagnostic {
        .error(
            "API key not created",
            "The block of \(address) was taken out of \(VisibleText.escaped(file)) again: the configuration is as it was."
        )
    }

    fileprivate static func blockStays(_ address: InstanceAddress, _ file: String) -> Diagnostic {
        .error(
            "Unclear whether the key exists",
            """
            The block of \(address) stays in \(VisibleText.escaped(file)), since the key may have been created. What was about to \
            happen is recorded: "flinkform plan" shows how it is settled, and "flinkform apply" does it. The key exists once \
            then, and "flinkform secret get \(address)" prints its secret.
            """)
    }
}
