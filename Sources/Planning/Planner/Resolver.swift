package import Configuring
package import Diagnostics
package import HCL
package import Values

/// Fills in, during apply, what planning could not know; decides nothing anew.
///
/// It holds what each resource has become so far. `resolve` evaluates an instance's arguments again with that, and makes sure that
/// what the plan knew comes out the same.
package struct Resolver: Sendable {
    private let catalog: Catalog
    var evaluation: Evaluation
    private var objects: [ResourceAddress: [InstanceKey: Value]] = [:]
    var done: Set<Node> = []
    private var expansions: [ResourceAddress: Expansion] = [:]

    /// Starts with the objects that the plan leaves as they are.
    ///
    /// - Parameters:
    ///   - plan: What is applied.
    ///   - configuration: The plan's own configuration.
    ///   - variables: The values of the input variables, sensitive ones included.
    ///   - functions: The functions that expressions may call.
    ///   - catalog: The resource types there are.
    ///   - directory: The working directory, for `path.cwd`.
    package init(
        plan: Plan, configuration: Configuration, variables: [String: Value], functions: FunctionTable,
        catalog: Catalog, directory: String
    ) {
        self.catalog = catalog
        self.evaluation = Evaluation(
            configuration: configuration, variables: variables, functions: functions, directory: directory)
        take(objectsOf: plan.state)
        for change in plan.changes where change.deposed == nil {
            let object: Value? =
                switch change.action {
                case .noOp: change.before
                case .delete, .forget: nil
                default: change.after
                }
            objects[change.address.resource, default: [:]][change.address.key] = object
        }
    }

    /// Starts with the objects of a state, to work outputs out anew.
    package init(
        state: State, configuration: Configuration, variables: [String: Value], functions: FunctionTable,
        catalog: Catalog, directory: String
    ) {
        self.catalog = catalog
        self.evaluation = Evaluation(
            configuration: configuration, variables: variables, functions: functions, directory: directory)
        take(objectsOf: state)
    }

    private mutating func take(objectsOf state: State) {
        for address in state.instanceAddresses {
            guard let schema = catalog.schema(for: address.resource), let object = state[address],
                let value = try? object.value(schema)
            else { continue }
            objects[address.resource, default: [:]][address.key] = value
        }
    }

    /// Tells what an instance has become; called before anything that depends on it is resolved.
    package mutating func record(_ address: InstanceAddress, _ object: Value) {
        objects[address.resource, default: [:]][address.key] = object
    }

    /// The object that a change makes, with everything known but what the cloud sets itself.
    ///
    /// Throws a diagnostic when an argument cannot be evaluated, or comes out unlike the plan.
    package mutating func resolve(_ change: Change) throws(Diagnostic) -> Value {
        guard change.isConfigurationUnknown, let resource = evaluation.configuration.resource(change.address.resource)
        else { return change.after }
        var diagnostics: [Diagnostic] = []
        guard let scope = scope(of: resource, change.address, &diagnostics) else {
            throw diagnostics.first { $0.severity == .error } ?? .contradiction(change.address, ValuePath([]))
        }
        var configuration = resource.evaluate(in: scope, diagnostics: &diagnostics)
        if let error = diagnostics.first(where: { $0.severity == .error }) { throw error }
        if change.action == .update {
            configuration = ObjectPlanning.ignoring(
                resource.lifecycle.ignored, resource.schema.block, configuration: configuration, prior: change.before)
        }
        if change.action == .read { return configuration }
        let prior = change.action == .update ? change.before : nil
        let resolved = ObjectPlanning.proposed(resource.schema, configuration: configuration, prior: prior)
        if let path = ObjectPlanning.contradiction(planned: change.after, resolved: resolved) {
            throw .contradiction(change.address, path)
        }
        return resolved
    }

    /// The names that the arguments and the conditions of an instance may use; nil when there is no such instance.
    mutating func scope(
        of resource: ResourceConfiguration, _ instance: InstanceAddress, _ diagnostics: inout [Diagnostic]
    ) -> Scope? {
        let address = instance.resource
        prepare(.resource(resource.address), &diagnostics)
        let scope = evaluation.scope(for: .resource(resource.address), in: address.module)
        // One expansion serves all instances: what it depends on is there before the first of them is resolved.
        let expansion =
            expansions[address]
            ?? resource.repetition.expansion(in: scope, of: resource.construct, diagnostics: &diagnostics)
        if diagnostics.isEmpty { expansions[address] = expansion }
        return expansion.names(of: instance.key).map(scope.with)
    }

    /// The resources that an output of the root module depends on.
    package func resourcesBehind(output: String) -> Set<ResourceAddress> {
        evaluation.configuration.resourcesBehind(.output(output))
    }

    /// The configuration that is applied.
    var configuration: Configuration { evaluation.configuration }

    /// The instances of a module.
    func instances(of module: ModuleAddress) -> [ModuleAddress] { evaluation.instances(of: module) }

    /// The names that the expressions of a node may use in an instance of its module.
    func scope(of node: Node, in module: ModuleAddress) -> Scope { evaluation.scope(for: node, in: module) }

    /// Evaluates everything that a node refers to with what is known now.
    mutating func prepareAnew(_ node: Node, _ diagnostics: inout [Diagnostic]) {
        done = []
        prepare(node, &diagnostics)
        // The call of its own module is among what it depends on only where it refers to something.
        if let parent = node.module.parent, let step = node.module.steps.last {
            prepare(Node(.call(step.name), in: parent), &diagnostics)
            evaluation.evaluate(Node(.call(step.name), in: parent), diagnostics: &diagnostics)
        }
    }

    /// What is left of an update once everything is known.
    package enum Update: Sendable {
        /// Nothing: it is dropped.
        case nothing
        /// No value changes, only what counts as sensitive: the state is told, and nobody else.
        case sensitivity
        /// Values change.
        case values
    }

    /// What an update, resolved, still changes.
    package func update(_ change: Change, resolved: Value) -> Update {
        guard let schema = catalog.schema(for: change.address.resource),
            ObjectPlanning.differences(schema.block, before: change.before, after: resolved).isEmpty
        else { return .values }
        return SensitivePath.differ(change.before, resolved) ? .sensitivity : .nothing
    }

    /// The output values of now; an output that a failure keeps from being known is left out.
    ///
    /// - Parameters:
    ///   - names: The outputs that are wanted; nil means all.
    ///   - secrets: Object id to secret, for those that are known; nil leaves every secret unknown.
    ///   - diagnostics: Problems are added here.
    package mutating func outputs(
        named names: Set<String>? = nil, secrets: [String: String]?, diagnostics: inout [Diagnostic]
    ) -> [(output: OutputValue, value: Value)] {
        done = []
        var result: [(output: OutputValue, value: Value)] = []
        for (name, output) in evaluation.configuration.outputs.sorted(by: { $0.key < $1.key })
        where names?.contains(name) ?? true {
            prepare(.output(name), &diagnostics, secrets: secrets ?? [:])
            let scope = evaluation.scope(for: .output(name))
            let value = output.expression.evaluate(
                in: scope, of: "output \"\(output.name)\"", diagnostics: &diagnostics)
            result.append((output, value))
        }
        return result
    }

    /// The value of the expression that is asked about (`Configuration.asking`); nil when nothing is.
    package mutating func answer(diagnostics: inout [Diagnostic]) -> Value? {
        guard let question = configuration.question else { return nil }
        done = []
        prepare(Configuration.questionNode, &diagnostics)
        let scope = evaluation.scope(for: Configuration.questionNode)
        return question.expression.evaluate(in: scope, diagnostics: &diagnostics)
    }

    /// Evaluates everything that a node refers to, once, in all instances of its module.
    mutating func prepare(
        _ node: Node, _ diagnostics: inout [Diagnostic], secrets: [String: String] = [:]
    ) {
        var stack: [(node: Node, isReady: Bool)] = evaluation.configuration.dependencies(of: node).map { ($0, false) }
        while let (next, isReady) = stack.popLast() {
            guard !done.contains(next) else { continue }
            if !isReady {
                stack.append((next, true))
                stack += needs(of: next).map { ($0, false) }
                continue
            }
            done.insert(next)
            switch next.kind {
            case .resource(let address):
                for module in evaluation.instances(of: address.module) {
                    evaluation.set(next, in: module, to: collection(address.inInstance(module), secrets))
                }
            case .variable where next.module.isRoot: continue
            case .variable, .local, .call, .output: evaluation.evaluate(next, diagnostics: &diagnostics)
            // They were kept when the plan was made, and what was not known then is checked by whoever uses it.
            case .validation, .provider, .check: continue
            }
        }
    }

    /// What must be evaluated before a node.
    ///
    /// The objects of a resource are there: only the call of its module is needed, which tells its instances.
    private func needs(of node: Node) -> [Node] {
        let all = evaluation.configuration.dependencies(of: node)
        guard case .resource(let address) = node.kind else { return all }
        guard let parent = address.module.parent, let call = address.module.steps.last else { return [] }
        return [Node(.call(call.name), in: parent)]
    }

    /// The value of a resource, in an instance of its module, as expressions see it.
    private func collection(_ address: ResourceAddress, _ secrets: [String: String]) -> Value {
        guard let schema = catalog.schema(for: address) else { return .unknown(.dynamic) }
        let instances = (objects[address] ?? [:]).mapValues { Self.withSecret($0, schema, secrets) }
        guard let resource = evaluation.configuration.resource(address) else { return .unknown(.dynamic) }
        return resource.repetition.collection(instances, type: schema.type)
    }

    /// The object with its secret, or with an unknown one.
    private static func withSecret(_ object: Value, _ schema: Schema, _ secrets: [String: String]) -> Value {
        guard let name = schema.secretAttribute, let attribute = schema.block.attribute(name),
            let fields = object.fields
        else { return object }
        let known = fields["id"]?.string.flatMap { secrets[$0] }.map { Value.string($0) }
        let secret = (known ?? .unknown(attribute.type)).withMarks(ObjectMarks.marks(of: attribute))
        return Value(.object(fields.replacing(name, with: secret)), marks: object.marks)
    }
}

extension Resolver {
    /// The resource of an instance in the configuration; nil when it is not there.
    package func resource(of address: InstanceAddress) -> ResourceConfiguration? {
        evaluation.configuration.resource(address.resource)
    }

    /// Where the configuration has the resource of an instance, or an argument of it; nil when it does not.
    package func range(of address: InstanceAddress, argument: String? = nil) -> SourceRange? {
        resource(of: address)?.range(of: argument)
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func contradiction(_ address: InstanceAddress, _ path: ValuePath) -> Diagnostic {
        var diagnostic = Diagnostic.error(
            "Value differs from the plan",
            """
            The plan said what \(VisibleText.escaped("\(address)\(path)")) would be, and now it came out otherwise. The object \
            was not touched. Make a new plan; if it happens again with the same configuration, this is a bug in flinkform.
            """)
        diagnostic.address = address.description
        return diagnostic
    }
}
