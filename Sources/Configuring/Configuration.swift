package import Diagnostics
package import HCL
package import Values

/// Something in a configuration that has a value and may depend on others.
package struct Node: Hashable, Sendable {
    /// What it is.
    package enum Kind: Hashable, Sendable {
        /// An input variable.
        case variable(String)
        /// A local value.
        case local(String)
        /// A call of another module: which instances of it there are.
        case call(String)
        /// The rules that the value of an input variable must keep.
        case validation(String)
        /// A resource or a data source.
        case resource(ResourceAddress)
        /// An output value.
        case output(String)
        /// A `check` block.
        case check(String)
        /// The provider of that local name.
        case provider(String)
    }

    /// The module that declares it, as the configuration knows it.
    package let module: ModuleAddress
    /// What it is.
    package let kind: Kind

    /// Makes a node of its parts.
    package init(_ kind: Kind, in module: ModuleAddress) {
        self.module = module
        self.kind = kind
    }

    /// An input variable.
    package static func variable(_ name: String, in module: ModuleAddress = .root) -> Node {
        Node(.variable(name), in: module)
    }

    /// A local value.
    package static func local(_ name: String, in module: ModuleAddress = .root) -> Node {
        Node(.local(name), in: module)
    }

    /// An output value.
    package static func output(_ name: String, in module: ModuleAddress = .root) -> Node {
        Node(.output(name), in: module)
    }

    /// A resource or a data source, by its address in the configuration.
    package static func resource(_ address: ResourceAddress) -> Node { Node(.resource(address), in: address.module) }

    /// A provider configuration of the root module.
    package static func provider(_ name: String) -> Node { Node(.provider(name), in: .root) }

    /// Feeds the name alone, with its module: few nodes share it, and hashing them is what large plans would spend their time with.
    package func hash(into hasher: inout Hasher) {
        if !module.isRoot { hasher.combine(module) }
        switch kind {
        case .variable(let name), .local(let name), .call(let name), .validation(let name), .output(let name),
            .check(let name), .provider(let name):
            hasher.combine(name)
        case .resource(let address): hasher.combine(address.name)
        }
    }
}

