package import Configuring
package import Diagnostics

/// What was moved in a state: an instance, a resource, or one of the modules that a module's address means.
package struct StateMove: Hashable, Sendable {
    /// Its address before.
    package let source: String
    /// Its address now.
    package let destination: String
}

/// Why nothing is moved.
package enum StateMoveRefusal: Error, Hashable, Sendable {
    /// The addresses do not fit the state, or one another.
    case unfit([Diagnostic])
    /// There is a module at the destination.
    case moduleExists
}

extension State {
    /// Moves an instance, a resource with its instances, or a module with all that is in it to another address.
    ///
    /// Objects that depended on what was moved are without dependencies until they are planned again, as in Terraform.
    package mutating func move(
        _ source: Target, to destination: Target
    ) throws(StateMoveRefusal) -> [StateMove] {
        guard let resource = source.resource else { return try moveModule(source, destination) }
        let instances = resources[resource]?.instances
        let isWhole = source.key == nil && instances != nil && instances?[.none] == nil
        guard source.key != nil || instances != nil else { throw .unfit([.noSource(source)]) }
        guard let target = destination.resource else {
            let kind = "resource instance"
            throw .unfit([
                isWhole ? .wholeTarget(source, destination) : .otherTarget(source, destination, kind)
            ])
        }
        if isWhole, destination.key != nil { throw .unfit([.wholeTarget(source, destination)]) }
        let (from, to) = (
            InstanceAddress(resource, source.key ?? .none), InstanceAddress(target, destination.key ?? .none)
        )
        var problems = Self.kindProblems(resource, target)
        if isWhole {
            if resources[target] != nil { problems.append(.resourceExists(target)) }
        } else {
            if resources[target]?.instances[to.key] != nil { problems.append(.instanceExists(to)) }
            if instances?[from.key] == nil { problems.append(.noInstance(source)) }
        }
        guard problems.isEmpty else { throw .unfit(problems) }
        if isWhole {
            resources[target] = resources.removeValue(forKey: resource)
        } else {
            moveInstance(from, to)
        }
        forgetDependencies(on: [resource.inConfiguration])
        return [StateMove(source: source.description, destination: destination.description)]
    }

    /// Moves an instance, a resource with its instances, or a module with all that is in it to another state.
    ///
    /// On a refusal, neither state is of use any more.
    package mutating func move(
        _ source: Target, to destination: Target, in other: inout State
    ) throws(StateMoveRefusal) -> [StateMove] {
        var moving = State(lineage: lineage)
        if let origin {
            let there = other.origin ?? origin
            guard (there.organization, there.endpoint) == (origin.organization, origin.endpoint) else {
                throw .unfit([.otherOrigin(origin, there)])
            }
            other.origin = there
        }
        for address in instances(at: source) {
            let provider = resources[address.resource]?.provider ?? ""
            let instance = resources[address.resource]?.instances.removeValue(forKey: address.key)
            if resources[address.resource]?.instances.isEmpty == true { resources[address.resource] = nil }
            moving.resources[address.resource, default: ResourceState(provider: provider)].instances[address.key] =
                instance
        }
        let taken = Set(moving.resources.keys.map(\.inConfiguration))
        var moves = [StateMove(source: source.description, destination: destination.description)]
        if moving.resources.isEmpty || source != destination { moves = try moving.move(source, to: destination) }
        if destination.resource == nil {
            let places = Set(moving.resources.keys.map(\.module))
            guard !other.resources.keys.contains(where: { places.contains($0.module) }) else { throw .moduleExists }
        }
        forgetDependencies(on: taken)
        moving.forgetDependencies(on: taken)
        for (address, resource) in moving.resources {
            if destination.key == nil, source.key == nil, other.resources[address] != nil {
                throw .unfit([.resourceExists(address)])
            }
            for (key, instance) in resource.instances {
                guard other.resources[address]?.instances[key] == nil else {
                    throw .unfit([.instanceExists(InstanceAddress(address, key))])
                }
                other.resources[address, default: ResourceState(provider: resource.provider)].instances[key] = instance
            }
        }
        return moves
    }

