package import Configuring

/// One thing that apply does.
package struct Step: Hashable, Sendable {
    /// What it does.
    ///
    /// Indices are positions in the plan's `changes`.
    package enum Work: Hashable, Sendable {
        /// Settles what an interrupted run left.
        case settle(Settlement)
        /// Reads a data source.
        case read(change: Int)
        /// Makes a new object; a deposed key of not nil first moves the current object there.
        case create(change: Int, deposing: Bool)
        /// Changes the object in place.
        case update(change: Int)
        /// Destroys the object of a change: the current one, the change's deposed one, or, after a create that deposed it, the replaced one.
        case delete(change: Int)
        /// Takes the object of a change out of the state, and leaves it as it is.
        case forget(change: Int)
        /// Does nothing itself: it is done once every step of a resource is, so that dependants wait for one step only.
        case gather(ResourceAddress, Gathering)
        /// Records the output values; always the last step, and performed whatever failed before it.
        case outputs
    }

    /// Which steps of a resource a gathering step stands for.
    package enum Gathering: String, Hashable, Sendable {
        /// Reads, creates and updates: what dependants need.
        case made
        /// Deletes: what must come before their dependencies are destroyed.
        case destroyed
    }

    /// What it does.
    package var work: Work
    /// The positions, in the plan's `steps`, of those that must have succeeded before; all smaller than its own.
    package var waits: [Int]

    /// Makes a step.
    package init(_ work: Work, waits: [Int] = []) {
        self.work = work
        self.waits = waits
    }

    /// Whether it is a settlement that changes something; watching on for a late commit does not.
    var changesSomething: Bool {
        switch work {
        case .settle(.finish), .settle(.discard): true
        default: false
        }
    }

    /// Whether it settles an interrupted create.
    package var isSettlement: Bool {
        if case .settle = work { true } else { false }
    }
}

/// How one interrupted create is settled.
///
/// Decided by `Settlement.decide`, performed as a step.
package enum Settlement: Hashable, Sendable {
    /// Its object exists and its secret is stored: it is recorded, and nothing is made.
    case finish(Intent, id: String)
    /// Its objects exist, their secrets are lost: they are destroyed, and a new one is made by the ordinary plan.
    case discard(Intent, ids: [String])
    /// Its secret is stored, but its object is gone again: the secret goes, too.
    case gone(Intent, id: String)
    /// Nothing was found yet: it stays watched, since a late commit may still show.
    case watch(Intent)
    /// Nothing was found in ten minutes: it is forgotten.
    case drop(Intent)

    /// The intent that is settled.
    package var intent: Intent {
        switch self {
        case .finish(let intent, _), .discard(let intent, _), .gone(let intent, _), .watch(let intent),
            .drop(let intent):
            intent
        }
    }
}