/// A directory of configuration as values: everything that is declared, and what depends on what.
package struct Configuration: Sendable {
    /// The files, for diagnostics.
    package var files = SourceFiles()
    /// The files' names and texts, in order.
    package var sources: [(name: String, text: String)] = []
    /// The modules by their addresses; the root module is always there.
    package internal(set) var modules: [ModuleAddress: Module] = [.root: Module(.root, directory: ".")]
    /// Provider blocks of the root module by local name.
    package var providers: [String: ProviderConfiguration] = [:]
    /// Resources and data sources of all modules, those of a module in the order of the source.
    package private(set) var resources: [ResourceConfiguration] = []
    /// Import blocks, in the order of the source.
    package var imports: [ImportBlock] = []
    /// Moved blocks of all modules, those of a module in the order of the source, the root module's first.
    package internal(set) var moved: [MovedBlock] = []
    /// Removed blocks of all modules, likewise.
    package internal(set) var removed: [RemovedBlock] = []
    /// The workspace that it is read for: `terraform.workspace`.
    package var workspace = "default"
    /// Where the state is kept; nil when there is no `backend` block: in a local file.
    package var backend: BackendBlock?
    /// What is in an `encryption` block of a `terraform` block; nil when there is none.
    package var encryption: Body?
    private var importPositions: [ResourceAddress: [Int]] = [:]
    private var positions: [ResourceAddress: Int] = [:]
    private var edges: [Node: [Node]] = [:]
    /// The order of all nodes; nil until everything is declared.
    private var order: (nodes: [Node], diagnostics: [Diagnostic])?

    /// An empty configuration.
    package init() {}

    /// The module of an address, without keys.
    private func module(_ address: ModuleAddress) -> Module { modules[address] ?? Module(address, directory: ".") }

    /// The root module.
    package var root: Module { module(.root) }
    /// The root module's input variables by name.
    package var variables: [String: InputVariable] { root.variables }
    /// The root module's output values by name.
    package var outputs: [String: OutputValue] { root.outputs }

    /// The resource or data source of an address, whatever the instance of its module; nil when there is none.
    package func resource(_ address: ResourceAddress) -> ResourceConfiguration? {
        positions[address.inConfiguration].map { resources[$0] }
    }

    /// The call that leads to a module; nil for the root module.
    package func call(of module: ModuleAddress) -> ModuleCall? {
        guard let parent = module.parent, let step = module.steps.last else { return nil }
        return modules[parent.inConfiguration]?.calls[step.name]
    }

    /// The import blocks of a resource, as the configuration knows it.
    package func imports(of resource: ResourceAddress) -> [ImportBlock] {
        (importPositions[resource] ?? []).map { imports[$0] }
    }

    /// The import blocks to resources that the root module does not have.
    package var importsWithoutResource: [ImportBlock] {
        imports.filter { $0.resource.module.isRoot && resource($0.resource) == nil }
    }

    /// A place as text, such as `main.tf:3,5-12`.
    package func place(of range: SourceRange) -> String {
        let file = files[range.file]
        let (start, end) = (file.position(at: range.start), file.position(at: range.end))
        return "\(file.name):\(start.line),\(start.column)-\(end.column)"
    }

    /// What a node's expressions refer to directly, in the order of the source.
    package func dependencies(of node: Node) -> [Node] { edges[node] ?? [] }

    /// Adds a resource.
    mutating func add(_ resource: ResourceConfiguration) {
        positions[resource.address] = resources.count
        resources.append(resource)
        hasTriggers = hasTriggers || !resource.lifecycle.triggers.isEmpty
    }

    /// Sets the resources that a `depends_on` of a resource, or of a module around it, names.
    mutating func setAwaited(of address: ResourceAddress, to resources: Set<ResourceAddress>) {
        guard let place = positions[address] else { return }
        self.resources[place].dependsOn = resources.sorted()
    }

    /// Sets what a node depends on.
    mutating func setDependencies(of node: Node, to nodes: [Node]) {
        guard nodes.count > 1 || nodes.first == node else {
            edges[node] = nodes
            return
        }
        var seen: Set<Node> = [node]
        edges[node] = nodes.filter { seen.insert($0).inserted }
    }

    // MARK: - Order

    /// All nodes, sorted so that what is declared first comes first.
    private var nodes: [Node] { modules.values.sorted { $0.address < $1.address }.flatMap(\.nodes) }

    /// All nodes, each after those it depends on; members of a cycle are left out and reported.
    package func topologicalOrder() -> (nodes: [Node], diagnostics: [Diagnostic]) { order ?? sorted() }

    private func sorted() -> (nodes: [Node], diagnostics: [Diagnostic]) {
        let all = nodes
        let numbers = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
        let order = DependencyOrder(all.map { dependencies(of: $0).compactMap { numbers[$0] } })
        let nodes = order.positions.map { all[$0] }
        guard nodes.count < all.count else { return (nodes, []) }
        let tied = order.missing.map { all[$0] }
        return (nodes, Cycles(among: tied, dependencies: dependencies(of:)).found.map(cycle))
    }

    /// Names the members of a cycle, in its order.
    private func cycle(_ nodes: [Node]) -> Diagnostic {
        var notes: [Diagnostic.Note] = []
        for (node, next) in zip(nodes, nodes.dropFirst() + nodes.prefix(1)).dropFirst().prefix(Self.notesMaximum) {
            guard let range = range(of: node) else { continue }
            notes.append(Diagnostic.Note(range: range, text: "\(node.shown) refers to \(next.shown)."))
        }
        return .error(
            "Cycle",
            """
            These depend on one another, so none of them can be evaluated first: \
            \(nodes.map(\.shown).joined(separator: ", ")). Each refers to the next, and the last to the first. Take one of \
            the references out.
            """, at: range(of: nodes[0]), notes: notes)
    }

    private static let notesMaximum = 20

    private func range(of node: Node) -> SourceRange? {
        let module = module(node.module)
        return switch node.kind {
        case .variable(let name): module.variables[name]?.range
        case .local(let name): module.locals[name]?.range
        case .call(let name): module.calls[name]?.range
        case .validation(let name): module.variables[name]?.range
        case .resource(let address): resource(address)?.range
        case .output(let name): module.outputs[name]?.range
        case .check(let name): module.checks[name]?.range
        case .provider(let name): providers[name]?.range
        }
    }

    /// The resources and data sources that a node depends on, through local values too; sorted.
    package func resourcesBehind(_ node: Node) -> Set<ResourceAddress> {
        var result: Set<ResourceAddress> = []
        var seen: Set<Node> = [node]
        var work = dependencies(of: node)
        while let next = work.popLast() {
            guard seen.insert(next).inserted else { continue }
            if case .resource(let address) = next.kind {
                result.insert(address)
            } else {
                work += dependencies(of: next)
            }
        }
        return result
    }

    /// Whether a resource is replaced with others.
    package private(set) var hasTriggers = false

    /// The resources that a resource depends on, through others too, as state records them; sorted.
    package func resourceDependencies(of address: ResourceAddress) -> [ResourceAddress] {
        transitive[address.inConfiguration] ?? []
    }

    /// Those whose replacements are made before the old objects are destroyed: because they say so, or because one of `resources`
    /// that depends on them does.
    package func precreated(by resources: some Sequence<ResourceAddress>) -> Set<ResourceAddress> {
        var result: Set<ResourceAddress> = []
        for address in resources where resource(address)?.lifecycle.createBeforeDestroy == true {
            result.insert(address)
            result.formUnion(resourceDependencies(of: address))
        }
        return result
    }

    private var transitive: [ResourceAddress: [ResourceAddress]] = [:]

    /// Works out what follows from the references; called once, when everything is declared.
    mutating func finish() {
        for (position, block) in imports.enumerated() { importPositions[block.resource, default: []].append(position) }
        let order = sorted()
        self.order = order
        var behind: [Node: [ResourceAddress]] = [:]
        for node in order.nodes {
            // Nothing depends on an output of the root module.
            if case .check = node.kind { continue }
            if node.module.isRoot, case .output = node.kind { continue }
            let needs = dependencies(of: node)
            let result: [ResourceAddress]
            if needs.count == 1, let only = needs.first, !only.isResource {
                // The list is shared, however many refer to the same local value.
                result = behind[only] ?? []
            } else {
                var all: Set<ResourceAddress> = []
                for need in needs {
                    if case .resource(let address) = need.kind { all.insert(address) }
                    all.formUnion(behind[need] ?? [])
                }
                result = all.sorted()
            }
            behind[node] = result
            if case .resource(let address) = node.kind { transitive[address] = result }
        }
    }
}

