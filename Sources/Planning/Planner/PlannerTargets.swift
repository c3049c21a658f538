import Configuring

/// What a plan is about when it is not about everything: its targets, and what they need.
///
/// Everything else stays as state has it: it is neither read nor compared, and no output that depends on it changes.
struct Selection: Sendable {
    /// The nodes that are evaluated; nil means all.
    private let nodes: Set<Node>?
    /// The resources that are planned for; nil means all.
    private let resources: Set<ResourceAddress>?

    /// The selection that options ask for.
    init(_ options: PlanOptions, _ configuration: Configuration, _ state: State) {
        guard let targets = options.targets.map({ Set($0.map(\.inConfiguration)) }) else {
            (nodes, resources) = (nil, nil)
            return
        }
        guard options.mode == .normal else {
            (nodes, resources) = ([], targets.union(Self.dependants(of: targets, in: state)))
            return
        }
        var needed = Set(targets.map(Node.resource))
        var work = Array(needed)
        while let next = work.popLast() {
            for node in configuration.dependencies(of: next) where needed.insert(node).inserted { work.append(node) }
        }
        let selected = targets.union(
            needed.compactMap { node -> ResourceAddress? in
                if case .resource(let address) = node.kind { address } else { nil }
            })
        for name in configuration.outputs.keys {
            let node = Node.output(name)
            let behind = configuration.resourcesBehind(node)
            // What such an output needs beside these resources are variables and local values.
            guard !behind.isEmpty, behind.isSubset(of: selected) else { continue }
            work = [node]
            while let next = work.popLast() {
                guard needed.insert(next).inserted else { continue }
                work += configuration.dependencies(of: next)
            }
        }
        (nodes, resources) = (needed, selected)
    }

    /// Whether everything is planned for.
    var isWhole: Bool { resources == nil }

    /// Whether a node is evaluated.
    func has(_ node: Node) -> Bool { nodes?.contains(node) ?? true }

    /// Whether a resource is planned for.
    func has(_ resource: ResourceAddress) -> Bool { resources?.contains(resource.inConfiguration) ?? true }

    /// The resources with objects that depend on one of these, directly or through others.
    private static func dependants(of targets: Set<ResourceAddress>, in state: State) -> [ResourceAddress] {
        state.resources.filter { _, resource in
            resource.instances.values.contains { instance in
                let objects = [instance.current].compactMap { $0 } + instance.deposed.values
                return objects.contains { !targets.isDisjoint(with: $0.dependencies) }
            }
        }.map(\.key.inConfiguration)
    }
}
