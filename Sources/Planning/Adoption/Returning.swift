package import Configuring
import JSON

/// The way back: a state as Terraform would have it.
extension State {
    /// The state with its secrets in clear and without what is flinkform's, and the addresses of the objects whose secrets are
    /// not known.
    ///
    /// If the state took over one whole Terraform state, it goes on with that one's lineage and serial, so that Terraform takes it
    /// as its successor. Else its lineage is its own: whoever has the rest must not take this for the whole.
    ///
    /// - Parameters:
    ///   - secrets: The known secrets, by the ids of their objects.
    ///   - catalog: The resource types there are.
    package func forTerraform(
        secrets: [String: String], catalog: Catalog
    ) -> (state: State, missing: [InstanceAddress]) {
        var result = self
        var missing: Set<InstanceAddress> = []
        result.origin = nil
        result.adoptions = []
        if let adopted = adoptions.first, adoptions.count == 1, adopted.isWhole {
            (result.lineage, result.serial) = (adopted.lineage, adopted.serial + 1)
        }
        for (address, resource) in resources {
            let name = address.mode == .managed ? catalog.schema(for: address)?.secretAttribute : nil
            for (key, instance) in resource.instances {
                let place = InstanceAddress(address, key)
                func returned(_ object: ObjectState) -> ObjectState {
                    var object = object
                    object.record = ObjectRecord(foreign: object.record.foreign)
                    guard let name else { return object }
                    let secret = object.id.flatMap { secrets[$0] }
                    if secret == nil { missing.insert(place) }
                    object.attributes[name] = secret.map { .string($0) } ?? .null
                    return object
                }
                result.resources[address]?.instances[key] = InstanceState(
                    current: instance.current.map(returned), deposed: instance.deposed.mapValues(returned))
            }
        }
        return (result, missing.sorted())
    }
}
