import Diagnostics
import HCL
import Values

/// What a reference starts with, and whether that exists and has what the reference asks of it.
extension ReferenceCheck {
    /// The objects of the language that must be followed by an attribute, and the attributes they have.
    private static let objects = [
        "path": ["cwd", "module", "root"], "terraform": ["workspace"], "each": ["key", "value"], "count": ["index"],
    ]

    mutating func check(_ traversal: Traversal, _ place: Place) {
        switch traversal.root {
        case "var", "local": checkNamed(traversal, place)
        case "path", "terraform", "each", "count": checkObject(traversal, place)
        case "self":
            if let schema = place.own {
                checkSteps(traversal.steps[...], schema, traversal, place)
                return
            }
            report(
                .error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. This object can be used only in the postconditions of resources and data sources.",
                    at: traversal.range), place)
        case "module": checkModule(traversal, place)
        case "ephemeral":
            report(
                .error(
                    "Not supported yet", "Ephemeral resources are not supported by this version of flinkform.",
                    at: traversal.range), place)
        default: checkResource(traversal, place)
        }
    }

    private mutating func checkObject(_ traversal: Traversal, _ place: Place) {
        let root = traversal.root
        if root == "each", !place.hasEach {
            report(
                .error(
                    "Reference to \"each\" in context without for_each",
                    "The \"each\" object can be used only in \"resource\" and \"data\" blocks, and only when the \"for_each\" argument is set.",
                    at: traversal.range), place)
            return
        }
        if root == "count", !place.hasCount {
            report(
                .error(
                    "Reference to \"count\" in non-counted context",
                    "The \"count\" object can only be used in \"resource\" and \"data\" blocks, and only when the \"count\" argument is set.",
                    at: traversal.range), place)
            return
        }
        guard let name = traversal.attributes.first else {
            report(
                .error(
                    "Invalid reference",
                    "The \"\(root)\" object cannot be accessed directly. Instead, access one of its attributes.",
                    at: traversal.range), place)
            return
        }
        let attributes = Self.objects[root] ?? []
        guard !attributes.contains(name) else { return }
        report(
            .error(
                "Invalid \"\(root)\" attribute",
                "The \"\(root)\" object does not have an attribute named \"\(name)\". The supported attribute\(attributes.count == 1 ? " is" : "s are") \(attributes.map { "\(root).\($0)" }.joined(separator: ", ")).",
                at: traversal.range), place)
    }

    mutating func checkNamed(_ traversal: Traversal, _ place: Place) {
        let isVariable = traversal.root == "var"
        guard let name = traversal.attributes.first else {
            report(
                .error(
                    "Invalid reference",
                    "The \"\(traversal.root)\" object cannot be accessed directly. Instead, access one of its attributes.",
                    at: traversal.range), place)
            return
        }
        if isVariable ? module.variables[name] == nil : module.locals[name] == nil {
            report(undeclared(name, isVariable: isVariable, at: traversal.range), place)
        } else if !isVariable, place.node == .local(name, in: module.address) {
            report(
                .error(
                    "Self-referencing local value",
                    "Local value local.\(name) cannot use its own result as part of its expression.",
                    at: traversal.range), place)
        } else {
            connect(place, to: isVariable ? .variable(name, in: module.address) : .local(name, in: module.address))
        }
    }

    private mutating func undeclared(_ name: String, isVariable: Bool, at range: SourceRange) -> Diagnostic {
        guard isVariable else {
            return .error(
                "Reference to undeclared local value",
                "A local value with the name \"\(name)\" has not been declared.\(suggestion(name, among: module.locals.keys))",
                at: range)
        }
        let phrase = suggestion(name, among: module.variables.keys)
        let advice = phrase.isEmpty ? " This variable can be declared with a variable \"\(name)\" {} block." : phrase
        return .error(
            "Reference to undeclared input variable",
            "An input variable with the name \"\(name)\" has not been declared.\(advice)", at: range)
    }

    // MARK: - Modules

    /// A reference to a called module: to one of its outputs, or to all.
    private mutating func checkModule(_ traversal: Traversal, _ place: Place) {
        guard let name = traversal.attributes.first else {
            report(
                .error(
                    "Invalid reference",
                    "The \"module\" object cannot be accessed directly. Instead, access one of its attributes.",
                    at: traversal.range), place)
            return
        }
        guard let call = module.calls[name] else {
            report(undeclared(module: name, at: traversal.range), place)
            return
        }
        let address = module.address.child(name)
        connect(place, to: Node(.call(name), in: module.address))
        let outputs = configuration.modules[address]?.outputs ?? [:]
        let steps = stepsOfInstance(
            traversal.steps.dropFirst(), call.repetition, "module.\(name)", "module", traversal, place)
        if steps?.isEmpty ?? true || traversal.steps.dropFirst().first.map({ $0 == .open }) ?? false {
            // As in Terraform, the module is there when everything in it is.
            for resource in resourcesInside(address).sorted() { connect(place, to: .resource(resource)) }
        }
        guard case .attribute(let output) = steps?.first else {
            for output in outputs.keys.sorted() { connect(place, to: .output(output, in: address)) }
            return
        }
        guard outputs[output] != nil else {
            // A module that could not be read was reported.
            guard configuration.modules[address] != nil else { return }
            report(
                .error(
                    "Unsupported attribute",
                    "This object does not have an attribute named \"\(VisibleText.escaped(output))\".\(suggestion(output, among: outputs.keys))",
                    at: traversal.range), place)
            return
        }
        connect(place, to: .output(output, in: address))
    }

    // MARK: - Resources

    /// The resource that a reference starts with, and its steps behind that; nil when it starts with none.
    static func resource(
        of traversal: Traversal, in module: ModuleAddress
    ) -> (address: ResourceAddress, rest: ArraySlice<Traversal.Step>)? {
        let names = traversal.attributes
        if traversal.root == "data" {
            guard names.count >= 2 else { return nil }
            return (ResourceAddress(module, mode: .data, type: names[0], name: names[1]), traversal.steps.dropFirst(2))
        }
        guard let name = names.first else { return nil }
        return (ResourceAddress(module, mode: .managed, type: traversal.root, name: name), traversal.steps.dropFirst(1))
    }

    private mutating func checkResource(_ traversal: Traversal, _ place: Place) {
        guard let (address, rest) = Self.resource(of: traversal, in: module.address) else {
            let detail =
                traversal.root == "data"
                ? "The \"data\" object must be followed by two attribute names: the data source type and the resource name."
                : "A reference to a resource type must be followed by at least one attribute access, specifying the resource name. To write a string, put it in quotes."
            report(.error("Invalid reference", detail, at: traversal.range), place)
            return
        }
        guard let resource = configuration.resource(address) else {
            if !unsupported.contains(address) { report(undeclared(address, at: traversal.range), place) }
            return
        }
        if let check = resource.check, place.node != Node(.check(check), in: address.module),
            place.node != .resource(address)
        {
            report(
                .error(
                    "Reference to scoped resource",
                    "The referenced data resource \"\(address.type)\" \"\(address.name)\" is not available from this context: it belongs to check.\(check).",
                    at: traversal.range), place)
            return
        }
        if .resource(address) == place.node {
            report(
                .error(
                    "Self-referential block", "Configuration for \(address.nameInModule) may not refer to itself.",
                    at: traversal.range), place)
            return
        }
        connect(place, to: .resource(address))
        guard
            let steps = stepsOfInstance(
                rest, resource.repetition, address.nameInModule, "resource", traversal, place)
        else { return }
        checkSteps(steps, resource.schema, traversal, place)
    }

    /// The steps behind the instance's key; nil when there is nothing more to check.
    ///
    /// `name` is what the reference starts with, a `kind` of thing.
    private mutating func stepsOfInstance(
        _ steps: ArraySlice<Traversal.Step>, _ repetition: Repetition, _ name: String, _ kind: String,
        _ traversal: Traversal, _ place: Place
    ) -> ArraySlice<Traversal.Step>? {
        let isCounted = repetition.count != nil
        guard !repetition.isSingle else {
            guard case .index = steps.first else { return steps }
            report(
                .error(
                    "Unexpected \(kind) instance key",
                    "Because \(name) does not have \"count\" or \"for_each\" set, references to it must not include an index key. Remove the bracketed index to refer to the single instance of this \(kind).",
                    at: traversal.range), place)
            return nil
        }
        switch steps.first {
        case nil: return nil
        case .index: return steps.dropFirst()
        // A splat goes through the instances of count; what it makes of those of for_each, evaluation tells.
        case .open: return isCounted || !isSplat(traversal) ? steps.dropFirst() : nil
        case .attribute where !place.needsKeys: return steps
        // What comes of that, evaluation tells.
        case .attribute where kind == "module": return nil
        case .attribute:
            report(
                .error(
                    "Missing \(kind) instance key",
                    """
                    Because \(name) has "\(isCounted ? "count" : "for_each")" set, its attributes must be accessed on \
                    specific instances.

                    For example, to correlate with indices of a referring resource, use:
                        \(name)[\(isCounted ? "count.index" : "each.key")]
                    """, at: traversal.range), place)
            return nil
        }
    }

    /// Whether the first step that is no attribute is a splat, and not an index.
    private func isSplat(_ traversal: Traversal) -> Bool {
        let bytes = configuration.files[traversal.range.file].bytes
        guard traversal.range.end <= bytes.count else { return true }
        let text = bytes[traversal.range.start..<traversal.range.end]
        let star = UInt8(ascii: "*")
        let bracket = UInt8(ascii: "[")
        guard let place = text.firstIndex(where: { $0 == star || $0 == bracket }) else { return true }
        return text[place] == star || text[(place + 1)...].first { $0 > 0x20 } == star
    }

    /// Follows the steps through the schema's type, as far as that is known.
    private mutating func checkSteps(
        _ steps: ArraySlice<Traversal.Step>, _ schema: Schema, _ traversal: Traversal, _ place: Place
    ) {
        var type = schema.type
        for step in steps {
            switch (step, type) {
            case (.attribute(let name), .object(let object)):
                guard let inner = object[name] else {
                    report(
                        .error(
                            "Unsupported attribute",
                            "This object has no argument, nested block, or exported attribute named \"\(VisibleText.escaped(name))\".\(suggestion(name, among: object.names))",
                            at: traversal.range), place)
                    return
                }
                type = inner
            case (.index, .list(let element)), (.open, .list(let element)), (.index, .map(let element)):
                type = element
            default: return
            }
        }
    }
}
