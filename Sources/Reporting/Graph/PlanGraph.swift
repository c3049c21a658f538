import Configuring
package import Planning

extension Graph {
    /// The steps of a plan, and which of them each waits for: what apply does, as it does it.
    package init(stepsOf plan: Plan) {
        let nodes = plan.steps.map { step -> Node in
            func of(_ change: Int, _ word: String, _ kind: Kind) -> Node {
                let address = plan.changes[change].address
                let object = plan.changes[change].deposed.map { " (deposed object \($0))" } ?? ""
                return Node(
                    name: "\(address)\(object) (\(word))",
                    label: "\(address.resource.nameInModule)\(address.key)\(object) (\(word))",
                    module: address.resource.module.description, kind: kind)
            }
            switch step.work {
            case .settle(let settlement):
                let address = settlement.intent.address
                return Node(
                    name: "\(address) (settle \(settlement.intent.id))",
                    label: "\(address.resource.nameInModule)\(address.key) (settle)",
                    module: address.resource.module.description, kind: .other)
            case .read(let change): return of(change, "read", .read)
            case .create(let change, _): return of(change, "create", .create)
            case .update(let change): return of(change, "update", .update)
            case .delete(let change): return of(change, "destroy", .delete)
            case .forget(let change): return of(change, "forget", .other)
            case .gather(let address, let which):
                return Node(
                    name: "\(address) (\(which.rawValue))", label: "\(address.nameInModule) (\(which.rawValue))",
                    module: address.module.description, kind: .other)
            case .outputs: return Node(name: "outputs", label: "outputs", kind: .value)
            }
        }
        self.init(nodes, needs: plan.steps.map(\.waits))
    }

    /// What a plan does to the resources of its configuration, and what each needs: a thing a resource, with its instances together.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - configuration: The configuration that it was made of.
    ///   - link: Where more is told of a resource; empty for nowhere.
    init(changesOf plan: Plan, _ configuration: Configuration, link: (ResourceAddress) -> String) {
        var actions: [ResourceAddress: [Action]] = [:]
        var recorded: [ResourceAddress: Set<ResourceAddress>] = [:]
        for change in plan.changes {
            let address = change.address.resource.inConfiguration
            actions[address, default: []].append(change.action)
            recorded[address, default: []].formUnion(change.dependencies)
        }
        let declared = Set(configuration.resources.map(\.address))
        let resources = declared.union(actions.keys).sorted()
        let places = Dictionary(uniqueKeysWithValues: resources.enumerated().map { ($1, $0) })
        let nodes = resources.map { address -> Node in
            let own = actions[address] ?? []
            var node = Node(
                name: address.description, label: address.nameInModule, module: address.module.description,
                kind: Kind(own, address.mode))
            if own.count > 1 { node.remark = "×\(own.count)" }
            node.link = link(address)
            return node
        }
        let needs = resources.map { address -> [Int] in
            // What is not in the configuration any more needs what its objects needed.
            let behind =
                declared.contains(address)
                ? configuration.resourcesBehind(.resource(address)) : recorded[address] ?? []
            return behind.compactMap { places[$0] }
        }
        self = Graph(nodes, needs: needs).reduced
    }
}

extension Graph.Kind {
    /// What becomes of a resource, whose instances may have several actions: the one that a reviewer wants to see first.
    fileprivate init(_ actions: [Action], _ mode: ResourceMode) {
        let some = Set(actions)
        self =
            if some.contains(where: \.isReplacement) {
                .replace
            } else if some.contains(.delete) {
                .delete
            } else if some.contains(.update) {
                .update
            } else if some.contains(.create) {
                .create
            } else if some.contains(.read) {
                .read
            } else if some.contains(.forget) {
                .other
            } else {
                mode == .data ? .data : .unchanged
            }
    }
}
