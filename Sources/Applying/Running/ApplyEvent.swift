package import Configuring
package import Planning

/// Something that happened during a run, for whoever shows progress.
///
/// Decides nothing.
package enum ApplyEvent: Sendable {
    /// What a step does to an instance.
    package enum Operation: Hashable, Sendable {
        /// Reading a data source.
        case reading
        /// Making an object.
        case creating
        /// Changing one.
        case modifying
        /// Destroying one; a deposed key of not nil names which.
        case destroying(deposed: String?)
    }

    /// Refreshing of an object began.
    case refreshing(InstanceAddress, id: String)
    /// Refreshing of an object ended.
    case refreshed(InstanceAddress, id: String)
    /// An object to import is being looked for.
    case preparingImport(InstanceAddress, id: String)
    /// An object was imported.
    case imported(InstanceAddress, id: String)
    /// An operation began; the id is nil for a new object.
    case started(InstanceAddress, Operation, id: String?)
    /// An operation goes on; told every ten seconds.
    case progressed(InstanceAddress, Operation, id: String?, elapsed: Duration)
    /// An operation ended well.
    case finished(InstanceAddress, Operation, id: String?, elapsed: Duration)
    /// An operation failed.
    case failed(InstanceAddress, Operation, elapsed: Duration)
    /// An instance was not touched, because of a failure of another.
    case skipped(InstanceAddress, because: InstanceAddress)
    /// An interrupted create was settled.
    case settled(Settlement)
    /// The run was asked to stop: nothing new starts.
    case stopping
}

/// How many objects a run changed.
package struct ApplyCounts: Hashable, Sendable {
    /// Taken into the state.
    package var imported = 0
    /// Made, replacements included.
    package var added = 0
    /// Changed in place.
    package var changed = 0
    /// Destroyed, replacements included.
    package var destroyed = 0

    /// Nothing changed.
    package init() {}
}
