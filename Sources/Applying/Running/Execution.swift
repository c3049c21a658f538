package import Configuring
package import Diagnostics
package import Planning
import Values

/// The effects of a run, together.
package struct Effects: Sendable {
    /// The configured providers.
    package var providers: Providers
    /// Where state rests.
    package var state: any StateStore
    /// Where secrets rest.
    package var secrets: any SecretStore
    /// Time and chance.
    package var surroundings: Surroundings
    /// Whether the run is to stop.
    package var stop: StopSignal
    /// Hands secrets on; nil when nobody takes them.
    package var delivery: (any SecretDelivery)?
    /// Told what happens, for showing it.
    package var report: @Sendable (ApplyEvent) -> Void

    /// Makes effects of their parts.
    package init(
        providers: Providers, state: any StateStore, secrets: any SecretStore, surroundings: Surroundings,
        stop: StopSignal, delivery: (any SecretDelivery)? = nil, report: @escaping @Sendable (ApplyEvent) -> Void
    ) {
        self.delivery = delivery
        self.providers = providers
        self.state = state
        self.secrets = secrets
        self.surroundings = surroundings
        self.stop = stop
        self.report = report
    }
}

extension Effects {
    /// Makes sure that secrets can be kept, where those of the state's objects are.
    ///
    /// Returns the store's id, and warnings about how well it is kept.
    func prepareSecrets(
        for state: State, acceptsNewStore: Bool
    ) async throws(Diagnostic) -> (id: String, warnings: [Diagnostic]) {
        let found = try await secrets.id()
        if let recorded = state.secretStores.sorted().first(where: { $0 != found }), !acceptsNewStore {
            throw .otherSecretStore(recorded: recorded, found: found, "Nothing was created.")
        }
        return try await secrets.prepare()
    }
}

/// What came of applying a plan.
package struct ApplyResult: Sendable {
    /// The state as it is now, and as it was written unless a diagnostic says otherwise.
    package var state: State
    /// How many objects changed.
    package var counts: ApplyCounts
    /// Everything to tell; an error means that not all was done.
    package var diagnostics: [Diagnostic]
    /// Whether the run was asked to stop.
    package var wasStopped: Bool
}

