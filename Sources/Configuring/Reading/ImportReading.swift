package import Diagnostics
package import HCL
import Values

/// An `import` block: objects that exist, and the addresses they are to get.
package struct ImportBlock: Sendable {
    /// Which instance of a module or of the resource is meant.
    package enum Key: Sendable {
        /// It is written there.
        case written(InstanceKey)
        /// It must be evaluated for each element of `for_each`.
        case evaluated(Expression)
    }

    /// The resource, as the configuration knows it.
    package var resource: ResourceAddress
    /// The keys on the way to the instance: one for each module, then the resource's.
    package var keys: [Key]
    /// What the block is repeated for; nil for one object.
    package var forEach: Expression?
    /// What the object is called, as `flinkform import` takes it.
    package var id: Expression
    /// The address as it is written.
    package var target: Expression
    /// Where it is declared.
    package var range: SourceRange

    /// The address, where nothing of it must be evaluated.
    package var address: InstanceAddress? {
        var written: [InstanceKey] = []
        for key in keys {
            guard case .written(let key) = key else { return nil }
            written.append(key)
        }
        return address(written)
    }

    /// The address of an instance by the keys on the way to it.
    package func address(_ keys: [InstanceKey]) -> InstanceAddress {
        let steps = zip(resource.module.steps, keys).map { ModuleAddress.Step(name: $0.name, key: $1) }
        return InstanceAddress(resource.inInstance(ModuleAddress(steps: steps)), keys.last ?? .none)
    }
}

/// Reading `import` blocks.
extension ConfigurationLoader {
    mutating func readImport(_ block: Block) {
        var fields = BlockFields(block, of: "import")
        let target = fields.take("to")
        let id = fields.take("id")
        let forEach = fields.take("for_each")?.expression
        if let later = fields.take("provider") {
            fields.problems.append(
                .error(
                    "Not supported yet", "\"provider\" in import blocks is not supported by this version of flinkform.",
                    at: later.nameRange))
        }
        for inner in block.body.blocks {
            fields.problems.append(
                .error("Unsupported block type", "Blocks are not expected in an import block.", at: inner.typeRange))
        }
        for (name, attribute) in [("to", target), ("id", id)] where attribute == nil {
            fields.problems.append(
                .error(
                    "Missing required argument", "The argument \"\(name)\" is required, but no definition was found.",
                    at: block.headerRange))
        }
        if let target, let id {
            do throws(Diagnostic) {
                try add(import: target.expression, id.expression, forEach, block)
            } catch {
                fields.problems.append(error)
            }
        }
        diagnostics += fields.finish(["to", "id", "for_each"])
    }

    private mutating func add(
        import target: Expression, _ id: Expression, _ forEach: Expression?, _ block: Block
    ) throws(Diagnostic) {
        guard let (traversal, indices) = target.asReference, forEach != nil || !traversal.steps.contains(.open) else {
            throw .error(
                "Invalid import address",
                "\"to\" is the address of a resource instance without quotes, such as confluent_api_key.name or confluent_api_key.name[\"key\"].",
                at: target.range)
        }
        let (resource, keys) = try Self.importTarget(traversal, indices, at: target.range)
        let imported = ImportBlock(
            resource: resource, keys: keys, forEach: forEach, id: id, target: target, range: block.headerRange)
        if let address = imported.address {
            if let first = importTargets[address] {
                throw .error(
                    "Duplicate import configuration for \"\(address.resource)\"",
                    "An import block for the resource \"\(address.resource)\" was already declared at \(configuration.place(of: first)). A resource can have only one import block.",
                    at: target.range)
            }
            importTargets[address] = block.headerRange
        }
        configuration.imports.append(imported)
    }

    /// The resource that a reference names, and the keys on the way to the instance.
    private static func importTarget(
        _ traversal: Traversal, _ indices: [Expression], at range: SourceRange
    ) throws(Diagnostic) -> (ResourceAddress, [ImportBlock.Key]) {
        // A key that must be evaluated is like any other as far as the form of the address goes.
        let steps = traversal.steps.map { $0 == .open ? .index(.number(0)) : $0 }
        let subject = try MoveSubject(traversal.root, steps, at: range)
        guard let resource = subject.resource else {
            throw .error(
                "Invalid address",
                "A resource instance address is required here. The module path must be followed by a resource instance specification.",
                at: range)
        }
        guard resource.mode == .managed else {
            throw .error("Invalid import address", "Only managed resources can be imported.", at: range)
        }
        var open = zip(traversal.steps.filter { if case .attribute = $0 { false } else { true } }, indices).map { $0 }[
            ...]
        var written = resource.module.steps.map(\.key)
        if case .instance(let address) = subject { written.append(address.key) } else { written.append(.none) }
        let keys = written.map { key -> ImportBlock.Key in
            guard key != .none, let (step, expression) = open.popFirst() else { return .written(.none) }
            return step == .open ? .evaluated(expression) : .written(key)
        }
        return (resource.inConfiguration, keys)
    }
}
