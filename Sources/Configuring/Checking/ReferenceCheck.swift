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
    /// The resources that the `depends_on` of a resource, or of a module around it, name.
    private(set) var awaited: [ResourceAddress: Set<ResourceAddress>] = [:]
    /// The module whose names are checked.
    var module: Module
    /// So many more undeclared names are compared with those that are declared.
    private var suggestionsLeft = 20

    init(configuration: Configuration, unsupported: Set<ResourceAddress>) {
        self.configuration = configuration
        self.unsupported = unsupported
        self.module = configuration.root
    }

    /// Which names a place allows beside those that are allowed everywhere.
    struct Place {
        var node: Node
        var construct: String
        var hasEach = false
        /// The object that `self` is, by its schema; nil where there is none.
        var own: Schema?
        var hasCount = false
        /// The names that dynamic blocks around it bind.
        var bound: Set<String> = []
        /// Whether the instances of what is there several times must be named.
        var needsKeys = true
        /// Whether its references say what is evaluated first.
        var makesOrder = true
    }

    mutating func run() {
        for (name, provider) in configuration.providers.sorted(by: { $0.key < $1.key }) {
            check(provider.body, Place(node: .provider(name), construct: "provider \"\(name)\""))
        }
        for module in configuration.modules.values.sorted(by: { $0.address < $1.address }) { check(module) }
        module = configuration.root
        for block in configuration.imports { check(block) }
        for module in configuration.modules.values.sorted(by: { $0.address < $1.address }) {
            connectValidations(of: module)
        }
    }

    /// Lets whatever uses an input variable that has rules wait until they were found kept.
    private mutating func connectValidations(of module: Module) {
        let validations = module.variables.values.filter { !$0.validations.isEmpty }.map(\.name)
        guard !validations.isEmpty else { return }
        let ruled = Dictionary(
            uniqueKeysWithValues: validations.map {
                (Node.variable($0, in: module.address), Node(.validation($0), in: module.address))
            })
        // What a rule itself asks for does not wait for it.
        let asked = behind(ruled.values)
        for (node, needs) in edges where !asked.contains(node) {
            edges[node, default: []] += needs.compactMap { ruled[$0] }
        }
    }

    /// Nodes, and all that they depend on.
    private func behind(_ nodes: some Sequence<Node>) -> Set<Node> {
        var seen = Set(nodes)
        var work = Array(seen)
        while let next = work.popLast() {
            for need in edges[next] ?? [] where seen.insert(need).inserted { work.append(need) }
        }
        return seen
    }

    private mutating func check(_ module: Module) {
        self.module = module
        let address = module.address
        for (name, variable) in module.variables.sorted(by: { $0.key < $1.key }) { check(variable, name) }
        for (name, local) in module.locals.sorted(by: { $0.key < $1.key }) {
            check(local.expression, Place(node: .local(name, in: address), construct: "locals"))
        }
        for (name, output) in module.outputs.sorted(by: { $0.key < $1.key }) {
            let place = Place(node: .output(name, in: address), construct: "output \"\(name)\"")
            check(output.expression, place)
            if let dependsOn = output.dependsOn { _ = check(dependsOn: dependsOn, place) }
            check(output.preconditions, place)
        }
        for (name, block) in module.checks.sorted(by: { $0.key < $1.key }) {
            let place = Place(node: Node(.check(name), in: address), construct: block.construct)
            if let data = block.data { connect(place, to: .resource(data)) }
            check(block.assertions, place)
        }
        for call in module.calls.values.sorted(by: { $0.name < $1.name }) { check(call) }
        for resource in module.resources { configuration.resource(resource).map { check($0) } }
    }

    private mutating func check(_ resource: ResourceConfiguration) {
        var place = Place(node: .resource(resource.address), construct: resource.construct)
        let repetition = resource.repetition
        for expression in [repetition.count, repetition.forEach].compactMap({ $0 }) { check(expression, place) }
        for attribute in resource.block.body.attributes where attribute.name == "depends_on" {
            awaited[resource.address, default: []].formUnion(check(dependsOn: attribute.expression, place))
        }
        place.hasEach = repetition.forEach != nil
        place.hasCount = repetition.count != nil
        check(resource.block.body, place, ignoring: ResourceConfiguration.metaNames)
        // A change of any instance is one of the resource.
        place.needsKeys = false
        for trigger in resource.lifecycle.triggers { check(trigger.expression, place) }
        place.needsKeys = true
        check(resource.lifecycle.preconditions, place)
        place.own = resource.schema
        check(resource.lifecycle.postconditions, place)
    }

    /// An import: the resource waits for what says which objects those are.
    private mutating func check(_ block: ImportBlock) {
        // Without the resource, more is wrong than its names.
        guard configuration.resource(block.resource) != nil else { return }
        var place = Place(node: .resource(block.resource), construct: "import")
        if let forEach = block.forEach { check(forEach, place) }
        place.hasEach = block.forEach != nil
        if block.id.traversals.contains(where: { Self.resource(of: $0, in: .root)?.address == block.resource }) {
            report(
                .error(
                    "Invalid import id argument", "The import ID cannot reference the resource being imported.",
                    at: block.id.range), place)
        } else {
            check(block.id, place)
        }
        for case .evaluated(let key) in block.keys { check(key, place) }
    }

    private mutating func check(_ rules: [CheckRule], _ place: Place) {
        for expression in rules.flatMap({ [$0.condition, $0.message] }) { check(expression, place) }
    }

    /// A call: which instances there are, what the module's variables are, and what all that is in it waits for.
    private mutating func check(_ call: ModuleCall) {
        let called = module.address.child(call.name)
        var place = Place(node: Node(.call(call.name), in: module.address), construct: call.construct)
        let repetition = call.repetition
        for expression in [repetition.count, repetition.forEach].compactMap({ $0 }) { check(expression, place) }
        if let dependsOn = call.dependsOn {
            let resources = check(dependsOn: dependsOn, place)
            for address in resourcesInside(called) { awaited[address, default: []].formUnion(resources) }
        }
        let callNode = place.node
        for node in configuration.modules[called]?.nodes ?? [] { edges[node, default: []].append(callNode) }
        for argument in call.arguments {
            place = Place(node: .variable(argument.name, in: called), construct: call.construct)
            place.hasEach = repetition.forEach != nil
            place.hasCount = repetition.count != nil
            check(argument.expression, place)
        }
    }

    /// The resources of a module and of those that it calls.
    func resourcesInside(_ module: ModuleAddress) -> [ResourceAddress] {
        configuration.modules.values.filter { $0.address.steps.starts(with: module.steps) }.flatMap(\.resources)
    }

    private mutating func check(_ variable: InputVariable, _ name: String) {
        check(
            variable.validations,
            Place(node: Node(.validation(name), in: module.address), construct: "variable \"\(name)\""))
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

    /// Checks an expression that is no part of any block.
    mutating func check(question expression: Expression, _ node: Node) {
        check(expression, Place(node: node, construct: ""))
        for index in diagnostics.indices where diagnostics[index].construct == "" { diagnostics[index].construct = nil }
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
        guard place.makesOrder else { return }
        edges[place.node, default: []].append(node)
    }

    // MARK: - depends_on

    /// The resource of this module that a reference names as a whole, perhaps with an instance's key; nil when it names none.
    private func wholeResource(of traversal: Traversal) -> ResourceAddress? {
        let others: Set<String> = ["var", "local", "path", "terraform", "each", "count", "self", "module"]
        guard !others.contains(traversal.root),
            let (address, rest) = Self.resource(of: traversal, in: module.address)
        else { return nil }
        return Self.isWhole(rest) ? address : nil
    }

    /// Whether nothing is behind a name but an instance's key.
    private static func isWhole(_ rest: ArraySlice<Traversal.Step>) -> Bool {
        switch rest.first {
        case nil: true
        case .index: rest.count == 1
        default: false
        }
    }

    /// Connects a place with all that a `depends_on` names; returns the resources.
    private mutating func check(dependsOn expression: Expression, _ place: Place) -> Set<ResourceAddress> {
        guard let items = expression.staticItems else {
            report(
                .error(
                    "Invalid expression", "A static list of references is required in depends_on, in brackets.",
                    at: expression.range), place)
            return []
        }
        return items.reduce(into: []) { $0.formUnion(check(dependency: $1, place)) }
    }

    private mutating func check(dependency item: Expression, _ place: Place) -> Set<ResourceAddress> {
        guard let traversal = item.asTraversal else {
            let detail =
                item.literal?.string == nil
                ? "An item of depends_on is a reference to a resource, such as confluent_api_key.name."
                : "The references in depends_on are written without quotes."
            report(.error("Invalid depends_on reference", detail, at: item.range), place)
            return []
        }
        if ["var", "local"].contains(traversal.root), traversal.steps.count == 1 {
            checkNamed(traversal, place)
        } else if traversal.root == "module", let name = traversal.attributes.first,
            Self.isWhole(traversal.steps.dropFirst())
        {
            return check(dependencyOnCall: name, at: item.range, place)
        } else if let address = wholeResource(of: traversal) {
            guard configuration.resource(address) != nil else {
                if !unsupported.contains(address) { report(undeclared(address, at: item.range), place) }
                return []
            }
            connect(place, to: .resource(address))
            return [address]
        } else {
            report(
                .error(
                    "Invalid depends_on reference",
                    "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.",
                    at: item.range), place)
        }
        return []
    }

    /// All that is in a called module is waited for.
    private mutating func check(
        dependencyOnCall name: String, at range: SourceRange, _ place: Place
    ) -> Set<ResourceAddress> {
        guard module.calls[name] != nil else {
            report(undeclared(module: name, at: range), place)
            return []
        }
        let called = module.address.child(name)
        for inner in configuration.modules.values.sorted(by: { $0.address < $1.address })
        where inner.address.steps.starts(with: called.steps) {
            for node in inner.nodes { connect(place, to: node) }
        }
        connect(place, to: Node(.call(name), in: module.address))
        return Set(resourcesInside(called))
    }

    // MARK: - What is not there

    /// ` Did you mean "x"?`, or nothing; nothing too after many, so that the cost stays bounded.
    mutating func suggestion(_ word: String, among names: some Sequence<String>) -> String {
        guard suggestionsLeft > 0 else { return "" }
        suggestionsLeft -= 1
        return Suggestion.phrase(word, among: names)
    }

    /// A call that is named and not there.
    mutating func undeclared(module name: String, at range: SourceRange) -> Diagnostic {
        .error(
            "Reference to undeclared module",
            "No module call named \"\(VisibleText.escaped(name))\" is declared in \(module.shown).\(suggestion(name, among: module.calls.keys))",
            at: range)
    }

    mutating func undeclared(_ address: ResourceAddress, at range: SourceRange) -> Diagnostic {
        let isManaged = address.mode == .managed
        let twin = ResourceAddress(
            address.module, mode: isManaged ? .data : .managed, type: address.type, name: address.name)
        var phrase = ""
        if configuration.resource(twin) != nil {
            phrase = " Did you mean the \(isManaged ? "data source" : "managed resource") \(twin.nameInModule)?"
        } else {
            let names = module.resources.lazy.filter { $0.mode == address.mode }.map(\.nameInModule)
            phrase = suggestion(address.nameInModule, among: names)
        }
        return .error(
            "Reference to undeclared resource",
            "A \(isManaged ? "managed" : "data") resource \"\(VisibleText.escaped(address.type))\" \"\(VisibleText.escaped(address.name))\" has not been declared in \(module.shown).\(phrase)",
            at: range)
    }
}
