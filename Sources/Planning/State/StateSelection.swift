package import Configuring
package import Diagnostics

/// Looking things up in a state by what a user types.
extension State {
    /// The instances that an address means, those with deposed objects alone included; sorted.
    package func instances(at target: Target) -> [InstanceAddress] {
        if let address = target.resource {
            guard let instances = resources[address]?.instances else { return [] }
            let keys = target.key.map { instances[$0] == nil ? [] : [$0] } ?? instances.keys.sorted()
            return keys.map { InstanceAddress(address, $0) }
        }
        return resources.filter { target.selects($0.key.module) }
            .flatMap { resource in resource.value.instances.keys.map { InstanceAddress(resource.key, $0) } }.sorted()
    }

    /// What is wrong when an address means nothing in it; nil when it does.
    package func absence(of target: Target) -> Diagnostic? {
        instances(at: target).isEmpty ? .nothing(at: target) : nil
    }

    /// Whether an attribute `id` of an instance's current object is this text.
    package func hasObject(_ address: InstanceAddress, withID id: String) -> Bool { self[address]?.id == id }

    /// Marks an instance's current object as one that must be replaced, or takes the mark away.
    ///
    /// Returns what is wrong when there is no such instance; throws when it has no object or no mark to take away.
    package mutating func taint(_ address: InstanceAddress, _ isTainted: Bool) throws(Diagnostic) -> Diagnostic? {
        guard !resources.isEmpty else { return .noResourcesAtAll }
        guard let instance = resources[address.resource]?.instances[address.key] else { return .noInstance(address) }
        guard var object = instance.current else { throw .isBeingReplaced(address) }
        guard isTainted || object.isTainted else { throw .notTainted(address) }
        object.isTainted = isTainted
        set(object, at: address, deposed: nil)
        return nil
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func nothing(at target: Target) -> Diagnostic {
        let address = VisibleText.escaped(target.description)
        if target.resource == nil {
            return .error(
                "Unknown module",
                "The current state contains no module at \(address). If you've just added this module to the configuration, you must run \"flinkform apply\" first to create the module's entry in the state."
            )
        }
        if target.key == nil {
            return .error(
                "Unknown resource",
                "The current state contains no resource \(address). If you've just added this resource to the configuration, you must run \"flinkform apply\" first to create the resource's entry in the state."
            )
        }
        return .error(
            "Unknown resource instance",
            "The current state contains no resource instance \(address). If you've just added its resource to the configuration or have changed the count or for_each arguments, you must run \"flinkform apply\" first to update the resource's entry in the state."
        )
    }

    /// The state has nothing that could be marked.
    package static var noResourcesAtAll: Diagnostic {
        .error(
            "No such resource instance",
            "The state currently contains no resource instances whatsoever. This may occur if the configuration has never been applied or if it has recently been destroyed."
        )
    }

    fileprivate static func noInstance(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "No such resource instance",
            "There is no resource instance in the state with the address \(VisibleText.escaped(address.description)). If the resource configuration has just been added, you must run \"flinkform apply\" once to create the corresponding instance(s) before they can be tainted."
        )
    }

    fileprivate static func isBeingReplaced(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "No such resource instance",
            "Resource instance \(VisibleText.escaped(address.description)) is currently part-way through a create_before_destroy replacement action. Run \"flinkform apply\" to complete its replacement before tainting it."
        )
    }

    fileprivate static func notTainted(_ address: InstanceAddress) -> Diagnostic {
        .error(
            "Resource instance is not tainted",
            "Resource instance \(VisibleText.escaped(address.description)) is not currently tainted, and so it cannot be untainted."
        )
    }
}
