import Configuring
import Diagnostics
import HCL
import Values

/// Output values: what they are, and whether that is a change.
extension Planner {
    /// Plans an output value.
    mutating func plan(_ output: OutputValue) {
        let node = Node.output(output.name)
        let errorsBefore = diagnostics.count { $0.severity == .error }
        check(output, in: .root)
        // Without what it needs, the output stays as it is.
        guard diagnostics.count(where: { $0.severity == .error }) == errorsBefore else { return }
        let value = output.expression.evaluate(
            in: evaluation.scope(for: node), of: "output \"\(output.name)\"", diagnostics: &diagnostics)
        guard diagnostics.count(where: { $0.severity == .error }) == errorsBefore else { return }
        if let diagnostic = output.sensitivityProblem(of: value) { diagnostics.append(diagnostic) }
        guard !value.isNested() else {
            diagnostics.append(.nestedTooDeeply(output.range))
            return
        }
        // Secrets of objects that stay are no change; those of objects to be made are known after apply.
        let isMade = inputs.configuration.resourcesBehind(node).contains { making.contains($0) }
        let after = isMade ? ObjectMarks.withoutSecrets(value) : ObjectMarks.withoutAnySecret(value)
        if after.isWhollyKnown {
            do {
                _ = try OutputCoding.state(ObjectMarks.withoutAnySecret(after), isSensitive: output.isSensitive)
            } catch {
                diagnostics.append(
                    .error(
                        "Invalid output value", "The value cannot be recorded in the state: \(error.message)",
                        at: output.range))
            }
        }
        let old = state.outputs[output.name]
        let before = old.map(OutputCoding.value) ?? .null(.dynamic)
        let action: Action
        // What was not known when it was recorded is null; a secret always is.
        if old == nil || (before.isNull && !value.allMarks.contains(.secret)) {
            action = after.isNull ? .noOp : .create
        } else if after.isWhollyKnown && before.unmarked == after.unmarked && old?.isSensitive == output.isSensitive {
            action = .noOp
        } else {
            action = .update
        }
        outputs.append(
            OutputChange(
                name: output.name, action: action, before: before, after: after,
                isSensitive: output.isSensitive || (old?.isSensitive ?? false)))
    }

    /// Takes outputs as they come out now, before everything is destroyed, as Terraform does; false when they do not.
    ///
    /// Nobody is asked for that: where somebody would have to be, they stay as state has them.
    mutating func takeOutputsAnew() -> Bool {
        guard inputs.options.refreshes, !inputs.options.isInternal,
            !state.resources.isEmpty || !state.outputs.isEmpty
        else { return true }
        var inputs = inputs
        inputs.state = state
        inputs.options.mode = .normal
        inputs.options.refreshes = false
        inputs.options.precedesDestroying = true
        var planner = Planner(inputs)
        switch planner.advance() {
        case .needs: return true
        case .failed(_, let problems):
            diagnostics += problems
            return false
        case .settled(let plan, _):
            for change in plan.outputs { take(change) }
            return true
        }
    }

    /// Takes what an output has become, as far as that is known.
    private mutating func take(_ change: OutputChange) {
        guard change.action == .create || change.action == .update, change.after.isWhollyKnown,
            !change.after.allMarks.contains(.secret)
        else { return }
        guard !change.after.isNull else {
            // A secret is null in the state.
            if state.outputs[change.name].map(OutputCoding.value)?.isNull == false { state.outputs[change.name] = nil }
            return
        }
        let isSensitive = inputs.configuration.outputs[change.name]?.isSensitive ?? change.isSensitive
        if let output = try? OutputCoding.state(change.after, isSensitive: isSensitive) {
            state.outputs[change.name] = output
        }
    }

    /// Plans the end of the outputs that are in state and not wanted any more.
    mutating func planRemovedOutputs() {
        let isDestroying = inputs.options.mode == .destroy
        for (name, old) in state.outputs where isDestroying || inputs.configuration.outputs[name] == nil {
            outputs.append(
                OutputChange(
                    name: name, action: .delete, before: OutputCoding.value(old), after: .null(.dynamic),
                    isSensitive: old.isSensitive))
        }
    }
}
