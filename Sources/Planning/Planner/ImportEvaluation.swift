import Configuring
import Diagnostics
import HCL
import Values

/// An object that an import block names: where it goes, and how it is called.
struct ImportTarget: Sendable {
    let address: InstanceAddress
    let id: String
    let block: ImportBlock
}

/// Import blocks: which objects they name, each for every element of its `for_each`.
extension Evaluation {
    /// The objects that a block names; what is wrong is reported, and left out.
    ///
    /// Where nothing is known of values, what is unknown is no problem.
    func targets(
        of block: ImportBlock, _ repetition: Repetition?, in scope: Scope, diagnostics: inout [Diagnostic]
    ) -> [ImportTarget] {
        var problems: [Diagnostic] = []
        defer { diagnostics += problems.map { $0.inside("import") } }
        var found: [ImportTarget] = []
        for names in elements(of: block, scope, &problems) {
            let scope = scope.with(names)
            let before = problems.count
            let address = address(of: block, scope, &problems)
            if let address, let problem = block.mismatch(address, repetition) { problems.append(problem) }
            // What is wrong with one is wrong with the others, too.
            guard problems.count == before else { break }
            let id = block.id.evaluate(in: scope, diagnostics: &problems)
            guard problems.count == before else { break }
            if id.isUnknown && isSymbolic { continue }
            if let problem = block.problem(ofID: id) {
                problems.append(problem)
                break
            }
            guard let address, let text = try? id.converted(to: .string).string else { continue }
            found.append(ImportTarget(address: address, id: text, block: block))
        }
        return found
    }

    /// What is wrong with the blocks that import to a resource, whatever the values are.
    func importProblems(of resource: ResourceConfiguration) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for block in configuration.imports(of: resource.address) where problems.isEmpty {
            _ = targets(
                of: block, resource.repetition, in: scope(for: .resource(resource.address)), diagnostics: &problems)
        }
        return problems
    }

    /// What is wrong with the blocks that import to resources which are not declared: those are generated without any key.
    func problemsOfUndeclared() -> [Diagnostic] {
        let blocks = configuration.importsWithoutResource.filter {
            $0.address == nil || ($0.forEach == nil && $0.address?.key == InstanceKey.none)
        }
        guard !blocks.isEmpty else { return [] }
        var problems: [Diagnostic] = []
        let scope = scopeOfConstants()
        for block in blocks { _ = targets(of: block, Repetition(), in: scope, diagnostics: &problems) }
        return problems
    }

    /// What `each` is, for each element of `for_each`; a block without it stands for one object.
    private func elements(
        of block: ImportBlock, _ scope: Scope, _ problems: inout [Diagnostic]
    ) -> [[String: Value]] {
        guard let expression = block.forEach else { return [[:]] }
        let before = problems.count
        let value = expression.evaluate(in: scope, diagnostics: &problems)
        guard problems.count == before else { return [] }
        func invalid(_ why: String) -> [[String: Value]] {
            var problem = Diagnostic.error("Invalid for_each argument", why, at: expression.range)
            problem.facts = expression.facts(in: scope, isDecided: false)
            problems.append(problem)
            return []
        }
        let isSet = if case .set = value.content { true } else { false }
        guard (isSet ? value.allMarks : value.marks).isEmpty else {
            return invalid(
                "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key."
            )
        }
        guard value.isWhollyKnown else {
            if isSymbolic { return [Self.anyNames] }
            return invalid(
                """
                The "for_each" expression includes values derived from other resource attributes that cannot be determined until \
                apply, and so flinkform cannot determine the full set of values that might be used to import this resource.
                """)
        }
        let pairs: [(key: Value, value: Value)]
        switch value.content {
        case .null: pairs = []
        case .map(_, let fields), .object(let fields):
            pairs = zip(fields.names, fields.values).map { (.string($0), $1) }
        case .set(_, let items): pairs = items.map { ($0, $0) }
        case .list(_, let items), .tuple(let items): pairs = items.enumerated().map { (.number($0), $1) }
        default: return invalid("The \"for_each\" expression must be a collection.")
        }
        return pairs.map { ["each": .object(["key": $0.key, "value": $0.value])] }
    }

    /// Where the object goes; nil where that is not known, which is reported unless nothing is.
    private func address(
        of block: ImportBlock, _ scope: Scope, _ problems: inout [Diagnostic]
    ) -> InstanceAddress? {
        var keys: [InstanceKey] = []
        for key in block.keys {
            switch key {
            case .written(let key): keys.append(key)
            case .evaluated(let expression):
                let before = problems.count
                let value = expression.evaluate(in: scope, diagnostics: &problems)
                guard problems.count == before, !(value.isUnknown && isSymbolic) else { return nil }
                if let text = value.string, value.allMarks.isEmpty {
                    keys.append(.key(text))
                } else if let index = value.number?.int, value.allMarks.isEmpty {
                    keys.append(.index(index))
                } else {
                    problems.append(
                        .error(
                            "Invalid import 'to' expression",
                            "An instance key is a string or a whole number that is known while planning and not sensitive.",
                            at: expression.range))
                    return nil
                }
            }
        }
        return block.address(keys)
    }
}