/// Performs a plan: each step once those it waits for are done, at most so many at a time, and decides nothing.
///
/// One loop owns everything that changes; the steps run as child tasks and hand back what they did. A failed step does not stop
/// others; those that wait for it are skipped.
package struct Execution: Sendable {
    /// What a child task of the loop has to tell.
    enum Happening: Sendable {
        case made(step: Int, Creation.Outcome)
        case done(step: Int, StepOutcome)
        case ready(InstanceAddress, Readiness)
        case tick
        case stopRequested
        case graceOver
    }

    /// What came of a step that is not a create.
    struct StepOutcome: Sendable {
        /// What the journal was given.
        var records: [JournalRecord] = []
        /// The object as it is now; nil when there is none any more.
        var object: Value?
        /// Why the step failed.
        var failure: Diagnostic?
        /// Objects whose secrets are not needed any more.
        var ended: [String] = []
    }

    /// An operation in flight, for its progress lines.
    struct Operation: Sendable {
        var address: InstanceAddress
        var kind: ApplyEvent.Operation
        var id: String?
        var started: Duration
        var told: Int = 0
    }

    let plan: Plan
    let catalog: Catalog
    let effects: Effects
    let answering: Answering
    /// How many steps are under way at once.
    let parallelism: Int
    let run: String
    /// Whether new objects are waited for until they can be used.
    let awaitsReadiness: Bool
    var resolver: Resolver
    var state: State
    var intents: [Intent]
    var counts = ApplyCounts()
    var diagnostics: [Diagnostic] = []
    var secretStore: String?
    /// What came of the conditions so far.
    var checks: CheckResults
    /// The `check` blocks whose data source could not be read, and in which instances of their module.
    var brokenChecks: [String: Set<ModuleAddress>] = [:]
    /// The results of an instance's conditions in this run.
    var conditions: [InstanceAddress: [CheckRule.Result]] = [:]
    /// The input variables whose rules planning could not evaluate, by module; the instances of modules where that was done;
    /// and of those, where a rule is broken, with the instance that it was found at.
    let openRules: [ModuleAddress: [String]]
    var validated: Set<ModuleAddress> = []
    var brokenModules: [ModuleAddress: InstanceAddress] = [:]

    // The program: what still waits, and for what.
    var missing: [Int] = []
    var followers: [[Int]] = []
    var causes: [Int: InstanceAddress] = [:]
    var ready: [Int] = []
    var nextReady = 0
    var running = 0
    var operations: [Int: Operation] = [:]
    /// New objects whose readiness is awaited: how many, and their steps.
    var awaitingReadiness = 0
    var readiness: [InstanceAddress: Int] = [:]
    /// Instances that were not touched, by the one whose failure kept them.
    var skipped: [InstanceAddress: [InstanceAddress]] = [:]
    /// Instances whose creates were not begun, because nothing could be recorded any more.
    var notCreated: [InstanceAddress] = []
    /// New keys that were not usable in time, by the reason.
    var unready: [String: [(address: InstanceAddress, id: String)]] = [:]
    /// Instances of which some recipient has not got the secret, although this run tried.
    var undelivered: Set<InstanceAddress> = []
    /// Instances whose old objects are kept until the secrets of the new ones are delivered.
    var predecessorsKept: [InstanceAddress] = []
    /// Whether all steps are over.
    var isOver = false
    var isStopping = false
    var endsCreates = false
    let gate = CreationGate()
    let calls: CallSlots
    /// Whether a step that had been started was not begun, because the run was asked to stop.
    var isHeldBack = false

    /// The objects that the state had when the run began.
    var managed: Set<String> = []

    // Creates that could be mistaken for one another wait for one another.
    var inFlight: Set<Fingerprint> = []
    var parked: [Fingerprint: [Int]] = [:]
    var fingerprints: [Int: Fingerprint] = [:]
    var listings: [Fingerprint: [String]] = [:]
    var made: [Fingerprint: Set<String>] = [:]
    var serverTimes: [String: Int] = [:]
    var deposedKeys: [Int: String] = [:]
    var endedKeys: [String] = []

    /// Makes an execution of a plan.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - intents: The open intents of the state store, watched ones included.
    ///   - resolver: Fills in what the plan left open.
    ///   - catalog: The resource types there are.
    ///   - effects: What the run works with.
    ///   - parallelism: How many steps run at once, at least 1; waiting for readiness does not count.
    ///   - run: The random id of this run.
    ///   - awaitsReadiness: Whether new objects are waited for until they can be used.
    package init(
        plan: Plan, intents: [Intent], resolver: Resolver, catalog: Catalog, effects: Effects, parallelism: Int,
        run: String, awaitsReadiness: Bool = true
    ) {
        self.plan = plan
        self.catalog = catalog
        self.effects = effects
        self.answering = Answering(
            providers: effects.providers, secrets: effects.secrets, catalog: catalog, parallelism: parallelism,
            elapsed: effects.surroundings.elapsed, report: effects.report)
        calls = CallSlots(max(1, parallelism))
        self.parallelism = max(1, parallelism) * (effects.state.isDistant ? CallSlots.stepsPerCall : 1)
        self.run = run
        self.awaitsReadiness = awaitsReadiness
        self.resolver = resolver
        self.state = plan.state
        self.checks = Self.checksBefore(plan, resolver)
        self.openRules = Self.openRules(of: plan, resolver)
        self.managed = plan.state.objectIDs
        self.intents = intents
    }

    /// Applies the plan and writes the state.
    ///
    /// - Parameter acceptsNewSecretStore: Whether a secret store other than the one that state names may be used.
    package mutating func perform(acceptsNewSecretStore: Bool) async -> ApplyResult {
        do throws(Diagnostic) {
            try await prepareSecrets(acceptsNewStore: acceptsNewSecretStore)
            try await listBeforeCreating()
            let moved: [JournalRecord] = plan.moves.isEmpty ? [] : [.moved(plan.moves)]
            try await effects.state.append([.origin(origin)] + moved)
        } catch {
            // Nothing was done, so nothing is recorded.
            diagnostics.append(error)
            await closeSecrets()
            return result
        }
        tellImported()
        await deliverPending()
        await performSteps()
        isOver = true
        if !isStopping {
            await lookAgain()
            await deliverPending()
        }
        recordOutputs()
        recordChecks()
        await finish()
        return result
    }

    private var result: ApplyResult {
        ApplyResult(
            state: state, counts: counts, diagnostics: diagnostics, wasStopped: effects.stop.isRequested)
    }

    /// Where the objects of this run live.
    private var origin: Origin {
        let place = plan.origin ?? state.origin
        return Origin(
            organization: place?.organization ?? "", endpoint: place?.endpoint ?? "",
            secretStore: secretStore ?? state.origin?.secretStore, run: run)
    }

    /// Makes sure, before the first create, that secrets can be kept, and where the earlier ones are.
    private mutating func prepareSecrets(acceptsNewStore: Bool) async throws(Diagnostic) {
        guard plan.makesSecrets(catalog) else { return }
        let (store, warnings) = try await effects.prepareSecrets(for: state, acceptsNewStore: acceptsNewStore)
        diagnostics += warnings
        if acceptsNewStore { state.forgetSecrets(but: store) }
        secretStore = store
    }

    /// Says which objects the plan took into the state.
    ///
    /// They are in it from the beginning: should the run end early, the next one imports them again.
    private mutating func tellImported() {
        for change in plan.changes {
            guard let id = change.importing else { continue }
            counts.imported += 1
            effects.report(.imported(change.address, id: id))
        }
    }

    // MARK: - The end

    /// Puts the output values of now into the state, if the plan has that step; one behind a failure keeps its old value.
    private mutating func recordOutputs() {
        guard plan.steps.contains(where: { $0.work == .outputs }) else { return }
        guard plan.mode != .destroy else {
            if !diagnostics.hasErrors && !plan.isPartial { state.outputs = [:] }
            return
        }
        // What the plan leaves alone stays as it is.
        let planned = Set(plan.outputs.map(\.name))
        var outputs = state.outputs
        for change in plan.outputs where change.action == .delete { outputs[change.name] = nil }
        var problems: [Diagnostic] = []
        // What failed, or was not begun because of a failure.
        let failed = Set(causes.keys.compactMap { plan.address(of: plan.steps[$0])?.resource.inConfiguration })
        for (output, value) in resolver.outputs(named: planned, secrets: nil, diagnostics: &problems)
        where (failed.isEmpty || resolver.resourcesBehind(output: output.name).isDisjoint(with: failed))
            && hasKept(output.name)
        {
            let bare = ObjectMarks.withoutAnySecret(value)
            if bare.isWhollyKnown, let known = try? OutputCoding.state(bare, isSensitive: output.isSensitive) {
                outputs[output.name] = bare.isNull && !value.allMarks.contains(.secret) ? nil : known
            }
        }
        state.outputs = outputs
        if !diagnostics.hasErrors { diagnostics += problems }
    }

    /// Writes the state, then lets go of secrets whose keys are gone for good.
    private mutating func finish() async {
        state.origin = origin.organization.isEmpty ? state.origin : origin
        do {
            // As in Terraform, a run leaves a state whatever is in it.
            state.isKept = plan.leavesState
            state = try await effects.state.write(state, intents: intents)
            if !endedKeys.isEmpty { try await effects.secrets.remove(endedKeys) }
        } catch {
            diagnostics.append(error)
        }
        await closeSecrets()
    }

    private mutating func closeSecrets() async {
        do {
            try await effects.secrets.close()
        } catch {
            // What kept the run from its first step is not told twice.
            if !diagnostics.contains(error) { diagnostics.append(error) }
        }
    }

    /// Takes what the journal was given over into the state in memory.
    mutating func take(_ records: [JournalRecord]) {
        for record in records {
            state.apply(record, catalog: catalog)
            intents.apply(record)
        }
    }
}

