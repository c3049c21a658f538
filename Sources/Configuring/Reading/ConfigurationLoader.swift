package import Diagnostics
import HCL
import Values

extension Configuration {
    /// Reads a directory's configuration.
    ///
    /// Problems do not stop it: what is faulty is left out.
    ///
    /// - Parameters:
    ///   - sources: The `*.tf` files of the root module: names and bytes, in the order of names.
    ///   - catalog: The resource types there are.
    ///   - modules: Gives the files of a directory, whose path begins at the root module's, likewise, with names that begin there,
    ///     too; nil for a directory without any. Without it, no module is read that another calls.
    package static func load(
        _ sources: [SourceText], catalog: Catalog, modules: ModuleSource? = nil
    ) -> (configuration: Configuration, diagnostics: [Diagnostic]) {
        var loader = ConfigurationLoader(catalog: catalog, sources: modules)
        for source in sources { loader.read(source.name, source.bytes) }
        loader.finish()
        return (loader.configuration, loader.diagnostics)
    }

    /// A file: its name and its bytes.
    package typealias SourceText = (name: String, bytes: [UInt8])
    /// Gives the files of a directory; nil when there are none.
    package typealias ModuleSource = (_ directory: String) -> [SourceText]?
}

/// Turns the blocks of files into a configuration.
struct ConfigurationLoader {
    let catalog: Catalog
    /// Gives the files of the modules that are called; nil when none is to be read.
    let sources: Configuration.ModuleSource?
    var configuration = Configuration()
    var diagnostics: [Diagnostic] = []
    /// The module that is being read.
    var module = Module(.root, directory: ".")
    /// The first `backend` or `cloud` block, and the first `required_providers` block.
    var backend: Block?
    var requiredProviders: Block?
    /// The first `encryption` block.
    var encryption: Block?
    /// The addresses that import blocks name, and where.
    var importTargets: [InstanceAddress: SourceRange] = [:]
    private var trees: [String: SyntaxTree] = [:]
    /// The provider configurations with an alias that resources name, and where.
    private var aliased: [(name: ProviderName, range: SourceRange, construct: String)] = []
    /// Resource types that are not supported, where they are used.
    private var unsupported: [(address: ResourceAddress, range: SourceRange)] = []

    init(catalog: Catalog, sources: Configuration.ModuleSource?) {
        self.catalog = catalog
        self.sources = sources
    }

    /// Begins to read another module.
    mutating func begin(_ next: Module) {
        module = next
        (backend, requiredProviders, encryption) = (nil, nil, nil)
    }

    /// Ends reading a module: all that it declares is known, and what it calls is read.
    mutating func end() {
        configuration.modules[module.address] = module
        readCalledModules()
    }

    mutating func read(_ name: String, _ bytes: [UInt8]) {
        let tree = tree(name, bytes)
        for attribute in tree.body.attributes {
            diagnostics.append(
                .error(
                    "Unsupported argument",
                    "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected at the top level of a file.",
                    at: attribute.nameRange))
        }
        for block in tree.body.blocks { read(block) }
    }

    /// The tree of a file, which is read once, however many modules it is part of.
    private mutating func tree(_ name: String, _ bytes: [UInt8]) -> SyntaxTree {
        if let tree = trees[name] { return tree }
        let file = configuration.files.add(name: name, bytes: bytes)
        configuration.sources.append((name, String(decoding: bytes, as: UTF8.self)))
        let (tree, problems) = SyntaxTree.parse(bytes, file: file)
        diagnostics += problems
        trees[name] = tree
        return tree
    }

    private static let laterBlocks = [
        "ephemeral": "Ephemeral resources are"
    ]

    private mutating func read(_ block: Block) {
        switch block.type {
        case "terraform": if labels(block, []) { readSettings(block) }
        case "provider": if labels(block, ["name"]) { readProvider(block) }
        case "variable": if labels(block, ["name"]) { readVariable(block) }
        case "locals": if labels(block, []) { readLocals(block) }
        case "output": if labels(block, ["name"]) { readOutput(block) }
        case "module": if labels(block, ["name"]) { readCall(block) }
        case "check": if labels(block, ["name"]) { readCheck(block) }
        case "import": if labels(block, []), isInRoot(block) { readImport(block) }
        case "moved": if labels(block, []) { readMoved(block) }
        case "removed": if labels(block, []) { readRemoved(block) }
        case "resource": if labels(block, ["type", "name"]) { readResource(block, .managed) }
        case "data": if labels(block, ["type", "name"]) { readResource(block, .data) }
        default:
            if let later = Self.laterBlocks[block.type] {
                diagnostics.append(
                    .error(
                        "Not supported yet",
                        "\(later) not supported by this version of flinkform. Keep them in a Terraform directory of their own for now.",
                        at: block.headerRange))
            } else {
                let known = [
                    "terraform", "provider", "variable", "locals", "output", "resource", "data", "module", "import",
                    "check", "moved", "removed",
                ]
                diagnostics.append(
                    .error(
                        "Unsupported block type",
                        "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: known))",
                        at: block.typeRange))
            }
        }
    }

