package import Configuring
package import Diagnostics
package import HCL
package import Values

/// Evaluates the configuration, one node after another, from values that are already there.
///
/// A node of a module that is called has a value in each instance of that module. Each scope holds only what its node refers to,
/// so the cost of evaluating everything is that of its references.
package struct Evaluation: Sendable {
    /// A node in one instance of its module.
    private struct Place: Hashable {
        let node: Node
        let instance: ModuleAddress
    }

    /// The configuration.
    package let configuration: Configuration
    private let functions: FunctionTable
    private let directory: String
    private var values: [Place: Value] = [:]
    /// The instances of each module, in order; of those whose calls were evaluated.
    private var instances: [ModuleAddress: [ModuleAddress]] = [.root: [.root]]
    /// What a call in an instance of a module leads to, by the address of its only instance.
    private var expansions: [ModuleAddress: Expansion] = [:]
    /// Whether nothing is known of how often anything is repeated: each module has one instance.
    let isSymbolic: Bool

    /// Starts with the values of the root module's input variables.
    ///
    /// - Parameters:
    ///   - configuration: What is evaluated.
    ///   - variables: The input variables' values, marked; one that is missing is unknown.
    ///   - functions: The functions that expressions may call.
    ///   - directory: The working directory, for `path.cwd`.
    package init(
        configuration: Configuration, variables: [String: Value], functions: FunctionTable, directory: String
    ) {
        self.init(configuration, variables, functions, directory, isSymbolic: false)
    }

    private init(
        _ configuration: Configuration, _ variables: [String: Value], _ functions: FunctionTable,
        _ directory: String, isSymbolic: Bool
    ) {
        self.configuration = configuration
        self.functions = functions
        self.directory = directory
        self.isSymbolic = isSymbolic
        for (name, value) in variables { values[Place(node: .variable(name), instance: .root)] = value }
    }

    /// The value of a node in an instance of its module, or nil while it has none.
    package func value(of node: Node, in instance: ModuleAddress = .root) -> Value? {
        values[Place(node: node, instance: instance)]
    }

    /// Gives a node its value in an instance of its module.
    package mutating func set(_ node: Node, in instance: ModuleAddress = .root, to value: Value) {
        values[Place(node: node, instance: instance)] = value
    }

    /// The instances of a module, in order; none while its call is not evaluated, or faulty.
    package func instances(of module: ModuleAddress) -> [ModuleAddress] { instances[module] ?? [] }

    // MARK: - Scopes

    /// The names that the expressions of a node may use in an instance of its module.
    package func scope(for node: Node, in instance: ModuleAddress = .root) -> Scope {
        scope(of: configuration.dependencies(of: node), in: instance)
    }

    /// The names that a set of nodes stands for in an instance of a module.
    package func scope(of nodes: [Node], in instance: ModuleAddress = .root) -> Scope {
        let module = instance.inConfiguration
        var known: [Node: Value] = [:]
        var outputs: [String: [String]] = [:]
        for node in nodes {
            if node.module == module {
                if let value = value(of: node, in: instance) { known[node] = value }
                if case .call(let name) = node.kind { outputs[name, default: []] += [] }
            } else if case .output(let output) = node.kind, let call = node.module.steps.last,
                node.module.parent == module
            {
                outputs[call.name, default: []].append(output)
            }
        }
        var modules: [String: Value] = [:]
        for (name, outputs) in outputs { modules[name] = value(ofCall: name, in: instance, outputs: outputs) }
        let names = Names(
            module: module, known: known, modules: modules, path: configuration.modules[module]?.directory ?? ".",
            directory: directory, workspace: configuration.workspace)
        return Scope(functions: functions) { root, attributes in names.resolve(root, attributes) }
    }

    /// What a call is in expressions: an object of outputs, or one for each instance.
    private func value(ofCall name: String, in instance: ModuleAddress, outputs: [String]) -> Value? {
        guard let expansion = expansions[instance.child(name)] else { return nil }
        let module = instance.inConfiguration.child(name)
        let objects = expansion.instances.map { key, _ in
            let inner = instance.child(name, key)
            return Value.object(
                Dictionary(
                    outputs.map { ($0, value(of: .output($0, in: module), in: inner) ?? .unknown(.dynamic)) },
                    uniquingKeysWith: { first, _ in first }))
        }
        let isRepeated = configuration.modules[instance.inConfiguration]?.calls[name]?.repetition.isSingle == false
        return isSymbolic && isRepeated ? .unknown(.dynamic) : expansion.collection(objects, type: .dynamic)
    }

    // MARK: - Nodes

    /// Evaluates what needs nothing but other nodes, in all instances of its module: anything but a resource or a root variable.
    package mutating func evaluate(_ node: Node, diagnostics: inout [Diagnostic]) {
        guard let module = configuration.modules[node.module] else { return }
        if case .call(let name) = node.kind { instances[node.module.child(name)] = [] }
        for instance in instances(of: node.module) {
            switch node.kind {
            case .local(let name):
                if let local = module.locals[name] { evaluate(local, node, in: instance, &diagnostics) }
            case .output(let name):
                guard let output = module.outputs[name] else { continue }
                var value = output.expression.evaluate(
                    in: scope(for: node, in: instance), of: "output \"\(name)\"", diagnostics: &diagnostics)
                if output.isSensitive { value = value.withMarks(.sensitive) }
                set(node, in: instance, to: value)
            case .variable(let name):
                if let variable = module.variables[name] { evaluate(variable, node, in: instance, &diagnostics) }
            case .call(let name):
                if let call = module.calls[name] { expand(call, node, in: instance, &diagnostics) }
            case .resource, .provider, .check, .validation: continue
            }
        }
    }

    /// Evaluates a local value.
    private mutating func evaluate(
        _ local: LocalValue, _ node: Node, in instance: ModuleAddress, _ diagnostics: inout [Diagnostic]
    ) {
        let value = local.expression.evaluate(
            in: scope(for: node, in: instance), of: "locals", diagnostics: &diagnostics)
        guard value.isNested() else {
            set(node, in: instance, to: value)
            return
        }
        diagnostics.append(.nestedTooDeeply(local.range))
        set(node, in: instance, to: .unknown(.dynamic))
    }

    /// Evaluates an input variable of a called module, as its call sets it.
    private mutating func evaluate(
        _ variable: InputVariable, _ node: Node, in instance: ModuleAddress, _ diagnostics: inout [Diagnostic]
    ) {
        guard let caller = instance.parent, let step = instance.steps.last,
            let call = configuration.call(of: instance)
        else { return }
        var given: Value?
        if let argument = call.arguments.first(where: { $0.name == variable.name }) {
            let names = isSymbolic ? Self.anyNames : expansions[caller.child(step.name)]?.names(of: step.key) ?? [:]
            // The call itself is among what an argument waits for, and no argument's name: all its instances would be put together
            // for each of them.
            let own = Node(.call(step.name), in: caller.inConfiguration)
            let needs = configuration.dependencies(of: node).filter { $0 != own }
            var problems: [Diagnostic] = []
            let value = argument.expression.evaluate(
                in: scope(of: needs, in: caller).with(names), diagnostics: &problems)
            diagnostics += problems.map { $0.inside(call.construct) }
            given = variable.converted(value, at: argument.expression.range, diagnostics: &diagnostics)
        }
        let value = given ?? variable.defaultValue ?? .unknown(variable.constraint.type)
        set(node, in: instance, to: variable.isSensitive ? value.withMarks(.sensitive) : value)
    }

    /// Finds the instances of a called module.
    private mutating func expand(
        _ call: ModuleCall, _ node: Node, in instance: ModuleAddress, _ diagnostics: inout [Diagnostic]
    ) {
        let expansion =
            isSymbolic
            ? .single
            : call.repetition.expansion(
                in: scope(for: node, in: instance), of: call.construct, diagnostics: &diagnostics)
        if isSymbolic {
            // What is said of it is checked all the same.
            call.repetition.check(
                in: scope(for: node, in: instance), of: call.construct, diagnostics: &diagnostics)
        }
        expansions[instance.child(call.name)] = expansion
        instances[node.module.child(call.name), default: []] += expansion.instances.map {
            instance.child(call.name, $0.key)
        }
    }

    /// What `each` and `count` are where nothing is known of them.
    static let anyNames: [String: Value] = [
        "each": .object(["key": .unknown(.string), "value": .unknown(.dynamic)]),
        "count": .object(["index": .unknown(.number)]),
    ]

    // MARK: - What needs less than everything

    /// The arguments of a provider, from input variables and the local values that need nothing else.
    package func providerArguments(_ name: String, schema: Schema, diagnostics: inout [Diagnostic]) -> Value {
        configuration.evaluateProvider(name, schema: schema, in: scopeOfConstants(), diagnostics: &diagnostics)
    }

    /// The names of what is known before anything is read: input variables and the local values that need nothing else.
    ///
    /// Everything else is unknown.
    func scopeOfConstants() -> Scope {
        var constants = self
        var ignored: [Diagnostic] = []
        var nodes = configuration.variables.keys.map { Node.variable($0) }
        for node in configuration.topologicalOrder().nodes where node.module.isRoot {
            guard case .local = node.kind else { continue }
            let isKnown = configuration.dependencies(of: node).allSatisfy { constants.value(of: $0) != nil }
            if isKnown { constants.evaluate(node, diagnostics: &ignored) }
            nodes.append(node)
        }
        for resource in configuration.resources where resource.address.module.isRoot {
            constants.set(.resource(resource.address), to: .unknown(.dynamic))
            nodes.append(.resource(resource.address))
        }
        for name in configuration.root.calls.keys { nodes.append(Node(.call(name), in: .root)) }
        return constants.scope(of: nodes)
    }

    /// What is wrong with conditions themselves: whether they hold is not asked.
    private static func faults(_ results: [CheckRule.Result]) -> [Diagnostic] {
        results.filter { $0.status == .error }.flatMap(\.diagnostics)
    }

    /// What is wrong with a configuration whatever its variables are: everything is evaluated with unknown values.
    package static func problems(
        of configuration: Configuration, functions: FunctionTable, directory: String
    ) -> [Diagnostic] {
        let imports = configuration.problemsOfImports
        guard !imports.isOfModules else { return imports.problems }
        var diagnostics = imports.problems
        let variables = configuration.variables.mapValues { variable in
            Value.unknown(variable.constraint.type).withMarks(variable.isSensitive ? .sensitive : [])
        }
        var evaluation = Evaluation(configuration, variables, functions, directory, isSymbolic: true)
        for node in configuration.topologicalOrder().nodes {
            switch node.kind {
            case .local, .call: evaluation.evaluate(node, diagnostics: &diagnostics)
            case .validation(let name):
                guard let variable = configuration.modules[node.module]?.variables[name] else { continue }
                diagnostics += faults(evaluation.results(of: variable, node, in: node.module))
            case .provider: continue
            case .check(let name):
                guard let block = configuration.modules[node.module]?.checks[name] else { continue }
                diagnostics += faults(evaluation.results(of: block, node, in: node.module))
            case .variable(let name):
                guard !node.module.isRoot, let variable = configuration.modules[node.module]?.variables[name] else {
                    continue
                }
                evaluation.evaluate(node, diagnostics: &diagnostics)
                // What a module does is right or wrong whatever it is given.
                let value = Value.unknown(variable.constraint.type).withMarks(variable.isSensitive ? .sensitive : [])
                evaluation.set(node, in: node.module, to: value)
            case .output(let name):
                if let output = configuration.modules[node.module]?.outputs[name] {
                    let scope = evaluation.scope(for: node, in: node.module)
                    diagnostics += faults(
                        output.preconditions.map { $0.evaluate(in: scope, .output, of: "output \"\(name)\"") })
                }
                evaluation.evaluate(node, diagnostics: &diagnostics)
                guard node.module.isRoot, let value = evaluation.value(of: node) else { continue }
                if let problem = configuration.outputs[name]?.sensitivityProblem(of: value) {
                    diagnostics.append(problem)
                }
            case .resource(let address):
                guard let resource = configuration.resource(address) else { continue }
                // Each module has one instance here, which has no key.
                let instance = node.module
                diagnostics += evaluation.importProblems(of: resource)
                let scope = evaluation.scope(for: node, in: instance).with(anyNames)
                _ = resource.evaluate(in: scope, diagnostics: &diagnostics)
                resource.repetition.check(in: scope, of: resource.construct, diagnostics: &diagnostics)
                let object = ObjectMarks.marked(resource.schema.block.unknownObject, by: resource.schema.block)
                let rules = resource.lifecycle.preconditions + resource.lifecycle.postconditions
                let own = scope.with(["self": object])
                diagnostics += faults(
                    rules.map { $0.evaluate(in: own, .postcondition, of: resource.construct) })
                evaluation.set(
                    node, in: instance, to: resource.repetition.isSingle ? object : .unknown(.dynamic))
            }
        }
        return diagnostics + evaluation.problemsOfUndeclared()
    }
}

