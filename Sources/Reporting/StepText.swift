import Configuring
import Diagnostics
package import Planning

/// The steps of a plan as text, each on a line: what it does, and after which others.
///
/// Applying performs them as they stand here. What is known of values is in the plan's changes, and not here.
package enum StepText {
    /// The text; steps are numbered from 1, in the plan's order.
    package static func text(_ plan: Plan) -> String {
        let width = String(plan.steps.count).count
        let lines = plan.steps.enumerated().map { index, step in
            let number = String(index + 1)
            let waits = step.waits.map { String($0 + 1) }.joined(separator: ", ")
            return String(repeating: " ", count: width - number.count) + number + "  "
                + VisibleText.escaped(words(step.work, in: plan)) + (waits.isEmpty ? "" : "  after \(waits)")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func words(_ work: Step.Work, in plan: Plan) -> String {
        switch work {
        case .settle(let settlement): return "settle \(settlement.intent.address) (\(outcome(of: settlement)))"
        case .read(let change): return "read \(plan.changes[change].address)"
        case .create(let change, let deposing):
            let remark = deposing ? " (the object before is deposed)" : ""
            return "create \(plan.changes[change].address)\(remark)"
        case .update(let change): return "update \(plan.changes[change].address)"
        case .delete(let number):
            let change = plan.changes[number]
            if let deposed = change.deposed {
                return
                    "delete \(VisibleText.escaped(change.address.description)) (deposed object \(VisibleText.escaped(deposed)))"
            }
            let remark = change.action == .createThenDelete ? " (the object before)" : ""
            return "delete \(change.address)\(remark)"
        case .forget(let change): return "forget \(plan.changes[change].address)"
        case .gather(let resource, let gathering):
            return "gather \(resource) (\(gathering == .made ? "made" : "destroyed"))"
        case .outputs: return "outputs"
        }
    }

    private static func outcome(of settlement: Settlement) -> String {
        switch settlement {
        case .finish(_, let id): "\(id) is finished"
        case .discard(_, let ids): "\(ids.joined(separator: ", ")) is deleted"
        case .gone(_, let id): "\(id) is gone"
        case .watch: "watched"
        case .drop: "forgotten"
        }
    }
}