    /// Whether the root module is being read; reports a block that belongs there alone.
    private mutating func isInRoot(_ block: Block) -> Bool {
        if module.address.isRoot { return true }
        diagnostics.append(
            .error(
                "Invalid \(block.type) configuration",
                "Blocks of type \"\(block.type)\" are only allowed in the root module, and this one is in the module of the directory \(VisibleText.escaped(module.directory)). Write it in the root module.",
                at: block.headerRange))
        return false
    }

    /// Checks that a block has the labels it needs, and that those are names.
    mutating func labels(_ block: Block, _ names: [String]) -> Bool {
        if block.labels.count < names.count {
            let missing = names[block.labels.count]
            diagnostics.append(
                .error(
                    "Missing \(missing) for \(block.type)",
                    "All \(block.type) blocks must have \(names.count) label\(names.count == 1 ? "" : "s") (\(names.joined(separator: ", "))).",
                    at: block.headerRange))
            return false
        }
        if block.labels.count > names.count {
            let many =
                names.isEmpty ? "No labels are" : "Only \(names.count) label\(names.count == 1 ? " is" : "s are")"
            diagnostics.append(
                .error(
                    "Extraneous label for \(block.type)", "\(many) expected for \(block.type) blocks.",
                    at: block.labels[names.count].range))
            return false
        }
        for label in block.labels where !Identifier.isValid(label.text) {
            diagnostics.append(
                .error(
                    "Invalid \(block.type) name",
                    "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.",
                    at: label.range))
            return false
        }
        return true
    }

    // MARK: - Providers

