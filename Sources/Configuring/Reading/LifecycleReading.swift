import Diagnostics
import HCL
import Values

/// Reading `lifecycle` blocks: what is done about changes, and what must hold.
extension ConfigurationLoader {
    func read(lifecycle block: Block, of resource: inout ResourceConfiguration) -> [Diagnostic] {
        var fields = BlockFields(block, of: resource.construct)
        let isManaged = resource.address.mode == .managed
        resource.lifecycle.createBeforeDestroy = fields.flag("create_before_destroy")
        resource.lifecycle.preventDestroy = fields.flag("prevent_destroy") ?? false
        if let ignored = fields.take("ignore_changes") {
            read(ignored: ignored.expression, of: &resource, &fields.problems)
        }
        if let triggers = fields.take("replace_triggered_by") {
            resource.lifecycle.triggers = read(triggers: triggers.expression, of: resource, &fields.problems)
        }
        for inner in block.body.blocks {
            switch inner.type {
            case "precondition":
                resource.lifecycle.preconditions += read(rule: inner, of: resource.construct, &fields.problems)
            case "postcondition":
                resource.lifecycle.postconditions += read(rule: inner, of: resource.construct, &fields.problems)
            default:
                fields.problems.append(
                    .unsupportedBlock(inner, among: ["precondition", "postcondition"]))
            }
        }
        if !isManaged, let first = block.body.attributes.first {
            fields.problems.append(
                .error(
                    "Invalid data resource lifecycle argument",
                    "The lifecycle argument \"\(first.name)\" is defined only for managed resources (\"resource\" blocks), and is not valid for data resources.",
                    at: first.nameRange))
        }
        return fields.finish([
            "create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by",
        ])
    }

    // MARK: - Triggers

    private func read(
        triggers expression: Expression, of resource: ResourceConfiguration, _ problems: inout [Diagnostic]
    ) -> [ReplaceTrigger] {
        guard let items = expression.staticItems else {
            problems.append(
                .error(
                    "Invalid expression", "A static list expression is required.", at: expression.range))
            return []
        }
        return items.compactMap { item in
            guard let (traversal, indices) = item.asReference, traversal.root != "data",
                let (address, rest) = ReferenceCheck.resource(of: traversal, in: module.address)
            else {
                problems.append(.invalidTrigger(at: item.range))
                return nil
            }
            var path = Array(rest)
            var key: Expression?
            switch path.first {
            case .index, .open:
                key = indices.first
                path.removeFirst()
            case .attribute, nil: break
            }
            guard !path.contains(.open) else {
                problems.append(.invalidTrigger(at: item.range))
                return nil
            }
            return ReplaceTrigger(resource: address, key: key, path: path, expression: item)
        }
    }

    // MARK: - Conditions

    /// Reads a block with a condition and a message; empty, and reported, when it lacks either.
    func read(rule block: Block, of construct: String, _ problems: inout [Diagnostic]) -> [CheckRule] {
        var fields = BlockFields(block, of: construct)
        let condition = fields.take("condition")
        let message = fields.take("error_message")
        problems += fields.finish(["condition", "error_message"])
        for (name, found) in [("condition", condition), ("error_message", message)] where found == nil {
            problems.append(
                .error(
                    "Missing required argument",
                    "The argument \"\(name)\" is required, but no definition was found.", at: block.headerRange))
        }
        guard let condition, let message else { return [] }
        guard !condition.expression.traversals.isEmpty else {
            problems.append(
                .error(
                    "Invalid \(block.type) expression",
                    "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be checking anything.",
                    at: condition.expression.range))
            return []
        }
        return [CheckRule(condition: condition.expression, message: message.expression, range: block.headerRange)]
    }

    /// Reads a `check` block, and the data source in it.
    mutating func readCheck(_ block: Block) {
        let name = block.labels[0].text
        var check = CheckBlock(name: name, assertions: [], range: block.headerRange)
        if let first = module.checks[name] {
            diagnostics.append(
                .duplicate(
                    "Duplicate check \"\(name)\" configuration",
                    "A check block named \"\(name)\" was already declared. Check blocks must be unique within each module.",
                    first.range, at: block.headerRange))
            return
        }
        var problems = BlockFields(block, of: check.construct).finish([])
        for inner in block.body.blocks {
            switch inner.type {
            case "assert": check.assertions += read(rule: inner, of: check.construct, &problems)
            case "data":
                guard labels(inner, ["type", "name"]) else { continue }
                if check.data != nil {
                    problems.append(
                        .error(
                            "Multiple data resource blocks",
                            "This check block already has a data resource, and it can have one only.",
                            at: inner.headerRange))
                    continue
                }
                readResource(inner, .data, check: name)
                check.data = ResourceAddress(
                    module.address, mode: .data, type: inner.labels[0].text, name: inner.labels[1].text)
            default: problems.append(.unsupportedBlock(inner, among: ["assert", "data"]))
            }
        }
        if check.assertions.isEmpty, problems.isEmpty {
            problems.append(
                .error(
                    "Zero assert blocks", "Check blocks must have at least one assert block.", at: block.headerRange))
        }
        diagnostics += problems.map { $0.inside(check.construct) }
        module.checks[name] = check
    }
}

extension Diagnostic {
    fileprivate static func invalidTrigger(at range: SourceRange) -> Diagnostic {
        .error(
            "Invalid reference in replace_triggered_by expression",
            "Only resources can be referenced in replace_triggered_by: a whole resource, an instance of it, or an attribute of an instance.",
            at: range)
    }
}
