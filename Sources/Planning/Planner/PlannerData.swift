package import Configuring
package import Diagnostics
import HCL
import Values

/// Data sources: read while planning when their arguments are known, else during apply.
extension Planner {
    /// What comes of the instances of a data source in one instance of its module; nothing of it counts while one must ask first.
    private struct Round {
        var problems: [Diagnostic] = []
        var requests: [Request] = []
        var values: [Value] = []
        var deferred: [Change] = []
        var read: [(address: InstanceAddress, object: Value)] = []
        var conditions: [(address: InstanceAddress, results: [CheckRule.Result])] = []
        /// What kept a data source of a `check` block from being read.
        var failures: [Diagnostic] = []
    }

    /// Plans all instances of a data source, in all instances of its module; returns what must be read first.
    mutating func planData(_ resource: ResourceConfiguration) -> [Request] {
        var requests: [Request] = []
        for module in evaluation.instances(of: resource.address.module) {
            requests += planData(resource, in: module)
        }
        return requests
    }

    private mutating func planData(_ resource: ResourceConfiguration, in module: ModuleAddress) -> [Request] {
        let node = Node.resource(resource.address)
        let source = resource.address.inInstance(module)
        // A round in which another instance had to ask is repeated.
        guard evaluation.value(of: node, in: module) == nil else { return [] }
        let scope = evaluation.scope(for: node, in: module)
        var round = Round()
        let expansion = resource.repetition.expansion(
            in: scope, of: resource.construct, diagnostics: &round.problems)
        for (key, names) in expansion.instances {
            let value = planData(resource, InstanceAddress(source, key), scope.with(names), &round)
            round.values.append(value)
        }
        guard round.requests.isEmpty else { return round.requests }
        diagnostics += round.problems
        for (address, results) in round.conditions { take(results, of: resource, address) }
        if let name = resource.check { take(round.failures, ofCheck: name, in: module) }
        round.deferred.forEach { note($0) }
        take(round.read, of: resource, at: source)
        evaluation.set(node, in: module, to: expansion.collection(round.values, type: resource.schema.type))
        return []
    }

    /// Plans one instance; returns its value for expressions.
    private func planData(
        _ resource: ResourceConfiguration, _ address: InstanceAddress, _ scope: Scope, _ round: inout Round
    ) -> Value {
        let unknown = Value.unknown(resource.schema.type)
        let before = results(resource.lifecycle.preconditions, .precondition, resource, scope)
        round.conditions.append((address, before))
        var problems: [Diagnostic] = []
        let configuration = resource.evaluate(in: scope, of: address, diagnostics: &problems)
        round.problems += problems
        guard !before.flatMap(\.diagnostics).hasErrors, !problems.hasErrors else { return unknown }
        let planned = ObjectPlanning.proposed(resource.schema, configuration: configuration, prior: nil)
        func deferred(_ reason: ChangeReason, _ after: Value) -> Change {
            Change(
                address: address, provider: resource.provider, action: .read, reason: reason,
                before: .null(resource.schema.type), after: after, isConfigurationUnknown: true)
        }
        var value = planned
        if !configuration.isWhollyKnown {
            round.deferred.append(deferred(.configurationUnknown, planned))
        } else if resource.dependsOn.contains(where: { changing.contains($0) }) {
            round.deferred.append(deferred(.dependencyPending, planned))
        } else {
            switch answers[.data(address)] {
            case nil:
                round.requests.append(
                    Request(
                        key: .data(address), provider: resource.provider,
                        question: .data(type: resource.address.type, configuration: configuration)))
                return unknown
            case .object(let object):
                value = ObjectMarks.marked(
                    ObjectMarks.marked(object, by: resource.schema.block), like: configuration)
                round.read.append((address, value))
            case .failed(let diagnostic):
                let problem = resource.problem(diagnostic, with: address)
                guard resource.check != nil else {
                    round.problems.append(problem)
                    return unknown
                }
                round.failures.append(problem)
                round.read.append((address, planned.withNullsForUnknown))
            default:
                round.problems.append(.unfittingAnswer)
                return unknown
            }
            if resource.check != nil, inputs.options.mode == .normal {
                round.deferred.append(deferred(.checkNested, value))
            }
        }
        round.conditions.append(
            (address, results(resource.lifecycle.postconditions, .postcondition, resource, scope, own: value)))
        return value
    }

    /// Takes note that a data source of a `check` block could not be read, which breaks the block.
    private mutating func take(_ failures: [Diagnostic], ofCheck name: String, in module: ModuleAddress) {
        guard !failures.isEmpty else { return }
        diagnostics += failures
        brokenChecks[name, default: []].insert(module)
        checks.note(
            .named(.check, name, in: module), CheckResults.Subject.address(.check, name, in: module), .fail,
            failures.map { "\($0.summary): \($0.detail)" })
    }

    /// Puts what was read in place of what the state had of a data source.
    private mutating func take(
        _ read: [(address: InstanceAddress, object: Value)], of resource: ResourceConfiguration,
        at address: ResourceAddress
    ) {
        state.resources[address] = nil
        for (address, object) in read {
            do {
                let objectState = try ObjectState(
                    object, schema: resource.schema, record: ObjectRecord(),
                    dependencies: [], createBeforeDestroy: false)
                state.set(
                    objectState, at: address, deposed: nil, provider: inputs.catalog.reference(to: resource.provider))
            } catch {
                diagnostics.append(.unfittingState(address, error))
            }
        }
    }

    /// Forgets the data sources that the configuration does not have any more.
    mutating func forgetData() {
        for address in state.resources.keys where address.mode == .data {
            let isWanted =
                inputs.options.mode != .destroy && inputs.configuration.resource(address) != nil
                && evaluation.instances(of: address.module.inConfiguration).contains(address.module)
            if !isWanted { state.resources[address] = nil }
        }
    }
}

extension ResourceConfiguration {
    /// What kept an instance from being read, as the user is told; a warning where it is read for a `check` block.
    package func problem(_ diagnostic: Diagnostic, with address: InstanceAddress) -> Diagnostic {
        var problem = diagnostic
        problem.address = address.description
        problem.subject = diagnostic.subject ?? range(of: diagnostic.argument)
        if check != nil { (problem.severity, problem.isProvisional) = (.warning, true) }
        return problem.inside(construct)
    }
}

extension Value {
    /// The object with a null for each attribute that is not known.
    fileprivate var withNullsForUnknown: Value {
        guard let fields else { return self }
        var result = fields
        for (name, value) in zip(fields.names, fields.values) where value.isUnknown {
            result = result.replacing(name, with: Value(.null(value.type), marks: value.marks))
        }
        return Value(.object(result), marks: marks)
    }
}
