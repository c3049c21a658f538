import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage
import Values

/// `flinkform import`.
struct ImportCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take an object that exists into the state.",
        discussion: """
            The id of a key is ENVIRONMENT_ID/API_KEY_ID or API_KEY_ID, that of a compute pool ENVIRONMENT_ID/COMPUTE_POOL_ID; other \
            objects have one id alone. The secret of a key, which the cloud does not show again, comes from one of \
            these, in this order: -secret-stdin, -secret-file, the environment variable API_KEY_SECRET, the secret store. Without \
            any it is recorded as not known.
            """)

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var operations: ParallelismOptions

    @Flag(name: .both("secret-stdin"), help: "Read the secret from standard input.")
    var secretStdin = false

    @Option(name: .both("secret-file"), help: ArgumentHelp("Read the secret from a file.", valueName: "file"))
    var secretFile: String?

    @Argument(help: "The address in the configuration.")
    var address: String

    @Argument(help: "The object's id, such as ENVIRONMENT_ID/API_KEY_ID.")
    var id: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let address = try InstanceAddress(parsing: address)
        // What follows the environment.
        let key = id.split(separator: "/").last.map(String.init)
        let hasSecret = Project.catalog.schema(for: address.resource)?.secretAttribute != nil
        let secret = try SecretInput.read(
            invocation, standardInput: secretStdin, file: secretFile, readsVariable: hasSecret)
        let project = try Project.load(invocation, variables)
        guard address.resource.mode == .managed else { throw Problems(.dataSource(address)) }
        guard Project.catalog.schema(for: address.resource) != nil else { throw Problems(.unknownType(address)) }
        guard let resource = project.configuration.resource(address.resource) else {
            throw Problems(.notConfigured(address), project)
        }
        let session = try Session(project, invocation, noColor: output.noColor)
        try await session.checkForeignState()
        return try await session.locked("import", lock) {
            let stored = try await session.loadToPlan(takesJournalOver: true)
            _ = try await session.configure(resource.provider)
            let settled = try await session.settle(
                stored, importing: Set(key.map { [$0] } ?? []), parallelism: operations.checked()
            ) { plan in
                try check(address, resource, plan, session)
            }
            invocation.terminal.write(
                "\(VisibleText.escaped(address.description)): Importing from ID \"\(VisibleText.escaped(id))\"...\n")
            let importing = Importing(effects: session.effects(), catalog: Project.catalog, run: session.run)
            let outcome = try await importing.perform(
                address, provider: resource.provider, importID: id, secret: secret.map { .given($0) } ?? .store,
                state: settled.state ?? State(lineage: session.newLineage), intents: settled.intents)
            session.problems(project.warnings + outcome.diagnostics).show(invocation)
            report(outcome, address, session)
            return 0
        }
    }

    /// Makes sure that the configuration has this very instance: one that it has not would be destroyed by the next apply.
    private func check(
        _ address: InstanceAddress, _ resource: ResourceConfiguration, _ plan: Plan, _ session: Session
    ) throws {
        let instances = plan.changes.filter {
            $0.address.resource == address.resource && $0.action != .delete && $0.deposed == nil
        }.map(\.address)
        guard !instances.contains(address) else { return }
        let list = instances.sorted().prefix(5).map { "\n    '\(VisibleText.escaped($0.description))'" }.joined()
        let more = instances.count > 5 ? "\n    and \(instances.count - 5) more" : ""
        throw session.problems(
            .error(
                "Address does not fit the configuration",
                "\(VisibleText.escaped(address.description)) is not an instance of the resource in the configuration. "
                    + (instances.isEmpty ? "It has none at all." : "Its instances are:\n" + list + more),
                at: resource.range))
    }

    private func report(_ outcome: Importing.Outcome, _ address: InstanceAddress, _ session: Session) {
        let paint = Paint(isColored: session.invocation.isColored(output.noColor))
        var text = "\n\(paint.good("Import successful!"))\n\n"
        let (place, id) = (VisibleText.escaped(address.description), VisibleText.escaped(outcome.id))
        switch outcome.isSecretKnown {
        case nil: text += "\(place) is now \(id).\n"
        case true?: text += "\(place) is now the key \(id). Its secret is in the secret store.\n"
        case false?:
            text += "\(place) is now the key \(id). Its secret is not known. To add it:\n"
            text += "    flinkform secret set \(id) < FILE\n"
        }
        session.invocation.terminal.write(text)
    }
}

extension Problems {
    fileprivate init(_ diagnostic: Diagnostic, _ project: Project) {
        self.init([diagnostic], project.configuration.files)
    }
}

/// Secrets that users hand in; never on the command line, where others can see them.
enum SecretInput {
    /// Reads a secret; nil when none is given.
    static func read(
        _ invocation: Invocation, standardInput: Bool, file: String?, readsVariable: Bool
    ) throws -> String? {
        let bytes: [UInt8]
        if standardInput {
            bytes = invocation.terminal.readAll()
        } else if let file {
            do throws(FileError) {
                guard let read = try invocation.files.read(invocation.path(file), limit: 1 << 16) else {
                    throw FileError("read", file, "There is no such file")
                }
                bytes = read
            } catch {
                throw Problems(
                    .error(
                        "Secret file cannot be read", "Could not read \(VisibleText.escaped(file)): \(error.reason)."))
            }
        } else if readsVariable, let text = invocation.environment["API_KEY_SECRET"], !text.isEmpty {
            bytes = Array(text.utf8)
        } else {
            return nil
        }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { (0x21...0x7E).contains($0.value) }
        guard isPlain else {
            throw Problems(
                .error(
                    "Invalid secret",
                    "A secret is one line of letters, digits and signs without spaces. What was given is \(text.isEmpty ? "empty" : "something else")."
                ))
        }
        return text
    }
}

extension Diagnostic {
    fileprivate static func dataSource(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Data sources are not imported",
            "\(VisibleText.escaped(address.description)) is a data source: it is read anew in each plan. Only resources are imported."
        )
    }

    fileprivate static func unknownType(_ address: InstanceAddress) -> Diagnostic {
        let types = Project.catalog.providers.values.flatMap(\.resourceTypes.keys).sorted()
        return .error(
            "Unsupported resource type",
            "This version of flinkform does not support the type \"\(VisibleText.escaped(address.resource.type))\".\(Suggestion.phrase(address.resource.type, among: types)) It supports \(types.joined(separator: ", "))."
        )
    }

    fileprivate static func notConfigured(_ address: InstanceAddress) -> Diagnostic {
        let repetition =
            switch address.key {
            case .none: ""
            case .index(let index): "\n      count        = \(index + 1)"
            case .key(let key): "\n      for_each     = toset([\(ValueText.quoted(key))])"
            }
        return .error(
            "Address not in the configuration",
            """
            The configuration has no resource \(VisibleText.escaped(address.resource.description)). Add its block first, then \
            import again. For a Flink API key it reads:

                resource "confluent_api_key" "\(VisibleText.escaped(address.resource.name))" {\(repetition)
                  display_name = "..."
                  owner {
                    id          = "sa-..."
                    api_version = "iam/v2"
                    kind        = "ServiceAccount"
                  }
                  managed_resource {
                    id          = "aws.us-east-1"
                    api_version = "fcpm/v2"
                    kind        = "Region"
                    environment {
                      id = "env-..."
                    }
                  }
                }
            """)
    }
}
