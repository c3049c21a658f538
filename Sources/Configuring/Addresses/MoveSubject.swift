package import Diagnostics

/// What a `moved` block moves, or where to.
///
/// Modules are told by their instances: a step without a key is the only instance of a call that is not repeated.
package enum MoveSubject: Hashable, Sendable, CustomStringConvertible {
    /// All instances of a module, whatever their keys: the last step has none.
    case call(ModuleAddress)
    /// One instance of a module.
    case module(ModuleAddress)
    /// All instances of a resource.
    case resource(ResourceAddress)
    /// One instance of a resource.
    case instance(InstanceAddress)

    /// The same, seen from outside of the module that it was written in.
    package func inside(_ instance: ModuleAddress) -> MoveSubject {
        if instance.isRoot { return self }
        return switch self {
        case .call(let module): .call(module.inside(instance))
        case .module(let module): .module(module.inside(instance))
        case .resource(let resource): .resource(resource.inside(instance))
        case .instance(let address): .instance(InstanceAddress(address.resource.inside(instance), address.key))
        }
    }

    /// The module that is meant, or the one that the resource is in.
    package var module: ModuleAddress {
        switch self {
        case .call(let module), .module(let module): module
        case .resource(let resource): resource.module
        case .instance(let address): address.resource.module
        }
    }

    /// The resource; nil where modules are meant.
    package var resource: ResourceAddress? {
        switch self {
        case .call, .module: nil
        case .resource(let resource): resource
        case .instance(let address): address.resource
        }
    }

    /// The address, without anything for "all instances".
    package var description: String {
        switch self {
        case .call(let module), .module(let module): module.description
        case .resource(let resource): resource.description
        case .instance(let address): address.description
        }
    }
}

extension ModuleAddress {
    /// The module, seen from outside of another that it was written in.
    func inside(_ outer: ModuleAddress) -> ModuleAddress { ModuleAddress(steps: outer.steps + steps) }
}

extension ResourceAddress {
    /// The resource, seen from outside of the module that it was written in.
    func inside(_ outer: ModuleAddress) -> ResourceAddress {
        ResourceAddress(module.inside(outer), mode: mode, type: type, name: name)
    }
}

/// A `moved` block: what was at one address is at another now.
package struct MovedBlock: Sendable {
    /// The module that declares it, as the configuration knows it; the two addresses are seen from there.
    package var module: ModuleAddress
    /// Where it was.
    package var from: MoveSubject
    /// Where it is; of the same kind.
    package var to: MoveSubject
    /// Where the block is declared.
    package var range: SourceRange

    /// Makes a move between two addresses of one kind.
    package init(module: ModuleAddress, from: MoveSubject, to: MoveSubject, range: SourceRange) {
        (self.module, self.from, self.to, self.range) = (module, from, to, range)
    }
}

extension MovedBlock {
    /// Whether an object of one type can become one of another.
    package static func canBecome(_ type: String, _ other: String) -> Bool {
        type == other || (type == "null_resource" && other == "terraform_data")
    }

    /// A block of the addresses that are written in it, which are both of resources or both of modules.
    ///
    /// Nil when they are not. A key in one of them says that the other is of one instance, too.
    init?(_ module: ModuleAddress, from: MoveSubject, to: MoveSubject, at range: SourceRange) {
        (self.module, self.range) = (module, range)
        switch (from, to) {
        case (.module(let first), .call(let second)): (self.from, self.to) = (.module(first), .module(second))
        case (.call(let first), .module(let second)): (self.from, self.to) = (.module(first), .module(second))
        case (.instance, .resource(let other)): (self.from, self.to) = (from, .instance(InstanceAddress(other)))
        case (.resource(let other), .instance): (self.from, self.to) = (.instance(InstanceAddress(other)), to)
        case (.call, .call), (.module, .module), (.resource, .resource), (.instance, .instance):
            (self.from, self.to) = (from, to)
        default: return nil
        }
    }
}
