package import Configuring
import Diagnostics
package import Planning
import Values

/// A plan as text, in Terraform's layout.
package struct PlanText: Sendable {
    let plan: Plan
    private let catalog: Catalog
    let paint: Paint

    /// Makes the text of a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan, or as much as could be made of it.
    ///   - catalog: The resource types there are.
    ///   - isColored: Whether colours are used.
    package init(_ plan: Plan, catalog: Catalog, isColored: Bool) {
        self.plan = plan
        self.catalog = catalog
        self.paint = Paint(isColored: isColored)
    }

    private var isErrored: Bool { plan.isErrored }

    /// The whole text, up to the summary and the outputs.
    package var text: String {
        var parts: [String] = []
        parts += [settlements, drift].filter { !$0.isEmpty }
        if plan.mode == .refreshOnly, !plan.drift.isEmpty { parts.append(refreshOnlyNote) }
        let shown = self.shown
        let outputs = self.outputs
        // Outputs may change in nothing that is shown.
        let isQuiet = plan.isEmpty || plan.outputs.contains { $0.action != .noOp }
        if shown.isEmpty, outputs.isEmpty, isQuiet, plan.mode != .refreshOnly || plan.drift.isEmpty {
            return (parts + [isErrored ? failed : noChanges]).joined(separator: "\n")
        }
        if !shown.isEmpty {
            if let summary = ChangeCounts(shown).overview { parts.append(summary) }
            if shown.contains(where: { $0.action != .noOp }) { parts.append(legend(shown)) }
            parts.append(
                isErrored
                    ? "flinkform planned the following actions, but then encountered a problem:\n"
                    : "flinkform will perform the following actions:\n")
            parts += shown.map { text($0) }
            parts.append("\(paint.bold("Plan:")) \(PlanCounts(plan).planned)\n")
        }
        if plan.mode == .refreshOnly, !plan.drift.isEmpty, !outputs.isEmpty {
            parts.append(String(repeating: "─", count: 77) + "\n")
        }
        if !outputs.isEmpty { parts.append(outputs) }
        let changesNothing = !shown.contains { $0.action != .noOp }
        if changesNothing && !outputs.isEmpty && (!isErrored || plan.mode == .refreshOnly) {
            parts.append(
                "You can apply this plan to save these new output values to the flinkform\nstate, without changing any real infrastructure.\n"
            )
        }
        return parts.joined(separator: "\n")
    }

    /// The changes that are shown.
    var shown: [Change] {
        plan.changes.filter { $0.action != .noOp || $0.importing != nil || $0.previous != nil }
    }

    private var failed: String {
        paint.remove("Planning failed.") + paint.bold(" flinkform encountered an error while generating this plan.")
            + "\n\n"
    }

    private var noChanges: String {
        if plan.mode == .refreshOnly {
            return paint.good("No changes.") + paint.bold(" Your infrastructure still matches the configuration.")
                + "\n\nflinkform has checked that the real remote objects still match the result of\nyour most recent changes, and found no differences.\n"
        }
        guard plan.mode == .normal else {
            return paint.good("No changes.") + paint.bold(" No objects need to be destroyed.")
                + "\n\nEither you have not created any objects yet or the existing objects were\nalready deleted outside of flinkform.\n"
        }
        return paint.good("No changes.") + paint.bold(" Your infrastructure matches the configuration.")
            + "\n\nflinkform has compared your real infrastructure against your configuration\nand found no differences, so no changes are needed.\n"
    }

    private func legend(_ changes: [Change]) -> String {
        let actions = Set(changes.map(\.action))
        var lines = [
            "flinkform used the selected providers to generate the following execution",
            "plan. Resource actions are indicated with the following symbols:",
        ]
        if actions.contains(.create) { lines.append("  \(paint.add("+")) create") }
        if actions.contains(.update) { lines.append("  \(paint.change("~")) update in-place") }
        if actions.contains(.delete) { lines.append("  \(paint.remove("-")) destroy") }
        if actions.contains(.deleteThenCreate) {
            lines.append("\(symbol(.deleteThenCreate)) destroy and then create replacement")
        }
        if actions.contains(.createThenDelete) {
            lines.append("\(symbol(.createThenDelete)) create replacement and then destroy")
        }
        if actions.contains(.read) { lines.append(" \(paint.read("<=")) read (data resources)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func symbol(_ action: Action) -> String {
        switch action {
        case .create: "  " + paint.add("+")
        case .update: "  " + paint.change("~")
        case .delete: "  " + paint.remove("-")
        case .deleteThenCreate: paint.remove("-") + "/" + paint.add("+")
        case .createThenDelete: paint.add("+") + "/" + paint.remove("-")
        case .read: " " + paint.read("<=")
        case .noOp: "   "
        case .forget: " ."
        }
    }

    // MARK: - Changes

    /// The text of a change, below a heading that says what becomes of the object unless another is given.
    ///
    /// The lines of the heading begin with spaces and a `#`.
    func text(_ change: Change, heading given: String? = nil) -> String {
        let address = change.address.resource
        let shown = VisibleText.escaped(change.address.description)
        let previous = change.previous.map { VisibleText.escaped($0.description) }
        var lines: [String]
        if change.action == .noOp, change.importing == nil, let previous {
            lines = ["  " + paint.bold("# \(previous) has moved to \(shown)")]
        } else {
            let margin = change.action == .forget ? " " : "  "
            lines = [margin + paint.bold("# \(shown)") + (given ?? heading(change))]
            if let reason = reason(change) { lines.append("\(margin)# (\(reason))") }
            if change.action == .forget { lines.append("\(margin)# (destroy = false is set in the configuration)") }
            if let previous { lines.append("  # (moved from \(previous))") }
            if change.generated != nil { lines.append("  # (config will be generated)") }
        }
        if let id = change.importing, change.action != .noOp {
            lines.append("  # (imported from \(ValueText.quoted(id)))")
            if change.action.isReplacement { lines.append("  # Warning: this will destroy the imported resource") }
        }
        let word = address.mode == .managed ? "resource" : "data"
        lines.append(
            "\(symbol(change.action)) \(word) \(ValueText.quoted(address.type)) \(ValueText.quoted(address.name)) {")
        return (lines + body(of: change) + ["    }", ""]).joined(separator: "\n")
    }

    /// The lines of an object's attributes and blocks.
    func body(of change: Change) -> [String] {
        guard let schema = catalog.schema(for: change.address.resource) else { return [] }
        let style: ObjectText.Style =
            switch change.action {
            case .create, .read: .made
            case .delete: .destroyed
            case .noOp where change.previous == nil: .kept
            default: .changed
            }
        let body = ObjectText(style: style, paint: paint, replacePaths: Set(change.replacePaths))
        let after = change.action == .forget ? change.before : change.after
        return body.lines(schema.block, change.before, after, indentation: 2, path: ValuePath([]))
    }

    private func heading(_ change: Change) -> String {
        if change.action == .forget {
            return change.deposed.map {
                " (deposed object \(VisibleText.escaped($0))) will be removed from flinkform state, but will not be destroyed"
            } ?? " will no longer be managed by flinkform, but will not be destroyed"
        }
        if let deposed = change.deposed {
            return " (deposed object \(VisibleText.escaped(deposed))) will be \(paint.remove("destroyed"))"
        }
        switch change.action {
        case .create: return " will be created"
        case .update: return " will be updated in-place"
        case .delete: return " will be \(paint.remove("destroyed"))"
        case .read: return " will be read during apply"
        case .noOp: return change.importing == nil ? "" : " will be imported"
        case .forget: return ""
        case .deleteThenCreate, .createThenDelete:
            switch change.reason {
            case .tainted: return " is tainted, so must be \(paint.remove("replaced"))"
            case .requested: return " will be \(paint.remove("replaced")), as requested"
            case .triggered: return " will be \(paint.remove("replaced")) due to changes in replace_triggered_by"
            default: return " must be \(paint.remove("replaced"))"
            }
        }
    }

    private func reason(_ change: Change) -> String? {
        if change.deposed != nil { return "left over from a partially-failed replacement of this instance" }
        if change.action == .forget { return nil }
        switch change.reason {
        case .noModule:
            return "because \(VisibleText.escaped(change.address.resource.module.description)) is not in configuration"
        case .noMoveTarget:
            let (previous, address) = (change.previous ?? change.address, change.address)
            return
                "because \(VisibleText.escaped(previous.description)) was moved to \(VisibleText.escaped(address.description)), which is not in configuration"
        case .noConfiguration:
            return
                "because \(VisibleText.escaped(change.address.resource.inInstance(.root).description)) is not in configuration"
        case .wrongRepetition:
            switch change.address.key {
            case .none: return "because resource uses count or for_each"
            case .index: return "because resource does not use count"
            case .key: return "because resource does not use for_each"
            }
        case .countIndex:
            if case .index(let index) = change.address.key {
                return "because index [\(index)] is out of range for count"
            }
            return nil
        case .eachKey:
            if case .key(let key) = change.address.key {
                return "because key [\(ValueText.quoted(key))] is not in for_each map"
            }
            return nil
        case .configurationUnknown: return "config refers to values not yet known"
        case .dependencyPending: return "depends on a resource or a module with changes pending"
        case .checkNested: return "config will be reloaded to verify a check block"
        case .cannotUpdate, .tainted, .requested, .triggered, nil: return nil
        }
    }

    // MARK: - Outputs

    /// What becomes of the output values; empty when nothing does that is shown.
    var outputs: String {
        // One that only begins or ceases to be sensitive is not shown.
        let changed = plan.outputs.filter {
            $0.action == .update
                ? !($0.after.isWhollyKnown && $0.before.unmarked == $0.after.unmarked) : $0.action != .noOp
        }
        guard !changed.isEmpty else { return "" }
        let width = plan.outputs.map(\.name.count).max() ?? 0
        var lines = [paint.bold("Changes to Outputs:")]
        for change in changed {
            let name =
                VisibleText.escaped(change.name) + String(repeating: " ", count: width - change.name.count)
            let hidden = change.isSensitive || !change.after.allMarks.isEmpty || !change.before.allMarks.isEmpty
            func text(_ value: Value, _ mark: String) -> String {
                hidden
                    ? ValueText.sensitive : ValueText.text(value.withoutCollections, indentation: 4, mark: mark)
            }
            switch change.action {
            case .update where change.after.isNull, .delete:
                lines.append(
                    "  \(paint.remove("-")) \(name) = \(text(change.before, "- "))\(ValueText.end(of: change.before, paint))"
                )
            case .create: lines.append("  \(paint.add("+")) \(name) = \(text(change.after, "+ "))")
            default:
                let shown =
                    hidden
                    ? text(change.after, "")
                    : ValueChangeText(paint: paint).text(
                        change.before.withoutCollections, change.after.withoutCollections, indentation: 4)
                lines.append("  \(paint.change("~")) \(name) = \(shown)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - What went before

    /// What is done about interrupted creates.
    var settlements: String {
        var settled: [String] = []
        var open: [String] = []
        for step in plan.steps {
            guard case .settle(let settlement) = step.work else { continue }
            let line = "  # " + SettlementText.line(settlement)
            if settlement.isOpen {
                // Several calls for one instance are no matter to the reader.
                if !open.contains(line) { open.append(line) }
            } else {
                settled.append(line)
            }
        }
        func part(_ heading: String, _ lines: [String]) -> String? {
            lines.isEmpty ? nil : paint.bold(heading) + "\n\n" + lines.joined(separator: "\n") + "\n"
        }
        return [
            part("An earlier run was interrupted while it created keys. This is settled first:", settled),
            part("Calls of an earlier run were not answered, and no key of theirs has shown so far:", open),
        ].compactMap { $0 }.joined(separator: "\n")
    }

    /// What was found gone.
    ///
    /// What changed shows in the changes themselves.
    private var drift: String {
        let gone = plan.drift.filter { $0.action == .delete && plan.mode != .refreshOnly }
        guard !gone.isEmpty else { return "" }
        let lines = gone.map { change in
            "  # \(VisibleText.escaped(change.address.description)) has been \(paint.remove("deleted")) (id \(VisibleText.escaped(change.before.fields?["id"]?.string ?? "")))"
        }
        return paint.bold("Note: Objects have changed outside of flinkform") + "\n\n"
            + lines.joined(separator: "\n") + "\n"
    }
}

/// Settlements of interrupted creates, in words.
package enum SettlementText {
    /// One line.
    package static func line(_ settlement: Settlement) -> String {
        let address = VisibleText.escaped(settlement.intent.address.description)
        switch settlement {
        case .finish(let intent, let id) where !intent.isManaged:
            return "\(address): key \(VisibleText.escaped(id)) exists and its secret is stored; it is not managed"
        case .finish(_, let id):
            return "\(address): key \(VisibleText.escaped(id)) exists and its secret is stored, so it is recorded"
        case .discard(_, let ids):
            let keys = ids.map(VisibleText.escaped).joined(separator: ", ")
            return "\(address): key \(keys) was made, but its secret was lost with the run, so it is deleted"
        case .gone(_, let id):
            return "\(address): key \(VisibleText.escaped(id)) was made and is gone again, so its secret is removed"
        case .watch:
            return "\(address): looked for in each run until ten minutes have passed, in case it shows late"
        case .drop: return "\(address): ten minutes have passed, so it is not looked for any more"
        }
    }
}

extension Settlement {
    /// Whether nothing was found, so that nothing is done but to look again or to give up.
    package var isOpen: Bool {
        switch self {
        case .watch, .drop: true
        case .finish, .discard, .gone: false
        }
    }
}
