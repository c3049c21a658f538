import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform query`.
struct QueryCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "List what is at the cloud, and write configuration for what is not managed yet.",
        discussion: """
            Without -type everything is listed that flinkform has a resource type for; of role bindings those of the organization \
            and of its environments, since the cloud lists no others. The column "Managed At" has the address in this directory's state.

            -generate-config-out writes a resource and an import block for each object listed that the state does not have, with \
            references to what it has. The plan shows then what importing them would change: nothing.
            """)

    @Option(
        name: .both("type"),
        help: ArgumentHelp("Only objects of this resource type; may be given again.", valueName: "type"))
    var types: [String] = []

    @Option(name: .both("owner"), help: ArgumentHelp("Only what this account owns.", valueName: "id"))
    var owner: String?

    @Option(name: .both("environment"), help: ArgumentHelp("Only what is in this environment.", valueName: "id"))
    var environment: String?

    @Option(
        name: .both("region"),
        help: ArgumentHelp("Only what is for this region of Flink, such as aws.us-east-1.", valueName: "region"))
    var region: String?

    @Option(
        name: .both("kind"),
        help: ArgumentHelp(
            "Only keys of this kind: \(ObjectFilter.kinds.map { "\"\($0)\"" }.joined(separator: ", ")).",
            valueName: "kind"))
    var kind: String?

    @Option(
        name: .both("name"),
        help: ArgumentHelp(
            "Only what has a name like this; * stands for any text, ? for any character.", valueName: "pattern"))
    var name: String?

    @Flag(name: .both("json"), help: "Print JSON.")
    var json = false

    @Option(
        name: .both("generate-config-out"),
        help: ArgumentHelp("Write configuration to this file, which must not be there yet.", valueName: "file"))
    var generatedFile: String?

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let filter = try filter()
        if let generatedFile { try checkFree(generatedFile, invocation) }
        let project =
            generatedFile == nil ? try Project.partial(invocation) : try Project.load(invocation, variables)
        let session = try Session(project, invocation, noColor: output.noColor)
        do throws(Diagnostic) {
            let stored = try await session.load(takesJournalOver: false)
            let (objects, warnings) = try await objects(session, filter)
            await session.providers.close()
            session.problems(warnings).show(invocation)
            try await show(objects, stored.state, session)
            return 0
        } catch {
            await session.providers.close()
            throw session.problems(error)
        }
    }

    // MARK: - Asking

    private func filter() throws -> ObjectFilter {
        let known = Project.catalog.clouds.flatMap(\.resourceTypes.keys)
        for type in types where !known.contains(type) { throw Problems(.unknownType(type, among: known.sorted())) }
        if let kind, kind != "flink-region", !ObjectFilter.kinds.contains(kind) { throw Problems(.unknownKind(kind)) }
        var filter = ObjectFilter()
        (filter.owner, filter.environment, filter.region) = (owner, environment, region)
        (filter.kind, filter.name) = (kind, name)
        return filter
    }

    /// The objects that are wanted, and what could not be listed.
    ///
    /// What these credentials may not list is only told, unless it was asked for by name.
    private func objects(
        _ session: Session, _ filter: ObjectFilter
    ) async throws(Diagnostic) -> ([RemoteObject], [Diagnostic]) {
        var found: [RemoteObject] = []
        var warnings: [Diagnostic] = []
        for schema in Project.catalog.clouds {
            let name = schema.name
            do {
                guard try await session.configure(name) != nil else { continue }
            } catch {
                throw (error as? Problems)?.diagnostics.first ?? (error as? Diagnostic) ?? .notConfigured(name)
            }
            let provider = try await session.providers.provider(name)
            for type in schema.resourceTypes.keys.sorted() where types.isEmpty || types.contains(type) {
                do throws(Diagnostic) {
                    found += try await provider.list(type: type, owner: owner)
                } catch {
                    guard types.isEmpty else { throw error }
                    warnings.append(.notListed(type, error))
                }
            }
        }
        let wanted = found.filter(filter.accepts).sorted { ($0.type, $0.name, $0.id) < ($1.type, $1.name, $1.id) }
        return (wanted, warnings)
    }

    // MARK: - Showing

    private func show(_ objects: [RemoteObject], _ state: State?, _ session: Session) async throws(Diagnostic) {
        let terminal = session.invocation.terminal
        var addresses: [String: InstanceAddress] = [:]
        for object in objects { addresses[object.id] = state?.address(of: object.id, type: object.type) }
        guard let generatedFile else {
            let records = objects.map { Self.record($0, at: addresses[$0.id]) }
            terminal.write(RecordText.list(records, json ? .json : .human))
            return
        }
        let wanted = objects.filter { addresses[$0.id] == nil }
        guard !wanted.isEmpty else {
            terminal.write("Everything that was found is managed here already, so nothing was written.\n")
            return
        }
        let generated = GeneratedConfiguration(
            objects: wanted, configuration: session.project.configuration,
            state: state ?? State(lineage: session.newLineage), catalog: Project.catalog)
        do throws(FileError) {
            try AtomicFile.write(
                Array(generated.text.utf8), to: session.invocation.path(generatedFile), on: session.invocation.files,
                permissions: 0o644)
        } catch {
            throw .error(
                "Configuration not written",
                "Cannot \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). Nothing was written.")
        }
        let shown = VisibleText.escaped(generatedFile)
        terminal.write(
            "Wrote \(generated.resources.count) resource\(generated.resources.count == 1 ? "" : "s") to \(shown), each with its import block.\n"
                + "Look through it, then run \"flinkform plan\". Once applied, the import blocks may go.\n")
        if wanted.contains(where: { $0.kind != nil }) {
            terminal.write(
                "The secrets of these keys are not known here; \"flinkform secret set\" stores those that you have.\n")
        }
    }

    private static func record(_ object: RemoteObject, at address: InstanceAddress?) -> Record {
        let created = object.createdAt.map { CivilTime(secondsSince1970: $0).text } ?? ""
        return Record([
            .init("Type", "type", .text(object.type)), .init("ID", "id", .text(object.id)),
            .init("Name", "name", .text(object.name), wrap: 30), .init("Kind", "kind", .text(object.kind ?? "")),
            .init("Owner", "owner", .text(object.owner ?? "")),
            .init("Environment", "environment", .text(object.environment ?? "")),
            .init("Resource", "resource", .text(object.resource)), .init("Created", "created", .text(created)),
            .init("Managed At", "managed_at", .text(address?.description ?? "")),
        ])
    }

    private func checkFree(_ name: String, _ invocation: Invocation) throws {
        guard name.hasSuffix(".tf"), !name.contains("\0") else { throw Problems(.notAConfigurationFile(name)) }
        if (try? invocation.files.status(invocation.path(name))) ?? nil != nil { throw Problems(.fileExists(name)) }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func unknownType(_ type: String, among known: [String]) -> Diagnostic {
        .error(
            "Unsupported resource type",
            "There is no resource type \"\(VisibleText.escaped(type))\" in this version of flinkform.\(Suggestion.phrase(type, among: known)) It has \(known.joined(separator: ", "))."
        )
    }

    fileprivate static func unknownKind(_ kind: String) -> Diagnostic {
        .error(
            "Unknown kind of key",
            "There is no kind \"\(VisibleText.escaped(kind))\".\(Suggestion.phrase(kind, among: ObjectFilter.kinds)) The kinds are \(ObjectFilter.kinds.joined(separator: ", "))."
        )
    }

    fileprivate static func notConfigured(_ provider: String) -> Diagnostic {
        .error("Provider not configured", "The provider \"\(provider)\" could not be configured.")
    }

    fileprivate static func notListed(_ type: String, _ cause: Diagnostic) -> Diagnostic {
        .warning("Objects not listed", "Objects of type \(type) are missing below: \(cause.detail)")
    }

    fileprivate static func notAConfigurationFile(_ name: String) -> Diagnostic {
        .error(
            "Not a configuration file",
            "\"\(VisibleText.escaped(name))\" would not be read as configuration: its name must end with .tf.")
    }

    fileprivate static func fileExists(_ name: String) -> Diagnostic {
        .error(
            "File exists already",
            "\"\(VisibleText.escaped(name))\" is there already, and may hold what you wrote. Name another file with -generate-config-out, or move that one away."
        )
    }
}
