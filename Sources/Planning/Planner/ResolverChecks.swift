package import Configuring
import Diagnostics
import HCL
package import Values

/// Conditions during apply, when everything that they ask for is known.
extension Resolver {
    /// What comes of the conditions of an instance; empty when it has none of that kind, or is not in the configuration.
    ///
    /// - Parameters:
    ///   - address: The instance.
    ///   - own: The object as it is now, for postconditions; nil asks for the preconditions.
    package mutating func conditions(of address: InstanceAddress, own: Value?) -> [CheckRule.Result] {
        guard let resource = configuration.resource(address.resource) else { return [] }
        let rules = own == nil ? resource.lifecycle.preconditions : resource.lifecycle.postconditions
        guard !rules.isEmpty else { return [] }
        var problems: [Diagnostic] = []
        guard var scope = scope(of: resource, address, &problems) else { return [] }
        if let own { scope = scope.with(["self": own]) }
        let kind: CheckRule.Kind = own == nil ? .precondition : .postcondition
        return rules.map { $0.evaluate(in: scope, kind, of: resource.construct) }
    }

    /// What comes of the preconditions of an output in all instances of its module, by the instance's address.
    package mutating func preconditions(
        ofOutput name: String, in module: ModuleAddress
    ) -> [(instance: ModuleAddress, results: [CheckRule.Result])] {
        guard let output = configuration.modules[module]?.outputs[name], !output.preconditions.isEmpty else {
            return []
        }
        return results(.output(name, in: module)) { scope in
            output.preconditions.map { $0.evaluate(in: scope, .output, of: "output \"\(name)\"") }
        }
    }

    /// What comes of the assertions of a `check` block in all instances of its module.
    package mutating func assertions(
        ofCheck name: String, in module: ModuleAddress
    ) -> [(instance: ModuleAddress, results: [CheckRule.Result])] {
        guard let block = configuration.modules[module]?.checks[name] else { return [] }
        return results(Node(.check(name), in: module)) { scope in
            block.assertions.map { $0.evaluate(in: scope, .assertion, of: block.construct, severity: .warning) }
        }
    }

    /// What comes of the rules of an input variable in an instance of its module.
    package mutating func validations(ofVariable name: String, in module: ModuleAddress) -> [CheckRule.Result] {
        let node = Node(.validation(name), in: module.inConfiguration)
        guard let variable = configuration.modules[node.module]?.variables[name] else { return [] }
        var problems: [Diagnostic] = []
        prepareAnew(node, &problems)
        return configuration.validate(variable, of: module, in: scope(of: node, in: module))
    }

    private mutating func results(
        _ node: Node, _ evaluate: (Scope) -> [CheckRule.Result]
    ) -> [(instance: ModuleAddress, results: [CheckRule.Result])] {
        var problems: [Diagnostic] = []
        prepareAnew(node, &problems)
        return instances(of: node.module).map { ($0, evaluate(scope(of: node, in: $0))) }
    }

    /// The outputs and check blocks of the configuration that have conditions, with their modules.
    package var checked: [(subject: CheckResults.Subject, kind: CheckResults.Kind, name: String, module: ModuleAddress)]
    {
        configuration.modules.sorted { $0.key < $1.key }.flatMap { address, module in
            module.outputs.values.filter { !$0.preconditions.isEmpty }.map(\.name).sorted().map {
                (CheckResults.Subject.named(.output, $0, in: address), CheckResults.Kind.output, $0, address)
            }
                + module.checks.keys.sorted().map {
                    (CheckResults.Subject.named(.check, $0, in: address), CheckResults.Kind.check, $0, address)
                }
        }
    }

    /// The input variables of the configuration that have rules, with their modules.
    package var ruledVariables: [(subject: CheckResults.Subject, name: String, module: ModuleAddress)] {
        configuration.modules.sorted { $0.key < $1.key }.flatMap { address, module in
            module.variables.values.filter { !$0.validations.isEmpty }.map(\.name).sorted().map {
                (CheckResults.Subject.named(.variable, $0, in: address), $0, address)
            }
        }
    }

    /// The data sources of the configuration that have conditions.
    package var checkableData: [ResourceAddress] {
        configuration.resources.filter { $0.address.mode == .data && $0.isCheckable }.map(\.address)
    }

    /// Whether a resource has conditions.
    package func isCheckable(_ address: ResourceAddress) -> Bool {
        configuration.resource(address)?.isCheckable ?? false
    }
}
