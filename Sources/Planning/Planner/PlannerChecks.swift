import Configuring
import Diagnostics
import HCL
import Values

/// Conditions: what must hold before and after each change, of outputs, and of the whole.
extension Planner {
    /// How bad a broken condition of an object is: where nothing is changed, it is worth knowing only.
    private var severity: Diagnostic.Severity {
        inputs.options.mode == .refreshOnly || inputs.options.precedesDestroying ? .warning : .error
    }

    /// Evaluates conditions of a resource instance; false when one of them must keep it from being planned.
    mutating func holds(
        _ rules: [CheckRule], _ kind: CheckRule.Kind, _ resource: ResourceConfiguration, _ address: InstanceAddress,
        _ scope: Scope, own: Value? = nil
    ) -> Bool {
        guard resource.isCheckable else { return true }
        let results = results(rules, kind, resource, scope, own: own)
        take(results, of: resource, address)
        return !results.flatMap(\.diagnostics).hasErrors
    }

    /// What comes of conditions of a resource instance.
    func results(
        _ rules: [CheckRule], _ kind: CheckRule.Kind, _ resource: ResourceConfiguration, _ scope: Scope,
        own: Value? = nil
    ) -> [CheckRule.Result] {
        let scope = own.map { scope.with(["self": $0]) } ?? scope
        return rules.map { $0.evaluate(in: scope, kind, of: resource.construct, severity: severity) }
    }

    /// Takes what came of conditions of a resource instance.
    mutating func take(
        _ results: [CheckRule.Result], of resource: ResourceConfiguration, _ address: InstanceAddress
    ) {
        guard resource.isCheckable else { return }
        diagnostics += results.flatMap(\.diagnostics)
        conditions[address, default: []] += results
        checks.note(.resource(resource.address), address.description, conditions[address] ?? [])
    }

    /// Evaluates what must hold before an output has its value, in an instance of its module.
    mutating func check(_ output: OutputValue, in module: ModuleAddress) {
        guard !output.preconditions.isEmpty else { return }
        let scope = evaluation.scope(for: .output(output.name, in: module.inConfiguration), in: module)
        let results = output.preconditions.map {
            $0.evaluate(in: scope, .output, of: "output \"\(output.name)\"", severity: severity)
        }
        diagnostics += results.flatMap(\.diagnostics)
        let address = CheckResults.Subject.address(.output, output.name, in: module)
        checks.note(.named(.output, output.name, in: module), address, results)
    }

    /// Evaluates a `check` block in all instances of its module.
    mutating func check(_ node: Node, _ name: String) {
        guard let block = inputs.configuration.modules[node.module]?.checks[name] else { return }
        for module in evaluation.instances(of: node.module)
        where brokenChecks[name]?.contains(module) != true {
            let results = evaluation.results(of: block, node, in: module)
            diagnostics += results.flatMap(\.diagnostics)
            checks.note(
                .named(.check, name, in: module), CheckResults.Subject.address(.check, name, in: module), results)
        }
    }

    /// Evaluates the rules of an input variable in all instances of its module.
    mutating func validate(_ node: Node, _ name: String) {
        guard let variable = inputs.configuration.modules[node.module]?.variables[name] else { return }
        for module in evaluation.instances(of: node.module) {
            let results = evaluation.results(of: variable, node, in: module)
            diagnostics += results.flatMap(\.diagnostics)
            checks.note(
                .named(.variable, name, in: module), CheckResults.Subject.address(.variable, name, in: module), results)
        }
    }

    /// Takes note of everything that has conditions, whether it was evaluated or not.
    mutating func noteCheckable() {
        let isDestroying = inputs.options.mode == .destroy
        func isExpanded(_ node: Node) -> Bool { !isDestroying && selection.has(node) }
        for resource in inputs.configuration.resources where resource.isCheckable {
            checks.add(.resource(resource.address), isExpanded: isExpanded(.resource(resource.address)))
        }
        for (address, module) in inputs.configuration.modules {
            func add(_ kind: CheckResults.Kind, _ name: String, _ node: Node.Kind) {
                let isExpanded = isExpanded(Node(node, in: address))
                checks.add(.named(kind, name, in: address), isExpanded: isExpanded)
            }
            for variable in module.variables.values where !variable.validations.isEmpty {
                add(.variable, variable.name, .validation(variable.name))
            }
            for output in module.outputs.values where !output.preconditions.isEmpty {
                add(.output, output.name, .output(output.name))
                if isDestroying, address.isRoot, selection.isWhole {
                    checks.note(.named(.output, output.name, in: address), "output.\(output.name)", .unknown)
                }
            }
            for name in module.checks.keys { add(.check, name, .check(name)) }
        }
    }
}

extension Evaluation {
    /// What comes of the rules of an input variable in an instance of its module.
    func results(of variable: InputVariable, _ node: Node, in module: ModuleAddress) -> [CheckRule.Result] {
        configuration.validate(variable, of: module, in: scope(for: node, in: module))
    }

    /// What comes of the assertions of a `check` block in an instance of its module.
    func results(of block: CheckBlock, _ node: Node, in module: ModuleAddress) -> [CheckRule.Result] {
        let scope = scope(for: node, in: module)
        return block.assertions.map {
            $0.evaluate(in: scope, .assertion, of: block.construct, severity: .warning)
        }
    }
}
