package import Configuring
package import Diagnostics
package import Values

/// Something that planning must be told before it can go on.
package struct Request: Sendable {
    /// Names a request; the answer is given under it.
    package enum Key: Hashable, Sendable {
        /// Where a provider's objects live.
        case place(provider: String)
        /// What an object is now.
        case object(InstanceAddress, deposed: String?)
        /// What is left of interrupted creates; the first intent's id.
        case evidence(intent: String)
        /// Which unknown objects look like one that is to be created.
        case resemblances(InstanceAddress)
        /// What the object is that an import block names.
        case imported(InstanceAddress)
        /// What a data source says.
        case data(InstanceAddress)
    }

    /// What is asked.
    package enum Question: Sendable {
        /// Configure the provider and say where its objects live.
        case configure(Value)
        /// Read the object again.
        case read(type: String, prior: Value)
        /// Find what the intents, all of one fingerprint, may have made.
        case evidence(type: String, intents: [Intent])
        /// Find objects with this owner, scope and name.
        case resemblances(type: String, Fingerprint)
        /// Find the object that an import id means.
        case imported(type: String, importID: String)
        /// Read the data source.
        case data(type: String, configuration: Value)
    }

    /// Its name.
    package let key: Key
    /// The provider that is asked.
    package let provider: String
    /// What is asked.
    package let question: Question
}

/// What planning is told.
package enum Answer: Sendable {
    /// Objects live in this organisation, at this endpoint.
    case place(organization: String, endpoint: String)
    /// The object, or the data, is this.
    case object(Value)
    /// The object to import is this; its secret is in the store of that id, or is not known.
    case imported(Value, id: String, secretStore: String?)
    /// The object is proven gone.
    case gone
    /// What was found of interrupted creates.
    case evidence(SettlementEvidence)
    /// The objects that look alike: id and import id.
    case resemblances([(id: String, importID: String)])
    /// It could not be found out; the diagnostic says why.
    case failed(Diagnostic)
}

/// How a plan is made.
package struct PlanOptions: Hashable, Sendable {
    /// Which question is answered.
    package var mode: Plan.Mode
    /// Whether objects are read again first.
    package var refreshes: Bool
    /// Instances to replace whatever else is decided.
    package var replaced: [InstanceAddress]
    /// All that is planned for; nil means everything.
    ///
    /// What it depends on comes with it; when everything is destroyed, what depends on it.
    package var targets: [Target]?
    /// What is not planned for, where there are no targets.
    ///
    /// What depends on it is left out, too; when everything is destroyed, what it depends on.
    package var excluded: [Target] = []
    /// Whether configuration is generated for objects that are imported to resources that the configuration does not have.
    package var generates = false
    /// Whether it is planned only to learn what is there before it is destroyed: nothing keeps that from being planned.
    package var precedesDestroying = false
    /// Whether the targets are a command's own, and none that a user chose.
    package var isInternal = false
    /// The ids of objects that are about to be imported or adopted.
    package var importing: Set<String> = []

    /// What is said of a plan that is not about everything; nil when nobody chose its parts.
    var partialityWarning: Diagnostic? {
        let option = excluded.isEmpty ? "-target" : "-exclude"
        guard !isInternal else { return nil }
        return .warning(
            excluded.isEmpty ? "Resource targeting is in effect" : "Resources are excluded",
            """
            You are creating a plan with the \(option) option, which means that the result of this plan may not represent all of \
            the changes requested by the current configuration.

            The \(option) option is not for routine use, and is provided only for exceptional situations such as recovering from \
            errors or mistakes, or when flinkform specifically suggests to use it as part of an error message.
            """)
    }

    /// Makes options.
    package init(
        mode: Plan.Mode = .normal, refreshes: Bool = true, replaced: [InstanceAddress] = [],
        targets: [Target]? = nil
    ) {
        self.mode = mode
        self.refreshes = refreshes
        self.replaced = replaced
        self.targets = targets
    }
}
