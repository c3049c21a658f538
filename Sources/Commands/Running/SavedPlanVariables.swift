import Configuring
import Diagnostics
import Planning
import Reporting
import Values

/// The values of variables that are given with a saved plan, against those that the plan has.
struct SavedPlanVariables {
    private let plan: Plan
    private let configuration: Configuration

    init(_ plan: Plan, _ configuration: Configuration) {
        (self.plan, self.configuration) = (plan, configuration)
    }

    /// Throws when the command line gives a variable another value than the plan has; returns warnings about files and environment
    /// that do.
    func check(_ invocation: Invocation) throws -> [Diagnostic] {
        let arguments = try Project.argumentSources(invocation)
        let (given, problems) = values(arguments)
        guard !problems.hasErrors else { throw Problems(problems, configuration.files) }
        let changed = others(given).map { name, value in
            Diagnostic.error(
                "Can't change variable when applying a saved plan",
                "The variable \(name) cannot be set using the -var and -var-file options when applying a saved plan file, because a saved plan includes the variable values that were set when it was created. \(contrast(name, value, "a CLI argument"))"
            )
        }
        guard changed.isEmpty else { throw Problems(changed) }
        return try Project.standingSources(invocation).flatMap { source in
            others(values([source]).given).filter { given[$0.name] == nil }.map { name, value in
                .warning(
                    "Ignoring variable when applying a saved plan",
                    "The variable \(name) cannot be overridden when applying a saved plan file, because a saved plan includes the variable values that were set when it was created. \(contrast(name, value, Self.origin(of: source)))"
                )
            }
        }
    }

    private func values(_ sources: [VariableSource]) -> (given: [String: Value], problems: [Diagnostic]) {
        var configuration = configuration
        var problems: [Diagnostic] = []
        let resolved = configuration.resolveVariables(sources, diagnostics: &problems)
        return (resolved.values.filter { resolved.set.contains($0.key) }, problems)
    }

    /// The variables whose value is not the plan's; those that no plan holds are given again with each.
    private func others(_ given: [String: Value]) -> [(name: String, value: Value)] {
        given.sorted { $0.key < $1.key }.filter { name, value in
            !plan.sensitiveVariables.contains(name) && planned(name) != value
        }.map { ($0.key, $0.value) }
    }

    private func planned(_ name: String) -> Value? {
        plan.variables[name] ?? configuration.variables[name]?.defaultValue
    }

    private func contrast(_ name: String, _ value: Value, _ origin: String) -> String {
        let planned = planned(name).map { "specifies \(shown($0, of: name)) as the value" } ?? "has no value for it"
        return
            "The saved plan \(planned) whereas during apply the value \(shown(value, of: name)) was set by \(origin)."
    }

    private func shown(_ value: Value, of name: String) -> String {
        if configuration.variables[name]?.isSensitive == true { return "(sensitive value)" }
        return VisibleText.escaped(ValueText.text(value, indentation: 0))
    }

    private static func origin(of source: VariableSource) -> String {
        switch source {
        case .environment: "an environment variable"
        case .file(let name, _): "the file \(VisibleText.escaped(name))"
        case .argument, .value: "a CLI argument"
        }
    }
}
