package import Configuring
import Diagnostics
import HCL
import Values

/// Moves in plans: what is wrong with them, and what is said of them.
extension Planner {
    /// Follows the moves of the configuration, once; a plan that destroys everything is made of one that refreshes, so twice.
    ///
    /// What interrupted runs left is moved along: the intents are about the addresses of now, too.
    static func moves(_ inputs: inout PlanInputs) -> (state: State, reported: StateMoves?, all: [Plan.Move]) {
        // A command's own plan is about its targets, wherever everything else is.
        guard !inputs.options.isInternal else { return (inputs.state, nil, []) }
        let first = StateMoves(
            inputs.configuration, inputs.state, holding: inputs.intents.map(\.address), catalog: inputs.catalog)
        for index in inputs.intents.indices where inputs.intents[index].isManaged {
            let address = inputs.intents[index].address
            inputs.intents[index].address = first.held[address] ?? address
        }
        let last =
            inputs.options.mode == .destroy && inputs.options.refreshes
            ? StateMoves(inputs.configuration, first.state, catalog: inputs.catalog) : first
        var origins = first.origins
        if inputs.options.mode == .destroy, inputs.options.refreshes {
            for old in last.origins.values { origins[old] = nil }
            for (new, old) in last.origins { origins[new] = first.origins[old] ?? old }
        }
        let all = origins.map { Plan.Move(from: $0.value, to: $0.key) }.sorted { $0.to < $1.to }
        return (last.state, last.withoutState(), all)
    }

    /// Makes sure that targets cover both addresses of whatever is moved.
    mutating func checkMovedTargets() {
        let options = inputs.options
        guard options.targets != nil || !options.excluded.isEmpty, !allMoves.isEmpty else { return }
        var left: Set<ResourceAddress> = []
        for move in allMoves {
            for address in [move.to, move.from] {
                let isMeant =
                    options.targets.map { $0.contains { $0.covers(address) } }
                    ?? !options.excluded.contains { $0.covers(address) }
                if !isMeant { left.insert(address.resource) }
            }
        }
        guard !left.isEmpty else { return }
        diagnostics.append(.movedExcluded(left.sorted(), isTargeted: options.targets != nil))
    }

    /// What is said of moves that something was in the way of; nil when there were none.
    var blockedWarning: Diagnostic? {
        guard let moves, !moves.blocked.isEmpty else { return nil }
        return .blocked(moves.blocked)
    }

    /// The objects that were moved, for a plan that takes note of changes alone.
    mutating func noteMoved() {
        guard inputs.options.mode == .refreshOnly, let moves, !moves.origins.isEmpty else { return }
        let changed = Set(drift.map(\.address))
        for (new, old) in moves.origins where !changed.contains(new) {
            guard let provider = providerName(of: new.resource), let object = state[new],
                let value = decoded(object, at: Place(address: new, deposed: nil))
            else { continue }
            var change = Change(address: new, provider: provider, action: .noOp, before: value, after: value)
            change.previous = old
            drift.append(change)
        }
        drift.sort { ($0.address, $0.deposed ?? "") < ($1.address, $1.deposed ?? "") }
    }

    /// What is wrong with the moves that are declared, now that all instances are known.
    func moveProblems() -> [Diagnostic] {
        let declared = inputs.configuration.moved
        guard !declared.isEmpty, moves != nil else { return [] }
        let isCompared = inputs.options.mode != .destroy || inputs.options.refreshes
        var check = MoveCheck(
            configuration: inputs.configuration, evaluation: inputs.options.mode == .destroy ? expanded() : evaluation,
            isCompared: isCompared)
        for move in declared { check.check(move) }
        // A circle may come of any of these.
        guard check.problems.isEmpty else { return check.problems }
        let cycles = MoveOrder(declared).cycles.map { cycle in
            cycle.map { position in
                let move = declared[position]
                let (from, to) = (move.from.pattern(in: move.module), move.to.pattern(in: move.module))
                return "\(inputs.configuration.start(of: move.range)): \(from) → \(to)"
            }.sorted()
        }
        return cycles.sorted { $0[0] < $1[0] }.map(Diagnostic.cycle)
    }

