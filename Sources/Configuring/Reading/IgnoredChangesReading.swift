import Diagnostics
import HCL
import Values

/// Reading `ignore_changes`: the keyword `all`, or a list of ways to arguments and parts of them.
extension ConfigurationLoader {
    func read(
        ignored expression: Expression, of resource: inout ResourceConfiguration, _ problems: inout [Diagnostic]
    ) {
        if expression.asKeyword == "all" {
            resource.lifecycle.ignored.all = true
            return
        }
        guard let items = expression.staticItems else {
            problems.append(
                .error("Invalid expression", "A static list expression is required.", at: expression.range))
            return
        }
        for item in items {
            guard let path = path(ignored: item, &problems) else { continue }
            if let problem = problem(with: path, of: resource, at: item.range) { problems.append(problem) }
            resource.lifecycle.ignored.paths.append(path)
        }
    }

    /// The way that an item is; nil, and reported, when it is none.
    private func path(ignored item: Expression, _ problems: inout [Diagnostic]) -> [IgnoredChanges.Step]? {
        if let text = item.literal?.string { return path(quoted: text, item, &problems) }
        guard let traversal = item.asTraversal else {
            problems.append(.notStatic(item.range))
            return nil
        }
        var path = [IgnoredChanges.Step.attribute(traversal.root)]
        for step in traversal.steps {
            switch step {
            case .attribute(let name): path.append(.attribute(name))
            case .index(let key):
                if let index = key.number?.int {
                    path.append(.index(index))
                } else if let name = key.string {
                    path.append(.key(name))
                } else {
                    problems.append(.notStatic(item.range))
                    return nil
                }
            case .open:
                problems.append(.notStatic(item.range))
                return nil
            }
        }
        return path
    }

    /// The way in quotes, as it was written long ago.
    private func path(
        quoted text: String, _ item: Expression, _ problems: inout [Diagnostic]
    ) -> [IgnoredChanges.Step]? {
        if text == "*" {
            problems.append(
                .error(
                    "Invalid ignore_changes wildcard",
                    "The [\"*\"] form of ignore_changes wildcard is was deprecated and is now invalid. Use \"ignore_changes = all\" to ignore changes to all attributes.",
                    at: item.range))
            return nil
        }
        let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy(Identifier.isValid) else {
            problems.append(.notStatic(item.range))
            return nil
        }
        problems.append(
            .warning(
                "Quoted references are deprecated",
                "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier required quotes, but quoted references are now deprecated and will be removed in a future version of Terraform. Remove the quotes surrounding this reference to silence this warning.",
                at: item.range))
        return names.map { .attribute($0) }
    }

    /// What is wrong with a way by the schema of the type; nil when nothing is.
    private func problem(
        with path: [IgnoredChanges.Step], of resource: ResourceConfiguration, at range: SourceRange
    ) -> Diagnostic? {
        var block = resource.schema.block
        for (place, step) in path.enumerated() {
            guard case .attribute(let name) = step else { continue }
            if let nested = block.nestedBlock(name) {
                block = nested.block
                continue
            }
            guard let attribute = block.attribute(name) else {
                let names = block.attributes.map(\.name) + block.blocks.map(\.name)
                return .error(
                    "Unsupported attribute",
                    "This object has no argument, nested block, or exported attribute named \"\(VisibleText.escaped(name))\".\(Suggestion.phrase(name, among: names))",
                    at: range)
            }
            let isLast = place == path.count - 1
            if !isLast, attribute.type == .string || attribute.type == .number || attribute.type == .bool {
                return .error(
                    "Unsupported attribute",
                    "Can't access attributes on a primitive-typed value (\(attribute.type.friendlyName)).", at: range)
            }
            return !isLast || place > 0 || attribute.isConfigurable ? nil : .redundant(name, resource)
        }
        return nil
    }
}

extension Diagnostic {
    fileprivate static func notStatic(_ range: SourceRange) -> Diagnostic {
        .error(
            "Invalid expression",
            "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.",
            at: range)
    }

    fileprivate static func redundant(_ name: String, _ resource: ResourceConfiguration) -> Diagnostic {
        .warning(
            "Redundant ignore_changes element",
            """
            Adding an attribute name to ignore_changes tells flinkform to ignore future changes to the argument in configuration \
            after the object has been created, retaining the value originally configured.

            The attribute \(name) is decided by the provider alone and therefore there can be no configured value to compare with. \
            Including this attribute in ignore_changes has no effect. Remove the attribute from ignore_changes to quiet this warning.
            """, at: resource.block.headerRange)
    }
}
