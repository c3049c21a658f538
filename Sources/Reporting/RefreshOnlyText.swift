import Planning

extension PlanText {
    /// What a plan found that takes note of changes alone.
    var refreshOnlyNote: String {
        let found = plan.drift.map { change in
            switch change.action {
            case .delete: text(change, heading: " has been \(paint.remove("deleted"))")
            case .noOp: text(change)
            default: text(change, heading: " has changed")
            }
        }
        return """
            \(paint.bold("Note: Objects have changed outside of flinkform"))

            flinkform detected the following changes made outside of flinkform since the
            last "flinkform apply" which may have affected this plan:

            \(found.joined(separator: "\n"))

            This is a refresh-only plan, so flinkform will not take any actions to undo
            these. If you were expecting these changes then you can apply this plan to
            record the updated values in the flinkform state without changing any remote
            objects.

            """
    }
}
