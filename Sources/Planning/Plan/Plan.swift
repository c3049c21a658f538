package import Configuring
package import Values

/// A decided course: what changes, and the steps that do it, in their order.
///
/// Applying a plan re-decides nothing.
package struct Plan: Sendable {
    /// Which question was answered.
    package enum Mode: String, Hashable, Sendable {
        /// Make the cloud like the configuration.
        case normal
        /// Destroy everything in state.
        case destroy
        /// Bring the state up to date with the cloud, and change nothing there.
        case refreshOnly = "refresh-only"
    }

    /// Which question was answered.
    package var mode: Mode
    /// Whether it is about parts of the configuration only, because of targets or of what was excluded.
    package var isPartial = false
    /// Whether it is only what was planned before something went wrong: it can be looked at, and is not applied.
    package var isErrored = false
    /// Whether objects are recorded with other dependencies, or another order of replacing them, than before.
    package var recordsAnew = false
    /// The lineage of the state it was made for.
    package var lineage: String
    /// The workspace it was made in; any other is refused.
    package var workspace = "default"
    /// When it was made, in UTC as RFC 3339 has it.
    package var timestamp = ""
    /// The serial of the state it was made for; any other is refused.
    package var serial: Int
    /// The organisation and endpoint it was made for; nil when no cloud was asked.
    package var origin: Origin?
    /// The organisation and endpoint of each provider configuration that it was made for, by its name.
    package var places: [String: Origin]
    /// The configuration's files: name and text, in order.
    package var sources: [Source]
    /// The input variables that were set and are not sensitive, by name.
    ///
    /// Sensitive ones are read anew at apply.
    package var variables: [String: Value]
    /// The values of those as they were given, where they had to be converted.
    package var variablesGiven: [String: Value] = [:]
    /// The names of sensitive input variables that were set from outside.
    package var sensitiveVariables: [String]
    /// The state after refreshing: what the changes start from.
    package var state: State
    /// The instances that the state after refreshing has at other addresses than the one that was read; sorted.
    package var moves: [Move] = []
    /// What was found changed or gone at the cloud since the last run.
    package var drift: [Change]
    /// Every resource instance and deposed object, no-ops included; sorted by address.
    package var changes: [Change]
    /// Every output value, no-ops included; sorted by name.
    package var outputs: [OutputChange]
    /// What apply does; a step waits for the steps it names, which come before it.
    package var steps: [Step]
    /// What came of the conditions, as far as planning could tell.
    package var checks = CheckResults()
    /// Whether a state is left even when there is nothing in it.
    package var leavesState = false
    /// Whether nothing of conditions is recorded, as in Terraform after a mere refresh.
    package var forgetsChecks = false
    /// Keys at the cloud that look like ones about to be created, and that nobody here knows.
    package var lookAlikes: [LookAlike]

    /// A file of the configuration.
    package struct Source: Hashable, Sendable {
        /// Its name below the working directory.
        package var name: String
        /// Its bytes as text.
        package var text: String

        /// Makes a source.
        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// A key at the cloud with the owner, scope and name of one that is to be created.
    package struct LookAlike: Hashable, Sendable {
        /// The instance that is to be created.
        package var address: InstanceAddress
        /// The id that `import` takes.
        package var importID: String

        /// Makes a look-alike.
        package init(address: InstanceAddress, importID: String) {
            self.address = address
            self.importID = importID
        }
    }

    /// Makes a plan of its parts.
    package init(
        mode: Mode, lineage: String, serial: Int, origin: Origin?, places: [String: Origin], sources: [Source],
        variables: [String: Value],
        sensitiveVariables: [String], state: State, drift: [Change], changes: [Change], outputs: [OutputChange],
        steps: [Step], lookAlikes: [LookAlike]
    ) {
        self.mode = mode
        self.lineage = lineage
        self.serial = serial
        self.origin = origin
        self.places = places
        self.sources = sources
        self.variables = variables
        self.sensitiveVariables = sensitiveVariables
        self.state = state
        self.drift = drift
        self.changes = changes
        self.outputs = outputs
        self.steps = steps
        self.lookAlikes = lookAlikes
    }

    /// Whether applying makes an object with a secret.
    package func makesSecrets(_ catalog: Catalog) -> Bool {
        changes.contains { change in
            change.action == .create || change.action.isReplacement
                ? catalog.schema(for: change.address.resource)?.secretAttribute != nil : false
        }
    }

    /// What of the plan brings the state up to date, and changes nothing at the cloud but what an interrupted run left.
    ///
    /// As with Terraform's `refresh`, outputs get the values that the plan tells, those of changes that are not made included,
    /// and none is taken away.
    package var refreshingAlone: Plan {
        var plan = self
        plan.mode = .refreshOnly
        plan.steps = steps.filter(\.isSettlement).map { Step($0.work) }
        plan.changes = []
        plan.outputs = []
        plan.checks = CheckResults()
        plan.forgetsChecks = true
        for output in outputs where output.action != .noOp && output.action != .delete {
            let value = ObjectMarks.withoutAnySecret(output.after)
            guard value.isWhollyKnown, !value.isNull,
                let known = try? OutputCoding.state(value, isSensitive: output.isSensitive)
            else { continue }
            plan.state.outputs[output.name] = known
        }
        return plan
    }

    /// Whether applying it does anything: where only note is taken, outputs that go, or are not known yet, are no reason.
    package var isApplicable: Bool {
        guard mode == .refreshOnly else { return !isEmpty }
        var plan = self
        plan.outputs.removeAll { $0.action == .delete || !$0.after.isWhollyKnown }
        return !plan.isEmpty || recordsAnew
    }

    /// Whether applying would change nothing: every change is a no-op, nothing is imported or moved, and nothing is to be settled but what is only watched.
    ///
    /// What was found changed at the cloud counts where the plan is made to take note of it.
    package var isEmpty: Bool {
        (mode != .refreshOnly || drift.allSatisfy { $0.action == .noOp })
            && changes.allSatisfy { $0.action == .noOp && $0.importing == nil }
            && (mode == .refreshOnly || moves.isEmpty) && outputs.allSatisfy { $0.action == .noOp }
            && !steps.contains { $0.changesSomething }
    }
}
