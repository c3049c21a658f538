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
        let value = output.expression.evaluate(in: evaluation.scope(for: node), diagnostics: &diagnostics)
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
        if old == nil {
            action = after.isNull ? .noOp : .create
        } else if after.isWhollyKnown && before.unmarked == after.unmarked {
            action = .noOp
        } else {
            action = .update
        }
        outputs.append(
            OutputChange(
                name: output.name, action: action, before: before, after: after,
                isSensitive: output.isSensitive || (old?.isSensitive ?? false)))
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
