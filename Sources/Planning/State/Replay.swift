package import Configuring

/// Replaying a journal.
extension State {
    /// Takes a record over.
    ///
    /// - Parameters:
    ///   - record: What happened.
    ///   - catalog: How providers are called in state files.
    package mutating func apply(_ record: JournalRecord, catalog: Catalog) {
        switch record {
        case .opened, .missed, .settled: break
        case .recorded(let address, let object, let provider, _):
            set(object, at: address, deposed: nil, provider: catalog.reference(to: provider))
        case .deposed(let address, let key):
            guard let object = self[address] else { return }
            let provider = resources[address.resource]?.provider ?? ""
            set(object, at: address, deposed: key, provider: provider)
            set(nil, at: address, deposed: nil, provider: provider)
        case .restored(let address, let key):
            guard let instance = resources[address.resource]?.instances[address.key],
                let object = instance.deposed[key], instance.current == nil
            else { return }
            let provider = resources[address.resource]?.provider ?? ""
            set(object, at: address, deposed: nil, provider: provider)
            set(nil, at: address, deposed: key, provider: provider)
        case .moved(let moves):
            let taken = moves.map { move in
                (
                    move, provider: resources[move.from.resource]?.provider ?? "",
                    resources[move.from.resource]?.instances.removeValue(forKey: move.from.key)
                )
            }
            for (move, provider, instance) in taken {
                if resources[move.from.resource]?.instances.isEmpty == true { resources[move.from.resource] = nil }
                guard let instance else { continue }
                let moved = ResourceState(provider: provider, instances: [move.to.key: instance]).converted(
                    from: move.from.resource, to: move.to.resource, catalog)
                resources[move.to.resource, default: ResourceState(provider: moved.provider)].instances[move.to.key] =
                    moved.instances[move.to.key]
            }
        case .removed(let address, let deposed): set(nil, at: address, deposed: deposed)
        case .delivered(let address, let recipient, let mark):
            guard var object = self[address] else { return }
            object.record.deliveries[recipient] = mark
            set(object, at: address, deposed: nil)
        // A run that needed no cloud has no place to tell.
        case .origin(let place): origin = place.organization.isEmpty ? origin : place
        case .outputs(let values): outputs = values
        }
    }
}

extension [Intent] {
    /// Takes a record over: what is opened comes, what is settled or recorded goes.
    package mutating func apply(_ record: JournalRecord) {
        switch record {
        case .opened(let intent): append(intent)
        case .missed(let id, let time):
            if let place = firstIndex(where: { $0.id == id }) { self[place].missedAt = self[place].missedAt ?? time }
        case .settled(let id), .recorded(_, _, provider: _, intent: .some(let id)): removeAll { $0.id == id }
        default: break
        }
    }
}
