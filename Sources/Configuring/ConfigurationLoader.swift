package import Diagnostics
import HCL
import Values

extension Configuration {
    /// Reads a directory's configuration.
    ///
    /// Problems do not stop it: what is faulty is left out.
    ///
    /// - Parameters:
    ///   - sources: The `*.tf` files: names and bytes, in the order of names.
    ///   - catalog: The resource types there are.
    package static func load(
        _ sources: [(name: String, bytes: [UInt8])], catalog: Catalog
    ) -> (configuration: Configuration, diagnostics: [Diagnostic]) {
        var loader = ConfigurationLoader(catalog: catalog)
        for source in sources { loader.read(source.name, source.bytes) }
        loader.finish()
        return (loader.configuration, loader.diagnostics)
    }
}

/// Turns the blocks of files into a configuration.
struct ConfigurationLoader {
    let catalog: Catalog
    var configuration = Configuration()
    var diagnostics: [Diagnostic] = []
    /// The first `backend` or `cloud` block, and the first `required_providers` block.
    var backend: Block?
    var requiredProviders: Block?
    /// The first `encryption` block.
    var encryption: Block?
    /// The provider configurations with an alias that resources name, and where.
    private var aliased: [(name: ProviderName, range: SourceRange, construct: String)] = []
    /// Resource types that are not supported, where they are used.
    private var unsupported: [(address: ResourceAddress, range: SourceRange)] = []

    init(catalog: Catalog) { self.catalog = catalog }

    mutating func read(_ name: String, _ bytes: [UInt8]) {
        let file = configuration.files.add(name: name, bytes: bytes)
        configuration.sources.append((name, String(decoding: bytes, as: UTF8.self)))
        let (tree, problems) = SyntaxTree.parse(bytes, file: file)
        diagnostics += problems
        for attribute in tree.body.attributes {
            diagnostics.append(
                .error(
                    "Unsupported argument",
                    "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected at the top level of a file.",
                    at: attribute.nameRange))
        }
        for block in tree.body.blocks { read(block) }
    }

    private static let laterBlocks = [
        "module": "Modules are", "moved": "\"moved\" blocks are", "removed": "\"removed\" blocks are",
        "check": "\"check\" blocks are", "ephemeral": "Ephemeral resources are",
    ]