    /// Which instances the configuration has, for a plan that destroys everything and asks for nothing of it otherwise.
    private func expanded() -> Evaluation {
        var evaluation = evaluation
        guard inputs.options.refreshes else { return evaluation }
        var ignored: [Diagnostic] = []
        for node in inputs.configuration.topologicalOrder().nodes {
            guard case .resource(let address) = node.kind else {
                // The values of the root module's variables are there already.
                if case .variable = node.kind, node.module.isRoot { continue }
                evaluation.evaluate(node, diagnostics: &ignored)
                continue
            }
            guard let resource = inputs.configuration.resource(address) else { continue }
            for module in evaluation.instances(of: address.module) {
                let scope = evaluation.scope(for: node, in: module)
                let expansion = resource.repetition.expansion(
                    in: scope, of: resource.construct, diagnostics: &ignored)
                let values = expansion.instances.map { _ in Value.unknown(resource.schema.type) }
                evaluation.set(node, in: module, to: expansion.collection(values, type: resource.schema.type))
            }
        }
        return evaluation
    }
}

extension Plan {
    /// An instance that is at another address than the state that was read has it at.
    package struct Move: Hashable, Sendable {
        /// Where the state has it.
        package var from: InstanceAddress
        /// Where it is now.
        package var to: InstanceAddress

        /// Makes a move.
        package init(from: InstanceAddress, to: InstanceAddress) { (self.from, self.to) = (from, to) }
    }
}

/// Finds moves that contradict the configuration or one another.
private struct MoveCheck {
    let configuration: Configuration
    let evaluation: Evaluation
    /// Whether what is moved away must not be declared any more.
    let isCompared: Bool
    private(set) var problems: [Diagnostic] = []
    private var destinations: [MoveSubject: (to: MoveSubject, place: String)] = [:]
    private var origins: [MoveSubject: (from: MoveSubject, place: String)] = [:]
    private var instances: [ModuleAddress: Set<ModuleAddress>] = [:]

    init(configuration: Configuration, evaluation: Evaluation, isCompared: Bool) {
        (self.configuration, self.evaluation, self.isCompared) = (configuration, evaluation, isCompared)
    }

    mutating func check(_ move: MovedBlock) {
        guard move.from.resource?.mode != .data else { return }
        for instance in evaluation.instances(of: move.module) {
            check(move, move.from.inside(instance), move.to.inside(instance))
        }
    }

    private mutating func check(_ move: MovedBlock, _ from: MoveSubject, _ to: MoveSubject) {
        guard from != to else {
            problems.append(.redundant(from, at: move))
            return
        }
        if isCompared, let range = declaration(of: from) {
            problems.append(.stillDeclared(from, to, configuration.start(of: range), at: move))
        }
        let place = configuration.start(of: move.range)
        if let first = destinations[from] {
            if first.to != to { problems.append(.ambiguous(from, to, first.to, first.place, at: move)) }
        } else {
            destinations[from] = (to, place)
        }
        if let first = origins[to] {
            if first.from != from { problems.append(.ambiguous(to, first.from, first.place, from, at: move)) }
        } else {
            origins[to] = (from, place)
        }
    }

    /// Where something is declared; nil when it is not.
    private mutating func declaration(of subject: MoveSubject) -> SourceRange? {
        switch subject {
        case .call(let module):
            guard let parent = module.parent, has(parent) else { return nil }
            return configuration.call(of: module)?.range
        case .module(let module):
            guard has(module), let call = configuration.call(of: module) else { return nil }
            return call.repetition.expression?.range ?? call.range
        case .resource(let address):
            // What no target asks for has no value.
            guard has(address.module), let resource = configuration.resource(address),
                evaluation.value(of: .resource(resource.address), in: address.module) != nil
            else { return nil }
            return resource.range
        case .instance(let address):
            guard has(address.resource.module), let resource = configuration.resource(address.resource),
                has(address, of: resource)
            else { return nil }
            return resource.repetition.expression?.range ?? resource.range
        }
    }

    private mutating func has(_ module: ModuleAddress) -> Bool {
        let address = module.inConfiguration
        let known = instances[address] ?? Set(evaluation.instances(of: address))
        instances[address] = known
        return known.contains(module)
    }

    private func has(_ address: InstanceAddress, of resource: ResourceConfiguration) -> Bool {
        let value = evaluation.value(of: .resource(resource.address), in: address.resource.module)
        return switch (address.key, value?.content) {
        case (_, nil): false
        case (.none, _): resource.repetition.isSingle
        case (.index(let index), .tuple(let items)): resource.repetition.count != nil && items.indices.contains(index)
        case (.key(let key), .object(let fields)): resource.repetition.forEach != nil && fields[key] != nil
        default: false
        }
    }
}

extension Repetition {
    /// Whichever of the two there is.
    fileprivate var expression: Expression? { count ?? forEach }
}

extension Configuration {
    /// The beginning of a range as text, such as `main.tf:3,5`.
    fileprivate func start(of range: SourceRange) -> String {
        let position = files[range.file].position(at: range.start)
        return "\(files[range.file].name):\(position.line),\(position.column)"
    }
}

