import Synchronization

/// Whether objects may still be made in this run: not once the secret of one could not be kept.
///
/// A class, since the creates of a run share it: whoever closes it has yet to destroy what it made, and meanwhile no other may
/// start.
final class CreationGate: Sendable {
    private let closed = Atomic(false)

    /// Whether they may.
    var isOpen: Bool { !closed.load(ordering: .acquiring) }

    /// Lets none start any more.
    func close() { closed.store(true, ordering: .releasing) }
}
