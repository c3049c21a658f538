import Configuring
import Diagnostics
import HCL
import Values

/// Data sources: read while planning when their arguments are known, else during apply.
extension Planner {
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
        var problems: [Diagnostic] = []
        let expansion = resource.repetition.expansion(in: scope, of: resource.construct, diagnostics: &problems)
        let isPending = resource.dependsOn.contains { changing.contains($0) }
        var requests: [Request] = []
        var values: [Value] = []
        var deferred: [Change] = []
        var read: [(address: InstanceAddress, object: Value)] = []
        for (key, names) in expansion.instances {
            let address = InstanceAddress(source, key)
            let configuration = resource.evaluate(in: scope.with(names), diagnostics: &problems)
            let planned = ObjectPlanning.proposed(resource.schema, configuration: configuration, prior: nil)
            if problems.hasErrors {
                values.append(.unknown(resource.schema.type))
            } else if isPending || !configuration.isWhollyKnown {
                values.append(planned)
                deferred.append(
                    Change(
                        address: address, provider: resource.provider, action: .read,
                        reason: configuration.isWhollyKnown ? .dependencyPending : .configurationUnknown,
                        before: .null(resource.schema.type), after: planned, isConfigurationUnknown: true))
            } else {
                switch answers[.data(address)] {
                case nil:
                    requests.append(
                        Request(
                            key: .data(address), provider: resource.provider,
                            question: .data(type: resource.address.type, configuration: configuration)))
                case .object(let value):
                    let object = ObjectMarks.marked(value, by: resource.schema.block)
                    values.append(object)
                    read.append((address, object))
                case .failed(var diagnostic):
                    diagnostic.address = address.description
                    diagnostic.subject = diagnostic.subject ?? resource.range
                    problems.append(diagnostic)
                    values.append(.unknown(resource.schema.type))
                default: problems.append(.unfittingAnswer)
                }
            }
        }
        // A round that must ask first is repeated, its problems included.
        guard requests.isEmpty else { return requests }
        diagnostics += problems
        deferred.forEach { note($0) }
        take(read, of: resource, at: source)
        evaluation.set(node, in: module, to: expansion.collection(values, type: resource.schema.type))
        return []
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
