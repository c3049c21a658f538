package import Configuring

extension State {
    /// Gives the resources of one provider another; returns which they are, sorted.
    package mutating func replaceProvider(
        _ source: ProviderAddress, with other: ProviderAddress
    ) -> [ResourceAddress] {
        let (old, new) = ("provider[\"\(source)\"]", "provider[\"\(other)\"]")
        var changed: [ResourceAddress] = []
        for (address, resource) in resources {
            // A module's path may stand before it, and an alias behind it.
            guard let place = resource.provider.firstRange(of: old) else { continue }
            resources[address]?.provider.replaceSubrange(place, with: new)
            changed.append(address)
        }
        return changed.sorted()
    }
}
