import Configuring

/// Turns changes into steps, and says which waits for which.
///
/// The rules, each an edge that keeps something from happening too early:
/// 1. What is made waits for everything made of the resources it depends on.
/// 2. What is destroyed waits until its dependants are destroyed, and until those that stay let go of it by their update.
/// 3. A replacement's create waits for its delete, or, made before destroying, the delete for the create and all dependants.
/// 4. Whatever touches an instance waits until what an interrupted run left of it is settled.
///
/// Edges between resources go through one gathering step a resource, so their number is linear.
struct StepOrder {
    let changes: [Change]
    let settlements: [Settlement]
    /// The state as refreshed: what its objects depend on.
    let state: State
    let configuration: Configuration
    let hasOutputs: Bool

    /// The names of steps before they have positions.
    private enum Name: Hashable {
        case settlement(Int)
        case make(change: Int)
        case destroy(change: Int)
        case forget(change: Int)
        case gather(ResourceAddress, Step.Gathering)
    }

    /// The steps, each after those that it waits for.
    func steps() -> [Step] {
        var work: [(name: Name, work: Step.Work)] = []
        for (index, settlement) in settlements.enumerated() {
            work.append((.settlement(index), .settle(settlement)))
        }
        var made: Set<ResourceAddress> = []
        var destroyed: Set<ResourceAddress> = []
        for (index, change) in changes.enumerated() {
            if let making = Self.making(change, index) {
                work.append((.make(change: index), making))
                made.insert(change.address.resource.inConfiguration)
            }
            if change.action == .delete || change.action.isReplacement {
                work.append((.destroy(change: index), .delete(change: index)))
                destroyed.insert(change.address.resource.inConfiguration)
            }
            if change.action == .forget { work.append((.forget(change: index), .forget(change: index))) }
        }
        for resource in made.sorted() { work.append((.gather(resource, .made), .gather(resource, .made))) }
        for resource in destroyed.sorted() {
            work.append((.gather(resource, .destroyed), .gather(resource, .destroyed)))
        }
        return sorted(work, edges: edges(made: made, destroyed: destroyed))
    }

    private static func making(_ change: Change, _ index: Int) -> Step.Work? {
        switch change.action {
        case .create, .deleteThenCreate: .create(change: index, deposing: false)
        case .createThenDelete: .create(change: index, deposing: true)
        case .update: .update(change: index)
        case .read: .read(change: index)
        case .forget: nil
        case .noOp, .delete: nil
        }
    }

    /// What each step waits for: hard edges, and soft ones that give way where they would tie a knot.
    private struct Edges {
        var hard: [Name: [Name]] = [:]
        var soft: [Name: [Name]] = [:]
    }

    private func edges(made: Set<ResourceAddress>, destroyed: Set<ResourceAddress>) -> Edges {
        var edges = Edges()
        var settled: [InstanceAddress: [Name]] = [:]
        for (index, settlement) in settlements.enumerated() {
            settled[settlement.intent.address, default: []].append(.settlement(index))
        }
        let dependants = destroyed.isEmpty ? [:] : dependants()
        for (index, change) in changes.enumerated() {
            let resource = change.address.resource.inConfiguration
            let make = Name.make(change: index)
            let destroy = Name.destroy(change: index)
            if Self.making(change, index) != nil {
                edges.hard[make, default: []] += settled[change.address] ?? []
                edges.hard[.gather(resource, .made), default: []].append(make)
                for dependency in dependencies(of: change) where made.contains(dependency) {
                    edges.hard[make, default: []].append(.gather(dependency, .made))
                }
            }
            guard change.action == .delete || change.action.isReplacement else { continue }
            edges.hard[destroy, default: []] += settled[change.address] ?? []
            edges.hard[.gather(resource, .destroyed), default: []].append(destroy)
            if change.action == .deleteThenCreate { edges.hard[make, default: []].append(destroy) }
            if change.action == .createThenDelete { edges.hard[destroy, default: []].append(make) }
            for dependant in dependants[resource] ?? [] {
                if destroyed.contains(dependant) {
                    edges.hard[destroy, default: []].append(.gather(dependant, .destroyed))
                }
                if change.action != .deleteThenCreate && made.contains(dependant) {
                    edges.soft[destroy, default: []].append(.gather(dependant, .made))
                }
            }
        }
        return edges
    }

    /// Resource to the resources whose objects, as they are now, need it; sorted.
    private func dependants() -> [ResourceAddress: [ResourceAddress]] {
        var result: [ResourceAddress: Set<ResourceAddress>] = [:]
        for (instances, resource) in state.resources {
            let address = instances.inConfiguration
            // The instances of a resource depend on the same, all but always.
            var last: [ResourceAddress] = []
            for instance in resource.instances.values {
                for object in [instance.current].compactMap({ $0 }) + instance.deposed.values
                where object.dependencies != last {
                    last = object.dependencies
                    for dependency in last where dependency != address {
                        result[dependency, default: []].insert(address)
                    }
                }
            }
        }
        return result.mapValues { $0.sorted() }
    }

    private func dependencies(of change: Change) -> [ResourceAddress] {
        configuration.resource(change.address.resource) == nil
            ? [] : configuration.resourceDependencies(of: change.address.resource)
    }

    /// Puts the steps in an order in which each comes after what it waits for, and numbers the waits.
    ///
    /// Where the edges tie a knot, the soft ones between the steps in it are left out, then, for a state whose dependencies were
    /// changed by hand, the hard ones between them.
    private func sorted(_ work: [(name: Name, work: Step.Work)], edges: Edges) -> [Step] {
        let positions = Dictionary(uniqueKeysWithValues: work.enumerated().map { ($1.name, $0) })
        func numbered(_ edges: [Name: [Name]]) -> [Set<Int>] {
            work.map { item in Set((edges[item.name] ?? []).compactMap { positions[$0] }) }
        }
        let hard = numbered(edges.hard)
        var waits = zip(hard, numbered(edges.soft)).map { Array($0.union($1)) }
        var order = DependencyOrder(waits)
        let isKept: [(Int, Int) -> Bool] = [{ hard[$0].contains($1) }, { _, _ in false }]
        for isKept in isKept where order.positions.count < work.count {
            for knot in order.knots {
                let members = Set(knot)
                for step in knot { waits[step].removeAll { members.contains($0) && !isKept(step, $0) } }
            }
            order = DependencyOrder(waits)
        }
        var place = Array(repeating: 0, count: work.count)
        for (new, old) in order.positions.enumerated() { place[old] = new }
        var steps = order.positions.map { old in Step(work[old].work, waits: waits[old].map { place[$0] }.sorted()) }
        if hasOutputs { steps.append(Step(.outputs)) }
        return steps
    }
}
