package import Configuring
import JSON

/// Moves the objects of a state to the addresses that the configuration has for them now, before anything is planned.
///
/// What `moved` blocks say is followed, and what goes without saying: when a resource gets `count` or loses it, its only instance
/// and the first of many are the same.
package struct StateMoves: Sendable {
    /// Something that could not be moved, because something else was there.
    package struct Blocked: Hashable, Sendable {
        /// What it is.
        package let from: MoveSubject
        /// Where it should have gone.
        package let to: MoveSubject
    }

    /// The state with everything in its place.
    package private(set) var state: State
    /// Where the objects were that were moved, by where they are now.
    package private(set) var origins: [InstanceAddress: InstanceAddress] = [:]
    /// What could not be moved, in the order of the moves.
    package private(set) var blocked: [Blocked] = []
    /// Where the addresses are now that were held although the state has nothing there.
    package private(set) var held: [InstanceAddress: InstanceAddress] = [:]
    private let catalog: Catalog
    /// The resources in each instance of a module, and the instances of modules inside of one; made when first needed.
    private var modules: Modules?

    private struct Modules {
        var resources: [ModuleAddress: Set<ResourceAddress>] = [:]
        /// The calls in an instance of a module: addresses whose last step has no key.
        var calls: [ModuleAddress: Set<ModuleAddress>] = [:]
        /// The instances that a call leads to.
        var called: [ModuleAddress: Set<ModuleAddress>] = [:]
        /// The instances of a module, by its address in the configuration.
        var instances: [ModuleAddress: Set<ModuleAddress>] = [.root: [.root]]

        init(_ state: State) { for address in state.resources.keys { add(address) } }

        mutating func add(_ resource: ResourceAddress) {
            resources[resource.module, default: []].insert(resource)
            var module = resource.module
            while let parent = module.parent, let step = module.steps.last {
                let call = parent.child(step.name)
                guard called[call, default: []].insert(module).inserted else { return }
                calls[parent, default: []].insert(call)
                instances[module.inConfiguration, default: []].insert(module)
                module = parent
            }
        }

        /// An instance of a module stays known when nothing is left in it.
        mutating func remove(_ resource: ResourceAddress) { resources[resource.module]?.remove(resource) }
    }

    /// Follows the moves of a configuration.
    ///
    /// Moves that lead in a circle are left alone.
    ///
    /// - Parameters:
    ///   - configuration: What declares the moves.
    ///   - state: What is moved.
    ///   - addresses: What is moved although the state may have nothing there: what is about to be made.
    ///   - catalog: How providers are called in state files.
    package init(
        _ configuration: Configuration, _ state: State, holding addresses: [InstanceAddress] = [], catalog: Catalog
    ) {
        self.state = state
        self.catalog = catalog
        let empty = Set(addresses.filter { state.resources[$0.resource]?.instances[$0.key] == nil })
        for address in empty {
            self.state.resources[address.resource, default: ResourceState(provider: "")].instances[address.key] =
                InstanceState()
        }
        followAll(configuration)
        guard !empty.isEmpty else { return }
        for (new, old) in origins where empty.contains(old) {
            held[old] = new
            origins[new] = nil
        }
        for address in empty {
            let place = held[address] ?? address
            self.state.resources[place.resource]?.instances[place.key] = nil
            if self.state.resources[place.resource]?.instances.isEmpty == true {
                self.state.resources[place.resource] = nil
            }
        }
    }

    private mutating func followAll(_ configuration: Configuration) {
        let moves = configuration.moved + Self.implied(by: configuration, in: state)
        guard !moves.isEmpty else { return }
        for position in MoveOrder(moves).positions { follow(moves[position]) }
    }

    /// What goes without saying: no key and `[0]` are the same instance, unless a block says something of the resource.
    private static func implied(by configuration: Configuration, in state: State) -> [MovedBlock] {
        // What a called module declares is about all its instances.
        var (told, toldOfAll): (Set<ResourceAddress>, Set<ResourceAddress>) = ([], [])
        for move in configuration.moved {
            for resource in [move.from, move.to].compactMap({ $0.inside(move.module).resource }) {
                if move.module.isRoot { told.insert(resource) } else { toldOfAll.insert(resource.inConfiguration) }
            }
        }
        var changed: [(address: ResourceAddress, declared: ResourceConfiguration)] = []
        for (address, resource) in state.resources where address.mode == .managed {
            guard let declared = configuration.resource(address), declared.repetition.forEach == nil,
                resource.instances[declared.repetition.isSingle ? .index(0) : .none] != nil,
                !told.contains(address), !toldOfAll.contains(address.inConfiguration)
            else { continue }
            changed.append((address, declared))
        }
        return changed.sorted { $0.address < $1.address }.map { address, declared in
            let (single, first) = (InstanceAddress(address), InstanceAddress(address, .index(0)))
            return declared.repetition.isSingle
                ? MovedBlock(module: .root, from: .instance(first), to: .instance(single), range: declared.range)
                : MovedBlock(module: .root, from: .instance(single), to: .instance(first), range: declared.range)
        }
    }

    /// The moves alone, without the state, which is somebody else's to change.
    func withoutState() -> StateMoves {
        var result = self
        result.state = State(lineage: state.lineage)
        result.modules = nil
        return result
    }

    // MARK: - Following

    private mutating func follow(_ move: MovedBlock) {
        // Data sources are read anew wherever they are.
        guard move.from.resource?.mode != .data else { return }
        guard !move.module.isRoot else { return follow(move.from, move.to) }
        prepareModules()
        for instance in (modules?.instances[move.module] ?? []).sorted() {
            follow(move.from.inside(instance), move.to.inside(instance))
        }
    }

    private mutating func follow(_ from: MoveSubject, _ to: MoveSubject) {
        switch (from, to) {
        case (.instance(let old), .instance(let new)): move(old, to: new)
        case (.resource(let old), .resource(let new)):
            guard let resource = state.resources[old] else { return }
            if state.resources[new] != nil {
                blocked.append(Blocked(from: from, to: to))
            } else {
                move(old, resource, to: new)
            }
        case (.module(let old), .module(let new)): move(old, to: new)
        case (.call(let old), .call(let new)):
            guard let outer = new.parent, let name = new.steps.last?.name else { return }
            prepareModules()
            for instance in (modules?.called[old] ?? []).sorted() {
                move(instance, to: outer.child(name, instance.steps.last?.key ?? .none))
            }
        default: return
        }
    }

    /// Moves an instance of a module, and all modules inside of it.
    private mutating func move(_ old: ModuleAddress, to new: ModuleAddress) {
        prepareModules()
        var work = [old]
        while let module = work.popLast() {
            for call in (modules?.calls[module] ?? []).sorted(by: >) {
                work += (modules?.called[call] ?? []).sorted(by: >)
            }
            let resources = modules?.resources[module] ?? []
            guard !resources.isEmpty else { continue }
            let target = ModuleAddress(steps: new.steps + module.steps.dropFirst(old.steps.count))
            guard modules?.resources[target]?.isEmpty ?? true else {
                blocked.append(Blocked(from: .module(module), to: .module(target)))
                continue
            }
            for address in resources {
                guard let resource = state.resources[address] else { continue }
                move(
                    address, resource,
                    to: ResourceAddress(target, mode: address.mode, type: address.type, name: address.name))
            }
        }
    }

    private mutating func move(_ old: ResourceAddress, _ resource: ResourceState, to new: ResourceAddress) {
        take(old)
        put(new, resource.converted(from: old, to: new, catalog))
        guard old.mode == .managed else { return }
        for key in resource.instances.keys { note(InstanceAddress(old, key), InstanceAddress(new, key)) }
    }

    private mutating func move(_ old: InstanceAddress, to new: InstanceAddress) {
        guard let instance = state.resources[old.resource]?.instances[old.key] else { return }
        guard state.resources[new.resource]?.instances[new.key] == nil else {
            blocked.append(Blocked(from: .instance(old), to: .instance(new)))
            return
        }
        let provider = state.resources[old.resource]?.provider ?? ""
        state.resources[old.resource]?.instances[old.key] = nil
        if state.resources[old.resource]?.instances.isEmpty == true { take(old.resource) }
        let moved = ResourceState(provider: provider, instances: [new.key: instance]).converted(
            from: old.resource, to: new.resource, catalog)
        if state.resources[new.resource] == nil {
            put(new.resource, moved)
        } else {
            state.resources[new.resource]?.instances[new.key] = moved.instances[new.key]
        }
        note(old, new)
    }

    private mutating func take(_ address: ResourceAddress) {
        state.resources[address] = nil
        modules?.remove(address)
    }

    private mutating func put(_ address: ResourceAddress, _ resource: ResourceState) {
        state.resources[address] = resource
        modules?.add(address)
    }

    /// Remembers where an object was before all moves.
    private mutating func note(_ old: InstanceAddress, _ new: InstanceAddress) {
        let origin = origins.removeValue(forKey: old) ?? old
        origins[new] = origin == new ? nil : origin
    }

    private mutating func prepareModules() { modules = modules ?? Modules(state) }
}

extension ResourceState {
    /// The resource as the type has it that it becomes at another address: a `null_resource` becomes a `terraform_data`, and
    /// nothing else changes its type.
    func converted(from old: ResourceAddress, to new: ResourceAddress, _ catalog: Catalog) -> ResourceState {
        guard old.type != new.type, MovedBlock.canBecome(old.type, new.type) else { return self }
        var result = self
        result.provider = catalog.provider(having: new).map { catalog.reference(to: $0.name) } ?? provider
        result.instances = instances.mapValues { instance in
            InstanceState(
                current: instance.current.map(Self.ofValues), deposed: instance.deposed.mapValues(Self.ofValues))
        }
        return result
    }

    private static func ofValues(_ object: ObjectState) -> ObjectState {
        var result = object
        var triggers = JSONValue.null
        if let values = object.attributes["triggers"]?.object, !values.isEmpty {
            let types = JSONObject(values.map { ($0.key, JSONValue.string("string")) })
            triggers = ["value": .object(values), "type": ["object", .object(types)]]
        }
        result.attributes = [
            "id": object.attributes["id"] ?? .null, "input": .null, "output": .null, "triggers_replace": triggers,
        ]
        return result
    }
}
