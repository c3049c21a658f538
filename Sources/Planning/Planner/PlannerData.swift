import Configuring
import Diagnostics
import HCL
import Values

/// Data sources: read while planning when their arguments are known, else during apply.
extension Planner {
    /// Plans all instances of a data source; returns what must be read first.
    mutating func planData(_ resource: ResourceConfiguration) -> [Request] {
        let node = Node.resource(resource.address)
        let scope = evaluation.scope(for: node)
        var problems: [Diagnostic] = []
        let expansion = resource.expansion(in: scope, diagnostics: &problems)
        let isPending = resource.dependsOn.contains { changing.contains($0) }
        var requests: [Request] = []
        var values: [Value] = []
        var deferred: [Change] = []
        for (key, names) in expansion.instances {
            let address = InstanceAddress(resource.address, key)
            let configuration = resource.evaluate(in: scope.with(names), diagnostics: &problems)
            let planned = ObjectPlanning.proposed(resource.schema.block, configuration: configuration, prior: nil)
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
                    values.append(ObjectMarks.marked(value, by: resource.schema.block))
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
        evaluation.set(node, to: expansion.collection(values, type: resource.schema.type))
        return []
    }
}
