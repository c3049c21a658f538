package import Configuring
package import Values

/// What a plan does to one object.
package enum Action: String, Hashable, Sendable {
    /// Nothing.
    case noOp = "no-op"
    /// Make a new object.
    case create
    /// Change the object in place.
    case update
    /// Destroy the object.
    case delete
    /// Leave the object as it is, and manage it no longer.
    case forget
    /// Destroy the object, then make another.
    case deleteThenCreate = "delete-create"
    /// Make another object, then destroy this one.
    case createThenDelete = "create-delete"
    /// Read a data source during apply.
    case read

    /// Whether it is one of the two replacements.
    package var isReplacement: Bool { self == .deleteThenCreate || self == .createThenDelete }
}

/// Why a change is what it is; shown in the plan.
package enum ChangeReason: String, Hashable, Sendable {
    /// An argument that forces a new object changes.
    case cannotUpdate = "replace_because_cannot_update"
    /// The object is tainted.
    case tainted = "replace_because_tainted"
    /// `-replace` asked for it.
    case requested = "replace_by_request"
    /// Something changes that `replace_triggered_by` names.
    case triggered = "replace_by_triggers"
    /// The configuration has no such resource any more.
    case noConfiguration = "delete_because_no_resource_config"
    /// It was moved to an address that the configuration does not have.
    case noMoveTarget = "delete_because_no_move_target"
    /// The instance of its module is not there any more.
    case noModule = "delete_because_no_module"
    /// The resource changed between one, `count` and `for_each`.
    case wrongRepetition = "delete_because_wrong_repetition"
    /// The index is beyond `count`.
    case countIndex = "delete_because_count_index"
    /// The key is not in `for_each`.
    case eachKey = "delete_because_each_key"
    /// A data source's arguments are known only during apply.
    case configurationUnknown = "read_because_config_unknown"
    /// A data source depends on something that changes.
    case dependencyPending = "read_because_dependency_pending"
    /// A data source is read for a `check` block, which is about what is there in the end.
    case checkNested = "read_because_check_nested"
}

/// The planned change of one object: the current one of an instance, or a deposed one.
package struct Change: Hashable, Sendable {
    /// The instance.
    package var address: InstanceAddress
    /// The deposed object that is meant; nil means the current one.
    package var deposed: String?
    /// The provider's local name.
    package var provider: String
    /// What is done.
    package var action: Action
    /// Why, where a reader would ask.
    package var reason: ChangeReason?
    /// The object before, after refreshing; null when there is none.
    ///
    /// Marked; secrets in it are null.
    package var before: Value
    /// The object after; null when destroyed; unknown where known after apply.
    ///
    /// Marked; secrets in it are null or unknown.
    package var after: Value
    /// The id under which the object before is imported by this plan; nil when it is in the state already, or new.
    package var importing: String?
    /// The configuration that was generated for the object; nil when it has its own.
    package var generated: String?
    /// Where the state that was read has the instance; nil when it was not moved.
    package var previous: InstanceAddress?
    /// The arguments that force a replacement.
    package var replacePaths: [ValuePath]
    /// Whether `after` must be worked out again during apply, because its arguments were not all known.
    package var isConfigurationUnknown: Bool
    /// The resources it depends on, sorted, as state records them.
    package var dependencies: [ResourceAddress]
    /// Whether its replacement is to be made before it is destroyed, as state records it.
    package var createBeforeDestroy: Bool

    /// Makes a change.
    package init(
        address: InstanceAddress, deposed: String? = nil, provider: String, action: Action,
        reason: ChangeReason? = nil, before: Value, after: Value, replacePaths: [ValuePath] = [],
        isConfigurationUnknown: Bool = false, dependencies: [ResourceAddress] = [],
        createBeforeDestroy: Bool = false
    ) {
        self.address = address
        self.deposed = deposed
        self.provider = provider
        self.action = action
        self.reason = reason
        self.before = before
        self.after = after
        self.replacePaths = replacePaths
        self.isConfigurationUnknown = isConfigurationUnknown
        self.dependencies = dependencies
        self.createBeforeDestroy = createBeforeDestroy
    }
}

/// The planned change of an output value of the root module.
package struct OutputChange: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Create, update, delete or no-op.
    package var action: Action
    /// The value before; null when there was none.
    package var before: Value
    /// The value after; null when it goes.
    package var after: Value
    /// Whether either is sensitive, so that the plan does not show them.
    package var isSensitive: Bool

    /// Makes an output's change.
    package init(name: String, action: Action, before: Value, after: Value, isSensitive: Bool) {
        self.name = name
        self.action = action
        self.before = before
        self.after = after
        self.isSensitive = isSensitive
    }
}