extension Module {
    /// All that has a value in it, what is declared first coming first.
    var nodes: [Node] {
        var result = variables.keys.sorted().map { Node.variable($0, in: address) }
        result += variables.filter { !$0.value.validations.isEmpty }.keys.sorted().map {
            Node(.validation($0), in: address)
        }
        result += locals.keys.sorted().map { Node.local($0, in: address) }
        result += calls.keys.sorted().map { Node(.call($0), in: address) }
        result += resources.map(Node.resource)
        result += outputs.keys.sorted().map { Node.output($0, in: address) }
        return result + checks.keys.sorted().map { Node(.check($0), in: address) }
    }
}

extension Node {
    /// Whether it is a resource or a data source.
    fileprivate var isResource: Bool { if case .resource = kind { true } else { false } }

    /// The name as it is written in expressions, after its module.
    package var shown: String { module.isRoot ? shownInModule : "\(module).\(shownInModule)" }

    /// The name as it is written in expressions of its module.
    package var shownInModule: String {
        switch kind {
        case .variable(let name): "var.\(name)"
        case .local(let name): "local.\(name)"
        case .call(let name): "module.\(name)"
        case .validation(let name): "the rules of var.\(name)"
        case .resource(let address): address.nameInModule
        case .output(let name): "output.\(name)"
        case .check(let name): "check.\(name)"
        case .provider(let name): "provider.\(name)"
        }
    }
}