    private mutating func read(_ block: Block) {
        switch block.type {
        case "terraform": if labels(block, []) { readSettings(block) }
        case "provider": if labels(block, ["name"]) { readProvider(block) }
        case "variable": if labels(block, ["name"]) { readVariable(block) }
        case "locals": if labels(block, []) { readLocals(block) }
        case "output": if labels(block, ["name"]) { readOutput(block) }
        case "import": if labels(block, []) { readImport(block) }
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
                let known = ["terraform", "provider", "variable", "locals", "output", "resource", "data", "import"]
                diagnostics.append(
                    .error(
                        "Unsupported block type",
                        "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: known))",
                        at: block.typeRange))
            }
        }
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
            if let first = configuration.locals[attribute.name] {
                diagnostics.append(
                    .duplicate(
                        "Duplicate local value definition",
                        "A local value named \"\(attribute.name)\" was already defined. Local value names must be unique within a module.",
                        first.range, at: attribute.nameRange
                    ).inside("locals"))
                continue
            }
            configuration.locals[attribute.name] = LocalValue(
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
        if let first = configuration.outputs[name] {
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
        for inner in block.body.blocks {
            fields.problems.append(
                .error(
                    "Not supported yet",
                    "Blocks of type \"\(VisibleText.escaped(inner.type))\" in an output are not supported by this version of flinkform.",
                    at: inner.typeRange))
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
        configuration.outputs[name] = OutputValue(
            name: name, expression: value.expression, isSensitive: isSensitive, description: description,
            dependsOn: dependsOn, range: block.headerRange)
    }

    // MARK: - Resources

    private mutating func readResource(_ block: Block, _ mode: ResourceMode) {
        let address = ResourceAddress(mode: mode, type: block.labels[0].text, name: block.labels[1].text)
        guard let schema = catalog.schema(for: address),
            let provider = catalog.providers.values.first(where: {
                (mode == .managed ? $0.resourceTypes : $0.dataSources)[address.type] != nil
            })
        else {
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
        var problems: [Diagnostic] = []
        for attribute in block.body.attributes {
            switch attribute.name {
            case "count": resource.count = attribute.expression
            case "for_each": resource.forEach = attribute.expression
            case "depends_on": resource.dependsOn = references(attribute.expression)
            case "provider":
                if let name = Self.providerName(attribute.expression, of: provider) {
                    resource.provider = name.description
                    if name.alias != nil { aliased.append((name, attribute.expression.range, resource.construct)) }
                } else {
                    problems.append(.invalidProviderReference(provider, at: attribute.expression.range))
                }
            default: continue
            }
        }
        if resource.count != nil, let forEach = resource.forEach {
            problems.append(
                .error(
                    "Invalid combination of \"count\" and \"for_each\"",
                    "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used.",
                    at: forEach.range))
        }
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
    }

    private func read(lifecycle block: Block, of resource: inout ResourceConfiguration) -> [Diagnostic] {
        var fields = BlockFields(block, of: resource.construct)
        let isManaged = resource.address.mode == .managed
        resource.lifecycle.createBeforeDestroy = fields.flag("create_before_destroy")
        resource.lifecycle.preventDestroy = fields.flag("prevent_destroy") ?? false
        if let ignored = fields.take("ignore_changes") {
            if ignored.expression.asKeyword == "all" {
                resource.lifecycle.ignored.all = true
            } else if let items = ignored.expression.staticItems {
                for item in items {
                    read(ignored: item, resource.schema, &resource.lifecycle.ignored, &fields.problems)
                }
            } else {
                fields.problems.append(
                    .error(
                        "Invalid ignore_changes argument", "A list of argument names is required, or the keyword all.",
                        at: ignored.expression.range))
            }
        }
        if let later = fields.take("replace_triggered_by") {
            fields.problems.append(
                .error(
                    "Not supported yet", "replace_triggered_by is not supported by this version of flinkform.",
                    at: later.nameRange))
        }
        for inner in block.body.blocks {
            fields.problems.append(
                .error(
                    "Not supported yet",
                    "Blocks of type \"\(VisibleText.escaped(inner.type))\" in lifecycle are not supported by this version of flinkform.",
                    at: inner.typeRange))
        }
        if !isManaged, let first = block.body.attributes.first {
            fields.problems.append(
                .error(
                    "Invalid data resource lifecycle argument",
                    "The lifecycle argument \"\(first.name)\" is defined only for managed resources (\"resource\" blocks), and is not valid for data resources.",
                    at: first.nameRange))
        }
        return fields.finish(["create_before_destroy", "prevent_destroy", "ignore_changes"])
    }

    private func read(
        ignored item: Expression, _ schema: Schema, _ ignored: inout IgnoredChanges, _ problems: inout [Diagnostic]
    ) {
        guard let traversal = item.asTraversal else {
            problems.append(
                .error(
                    "Invalid ignore_changes argument",
                    "Each item must be the name of an argument, or a path into one, without quotes.", at: item.range))
            return
        }
        var path = [traversal.root]
        for case .attribute(let name) in traversal.steps { path.append(name) }
        let lastIsIndex = if case .index = traversal.steps.last { true } else { false }
        var block = schema.block
        for (place, name) in path.enumerated() {
            if let nested = block.nestedBlock(name) {
                block = nested.block
            } else if block.attribute(name) != nil, place < path.count - 1 || lastIsIndex {
                problems.append(
                    .error(
                        "Not supported yet",
                        "A part of the argument \"\(name)\" cannot be ignored on its own by this version of flinkform: name the whole argument.",
                        at: item.range))
                return
            } else if block.attribute(name) == nil {
                let names = block.attributes.map(\.name) + block.blocks.map(\.name)
                problems.append(
                    .error(
                        "Unsupported attribute",
                        "This resource has no argument \"\(VisibleText.escaped(path.joined(separator: ".")))\".\(Suggestion.phrase(name, among: names))",
                        at: item.range))
                return
            }
        }
        ignored.paths.insert(path)
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

    /// The resources that a `depends_on` names.
    private func references(_ expression: Expression) -> [ResourceAddress] {
        (expression.staticItems ?? []).compactMap { item in
            item.asTraversal.flatMap { ReferenceCheck.wholeResource(of: $0) }
        }
    }

    // MARK: - The end

    mutating func finish() {
        checkAliases()
        if !unsupported.isEmpty { diagnostics.append(.unsupportedTypes(unsupported, catalog)) }
        let unsupportedAddresses = Set(unsupported.map(\.address))
        var check = ReferenceCheck(configuration: configuration, unsupported: unsupportedAddresses)
        check.run()
        diagnostics += check.diagnostics
        for (node, nodes) in check.edges {
            configuration.setDependencies(of: node, to: nodes)
        }
        configuration.finish()
        diagnostics += configuration.topologicalOrder().diagnostics
    }
}

extension Diagnostic {
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
