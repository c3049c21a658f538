/// What an address means in state, where modules and resources are told apart by instance.
extension Target {
    /// Whether it means an instance of the state.
    ///
    /// Each step through modules means the instance that it names, and one without a key the only one. The last step of a
    /// module's address, and a resource's without a key, mean all instances.
    package func selects(_ address: InstanceAddress) -> Bool {
        guard let resource else { return selects(address.resource.module) }
        return resource == address.resource && (key == nil || key == address.key)
    }

    /// Whether it is the address of a module that means this one, or one that this one is in.
    package func selects(_ module: ModuleAddress) -> Bool {
        guard resource == nil, let last = self.module.steps.last else { return false }
        let (count, steps) = (self.module.steps.count, module.steps)
        guard steps.count >= count, steps.prefix(count - 1) == self.module.steps.prefix(count - 1) else { return false }
        return steps[count - 1].name == last.name && (last.key == .none || steps[count - 1].key == last.key)
    }
}

extension ModuleAddress {
    /// The module with another one in the place of an outer one, or of itself; nil when it is neither that one nor in it.
    package func replacing(_ outer: ModuleAddress, with other: ModuleAddress) -> ModuleAddress? {
        guard steps.starts(with: outer.steps) else { return nil }
        return ModuleAddress(steps: other.steps + steps.dropFirst(outer.steps.count))
    }
}