/// A `variable` block.
package struct InputVariable: Sendable {
    /// Its name.
    package var name: String
    /// Its type.
    package var constraint: TypeConstraint
    /// Its value when none is given; nil makes it required.
    package var defaultValue: Value?
    /// What it is for; empty when that is not said.
    package var description: String
    /// Whether its value is hidden.
    package var isSensitive: Bool
    /// Whether it may be null.
    package var isNullable: Bool
    /// Whether its type is said; without one, texts from outside are strings as they stand.
    package var hasType: Bool
    /// The rules that its value must keep.
    package var validations: [CheckRule]
    /// Where it is declared.
    package var range: SourceRange
}

/// One entry of a `locals` block.
package struct LocalValue: Sendable {
    /// Its name.
    package var name: String
    /// What it stands for.
    package var expression: Expression
    /// Where it is declared.
    package var range: SourceRange
}

/// An `output` block.
package struct OutputValue: Sendable {
    /// Its name.
    package var name: String
    /// Its value.
    package var expression: Expression
    /// Whether its value is hidden.
    package var isSensitive: Bool
    /// What it is for; empty when that is not said.
    package var description: String
    /// What must hold before it has its value.
    package var preconditions: [CheckRule] = []
    /// The list of references that it depends on beside those of its value; nil when there is none.
    package var dependsOn: Expression?
    /// Where it is declared.
    package var range: SourceRange

    /// What is wrong with a value that is sensitive while the output does not say so; nil when nothing is.
    package func sensitivityProblem(of value: Value) -> Diagnostic? {
        guard !isSensitive, !value.allMarks.isEmpty else { return nil }
        return .error(
            "Output refers to sensitive values",
            """
            To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, flinkform \
            requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your \
            intent.

            If you do intend to export this data, annotate the output value as sensitive by adding the following argument:
                sensitive = true
            """, at: range)
    }
}

/// A `provider` block.
package struct ProviderConfiguration: Sendable {
    /// Its local name.
    package var name: String
    /// Its arguments.
    package var body: Body
    /// Where it is declared.
    package var range: SourceRange
}

extension Configuration {
    /// The arguments of a provider; all null when it has no block.
    ///
    /// Secret ones are marked so.
    package func evaluateProvider(
        _ name: String, schema: Schema, in scope: Scope, diagnostics: inout [Diagnostic]
    ) -> Value {
        var problems: [Diagnostic] = []
        defer { diagnostics += problems.map { $0.inside("provider \"\(name)\"") } }
        guard let provider = providers[name] else { return BodyDecoder.empty(schema.block) }
        return BodyDecoder(scope: scope, keepsSecrets: true).value(
            of: provider.body, schema.block, ignoring: ["alias", "version"], diagnostics: &problems)
    }
}

extension Expression {
    /// Evaluates it; what is wrong with it is reported as in the block that it stands in.
    package func evaluate(in scope: Scope, of construct: String, diagnostics: inout [Diagnostic]) -> Value {
        var problems: [Diagnostic] = []
        let value = evaluate(in: scope, diagnostics: &problems)
        diagnostics += problems.map { $0.inside(construct) }
        return value
    }
}

extension Diagnostic {
    /// The diagnostic, in a construct unless it names one already.
    package func inside(_ construct: String) -> Diagnostic {
        var result = self
        result.construct = construct.isEmpty ? nil : result.construct ?? construct
        return result
    }
}