    private mutating func readProvider(_ block: Block) {
        let name = block.labels[0].text
        // An empty one only says that the module takes its caller's.
        if !module.address.isRoot, block.body.attributes.isEmpty, block.body.blocks.isEmpty { return }
        guard isInRoot(block) else { return }
        guard let schema = catalog.providers[name] else {
            diagnostics.append(
                .error(
                    "Unsupported provider",
                    "There is no provider \"\(name)\" in flinkform: it has \(Array(catalog.providers.keys).sorted().map { "\"\($0)\"" }.joined(separator: ", ")).",
                    at: block.labels[0].range))
            return
        }
        var alias: String?
        if let attribute = block.body.attributes.first(where: { $0.name == "alias" }) {
            var problems: [Diagnostic] = []
            alias = attribute.expression.evaluate(in: .constant, diagnostics: &problems).string
            guard problems.isEmpty, let alias, Identifier.isValid(alias) else {
                diagnostics.append(
                    Diagnostic.error(
                        "Invalid provider configuration alias",
                        "An alias is a name in quotes: it starts with a letter or underscore and has only letters, digits, underscores, and dashes.",
                        at: attribute.expression.range
                    ).inside("provider \"\(name)\""))
                return
            }
        }
        let key = ProviderName(name, alias: alias).description
        if let first = configuration.providers[key] {
            let which = alias.map { "with the alias \"\($0)\"" } ?? "default (non-aliased)"
            diagnostics.append(
                .duplicate(
                    "Duplicate provider configuration",
                    alias == nil
                        ? "A \(which) provider configuration for \"\(name)\" was already given."
                        : "A provider configuration for \"\(name)\" \(which) was already given.", first.range,
                    at: block.headerRange))
            return
        }
        diagnostics += BodyCheck.problems(
            of: block.body, schema.configuration.block, ignoring: ["alias", "version"], header: block.headerRange
        ).map { $0.inside("provider \"\(name)\"") }
        configuration.providers[key] = ProviderConfiguration(name: key, body: block.body, range: block.headerRange)
    }

    // MARK: - Locals and outputs

    private mutating func readLocals(_ block: Block) {
        for attribute in block.body.attributes {
            if let first = module.locals[attribute.name] {
                diagnostics.append(
                    .duplicate(
                        "Duplicate local value definition",
                        "A local value named \"\(attribute.name)\" was already defined. Local value names must be unique within a module.",
                        first.range, at: attribute.nameRange
                    ).inside("locals"))
                continue
            }
            module.locals[attribute.name] = LocalValue(
                name: attribute.name, expression: attribute.expression, range: attribute.range)
        }
        for inner in block.body.blocks {
            diagnostics.append(
                Diagnostic.error(
                    "Unsupported block type", "Blocks are not expected in a locals block.", at: inner.typeRange
                ).inside("locals"))
        }
    }

    private mutating func readOutput(_ block: Block) {
        let name = block.labels[0].text
        if let first = module.outputs[name] {
            diagnostics.append(
                .duplicate(
                    "Duplicate output definition",
                    "An output named \"\(name)\" was already defined. Output names must be unique within a module.",
                    first.range, at: block.headerRange))
            return
        }
        var fields = BlockFields(block, of: "output \"\(name)\"")
        let value = fields.take("value")
        let isSensitive = fields.flag("sensitive") ?? false
        let description = fields.text("description") ?? ""
        let dependsOn = fields.take("depends_on")?.expression
        if let ephemeral = fields.take("ephemeral") {
            fields.problems.append(
                .error(
                    "Not supported yet", "Ephemeral outputs are not supported by this version of flinkform.",
                    at: ephemeral.nameRange))
        }
        var preconditions: [CheckRule] = []
        for inner in block.body.blocks {
            if inner.type == "precondition" {
                preconditions += read(rule: inner, of: "output \"\(name)\"", &fields.problems)
            } else {
                fields.problems.append(.unsupportedBlock(inner, among: ["precondition"]))
            }
        }
        diagnostics += fields.finish(["value", "sensitive", "description", "depends_on"])
        guard let value else {
            diagnostics.append(
                .error(
                    "Missing required argument", "The argument \"value\" is required, but no definition was found.",
                    at: block.headerRange
                ).inside("output \"\(name)\""))
            return
        }
        module.outputs[name] = OutputValue(
            name: name, expression: value.expression, isSensitive: isSensitive, description: description,
            preconditions: preconditions, dependsOn: dependsOn, range: block.headerRange)
    }

    // MARK: - Resources

    /// Reads a resource or a data source; `check` names the block that a data source is read for.
    mutating func readResource(_ block: Block, _ mode: ResourceMode, check: String? = nil) {
        let address = ResourceAddress(
            module.address, mode: mode, type: block.labels[0].text, name: block.labels[1].text)
        guard let provider = catalog.provider(having: address), let schema = provider.schema(for: address) else {
            unsupported.append((address, block.labels[0].range))
            return
        }
        if let first = configuration.resource(address) {
            let kind = mode == .managed ? "resource" : "data"
            diagnostics.append(
                .duplicate(
                    "Duplicate \(kind) \"\(address.type)\" configuration",
                    "A \(address.type) \(mode == .managed ? "resource" : "data resource") named \"\(address.name)\" was already declared. Resource names must be unique per type in each module.",
                    first.range, at: block.headerRange))
            return
        }
        var resource = ResourceConfiguration(
            address: address, provider: provider.name, schema: schema, block: block, dependsOn: [],
            lifecycle: ResourceConfiguration.Lifecycle(), range: block.headerRange)
        resource.check = check
        var problems: [Diagnostic] = []
        for attribute in block.body.attributes {
            switch attribute.name {
            case "count": resource.repetition.count = attribute.expression
            case "for_each": resource.repetition.forEach = attribute.expression
            case "depends_on": continue
            case "provider":
                if let name = Self.providerName(attribute.expression, of: provider) {
                    resource.provider = name.description
                    if name.alias != nil, module.providers[name.description] == nil {
                        aliased.append((name, attribute.expression.range, resource.construct))
                    }
                } else {
                    problems.append(.invalidProviderReference(provider, at: attribute.expression.range))
                }
            default: continue
            }
        }
        if let conflict = resource.repetition.conflict { problems.append(conflict) }
        resource.provider = module.providers[resource.provider] ?? resource.provider
        var lifecycle: Block?
        for inner in block.body.blocks where inner.type == "lifecycle" {
            if let first = lifecycle {
                problems.append(
                    .duplicate(
                        "Duplicate lifecycle block", "This resource already has a lifecycle block.",
                        first.headerRange, at: inner.headerRange))
                continue
            }
            lifecycle = inner
            problems += read(lifecycle: inner, of: &resource)
        }
        for inner in block.body.blocks where ["provisioner", "connection"].contains(inner.type) {
            problems.append(
                .error("Not supported yet", "Provisioners are not supported by flinkform.", at: inner.typeRange))
        }
        problems += BodyCheck.problems(
            of: block.body, schema.block,
            ignoring: ResourceConfiguration.metaArguments, blocks: ResourceConfiguration.metaBlocks,
            header: block.headerRange)
        diagnostics += problems.map { $0.inside(resource.construct) }
        configuration.add(resource)
        module.resources.append(address)
    }

    /// The provider configuration that `provider = …` names; nil when it names none of that provider.
    private static func providerName(_ expression: Expression, of provider: ProviderSchema) -> ProviderName? {
        guard let traversal = expression.asTraversal, traversal.root == provider.name else { return nil }
        switch traversal.steps.count {
        case 0: return ProviderName(provider.name, alias: nil)
        case 1:
            guard case .attribute(let alias) = traversal.steps[0] else { return nil }
            return ProviderName(provider.name, alias: alias)
        default: return nil
        }
    }

    /// Says which provider configurations are named and not there.
    private mutating func checkAliases() {
        for (name, range, construct) in aliased where configuration.providers[name.description] == nil {
            let aliases = configuration.providers.keys.map { ProviderName($0) }
                .filter { $0.provider == name.provider }.compactMap(\.alias)
            diagnostics.append(
                Diagnostic.error(
                    "Provider configuration not present",
                    "There is no provider \"\(name.provider)\" block with the alias \"\(name.alias ?? "")\".\(Suggestion.phrase(name.alias ?? "", among: aliases)) Add one, or use another configuration.",
                    at: range
                ).inside(construct))
        }
    }

    // MARK: - The end

    mutating func finish() {
        end()
        diagnostics += problemsOfCalls()
        checkAliases()
        if !unsupported.isEmpty { diagnostics.append(.unsupportedTypes(unsupported, catalog)) }
        let unsupportedAddresses = Set(unsupported.map(\.address))
        var check = ReferenceCheck(configuration: configuration, unsupported: unsupportedAddresses)
        check.run()
        diagnostics += check.diagnostics
        for (node, nodes) in check.edges {
            configuration.setDependencies(of: node, to: nodes)
        }
        for (address, resources) in check.awaited { configuration.setAwaited(of: address, to: resources) }
        configuration.finish()
        diagnostics += configuration.topologicalOrder().diagnostics
        // What is wrong in a module is wrong for each of its calls, and said once.
        var told: Set<Diagnostic> = []
        diagnostics = diagnostics.filter { told.insert($0).inserted }
    }
}