extension BlockSchema {
    /// An object of which nothing is known.
    fileprivate var unknownObject: Value {
        var fields: [String: Value] = [:]
        for attribute in attributes { fields[attribute.name] = .unknown(attribute.type) }
        for nested in blocks { fields[nested.name] = .unknown(nested.impliedType) }
        return .object(fields)
    }
}

/// The names of one scope.
private struct Names: Sendable {
    let module: ModuleAddress
    /// The values of nodes of the module.
    let known: [Node: Value]
    /// The values of the module's calls.
    let modules: [String: Value]
    /// The directory of the module, the working directory, and the workspace.
    let path: String
    let directory: String
    let workspace: String

    func resolve(_ root: String, _ attributes: [String]) -> Scope.Resolution {
        func found(_ node: Node, consumed: Int) -> Scope.Resolution {
            // What has no value was reported where it was evaluated.
            known[node].map { .value($0, consumed: consumed) } ?? .reported
        }
        switch root {
        case "path":
            let paths = ["module": path, "root": ".", "cwd": directory]
            return .value(.object(paths.mapValues { .string($0) }), consumed: 0)
        case "terraform": return .value(.object(["workspace": .string(workspace)]), consumed: 0)
        case "var", "local", "module":
            guard let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference", detail: "A name must follow \"\(root)\", as in \"\(root).NAME\".")
            }
            if root == "module" { return modules[name].map { .value($0, consumed: 1) } ?? .reported }
            return found(root == "var" ? .variable(name, in: module) : .local(name, in: module), consumed: 1)
        case "data":
            guard attributes.count >= 2 else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A data source is referred to by its type and its name, as in \"data.TYPE.NAME\".")
            }
            return found(
                .resource(ResourceAddress(module, mode: .data, type: attributes[0], name: attributes[1])),
                consumed: 2)
        default:
            guard let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A resource is referred to by its type and its name, as in \"TYPE.NAME\".")
            }
            return found(.resource(ResourceAddress(module, mode: .managed, type: root, name: name)), consumed: 1)
        }
    }
}
