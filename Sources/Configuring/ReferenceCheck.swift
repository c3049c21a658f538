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
    /// So many more undeclared names are compared with those that are declared.
    private var suggestionsLeft = 20

    init(configuration: Configuration, unsupported: Set<ResourceAddress>) {
        self.configuration = configuration
        self.unsupported = unsupported
    }

    /// Which names a place allows beside those that are allowed everywhere.
    struct Place {
        var node: Node
        var construct: String
        var hasEach = false
        var hasCount = false
        /// The names that dynamic blocks around it bind.
        var bound: Set<String> = []
    }

    mutating func run() {
        for (name, variable) in configuration.variables.sorted(by: { $0.key < $1.key }) { check(variable, name) }
        for (name, local) in configuration.locals.sorted(by: { $0.key < $1.key }) {
            check(local.expression, Place(node: .local(name), construct: "locals"))
        }
        for (name, output) in configuration.outputs.sorted(by: { $0.key < $1.key }) {
            let place = Place(node: .output(name), construct: "output \"\(name)\"")
            check(output.expression, place)
            if let dependsOn = output.dependsOn { check(dependsOn: dependsOn, place) }
        }
        for (name, provider) in configuration.providers.sorted(by: { $0.key < $1.key }) {
            check(provider.body, Place(node: .provider(name), construct: "provider \"\(name)\""))
        }
        for resource in configuration.resources { check(resource) }
    }

    private mutating func check(_ resource: ResourceConfiguration) {
        var place = Place(node: .resource(resource.address), construct: resource.construct)
        for expression in [resource.count, resource.forEach].compactMap({ $0 }) { check(expression, place) }
        for attribute in resource.block.body.attributes where attribute.name == "depends_on" {
            check(dependsOn: attribute.expression, place)
        }
        place.hasEach = resource.forEach != nil
        place.hasCount = resource.count != nil
        check(resource.block.body, place, ignoring: ResourceConfiguration.metaNames)
    }

    /// Conditions and messages of an input variable: they see input variables only, and add nothing to the order.
    private mutating func check(_ variable: InputVariable, _ name: String) {
        let place = Place(node: .variable(name), construct: "variable \"\(name)\"")
        for expression in variable.validations.flatMap({ [$0.condition, $0.message] }) {
            for traversal in expression.traversals {
                if traversal.root == "var" {
                    checkNamed(traversal, place)
                } else {
                    report(
                        .error(
                            "Invalid reference in variable validation",
                            "The validation of an input variable can refer to input variables only, such as var.\(name).",
                            at: traversal.range), place)
                }
            }
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

    mutating func report(_ diagnostic: Diagnostic, _ place: Place) {
        diagnostics.append(diagnostic.inside(place.construct))
    }

    /// Says that a node refers to another.
    mutating func connect(_ place: Place, to node: Node) {
        // Validations run after all variables have their values, so they make no order.
        if case .variable = place.node { return }
        edges[place.node, default: []].append(node)
    }

    // MARK: - depends_on

    /// The resource that a reference names as a whole, perhaps with an instance's key; nil when it names none.
    static func wholeResource(of traversal: Traversal) -> ResourceAddress? {
        let others: Set<String> = ["var", "local", "path", "terraform", "each", "count", "self", "module"]
        guard !others.contains(traversal.root), let (address, rest) = resource(of: traversal) else { return nil }
        switch rest.first {
        case nil: return address
        case .index: return rest.count == 1 ? address : nil
        default: return nil
        }
    }

    private mutating func check(dependsOn expression: Expression, _ place: Place) {
        guard let items = expression.staticItems else {
            report(
                .error(
                    "Invalid expression", "A static list of references is required in depends_on, in brackets.",
                    at: expression.range), place)
            return
        }
        for item in items { check(dependency: item, place) }
    }

    private mutating func check(dependency item: Expression, _ place: Place) {
        guard let traversal = item.asTraversal else {
            let detail =
                item.literal?.string == nil
                ? "An item of depends_on is a reference to a resource, such as confluent_api_key.name."
                : "The references in depends_on are written without quotes."
            report(.error("Invalid depends_on reference", detail, at: item.range), place)
            return
        }
        if ["var", "local"].contains(traversal.root), traversal.steps.count == 1 {
            checkNamed(traversal, place)
        } else if let address = Self.wholeResource(of: traversal) {
            guard configuration.resource(address) != nil else {
                if !unsupported.contains(address) { report(undeclared(address, at: item.range), place) }
                return
            }
            connect(place, to: .resource(address))
        } else {
            report(
                .error(
                    "Invalid depends_on reference",
                    "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.",
                    at: item.range), place)
        }
    }

    // MARK: - What is not there

    /// ` Did you mean "x"?`, or nothing; nothing too after many, so that the cost stays bounded.
    mutating func suggestion(_ word: String, among names: some Sequence<String>) -> String {
        guard suggestionsLeft > 0 else { return "" }
        suggestionsLeft -= 1
        return Suggestion.phrase(word, among: names)
    }

    mutating func undeclared(_ address: ResourceAddress, at range: SourceRange) -> Diagnostic {
        let isManaged = address.mode == .managed
        let twin = ResourceAddress(mode: isManaged ? .data : .managed, type: address.type, name: address.name)
        var phrase = ""
        if configuration.resource(twin) != nil {
            phrase = " Did you mean the \(isManaged ? "data source" : "managed resource") \(twin)?"
        } else {
            let names = configuration.resources.lazy.filter { $0.address.mode == address.mode }
                .map(\.address.description)
            phrase = suggestion(address.description, among: names)
        }
        return .error(
            "Reference to undeclared resource",
            "A \(isManaged ? "managed" : "data") resource \"\(VisibleText.escaped(address.type))\" \"\(VisibleText.escaped(address.name))\" has not been declared in the root module.\(phrase)",
            at: range)
    }
}