extension ImportBlock {
    /// Why an address cannot be one of the resource's; nil when it can.
    fileprivate func mismatch(_ address: InstanceAddress, _ repetition: Repetition?) -> Diagnostic? {
        guard let repetition else { return nil }
        let why: String? =
            switch address.key {
            case .none:
                repetition.count != nil ? "is using count" : repetition.forEach != nil ? "is using for_each" : nil
            case .index: repetition.count == nil ? "does not use count" : nil
            case .key: repetition.forEach == nil ? "does not use for_each" : nil
            }
        return why.map {
            .error("Invalid import 'to' expression", "The target resource \($0).", at: target.range)
        }
    }

    /// Why an id cannot be used; nil when it can.
    fileprivate func problem(ofID id: Value) -> Diagnostic? {
        let why: String
        if !id.allMarks.isEmpty {
            why = "The import ID is sensitive, and the ids of imported objects are shown."
        } else if id.isNull {
            why = "The import ID cannot be null."
        } else if id.isUnknown {
            why =
                "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so flinkform cannot plan to import this resource."
        } else if let text = try? id.converted(to: .string).string {
            guard text.isEmpty else { return nil }
            why = "The import ID value evaluates to an empty string, please provide a non-empty value."
        } else {
            why = "The import ID value is unsuitable: a string is required."
        }
        return .error("Invalid import id argument", why, at: self.id.range)
    }
}

extension Configuration {
    /// What is wrong with the blocks that import to resources which are not declared, but for those that may be generated; if there
    /// is not even the module of one, that alone is told.
    var problemsOfImports: (problems: [Diagnostic], isOfModules: Bool) {
        let undeclared = imports.filter { resource($0.resource) == nil }
        let lost = undeclared.filter { modules[$0.resource.module] == nil }
        let problems = (lost.isEmpty ? undeclared : lost).compactMap { block -> Diagnostic? in
            let summary = "Configuration for import target does not exist"
            let problem: Diagnostic
            if modules[block.resource.module] == nil {
                problem = .error(
                    summary,
                    "The configuration for the given import target \(block.resource) does not exist. All target instances must have an associated configuration to be imported.",
                    at: block.target.range)
            } else if !block.resource.module.isRoot {
                problem = .error(
                    summary,
                    "Resource \(block.resource) not found. Only resources within the root module are eligible for config generation.",
                    at: block.target.range)
            } else if block.address == nil {
                // Its keys must be evaluated.
                return nil
            } else if block.forEach != nil || block.address?.key != InstanceKey.none {
                problem = .error(
                    summary,
                    "The given import block is not compatible with config generation. The -generate-config-out option cannot be used with import blocks which use for_each, or resources which use for_each or count.",
                    at: block.target.range)
            } else {
                return nil
            }
            return problem.inside("import")
        }
        return (problems, !lost.isEmpty)
    }
}
