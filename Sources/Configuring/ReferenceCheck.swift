import Diagnostics
import HCL
import Values

/// Finds what each expression refers to, and whether that exists.
struct ReferenceCheck {
    let configuration: Configuration
    /// Resources that are declared but of types that are not supported: reported already.
    let unsupported: Set<ResourceAddress>
    var diagnostics: [Diagnostic] = []
    var edges: [Node: [Node]] = [:]

    init(configuration: Configuration, unsupported: Set<ResourceAddress>) {
        self.configuration = configuration
        self.unsupported = unsupported
    }

    /// Which names a place allows beside those that are allowed everywhere.
    private struct Place {
        var node: Node
        var construct: String
        var hasEach = false
        var hasCount = false
        /// The names that dynamic blocks around it bind.
        var bound: Set<String> = []
    }

    mutating func run() {
        for (name, local) in configuration.locals.sorted(by: { $0.key < $1.key }) {
            check(local.expression, Place(node: .local(name), construct: ""))
        }
        for (name, output) in configuration.outputs.sorted(by: { $0.key < $1.key }) {
            check(output.expression, Place(node: .output(name), construct: "output \"\(name)\""))
        }
        for (name, provider) in configuration.providers {
            check(provider.body, Place(node: .provider(name), construct: "provider \"\(name)\""))
        }
        for resource in configuration.resources { check(resource) }
    }

    private mutating func check(_ resource: ResourceConfiguration) {
        var place = Place(node: .resource(resource.address), construct: resource.construct)
        for expression in [resource.count, resource.forEach].compactMap({ $0 }) { check(expression, place) }
        for address in resource.dependsOn {
            if configuration.resource(address) != nil {
                edges[place.node, default: []].append(.resource(address))
            } else if !unsupported.contains(address) {
                let range = resource.block.body.attributes.first { $0.name == "depends_on" }?.range
                diagnostics.append(undeclared(address, at: range ?? resource.range).inside(resource.construct))
            }
        }
        if let dependsOn = resource.block.body.attributes.first(where: { $0.name == "depends_on" }) {
            checkForm(ofDependsOn: dependsOn, resource)
        }
        place.hasEach = resource.forEach != nil
        place.hasCount = resource.count != nil
        check(resource.block.body, place, ignoring: ResourceConfiguration.metaArguments)
    }

    private mutating func checkForm(ofDependsOn attribute: Attribute, _ resource: ResourceConfiguration) {
        guard let items = attribute.expression.staticItems else {
            diagnostics.append(
                Diagnostic.error(
                    "Invalid expression", "A static list of references is required in depends_on.",
                    at: attribute.expression.range
                ).inside(resource.construct))
            return
        }
        for item in items where item.asTraversal.flatMap({ Self.resource(of: $0) }) == nil {
            diagnostics.append(
                Diagnostic.error(
                    "Invalid depends_on reference",
                    "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.",
                    at: item.range
                ).inside(resource.construct))
        }
    }

    private mutating func check(_ body: Body, _ place: Place, ignoring meta: Set<String> = []) {
        for attribute in body.attributes where !meta.contains(attribute.name) { check(attribute.expression, place) }
        for block in body.blocks where !meta.contains(block.type) {
            guard block.type == "dynamic", let label = block.labels.first else {
                check(block.body, place)
                continue
            }
            var inner = place
            let iterator = block.body.attributes.first { $0.name == "iterator" }?.expression.asKeyword
            inner.bound.insert(iterator ?? label.text)
            for attribute in block.body.attributes where attribute.name == "for_each" {
                check(attribute.expression, place)
            }
            for content in block.body.blocks where content.type == "content" { check(content.body, inner) }
        }
    }

    private mutating func check(_ expression: Expression, _ place: Place) {
        for traversal in expression.traversals where !place.bound.contains(traversal.root) {
            check(traversal, place)
        }
    }

    private mutating func report(_ diagnostic: Diagnostic, _ place: Place) {
        diagnostics.append(diagnostic.inside(place.construct))
    }

    private mutating func check(_ traversal: Traversal, _ place: Place) {
        switch traversal.root {
        case "path":
            let name = traversal.attributes.first ?? ""
            if !["module", "root", "cwd"].contains(name) {
                report(
                    .error(
                        "Invalid \"path\" attribute",
                        "The \"path\" object does not have an attribute named \"\(name)\": it has module, root and cwd.",
                        at: traversal.range), place)
            }
        case "terraform":
            if traversal.attributes.first != "workspace" {
                report(
                    .error(
                        "Invalid \"terraform\" attribute",
                        "The terraform object has one attribute: terraform.workspace, the name of the workspace.",
                        at: traversal.range), place)
            }
        case "each": checkEach(traversal, place)
        case "count":
            if !place.hasCount {
                report(
                    .error(
                        "Reference to \"count\" in non-counted context",
                        "The \"count\" object can only be used in \"resource\" and \"data\" blocks, and only when the \"count\" argument is set.",
                        at: traversal.range), place)
            }
        case "var", "local": checkNamed(traversal, place)
        case "self", "module", "ephemeral":
            report(
                .error(
                    "Not supported yet", "\"\(traversal.root)\" cannot be referred to in this version of flinkform.",
                    at: traversal.range), place)
        default: checkResource(traversal, place)
        }
    }

