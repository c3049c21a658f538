package import Planning

/// How many objects a plan imports, makes, changes and destroys, or a run did.
package struct PlanCounts: Hashable, Sendable {
    /// Taken into the state.
    package var imported = 0
    /// Made, replacements included.
    package var add = 0
    /// Changed in place.
    package var change = 0
    /// Destroyed, replacements included.
    package var destroy = 0

    /// What a run did.
    package init(imported: Int, add: Int, change: Int, destroy: Int) {
        self.imported = imported
        self.add = add
        self.change = change
        self.destroy = destroy
    }

    /// What a plan does.
    package init(_ plan: Plan) {
        for planned in plan.changes {
            if planned.importing != nil { imported += 1 }
            switch planned.action {
            case .create: add += 1
            case .update: change += 1
            case .delete: destroy += 1
            case .deleteThenCreate, .createThenDelete:
                add += 1
                destroy += 1
            case .noOp, .read, .forget: continue
            }
        }
    }

    /// As the end of a plan has it.
    package var planned: String {
        (imported == 0 ? "" : "\(imported) to import, ") + "\(add) to add, \(change) to change, \(destroy) to destroy."
    }

    /// As the end of an apply has it.
    package var done: String {
        (imported == 0 ? "" : "\(imported) imported, ") + "\(add) added, \(change) changed, \(destroy) destroyed."
    }
}
