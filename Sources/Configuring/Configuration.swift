package import Diagnostics
package import HCL
package import Values

/// Something in a configuration that has a value and may depend on others.
package enum Node: Hashable, Sendable {
    /// An input variable.
    case variable(String)
    /// A local value.
    case local(String)
    /// A resource or a data source.
    case resource(ResourceAddress)
    /// An output value.
    case output(String)
    /// The provider of that local name.
    case provider(String)
}

/// A directory of configuration as values: everything that is declared, and what depends on what.
package struct Configuration: Sendable {
    /// The files, for diagnostics.
    package var files = SourceFiles()
    /// The files' names and texts, in order.
    package var sources: [(name: String, text: String)] = []
    /// Input variables by name.
    package var variables: [String: InputVariable] = [:]
    /// Local values by name.
    package var locals: [String: LocalValue] = [:]
    /// Output values by name.
    package var outputs: [String: OutputValue] = [:]
    /// Provider blocks by local name.
    package var providers: [String: ProviderConfiguration] = [:]
    /// Resources and data sources, in the order of the source.
    package var resources: [ResourceConfiguration] = []
    /// Import blocks, in the order of the source.
    package var imports: [ImportBlock] = []
    /// The workspace that it is read for: `terraform.workspace`.
    package var workspace = "default"
    /// Where the state is kept; nil when there is no `backend` block: in a local file.
    package var backend: BackendBlock?
    /// What is in an `encryption` block of a `terraform` block; nil when there is none.
    package var encryption: Body?
    private var positions: [ResourceAddress: Int] = [:]
    private var edges: [Node: [Node]] = [:]

    /// An empty configuration.
    package init() {}

    /// The resource or data source of an address, or nil.
    package func resource(_ address: ResourceAddress) -> ResourceConfiguration? {
        positions[address].map { resources[$0] }
    }

    /// What a node's expressions refer to directly, in the order of the source.
    package func dependencies(of node: Node) -> [Node] { edges[node] ?? [] }

    /// Adds a resource.
    mutating func add(_ resource: ResourceConfiguration) {
        positions[resource.address] = resources.count
        resources.append(resource)
    }

    /// Sets what a node depends on.
    mutating func setDependencies(of node: Node, to nodes: [Node]) {
        var seen: Set<Node> = [node]
        edges[node] = nodes.filter { seen.insert($0).inserted }
    }

    // MARK: - Order

    /// All nodes, sorted so that what is declared first comes first.
    private var nodes: [Node] {
        variables.keys.sorted().map(Node.variable) + locals.keys.sorted().map(Node.local)
            + resources.map { Node.resource($0.address) } + outputs.keys.sorted().map(Node.output)
    }

    /// All nodes, each after those it depends on; members of a cycle are left out and reported.
    package func topologicalOrder() -> (nodes: [Node], diagnostics: [Diagnostic]) {
        let all = nodes
        var missing: [Node: Int] = [:]
        var followers: [Node: [Node]] = [:]
        let known = Set(all)
        for node in all {
            let needs = dependencies(of: node).filter { known.contains($0) }
            missing[node] = needs.count
            for need in needs { followers[need, default: []].append(node) }
        }
        var order = all.filter { missing[$0] == 0 }
        var next = 0
        while next < order.count {
            for follower in followers[order[next]] ?? [] {
                let left = (missing[follower] ?? 0) - 1
                missing[follower] = left
                if left == 0 { order.append(follower) }
            }
            next += 1
        }
        guard order.count < all.count else { return (order, []) }
        let done = Set(order)
        return (
            order, Cycles(among: all.filter { !done.contains($0) }, dependencies: dependencies(of:)).found.map(cycle)
        )
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
        switch node {
        case .variable(let name): variables[name]?.range
        case .local(let name): locals[name]?.range
        case .resource(let address): resource(address)?.range
        case .output(let name): outputs[name]?.range
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
            if case .resource(let address) = next {
                result.insert(address)
            } else {
                work += dependencies(of: next)
            }
        }
        return result
    }

    /// The resources that a resource depends on, through others too, as state records them; sorted.
    package func resourceDependencies(of address: ResourceAddress) -> [ResourceAddress] {
        transitive[address] ?? []
    }

    /// The resources whose replacements are made before the old object is destroyed: those that say so, and all they depend on.
    package private(set) var createsBeforeDestroying: Set<ResourceAddress> = []
    private var transitive: [ResourceAddress: [ResourceAddress]] = [:]

    /// Works out what follows from the references; called once, when everything is declared.
    mutating func finish() {
        var behind: [Node: [ResourceAddress]] = [:]
        for node in topologicalOrder().nodes {
            // Nothing depends on an output.
            if case .output = node { continue }
            let needs = dependencies(of: node)
            let result: [ResourceAddress]
            if needs.count == 1, let only = needs.first, !only.isResource {
                // The list is shared, however many refer to the same local value.
                result = behind[only] ?? []
            } else {
                var all: Set<ResourceAddress> = []
                for need in needs {
                    if case .resource(let address) = need { all.insert(address) }
                    all.formUnion(behind[need] ?? [])
                }
                result = all.sorted()
            }
            behind[node] = result
            if case .resource(let address) = node { transitive[address] = result }
        }
        for resource in resources where resource.lifecycle.createBeforeDestroy == true {
            createsBeforeDestroying.insert(resource.address)
            createsBeforeDestroying.formUnion(transitive[resource.address] ?? [])
        }
    }
}

extension Node {
    /// Whether it is a resource or a data source.
    fileprivate var isResource: Bool { if case .resource = self { true } else { false } }

    /// The name as it is written in expressions.
    fileprivate var shown: String {
        switch self {
        case .variable(let name): "var.\(name)"
        case .local(let name): "local.\(name)"
        case .resource(let address): address.description
        case .output(let name): "output.\(name)"
        case .provider(let name): "provider.\(name)"
        }
    }
}

/// A `variable` block.
package struct InputVariable: Sendable {
    /// A rule that the value must keep.
    package struct Validation: Sendable {
        /// True when the value is right.
        package var condition: Expression
        /// What the user is told when it is not.
        package var message: Expression
        /// The block.
        package var range: SourceRange
    }

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
    package var validations: [Validation]
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
            To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root module \
            output containing sensitive data must be explicitly marked as sensitive, to confirm your intent.

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

extension Diagnostic {
    /// The diagnostic, in a construct unless it names one already.
    func inside(_ construct: String) -> Diagnostic {
        var result = self
        result.construct = construct.isEmpty ? nil : result.construct ?? construct
        return result
    }
}
