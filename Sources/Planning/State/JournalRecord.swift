package import Configuring

/// One line of the journal beside the state: what is about to happen, or what did.
///
/// Replaying the records of a journal, in order, on the state that its header names gives the state of now.
package enum JournalRecord: Hashable, Sendable {
    /// A create call is about to be made.
    case opened(Intent)
    /// The intent was looked for and not found, or its answer was lost; it stays watched.
    case missed(intent: String, at: Int)
    /// The intent is settled: nothing of it is left at the cloud but what other records tell.
    case settled(intent: String)
    /// The instance's current object is this from now on; it ends the intent, if one is named.
    case recorded(InstanceAddress, ObjectState, provider: String, intent: String?)
    /// The instance's current object becomes a deposed one of this key.
    case deposed(InstanceAddress, key: String)
    /// A deposed object becomes current again, because its successor was not made.
    case restored(InstanceAddress, key: String)
    /// The object is gone from the cloud, or is no longer managed; a deposed key of nil means the current one.
    case removed(InstanceAddress, deposed: String?)
    /// Instances are at other addresses from now on, all at once.
    case moved([Plan.Move])
    /// The secret of the instance's current object was handed to a recipient, by name; the mark says as what.
    case delivered(InstanceAddress, to: String, mark: String)
    /// Where the objects live.
    case origin(Origin)
    /// The root module's output values from now on.
    case outputs([String: OutputState])
}
