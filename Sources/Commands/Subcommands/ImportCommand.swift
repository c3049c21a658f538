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
    @OptionGroup var paths: StatePathOptions
    @OptionGroup var remoteVersion: RemoteVersionOptions

    @Option(
        name: .both("config"),
        help: ArgumentHelp(
            "The directory of the configuration, which is the one that flinkform works in; see -chdir.",
            valueName: "path"), completion: .directory)
    var config: String?

    @Flag(name: .both("secret-stdin"), help: "Read the secret from standard input.")
    var secretStdin = false

    @Option(name: .both("secret-file"), help: ArgumentHelp("Read the secret from a file.", valueName: "file"))
    var secretFile: String?

    @Argument(help: "The address in the configuration.")
    var address: String

    @Argument(help: "The object's id, such as ENVIRONMENT_ID/API_KEY_ID.")
    var id: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let invocation = paths.applied(to: invocation)
        if let config, config != "." { try check(config, invocation) }
        let address = try InstanceAddress(parsing: address, as: "address")
        // What follows the environment.
        let key = id.split(separator: "/").last.map(String.init)
        let hasSecret = Project.catalog.schema(for: address.resource)?.secretAttribute != nil
        let secret = try SecretInput.read(
            invocation, standardInput: secretStdin, file: secretFile, readsVariable: hasSecret)
        let project = try Project.load(invocation, variables)
        guard address.resource.mode == .managed else { throw Problems(.dataSource) }
        guard Project.catalog.schema(for: address.resource) != nil else { throw Problems(.unknownType(address)) }
        guard let resource = project.configuration.resource(address.resource) else {
            let module = address.resource.module
            guard project.configuration.modules[module.inConfiguration] != nil else {
                throw Problems(.noModule(module))
            }
            throw PlainError.notConfigured(address)
        }
        let session = try Session(project, invocation, noColor: output.noColor)
        try await session.checkForeignState()
        return try await session.locked("import", lock) {
            let stored = try await session.loadToPlan(takesJournalOver: true)
            _ = try await session.configure(resource.provider)
            let settled = try await session.settle(
                stored, importing: Set(key.map { [$0] } ?? []), parallelism: operations.checked(),
                mode: .refreshOnly
            ) { plan in
                try check(address, resource, plan, session)
            }
            let name = VisibleText.escaped(address.description)
            let write = invocation.terminal.write
            write("\(name): Importing from ID \"\(VisibleText.escaped(id))\"...\n")
            let importing = Importing(effects: session.effects(), catalog: Project.catalog, run: session.run)
            let outcome = try await importing.perform(
                address, provider: resource.provider, importID: id, secret: secret.map { .given($0) } ?? .store,
                state: settled.state ?? State(lineage: session.newLineage), intents: settled.intents,
                prepared: { write("\(name): Import prepared!\n  Prepared \(address.resource.type) for import\n") },
                outputs: session.outputs)
            session.problems(project.warnings + outcome.diagnostics).show(invocation)
            report(outcome, address, session)
            return 0
        }
    }

    /// Makes sure that the configuration is the one of the directory.
    private func check(_ config: String, _ invocation: Invocation) throws {
        let wanted = (try? invocation.files.status(invocation.path(config)))?.inode
        guard let wanted, (try? invocation.files.status(invocation.directory))?.inode == wanted else {
            throw Problems(.otherConfiguration(config))
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
        throw session.problems(
            .error(
                "Configuration for import target does not exist",
                "The configuration for the given import \(VisibleText.escaped(address.description)) does not exist. All target instances must have an associated configuration to be imported."
            ))
    }

    private func report(_ outcome: Importing.Outcome, _ address: InstanceAddress, _ session: Session) {
        let paint = Paint(isColored: session.invocation.isColored(output.noColor))
        var text = "\n\(paint.good("Import successful!"))\n\n"
        text += """
            The resources that were imported are shown above. These resources are now in
            your flinkform state and will henceforth be managed by flinkform.

            """
        let (place, id) = (VisibleText.escaped(address.description), VisibleText.escaped(outcome.id))
        switch outcome.isSecretKnown {
        case nil: break
        case true?: text += "\n\(place) is now the key \(id). Its secret is in the secret store.\n"
        case false?:
            text += "\n\(place) is now the key \(id). Its secret is not known. To add it:\n"
            text += "    flinkform secret set \(id) < FILE\n"
        }
        session.invocation.terminal.write(text)
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
    fileprivate static func otherConfiguration(_ path: String) -> Diagnostic {
        .error(
            "Configuration of another directory",
            "-config=\(VisibleText.escaped(path)) is not the directory that flinkform works in, and state and configuration are of one directory here. Go there, or name it before the command: flinkform -chdir=\(VisibleText.escaped(path)) import ADDRESS ID"
        )
    }

    fileprivate static var dataSource: Diagnostic {
        .error(
            "A managed resource address is required. Importing into a data resource is not allowed.", "")
    }

    fileprivate static func noModule(_ module: ModuleAddress) -> Diagnostic {
        .error(
            "Import to non-existent module",
            "\(VisibleText.escaped(module.description)) is not defined in the configuration. Please add configuration for this module before importing into it."
        )
    }

    fileprivate static func unknownType(_ address: InstanceAddress) -> Diagnostic {
        let types = Project.catalog.providers.values.flatMap(\.resourceTypes.keys).sorted()
        return .error(
            "Unsupported resource type",
            "This version of flinkform does not support the type \"\(VisibleText.escaped(address.resource.type))\".\(Suggestion.phrase(address.resource.type, among: types)) It supports \(types.joined(separator: ", "))."
        )
    }
}

extension PlainError {
    fileprivate static func notConfigured(_ address: InstanceAddress) -> PlainError {
        let resource = address.resource
        let module = resource.module.isRoot ? "the root module" : VisibleText.escaped(resource.module.description)
        let arguments = resource.type == "confluent_api_key" ? keyArguments(address.key) : "# (resource arguments)"
        return PlainError(
            """
            Error: resource address "\(VisibleText.escaped(address.description))" does not exist in the configuration.

            Before importing this resource, please create its configuration in \(module). For example:

            resource "\(VisibleText.escaped(resource.type))" "\(VisibleText.escaped(resource.name))" {
              \(arguments)
            }

            """)
    }

    /// What the block of a Flink API key has.
    private static func keyArguments(_ key: InstanceKey) -> String {
        let repetition =
            switch key {
            case .none: ""
            case .index(let index): "count        = \(index + 1)\n  "
            case .key(let key): "for_each     = toset([\(ValueText.quoted(key))])\n  "
            }
        return repetition
            + """
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
            """
    }
}
