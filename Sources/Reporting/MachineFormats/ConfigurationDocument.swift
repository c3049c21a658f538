import Configuring
import Diagnostics
import HCL
import JSON
import Values

/// A configuration as a plan shows it: what each expression is, or what it refers to.
struct ConfigurationDocument {
    private let configuration: Configuration
    private let catalog: Catalog
    private let providerKeys: [ModuleAddress: [String: String]]

    init(_ configuration: Configuration, catalog: Catalog) {
        providerKeys = Self.providerKeys(of: configuration, catalog)
        self.configuration = configuration
        self.catalog = catalog
    }

    var json: JSONValue {
        var object = JSONObject()
        let providers = providers
        if !providers.isEmpty { object["provider_config"] = .object(providers) }
        object["root_module"] = module(.root)
        return .object(object)
    }

    // MARK: - Providers

    private var providers: JSONObject {
        var result: [(String, JSONValue)] = []
        for (address, keys) in providerKeys {
            for (name, key) in keys where address.isRoot || key == Self.key(of: name, in: address) {
                guard let schema = catalog.provider(of: name) else { continue }
                result.append((key, provider(name, schema, in: address)))
            }
        }
        return JSONObject(result.sorted { $0.0 < $1.0 })
    }

    private func provider(_ name: String, _ schema: ProviderSchema, in address: ModuleAddress) -> JSONValue {
        let parts = ProviderName(name)
        var object: JSONObject = ["name": .string(parts.provider), "full_name": .string(schema.source)]
        if let alias = parts.alias { object["alias"] = .string(alias) }
        let versions = configuration.modules[address]?.requiredProviders
        if let version = versions?[parts.provider], !version.isEmpty { object["version_constraint"] = .string(version) }
        if !address.isRoot {
            object["module_address"] = .string(address.description)
        } else if let body = configuration.providers[name]?.body {
            let expressions = expressions(of: body, schema.configuration.block)
            if !expressions.isEmpty { object["expressions"] = .object(expressions) }
        }
        return .object(object)
    }

    /// The key of each provider configuration that a module uses: that of the module around it, where that uses it, too.
    private static func providerKeys(
        of configuration: Configuration, _ catalog: Catalog
    ) -> [ModuleAddress: [String: String]] {
        var names: [ModuleAddress: Set<String>] = [:]
        for resource in configuration.resources {
            names[resource.address.module, default: []].insert(resource.provider)
        }
        names[.root, default: []].formUnion(configuration.providers.keys)
        let imported = configuration.importsWithoutResource.compactMap { catalog.provider(having: $0.resource)?.name }
        names[.root, default: []].formUnion(imported)
        var result: [ModuleAddress: [String: String]] = [:]
        for (address, module) in configuration.modules.sorted(by: { $0.key < $1.key }) {
            for name in names[address, default: []].union(module.requiredProviders.keys) {
                let outer = address.parent.flatMap { result[$0]?[name] }
                let isNamed = ProviderName(name).alias != nil
                result[address, default: [:]][name] = isNamed ? name : outer ?? key(of: name, in: address)
            }
        }
        return result
    }

    private static func key(of name: String, in module: ModuleAddress) -> String {
        module.isRoot ? name : "\(module):\(name)"
    }

    // MARK: - Modules