    private static func kindProblems(_ from: ResourceAddress, _ to: ResourceAddress) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if from.mode != to.mode { problems.append(.otherMode(from, to)) }
        if from.type != to.type { problems.append(.otherType(from, to)) }
        return problems
    }

    private mutating func moveInstance(_ from: InstanceAddress, _ to: InstanceAddress) {
        let provider = resources[from.resource]?.provider ?? ""
        guard let instance = resources[from.resource]?.instances.removeValue(forKey: from.key) else { return }
        if resources[from.resource]?.instances.isEmpty == true { resources[from.resource] = nil }
        resources[to.resource, default: ResourceState(provider: provider)].instances[to.key] = instance
    }

    private mutating func moveModule(_ source: Target, _ destination: Target) throws(StateMoveRefusal) -> [StateMove] {
        var targets: [ModuleAddress: ModuleAddress] = [:]
        for address in resources.keys where targets[address.module] == nil {
            guard let place = address.module.replacing(source.module, with: destination.module) else { continue }
            targets[address.module] = place
        }
        guard !targets.isEmpty else { throw .unfit([.noSource(source)]) }
        guard destination.resource == nil else { throw .unfit([.otherTarget(source, destination, "module")]) }
        let places = Set(targets.values)
        let isTaken = resources.keys.contains { address in
            places.contains(address.module) && (targets[address.module] == nil || source.module == destination.module)
        }
        guard !isTaken else { throw .moduleExists }
        let moved = resources.filter { targets[$0.key.module] != nil }
        for address in moved.keys { resources[address] = nil }
        for (address, resource) in moved {
            guard let place = targets[address.module] else { continue }
            resources[address.inInstance(place)] = resource
        }
        forgetDependencies(on: Set(moved.keys.map(\.inConfiguration)))
        return targets.sorted { $0.key < $1.key }.map {
            StateMove(source: $0.key.description, destination: $0.value.description)
        }
    }

    /// Takes the dependencies from all objects that depend on one of these resources: they are not known any more.
    private mutating func forgetDependencies(on moved: Set<ResourceAddress>) {
        func isConcerned(_ object: ObjectState) -> Bool {
            object.dependencies.contains { moved.contains($0.inConfiguration) }
        }
        for (address, resource) in resources {
            for (key, instance) in resource.instances {
                if let current = instance.current, isConcerned(current) {
                    resources[address]?.instances[key]?.current?.dependencies = []
                }
                for (deposed, object) in instance.deposed where isConcerned(object) {
                    resources[address]?.instances[key]?.deposed[deposed]?.dependencies = []
                }
            }
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    private static func shown(_ target: Target) -> String { VisibleText.escaped(target.description) }

    fileprivate static func noSource(_ source: Target) -> Diagnostic {
        .error(
            "Invalid source address",
            "Cannot move \(shown(source)): does not match anything in the current state.")
    }

    fileprivate static func noInstance(_ source: Target) -> Diagnostic {
        .error("Invalid source address", "The current state does not contain \(shown(source)).")
    }

    fileprivate static func otherTarget(_ source: Target, _ destination: Target, _ kind: String) -> Diagnostic {
        .error(
            "Invalid target address",
            "Cannot move \(shown(source)) to \(shown(destination)): the target must also be a \(kind).")
    }

    fileprivate static func wholeTarget(_ source: Target, _ destination: Target) -> Diagnostic {
        .error(
            "Invalid target address",
            "Cannot move \(shown(source)) to \(shown(destination)): the source is a whole resource (not a resource instance) so the target must also be a whole resource."
        )
    }

    fileprivate static func otherOrigin(_ here: Origin, _ there: Origin) -> Diagnostic {
        .error(
            "Invalid state move request",
            "The objects of this state live in organization \(VisibleText.escaped(here.organization)) at \(VisibleText.escaped(here.endpoint)), those of the other in \(VisibleText.escaped(there.organization)) at \(VisibleText.escaped(there.endpoint)): there, what is moved would not be found."
        )
    }

    fileprivate static func resourceExists(_ address: ResourceAddress) -> Diagnostic {
        .error(
            "Invalid target address",
            "Cannot move to \(VisibleText.escaped(address.description)): there is already a resource at that address in the current state."
        )
    }

    fileprivate static func instanceExists(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Invalid target address",
            "Cannot move to \(VisibleText.escaped(address.description)): there is already a resource instance at that address in the current state."
        )
    }

    fileprivate static func otherMode(_ from: ResourceAddress, _ to: ResourceAddress) -> Diagnostic {
        let kind = from.mode == .managed ? "managed" : "data"
        return .error(
            "Invalid state move request",
            "Cannot move \(VisibleText.escaped(from.description)) to \(VisibleText.escaped(to.description)): a \(kind) resource can be moved only to another \(kind) resource address."
        )
    }

    fileprivate static func otherType(_ from: ResourceAddress, _ to: ResourceAddress) -> Diagnostic {
        .error(
            "Invalid state move request",
            "Cannot move \(VisibleText.escaped(from.description)) to \(VisibleText.escaped(to.description)): resource types don't match."
        )
    }
}
