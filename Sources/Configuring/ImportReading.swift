package import Diagnostics
package import HCL

/// An `import` block: an object that exists, and the address it is to get.
package struct ImportBlock: Sendable {
    /// The address.
    package var address: InstanceAddress
    /// What the object is called, as `flinkform import` takes it.
    package var id: Expression
    /// Where it is declared.
    package var range: SourceRange
}

/// Reading `import` blocks.
extension ConfigurationLoader {
    mutating func readImport(_ block: Block) {
        var fields = BlockFields(block, of: "import")
        let target = fields.take("to")
        let id = fields.take("id")
        for name in ["provider", "for_each"] {
            guard let later = fields.take(name) else { continue }
            fields.problems.append(
                .error(
                    "Not supported yet", "\"\(name)\" in import blocks is not supported by this version of flinkform.",
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
                try add(import: target.expression, id.expression, block)
            } catch {
                fields.problems.append(error)
            }
        }
        diagnostics += fields.finish(["to", "id"])
    }

    /// The source text of a range.
    private func shown(_ range: SourceRange) -> String {
        let bytes = configuration.files[range.file].bytes
        return String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    private mutating func add(import target: Expression, _ id: Expression, _ block: Block) throws(Diagnostic) {
        guard let traversal = target.asTraversal else {
            throw .error(
                "Invalid import address",
                "\"to\" is the address of a resource instance without quotes, such as confluent_api_key.name or confluent_api_key.name[\"key\"].",
                at: target.range)
        }
        let address: InstanceAddress
        do throws(Diagnostic) {
            address = try InstanceAddress(traversal, of: shown(target.range))
        } catch {
            var problem = error
            problem.subject = target.range
            throw problem
        }
        guard address.resource.mode == .managed else {
            throw .error(
                "Invalid import address", "Data sources are read, not imported: name a resource.", at: target.range)
        }
        if let first = configuration.imports.first(where: { $0.address == address }) {
            throw .duplicate(
                "Duplicate import block", "Another import block has the target \(address).", first.range,
                at: target.range)
        }
        configuration.imports.append(ImportBlock(address: address, id: id, range: block.headerRange))
    }
}
