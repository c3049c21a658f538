import Diagnostics
import HCL
import Values

/// `module` blocks, and the directories that they name.
extension ConfigurationLoader {
    /// The arguments of a call that are not the module's input variables.
    private static let metaArguments = ["source", "version", "count", "for_each", "depends_on", "providers"]

    mutating func readCall(_ block: Block) {
        let name = block.labels[0].text
        if let first = module.calls[name] {
            diagnostics.append(
                .duplicate(
                    "Duplicate module call",
                    "A module call named \"\(name)\" was already defined. Module calls must have unique names within a module.",
                    first.range, at: block.headerRange))
            return
        }
        var fields = BlockFields(block, of: "module \"\(name)\"")
        let source = fields.take("source")
        let version = fields.take("version")
        let repetition = Repetition(
            count: fields.take("count")?.expression, forEach: fields.take("for_each")?.expression)
        let dependsOn = fields.take("depends_on")?.expression
        var call = ModuleCall(
            name: name, directory: "", repetition: repetition, arguments: [], dependsOn: dependsOn,
            range: block.headerRange)
        if let conflict = repetition.conflict { fields.problems.append(conflict) }
        if let providers = fields.take("providers") { read(providers, of: &call, &fields.problems) }
        for inner in block.body.blocks {
            fields.problems.append(
                .error(
                    "Unsupported block type",
                    "Blocks of type \"\(VisibleText.escaped(inner.type))\" are not expected here.", at: inner.typeRange)
            )
        }
        call.arguments = block.body.attributes.filter { !Self.metaArguments.contains($0.name) }
        for argument in call.arguments { _ = fields.take(argument.name) }
        call.source = source?.expression.literal?.string ?? ""
        let isWhole = directory(source, version, block, &fields.problems).map { call.directory = $0 } != nil
        diagnostics += fields.finish(Self.metaArguments)
        if isWhole { module.calls[name] = call }
    }

    /// The directory that a call names, from the root module's; nil, and reported, when it names none.
    private func directory(
        _ source: Attribute?, _ version: Attribute?, _ block: Block, _ problems: inout [Diagnostic]
    ) -> String? {
        guard let source else {
            problems.append(
                .error(
                    "Missing required argument", "The argument \"source\" is required, but no definition was found.",
                    at: block.headerRange))
            return nil
        }
        let before = problems.count
        let text = source.expression.evaluate(in: .constant, diagnostics: &problems).string
        guard problems.count == before else { return nil }
        guard let text, text == "." || text == ".." || text.hasPrefix("./") || text.hasPrefix("../") else {
            problems.append(
                .error(
                    "Unsupported module source",
                    """
                    This version of flinkform reads modules of this machine only: the source is a directory that begins with ./ or ../, \
                    such as "./modules/keys". Copy the module into the repository, or keep it in a Terraform directory of its own.
                    """, at: source.expression.range))
            return nil
        }
        if let version {
            problems.append(
                .error(
                    "Invalid registry module source address",
                    "The argument \"version\" is for modules of a registry. Take it out: \"source\" names a directory.",
                    at: version.nameRange))
        }
        return Self.joined(module.directory, text)
    }

    /// A path below or beside another, without steps that lead back.
    static func joined(_ directory: String, _ path: String) -> String {
        var parts = directory == "." ? [] : directory.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(String(part))
            }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The names that `providers = { … }` gives to the module.
    private func read(_ attribute: Attribute, of call: inout ModuleCall, _ problems: inout [Diagnostic]) {
        func name(_ expression: Expression) -> ProviderName? {
            if let text = expression.literal?.string { return ProviderName(text) }
            guard let traversal = expression.asTraversal else { return expression.asKeyword.map { ProviderName($0) } }
            switch traversal.steps.first {
            case nil: return ProviderName(traversal.root, alias: nil)
            case .attribute(let alias) where traversal.steps.count == 1:
                return ProviderName(traversal.root, alias: alias)
            default: return nil
            }
        }
        for (key, value) in attribute.expression.staticPairs ?? [] {
            guard let inner = name(key), let outer = name(value) else {
                problems.append(
                    .error(
                        "Invalid provider reference",
                        "\"providers\" gives the module's names for provider configurations: confluent = confluent.ALIAS, without quotes.",
                        at: key.range))
                continue
            }
            call.providers.append((inner, outer, value.range))
        }
        if attribute.expression.staticPairs == nil {
            problems.append(
                .error(
                    "Invalid providers argument", "A map of provider configurations is required, in braces.",
                    at: attribute.expression.range))
        }
    }