extension Diagnostic {
    static func unsupportedBlock(_ block: Block, among known: [String]) -> Diagnostic {
        .error(
            "Unsupported block type",
            "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: known))",
            at: block.typeRange)
    }

    static func duplicate(_ summary: String, _ detail: String, _ first: SourceRange, at range: SourceRange)
        -> Diagnostic
    {
        .error(summary, detail, at: range, notes: [Note(range: first, text: "First defined here.")])
    }

    fileprivate static func invalidProviderReference(_ provider: ProviderSchema, at range: SourceRange) -> Diagnostic {
        .error(
            "Invalid provider reference",
            "\"provider\" names a provider configuration without quotes: \(provider.name), or \(provider.name).ALIAS for the provider block with that alias.",
            at: range)
    }

    fileprivate static func unsupportedTypes(
        _ unsupported: [(address: ResourceAddress, range: SourceRange)], _ catalog: Catalog
    ) -> Diagnostic {
        let list = unsupported.map { "    \($0.address)" }.joined(separator: "\n")
        let types = catalog.providers.values.flatMap { $0.resourceTypes.keys }.sorted().joined(separator: ", ")
        let data = catalog.providers.values.flatMap { $0.dataSources.keys }.sorted().joined(separator: ", ")
        return .error(
            "Unsupported resource type",
            """
            These are of types that this version of flinkform does not support:

            \(list)

            It supports the resource types \(types), and the data sources \(data). Keep the others in a Terraform directory of \
            their own.
            """,
            at: unsupported.first?.range,
            notes: unsupported.dropFirst().prefix(20).map {
                Note(range: $0.range, text: "\($0.address) is declared here.")
            })
    }
}