extension State {
    /// Takes note that secrets given to other stores are not known any more.
    fileprivate mutating func forgetSecrets(but store: String) {
        for address in instanceAddresses {
            guard var object = self[address], let other = object.record.secretStore, other != store else { continue }
            object.record.secretStore = nil
            object.record.isSecretKnown = false
            set(object, at: address, deposed: nil)
        }
    }

    /// The ids of the secret stores that its objects' secrets were given to.
    package var secretStores: Set<String> {
        var result: Set<String> = []
        for resource in resources.values {
            for instance in resource.instances.values {
                for object in [instance.current].compactMap({ $0 }) + instance.deposed.values {
                    if let store = object.record.secretStore { result.insert(store) }
                }
            }
        }
        return result
    }
}

// MARK: - Messages

extension Diagnostic {
    static func otherSecretStore(recorded: String, found: String?, _ outcome: String) -> Diagnostic {
        let there =
            found.map { "the store that is configured is another one (id \(VisibleText.escaped($0)))" }
            ?? "that store is not there"
        return .error(
            "Secret store does not match",
            """
            The state says that secrets of its keys were given to the secret store with id \
            \(VisibleText.escaped(recorded)), but \(there). \(outcome)

            Restore that store, for instance the file next to the state, from where it was moved or backed up. If it is lost \
            for good, run apply with -new-secret-store: keys that exist keep working, and their secrets count as not known.
            """)
    }
}