    // MARK: - Directories

    /// Reads the modules that the module which was just read calls, and those that they call.
    mutating func readCalledModules() {
        guard let sources else { return }
        let caller = module
        for call in caller.calls.values.sorted(by: { $0.name < $1.name }) {
            guard !directories(around: caller).contains(call.directory) else {
                diagnostics.append(.callsItself(call))
                continue
            }
            guard let files = sources(call.directory) else {
                diagnostics.append(.moduleNotFound(call))
                continue
            }
            begin(Module(caller.address.child(call.name), directory: call.directory))
            module.providers = providers(of: call, in: caller)
            for file in files { read(file.name, file.bytes) }
            end()
        }
    }

    /// The directories of a module and of those that it is called in, one inside the other.
    private func directories(around module: Module) -> Set<String> {
        var result: Set<String> = [module.directory]
        var address = module.address
        while let parent = address.parent {
            address = parent
            if let directory = configuration.modules[parent]?.directory { result.insert(directory) }
        }
        return result
    }

    /// What the names of provider configurations in a called module are in the root module.
    private mutating func providers(of call: ModuleCall, in caller: Module) -> [String: String] {
        var result = caller.providers
        for (inner, outer, range) in call.providers {
            let name = outer.description
            result[inner.description] = caller.providers[name] ?? name
            guard caller.address.isRoot, outer.alias != nil, configuration.providers[name] == nil else { continue }
            diagnostics.append(
                Diagnostic.error(
                    "Provider configuration not present",
                    "There is no provider \"\(outer.provider)\" block with the alias \"\(outer.alias ?? "")\" in the root module. Add one, or give another configuration.",
                    at: range
                ).inside(call.construct))
        }
        return result
    }

    /// Checks that calls set the input variables that there are, and all that must be set.
    func problemsOfCalls() -> [Diagnostic] {
        var result: [Diagnostic] = []
        for caller in configuration.modules.values.sorted(by: { $0.address < $1.address }) {
            for call in caller.calls.values.sorted(by: { $0.name < $1.name }) {
                guard let called = configuration.modules[caller.address.child(call.name)] else { continue }
                let names = Set(call.arguments.map(\.name))
                for argument in call.arguments where called.variables[argument.name] == nil {
                    result.append(
                        Diagnostic.error(
                            "Unsupported argument",
                            "An argument named \"\(VisibleText.escaped(argument.name))\" is not expected here.\(Suggestion.phrase(argument.name, among: called.variables.keys))",
                            at: argument.nameRange
                        ).inside(call.construct))
                }
                for (name, variable) in called.variables.sorted(by: { $0.key < $1.key })
                where variable.defaultValue == nil && !names.contains(name) {
                    result.append(
                        Diagnostic.error(
                            "Missing required argument",
                            "The argument \"\(name)\" is required, but no definition was found.", at: call.range
                        ).inside(call.construct))
                }
            }
        }
        return result
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func callsItself(_ call: ModuleCall) -> Diagnostic {
        Diagnostic.error(
            "Module calls itself",
            "This call is in the module of the directory \(VisibleText.escaped(call.directory)), or in one that it calls, and names that directory again: it would never end.",
            at: call.range
        ).inside(call.construct)
    }

    fileprivate static func moduleNotFound(_ call: ModuleCall) -> Diagnostic {
        Diagnostic.error(
            "Module not found",
            "There are no *.tf files in \(VisibleText.escaped(call.directory)), which is the directory that \"source\" names.",
            at: call.range
        ).inside(call.construct)
    }
}
