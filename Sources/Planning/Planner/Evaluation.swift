package import Configuring
package import Diagnostics
package import HCL
package import Values

/// Evaluates the configuration, one node after another, from values that are already there.
///
/// Each scope holds only what its node refers to, so the cost of evaluating everything is that of its references.
package struct Evaluation: Sendable {
    /// The configuration.
    package let configuration: Configuration
    private let functions: FunctionTable
    private let constants: [String: Value]
    private var values: [Node: Value]

    /// Starts with the values of the input variables.
    ///
    /// - Parameters:
    ///   - configuration: What is evaluated.
    ///   - variables: The input variables' values, marked; one that is missing is unknown.
    ///   - functions: The functions that expressions may call.
    ///   - directory: The working directory: `path.module`, `path.root` and `path.cwd`.
    package init(
        configuration: Configuration, variables: [String: Value], functions: FunctionTable, directory: String
    ) {
        self.configuration = configuration
        self.functions = functions
        self.constants = [
            "path": .object(["module": .string("."), "root": .string("."), "cwd": .string(directory)]),
            "terraform": .object(["workspace": .string(configuration.workspace)]),
        ]
        self.values = [:]
        for (name, value) in variables { values[.variable(name)] = value }
    }

    /// The value of a node, or nil while it has none.
    package func value(of node: Node) -> Value? { values[node] }

    /// Gives a node its value.
    package mutating func set(_ node: Node, to value: Value) { values[node] = value }

    /// The names that the expressions of a node may use.
    package func scope(for node: Node) -> Scope {
        scope(of: configuration.dependencies(of: node))
    }

    /// The names that a set of nodes stands for.
    package func scope(of nodes: [Node]) -> Scope {
        var known: [Node: Value] = [:]
        for node in nodes { known[node] = values[node] }
        let constants = constants
        let names = known
        return Scope(functions: functions) { root, attributes in
            Self.resolve(root, attributes, in: names, constants: constants)
        }
    }

    /// Evaluates a local value.
    package mutating func evaluate(local: LocalValue, diagnostics: inout [Diagnostic]) {
        let node = Node.local(local.name)
        let value = local.expression.evaluate(in: scope(for: node), diagnostics: &diagnostics)
        guard value.isNested() else {
            values[node] = value
            return
        }
        diagnostics.append(.nestedTooDeeply(local.range))
        values[node] = .unknown(.dynamic)
    }

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
        var nodes = configuration.variables.keys.map(Node.variable)
        for node in configuration.topologicalOrder().nodes {
            guard case .local(let name) = node, let local = configuration.locals[name] else { continue }
            let isKnown = configuration.dependencies(of: node).allSatisfy { constants.value(of: $0) != nil }
            if isKnown { constants.evaluate(local: local, diagnostics: &ignored) }
            nodes.append(node)
        }
        for resource in configuration.resources {
            constants.set(.resource(resource.address), to: .unknown(.dynamic))
            nodes.append(.resource(resource.address))
        }
        return constants.scope(of: nodes)
    }

    /// What is wrong with a configuration whatever its variables are: everything is evaluated with unknown values.
    package static func problems(
        of configuration: Configuration, functions: FunctionTable, directory: String
    ) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        let variables = configuration.variables.mapValues { variable in
            Value.unknown(variable.constraint.type).withMarks(variable.isSensitive ? .sensitive : [])
        }
        var evaluation = Evaluation(
            configuration: configuration, variables: variables, functions: functions, directory: directory)
        for node in configuration.topologicalOrder().nodes {
            switch node {
            case .variable, .provider: continue
            case .local(let name):
                if let local = configuration.locals[name] {
                    evaluation.evaluate(local: local, diagnostics: &diagnostics)
                }
            case .output(let name):
                guard let output = configuration.outputs[name] else { continue }
                let value = output.expression.evaluate(in: evaluation.scope(for: node), diagnostics: &diagnostics)
                if let problem = output.sensitivityProblem(of: value) { diagnostics.append(problem) }
            case .resource(let address):
                guard let resource = configuration.resource(address) else { continue }
                let names: [String: Value] = [
                    "each": .object(["key": .unknown(.string), "value": .unknown(.dynamic)]),
                    "count": .object(["index": .unknown(.number)]),
                ]
                let value = resource.evaluate(in: evaluation.scope(for: node).with(names), diagnostics: &diagnostics)
                let object = ObjectMarks.marked(
                    ObjectPlanning.proposed(resource.schema, configuration: value, prior: nil),
                    by: resource.schema.block)
                let isSingle = resource.count == nil && resource.forEach == nil
                evaluation.set(node, to: isSingle ? object : .unknown(.dynamic))
            }
        }
        return diagnostics
    }

    private static func resolve(
        _ root: String, _ attributes: [String], in values: [Node: Value], constants: [String: Value]
    ) -> Scope.Resolution {
        func found(_ node: Node, consumed: Int) -> Scope.Resolution {
            // What has no value was reported where it was evaluated.
            values[node].map { .value($0, consumed: consumed) } ?? .reported
        }
        switch root {
        case "path", "terraform": return .value(constants[root] ?? .object([:]), consumed: 0)
        case "var", "local":
            guard let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference", detail: "A name must follow \"\(root)\", as in \"\(root).NAME\".")
            }
            return found(root == "var" ? .variable(name) : .local(name), consumed: 1)
        case "data":
            guard attributes.count >= 2 else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A data source is referred to by its type and its name, as in \"data.TYPE.NAME\".")
            }
            return found(
                .resource(ResourceAddress(mode: .data, type: attributes[0], name: attributes[1])), consumed: 2)
        default:
            guard let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A resource is referred to by its type and its name, as in \"TYPE.NAME\".")
            }
            return found(.resource(ResourceAddress(mode: .managed, type: root, name: name)), consumed: 1)
        }
    }
}

extension Diagnostic {
    static func nestedTooDeeply(_ range: SourceRange) -> Diagnostic {
        .error(
            "Value nested too deeply",
            "The collections in this value are nested deeper than \(Value.nestingMaximum) levels, which no state file can hold.",
            at: range)
    }
}