extension MoveSubject {
    /// The address with `[*]` for "all instances", as it is for all instances of the module that it is written in.
    fileprivate func pattern(in module: ModuleAddress) -> String {
        let around = module.steps.map { "module.\($0.name)[*]." }.joined()
        return switch self {
        case .call, .resource: "\(around)\(self)[*]"
        case .module, .instance: "\(around)\(self)"
        }
    }

    /// What it is called in messages: in full, and where that was said already.
    fileprivate var noun: (full: String, short: String) {
        switch self {
        case .call: ("module call", "call")
        case .module: ("module instance", "instance")
        case .resource: ("resource", "resource")
        case .instance: ("resource instance", "instance")
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func redundant(_ subject: MoveSubject, at move: MovedBlock) -> Diagnostic {
        .error(
            "Redundant move statement",
            "This statement declares a move from \(subject) to the same address, which is the same as not declaring this move at all.",
            at: move.range)
    }

    fileprivate static func stillDeclared(
        _ from: MoveSubject, _ to: MoveSubject, _ place: String, at move: MovedBlock
    ) -> Diagnostic {
        .error(
            "Moved object still exists",
            """
            This statement declares a move from \(from), but that \(from.noun.full) is still declared at \(place).

            Change your configuration so that this \(from.noun.short) will be declared as \(to) instead.
            """, at: move.range)
    }

    /// Two places to go to.
    fileprivate static func ambiguous(
        _ from: MoveSubject, _ to: MoveSubject, _ first: MoveSubject, _ place: String, at move: MovedBlock
    ) -> Diagnostic {
        .error(
            "Ambiguous move statements",
            """
            A statement at \(place) declared that \(from) moved to \(first), but this statement instead declares that it moved to \
            \(to).

            Each \(from.noun.full) can move to only one destination \(from.noun.short).
            """, at: move.range)
    }

    /// Two things at one place.
    fileprivate static func ambiguous(
        _ to: MoveSubject, _ first: MoveSubject, _ place: String, _ from: MoveSubject, at move: MovedBlock
    ) -> Diagnostic {
        .error(
            "Ambiguous move statements",
            """
            A statement at \(place) declared that \(first) moved to \(to), but this statement instead declares that \(from) moved \
            there.

            Each \(from.noun.full) can have moved from only one source \(from.noun.short).
            """, at: move.range)
    }

    fileprivate static func cycle(_ lines: [String]) -> Diagnostic {
        .error(
            "Cyclic dependency in move statements",
            """
            The following chained move statements form a cycle, and so there is no final location to move objects to:
            \(lines.map { "  - \($0)" }.joined(separator: "\n"))

            A chain of move statements must end with an address that doesn't appear in any other statements, and which typically \
            also refers to an object still declared in the configuration.
            """)
    }

    fileprivate static func blocked(_ blocked: [StateMoves.Blocked]) -> Diagnostic {
        let sorted = blocked.sorted { ($0.from.module, $0.from.description) < ($1.from.module, $1.from.description) }
        let lines = sorted.map { blocked in
            let (from, to) = (blocked.from.description, blocked.to.description)
            return "  - \(VisibleText.escaped(from)) could not move to \(VisibleText.escaped(to))"
        }
        return .warning(
            "Unresolved resource instance address changes",
            """
            flinkform tried to adjust resource instance addresses in the prior state based on change information recorded in the \
            configuration, but some adjustments did not succeed due to existing objects already at the intended addresses:
            \(lines.joined(separator: "\n"))

            flinkform has planned to destroy these objects. If flinkform's proposed changes aren't appropriate, you must first \
            resolve the conflicts using the "flinkform state" subcommands and then create a new plan.
            """)
    }

    fileprivate static func movedExcluded(_ addresses: [ResourceAddress], isTargeted: Bool) -> Diagnostic {
        func list(_ option: String) -> String {
            addresses.map { address in
                let quoted = address.description.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                return "  \(option)=\"\(VisibleText.escaped(quoted))\""
            }.joined(separator: "\n")
        }
        return .error(
            "Moved resource instances excluded by targeting",
            """
            Resource instances in your current state have moved to new addresses in the latest configuration. flinkform must \
            include those resource instances while planning in order to ensure a correct result, but your \
            \(isTargeted ? "-target=... options do not fully cover all of" : "-exclude=... options leave out some of") those \
            resource instances.

            \(isTargeted
                ? "To create a valid plan, either remove your -target=... options altogether or add the following additional target options:\n\(list("-target"))\n\nNote that adding these options may include further additional resource instances in your plan, in order to respect object dependencies."
                : "To create a valid plan, remove the -exclude=... options that concern these:\n\(list("-exclude"))")
            """)
    }
}
