import Configuring
import Diagnostics
import Planning
import Values

/// Conditions during a run: before and after each step, and of outputs and of the whole at its end.
extension Execution {
    /// The input variables whose rules planning could not evaluate, by module.
    static func openRules(of plan: Plan, _ resolver: Resolver) -> [ModuleAddress: [String]] {
        var result: [ModuleAddress: [String]] = [:]
        for (subject, name, module) in resolver.ruledVariables where plan.checks.status(of: subject) == .unknown {
            result[module, default: []].append(name)
        }
        return result
    }

    /// What came of the conditions before the run: those of data sources that it does not read are not looked at again.
    static func checksBefore(_ plan: Plan, _ resolver: Resolver) -> CheckResults {
        var checks = plan.checks
        let read = Set(plan.changes.filter { $0.action == .read }.map(\.address.description))
        for resource in resolver.checkableData {
            let subject = CheckResults.Subject.resource(resource)
            for object in checks[subject] where !read.contains(object.address) {
                checks.note(subject, object.address, .unknown)
            }
        }
        return checks
    }

    /// Makes sure that what must hold before a change holds; throws what is told when it does not.
    mutating func checkBefore(_ change: Change) throws(Diagnostic) {
        try validateModule(of: change.address)
        guard change.deposed == nil, resolver.isCheckable(change.address.resource) else { return }
        let results = resolver.conditions(of: change.address, own: nil)
        note(results, of: change.address, isFirst: true)
        let problems = results.flatMap(\.diagnostics)
        guard let error = problems.first(where: { $0.severity == .error }) else { return }
        diagnostics += problems.filter { $0 != error }
        throw error
    }

    /// Makes sure that the input variables of an instance's module keep their rules, where planning could not tell; throws what
    /// is told when they do not.
    private mutating func validateModule(of address: InstanceAddress) throws(Diagnostic) {
        let module = address.resource.module
        guard let names = openRules[module.inConfiguration], validated.insert(module).inserted else { return }
        var problems: [Diagnostic] = []
        for name in names {
            let results = resolver.validations(ofVariable: name, in: module)
            let object = CheckResults.Subject.address(.variable, name, in: module)
            checks.note(.named(.variable, name, in: module), object, results)
            problems += results.flatMap(\.diagnostics)
        }
        guard let error = problems.first(where: { $0.severity == .error }) else { return }
        diagnostics += problems.filter { $0 != error }
        brokenModules[module] = address
        throw error
    }

    /// Looks whether what must hold after a change holds; what waits for the step is not begun otherwise.
    mutating func checkAfter(_ index: Int, _ change: Change, _ object: Value) {
        guard resolver.isCheckable(change.address.resource) else { return }
        let results = resolver.conditions(of: change.address, own: object)
        note(results, of: change.address, isFirst: false)
        let problems = results.flatMap(\.diagnostics)
        diagnostics += problems
        if problems.hasErrors { causes[index] = change.address }
    }

    private mutating func note(_ results: [CheckRule.Result], of address: InstanceAddress, isFirst: Bool) {
        conditions[address] = isFirst ? results : (conditions[address] ?? []) + results
        checks.note(.resource(address.resource), address.description, conditions[address] ?? [])
    }

    /// Takes note that a data source of a `check` block could not be read, which breaks the block and nothing else.
    mutating func take(_ failure: Diagnostic, ofCheck name: String, in module: ModuleAddress) {
        diagnostics.append(failure)
        brokenChecks[name, default: []].insert(module)
        checks.note(
            .named(.check, name, in: module), CheckResults.Subject.address(.check, name, in: module), .fail,
            ["\(failure.summary): \(failure.detail)"])
    }

    /// Whether the preconditions of an output of the root module hold; reported otherwise.
    mutating func hasKept(_ output: String) -> Bool {
        for (instance, results) in resolver.preconditions(ofOutput: output, in: .root) {
            let problems = results.flatMap(\.diagnostics)
            diagnostics += problems
            checks.note(
                .named(.output, output, in: .root), CheckResults.Subject.address(.output, output, in: instance), results
            )
            if problems.hasErrors { return false }
        }
        return true
    }

    /// Evaluates what planning could not and no step did, asserts what check blocks say, and records the results.
    mutating func recordChecks() {
        guard plan.mode != .destroy, !plan.forgetsChecks else {
            state.record(checks)
            return
        }
        for change in plan.changes where change.action == .noOp && resolver.isCheckable(change.address.resource) {
            let subject = CheckResults.Subject.resource(change.address.resource)
            guard checks[subject].first(where: { $0.address == change.address.description })?.status == .unknown
            else { continue }
            let results =
                resolver.conditions(of: change.address, own: nil)
                + resolver.conditions(of: change.address, own: change.before)
            note(results, of: change.address, isFirst: true)
            diagnostics += results.flatMap(\.diagnostics)
        }
        for (subject, kind, name, module) in resolver.checked where kind == .check || !module.isRoot {
            // What targets leave out is not looked at.
            if plan.isPartial, plan.checks[subject].isEmpty { continue }
            let found =
                kind == .check
                ? resolver.assertions(ofCheck: name, in: module) : resolver.preconditions(ofOutput: name, in: module)
            for (instance, results) in found
            where kind != .check || brokenChecks[name]?.contains(instance) != true {
                diagnostics += results.flatMap(\.diagnostics)
                checks.note(subject, CheckResults.Subject.address(kind, name, in: instance), results)
            }
        }
        state.record(checks)
    }
}