    private mutating func checkEach(_ traversal: Traversal, _ place: Place) {
        if !place.hasEach {
            report(
                .error(
                    "Reference to \"each\" in context without for_each",
                    "The \"each\" object can be used only in \"resource\" and \"data\" blocks, and only when the \"for_each\" argument is set.",
                    at: traversal.range), place)
        } else if let name = traversal.attributes.first, !["key", "value"].contains(name) {
            report(
                .error(
                    "Invalid \"each\" attribute",
                    "The \"each\" object does not have an attribute named \"\(name)\": it has key and value.",
                    at: traversal.range), place)
        }
    }

    private mutating func checkNamed(_ traversal: Traversal, _ place: Place) {
        let isVariable = traversal.root == "var"
        guard let name = traversal.attributes.first else {
            report(
                .error(
                    "Invalid reference",
                    "The \"\(traversal.root)\" object cannot be accessed directly. Instead, access one of its attributes.",
                    at: traversal.range), place)
            return
        }
        let names = isVariable ? Array(configuration.variables.keys) : Array(configuration.locals.keys)
        guard names.contains(name) else {
            let phrase = Suggestion.phrase(name, among: names.sorted())
            let detail =
                isVariable
                ? "An input variable with the name \"\(name)\" has not been declared.\(phrase.isEmpty ? " This variable can be declared with a variable \"\(name)\" {} block." : phrase)"
                : "A local value with the name \"\(name)\" has not been declared.\(phrase)"
            report(
                .error(
                    isVariable ? "Reference to undeclared input variable" : "Reference to undeclared local value",
                    detail, at: traversal.range), place)
            return
        }
        edges[place.node, default: []].append(isVariable ? .variable(name) : .local(name))
    }

    /// The resource that a reference starts with, and its steps behind that; nil when it starts with none.
    static func resource(of traversal: Traversal) -> (address: ResourceAddress, rest: ArraySlice<Traversal.Step>)? {
        let names = traversal.attributes
        if traversal.root == "data" {
            guard names.count >= 2 else { return nil }
            return (ResourceAddress(mode: .data, type: names[0], name: names[1]), traversal.steps.dropFirst(2))
        }
        guard let name = names.first else { return nil }
        return (ResourceAddress(mode: .managed, type: traversal.root, name: name), traversal.steps.dropFirst(1))
    }

    private mutating func checkResource(_ traversal: Traversal, _ place: Place) {
        guard let (address, rest) = Self.resource(of: traversal) else {
            report(
                .error(
                    "Invalid reference",
                    "A reference to a resource type must be followed by at least one attribute access, specifying the resource name. To write a string, put it in quotes.",
                    at: traversal.range), place)
            return
        }
        guard let resource = configuration.resource(address) else {
            if !unsupported.contains(address) { report(undeclared(address, at: traversal.range), place) }
            return
        }
        if .resource(address) == place.node {
            report(
                .error(
                    "Self-referential block", "Configuration for \(address) may not refer to itself.",
                    at: traversal.range), place)
            return
        }
        edges[place.node, default: []].append(.resource(address))
        var steps = rest
        if resource.count != nil || resource.forEach != nil {
            switch steps.first {
            case .index: steps = steps.dropFirst()
            case .attribute(let name) where resource.count != nil || resource.schema.block.attribute(name) != nil:
                let example = resource.count != nil ? "\(address)[count.index]" : "\(address)[each.key]"
                report(
                    .error(
                        "Missing resource instance key",
                        "Because \(address) has \"\(resource.count != nil ? "count" : "for_each")\" set, its attributes must be accessed on specific instances.\n\nFor example, to correlate with indices of a referring resource, use:\n    \(example)",
                        at: traversal.range), place)
                return
            default: return
            }
        }
        guard case .attribute(let name) = steps.first else { return }
        let block = resource.schema.block
        if block.attribute(name) == nil, block.nestedBlock(name) == nil {
            let names = block.attributes.map(\.name) + block.blocks.map(\.name)
            report(
                .error(
                    "Unsupported attribute",
                    "This object has no argument, nested block, or exported attribute named \"\(VisibleText.escaped(name))\".\(Suggestion.phrase(name, among: names))",
                    at: traversal.range), place)
        }
    }

    private func undeclared(_ address: ResourceAddress, at range: SourceRange) -> Diagnostic {
        let kind = address.mode == .managed ? "managed" : "data"
        let names = configuration.resources.filter { $0.address.mode == address.mode }.map(\.address.description)
        return .error(
            "Reference to undeclared resource",
            "A \(kind) resource \"\(VisibleText.escaped(address.type))\" \"\(VisibleText.escaped(address.name))\" has not been declared in the root module.\(Suggestion.phrase(address.description, among: names))",
            at: range)
    }
}
