import Configuring

/// What a plan is about when it is not about everything: its targets and what they need, or all but what is excluded.
///
/// Everything else stays as state has it: it is neither read nor compared, and no output that depends on it changes.
struct Selection: Sendable {
    /// The nodes that are evaluated; nil means all.
    private let nodes: Set<Node>?
    /// The resources, as the configuration knows them, with instances that are planned for; nil means all.
    private let resources: Set<ResourceAddress>?
    /// Which instances of the resources in it are planned for; of any other, all are.
    private let instances: [ResourceAddress: [Target]]
    /// The instances that are left out whatever else is said.
    private let excluded: [ResourceAddress: [Target]]

    /// The selection that options ask for.
    init(_ options: PlanOptions, _ configuration: Configuration, _ state: State) {
        let all = Set(configuration.resources.map(\.address)).union(state.resources.keys.map(\.inConfiguration))
        if let targets = options.targets {
            excluded = [:]
            (nodes, resources, instances) = Self.selected(targets, of: all, options, configuration, state)
        } else if !options.excluded.isEmpty {
            instances = [:]
            (nodes, resources, excluded) = Self.left(options.excluded, of: all, options, configuration, state)
        } else {
            (nodes, resources, instances, excluded) = (nil, nil, [:], [:])
        }
    }

    private static func selected(
        _ targets: [Target], of all: Set<ResourceAddress>, _ options: PlanOptions, _ configuration: Configuration,
        _ state: State
    ) -> (Set<Node>?, Set<ResourceAddress>?, [ResourceAddress: [Target]]) {
        let meant = meant(by: targets, of: all)
        let direct = Set(meant.keys)
        guard options.mode != .destroy else {
            return ([], direct.union(dependants(of: direct, in: state)), meant)
        }
        var needed = Set(direct.map(Node.resource))
        var work = Array(needed)
        while let next = work.popLast() {
            for node in configuration.dependencies(of: next) where needed.insert(node).inserted { work.append(node) }
        }
        let selected = direct.union(needed.compactMap(\.resourceAddress))
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
        return (needed, selected, meant)
    }

    /// Everything but what is excluded, and what depends on it; when everything is destroyed, but what it needs.
    private static func left(
        _ targets: [Target], of all: Set<ResourceAddress>, _ options: PlanOptions, _ configuration: Configuration,
        _ state: State
    ) -> (Set<Node>?, Set<ResourceAddress>?, [ResourceAddress: [Target]]) {
        let meant = meant(by: targets, of: all)
        let whole = Set(meant.filter { $0.value.contains { $0.key == nil && $0.hasNoKeys } }.keys)
        guard options.mode != .destroy else {
            let needed = meant.keys.flatMap { address in
                configuration.resourceDependencies(of: address) + dependencies(of: address, in: state)
            }
            return ([], all.subtracting(whole).subtracting(needed), meant)
        }
        var out: Set<Node> = Set(whole.map(Node.resource))
        var nodes: Set<Node> = []
        for node in configuration.topologicalOrder().nodes where !out.contains(node) {
            let isBehind = configuration.dependencies(of: node).contains { need in
                out.contains(need) || need.resourceAddress.map { meant[$0] != nil } ?? false
            }
            if isBehind { out.insert(node) } else { nodes.insert(node) }
        }
        let excluded = Set(out.compactMap(\.resourceAddress)).union(dependants(of: Set(meant.keys), in: state))
        return (nodes, all.subtracting(excluded), meant)
    }

    /// Resource, as the configuration knows it, to the targets that mean it or some of its instances.
    private static func meant(by targets: [Target], of all: Set<ResourceAddress>) -> [ResourceAddress: [Target]] {
        var result: [ResourceAddress: [Target]] = [:]
        for address in all {
            let own = targets.filter { $0.touches(address) }
            if !own.isEmpty { result[address] = own }
        }
        return result
    }

    /// Whether everything is planned for.
    var isWhole: Bool { resources == nil }

    /// Whether a node is evaluated.
    func has(_ node: Node) -> Bool { nodes?.contains(node) ?? true }

    /// Whether instances of a resource are planned for.
    func has(_ resource: ResourceAddress) -> Bool { resources?.contains(resource.inConfiguration) ?? true }

    /// Whether an instance is planned for.
    func has(_ address: InstanceAddress) -> Bool {
        guard let resources else { return true }
        let resource = address.resource.inConfiguration
        guard resources.contains(resource) else { return false }
        if let some = excluded[resource], some.contains(where: { $0.covers(address) }) { return false }
        return instances[resource].map { $0.contains { $0.covers(address) } } ?? true
    }

    /// The resources with objects that depend on one of these, directly or through others.
    private static func dependants(of targets: Set<ResourceAddress>, in state: State) -> [ResourceAddress] {
        state.resources.filter { _, resource in
            resource.objects.contains { !targets.isDisjoint(with: $0.dependencies) }
        }.map(\.key.inConfiguration)
    }

    /// What the objects of a resource depend on.
    private static func dependencies(of address: ResourceAddress, in state: State) -> [ResourceAddress] {
        state.resources.filter { $0.key.inConfiguration == address }.values
            .flatMap { $0.objects.flatMap(\.dependencies) }.map(\.inConfiguration)
    }
}

extension Node {
    /// The resource that it stands for; nil for anything else.
    fileprivate var resourceAddress: ResourceAddress? {
        if case .resource(let address) = kind { address } else { nil }
    }
}

extension Target {
    /// Whether it means all instances of all modules on the way.
    fileprivate var hasNoKeys: Bool { module.steps.allSatisfy { $0.key == .none } }
}

extension ResourceState {
    /// All its objects, deposed ones included.
    fileprivate var objects: [ObjectState] {
        instances.values.flatMap { [$0.current].compactMap { $0 } + $0.deposed.values }
    }
}