    private func module(_ address: ModuleAddress) -> JSONValue {
        guard let module = configuration.modules[address] else { return [:] }
        var object = JSONObject()
        func add<Item>(_ name: String, _ items: [String: Item], _ json: (Item) -> JSONValue) {
            guard !items.isEmpty else { return }
            object[name] = .object(JSONObject(items.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        }
        add("outputs", module.outputs, output)
        if !module.resources.isEmpty {
            let sorted = module.resources.map { (name: $0.nameInModule, address: $0) }.sorted {
                ($0.address.mode == .data ? 1 : 0, $0.name) < ($1.address.mode == .data ? 1 : 0, $1.name)
            }
            object["resources"] = .array(sorted.compactMap { configuration.resource($0.address) }.map(resource))
        }
        add("module_calls", module.calls) { call($0, in: address) }
        add("variables", module.variables, variable)
        return .object(object)
    }

    private func output(_ output: OutputValue) -> JSONValue {
        var object = JSONObject()
        if output.isSensitive { object["sensitive"] = true }
        object["expression"] = .object(Self.expression(output.expression))
        object["depends_on"] = Self.names(output.dependsOn)
        if !output.description.isEmpty { object["description"] = .string(output.description) }
        return .object(object)
    }

    private func variable(_ variable: InputVariable) -> JSONValue {
        var object = JSONObject()
        if let value = variable.defaultValue { object["default"] = ValueMirror.known(value) }
        if !variable.description.isEmpty { object["description"] = .string(variable.description) }
        if variable.isSensitive { object["sensitive"] = true }
        return .object(object)
    }

    private func call(_ call: ModuleCall, in caller: ModuleAddress) -> JSONValue {
        let called = caller.child(call.name)
        var object: JSONObject = ["source": .string(call.source)]
        let known = configuration.modules[called]?.variables ?? [:]
        let arguments = call.arguments.filter { known[$0.name] != nil }.sorted { $0.name < $1.name }
        if !arguments.isEmpty {
            object["expressions"] = .object(
                JSONObject(arguments.map { ($0.name, .object(Self.expression($0.expression))) }))
        }
        Self.add(call.repetition, to: &object)
        object["module"] = module(called)
        object["depends_on"] = Self.names(call.dependsOn)
        return .object(object)
    }

    // MARK: - Resources

    private func resource(_ resource: ResourceConfiguration) -> JSONValue {
        let address = resource.address
        var object: JSONObject = [
            "address": .string(address.nameInModule), "mode": .string(address.mode.rawValue),
            "type": .string(address.type), "name": .string(address.name),
            "provider_config_key": .string(providerKeys[address.module]?[resource.provider] ?? resource.provider),
        ]
        let expressions = expressions(of: resource.block.body, resource.schema.block)
        if !expressions.isEmpty { object["expressions"] = .object(expressions) }
        object["schema_version"] = .number(JSONNumber(resource.schema.version))
        Self.add(resource.repetition, to: &object)
        let dependsOn = resource.block.body.attributes.first { $0.name == "depends_on" }
        object["depends_on"] = Self.names(dependsOn?.expression)
        return .object(object)
    }

    private func expressions(of body: Body, _ schema: BlockSchema) -> JSONObject {
        var result: [(String, JSONValue)] = []
        for attribute in schema.attributes {
            guard let written = body.attributes.first(where: { $0.name == attribute.name }) else { continue }
            var expression = Self.expression(written.expression)
            // A credential that somebody wrote there is shown to nobody.
            if attribute.isSecret { expression["constant_value"] = nil }
            result.append((attribute.name, .object(expression)))
        }
        for nested in schema.blocks {
            let written = body.blocks.filter { $0.type == nested.name }
            guard !written.isEmpty else { continue }
            let objects = written.map { JSONValue.object(expressions(of: $0.body, nested.block)) }
            result.append((nested.name, nested.isSingle ? objects[0] : .array(objects)))
        }
        return JSONObject(result.sorted { $0.0 < $1.0 })
    }

    // MARK: - Expressions

    private static func add(_ repetition: Repetition, to object: inout JSONObject) {
        for (name, expression) in [
            ("count_expression", repetition.count), ("for_each_expression", repetition.forEach),
        ] {
            guard let expression else { continue }
            let json = Self.expression(expression)
            if !json.isEmpty { object[name] = .object(json) }
        }
    }

    /// An expression: its value when that is constant, and what it refers to; nothing where it calls functions of constants.
    private static func expression(_ expression: Expression) -> JSONObject {
        var object = JSONObject()
        let references = expression.references
        if references.isEmpty {
            var problems: [Diagnostic] = []
            let value = expression.evaluate(in: .constant, diagnostics: &problems)
            if problems.isEmpty, value.isWhollyKnown { object["constant_value"] = ValueMirror.known(value) }
        } else {
            object["references"] = .array(references.flatMap(\.spellings).map { .string($0) })
        }
        return object
    }

    /// The names in a list of references such as that of `depends_on`; nil when there is none.
    private static func names(_ list: Expression?) -> JSONValue? {
        guard let items = list?.staticItems, !items.isEmpty else { return nil }
        return .array(
            items.compactMap { $0.asTraversal }.map { .string(ConfigurationReference($0).subject.description) })
    }
}
