package import Configuring
package import Planning

extension Graph {
    /// The resources and data sources of a configuration, and what each of them needs, without what follows from the rest.
    ///
    /// As in Terraform, those that are in the state alone are there, too.
    package init(resourcesOf configuration: Configuration, and state: State) {
        let present = state.resources.keys.lazy.filter { $0.mode == .managed }.map(\.inConfiguration)
        let resources = Set(configuration.resources.map(\.address)).union(present).sorted()
        let places = Dictionary(uniqueKeysWithValues: resources.enumerated().map { ($1, $0) })
        let nodes = resources.map { address in
            Node(
                name: address.description, label: address.nameInModule, module: address.module.description,
                kind: address.mode == .data ? .data : .resource)
        }
        let needs = resources.map { address in
            configuration.resource(address) == nil
                ? [] : configuration.resourcesBehind(.resource(address)).compactMap { places[$0] }
        }
        self = Graph(nodes, needs: needs).reduced
    }

    /// All that is evaluated of a configuration, and what each needs, without what follows from the rest.
    package init(evaluationOf configuration: Configuration) {
        let order = configuration.topologicalOrder().nodes
        let providers = Set(configuration.resources.map(\.provider)).sorted()
        let all = order + providers.map(Configuring.Node.provider)
        let places = Dictionary(all.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let nodes = all.map { node in
            Node(
                name: node.shown, label: node.shownInModule, module: node.module.description, kind: Kind(node.kind))
        }
        let needs = all.map { node -> [Int] in
            var needs = configuration.dependencies(of: node)
            if case .resource(let address) = node.kind, let resource = configuration.resource(address) {
                needs.append(.provider(resource.provider))
            }
            return needs.compactMap { places[$0] }
        }
        let sorted = Self.sorted(nodes, needs)
        self = Graph(sorted.nodes, needs: sorted.needs).reduced
    }

    /// What destroying everything in a state does: each object waits for those that need it.
    package init(destroying state: State) {
        let resources = Set(state.resources.keys.filter { $0.mode == .managed }.map(\.inConfiguration)).sorted()
        let places = Dictionary(uniqueKeysWithValues: resources.enumerated().map { ($1, $0) })
        var waits: [[Int]] = Array(repeating: [], count: resources.count)
        for (address, resource) in state.resources {
            guard let place = places[address.inConfiguration] else { continue }
            for instance in resource.instances.values {
                for object in [instance.current].compactMap({ $0 }) + instance.deposed.values {
                    for need in object.dependencies { places[need].map { waits[$0].append(place) } }
                }
            }
        }
        let nodes = resources.map { address in
            Node(
                name: "\(address) (destroy)", label: address.nameInModule, module: address.module.description,
                kind: .delete)
        }
        self = Graph(nodes, needs: waits).reduced
    }

    /// The things in the order of their names, with their needs.
    static func sorted(_ nodes: [Node], _ needs: [[Int]]) -> (nodes: [Node], needs: [[Int]]) {
        let order = nodes.indices.sorted { nodes[$0].name < nodes[$1].name }
        var place = Array(repeating: 0, count: nodes.count)
        for (new, old) in order.enumerated() { place[old] = new }
        return (order.map { nodes[$0] }, order.map { needs[$0].map { place[$0] } })
    }
}

extension Graph.Kind {
    fileprivate init(_ kind: Configuring.Node.Kind) {
        switch kind {
        case .resource(let address): self = address.mode == .data ? .data : .resource
        case .provider: self = .provider
        case .variable, .local, .call, .output: self = .value
        case .validation, .check: self = .other
        }
    }
}
