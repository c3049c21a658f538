package import Diagnostics
import HCL
import Values

/// A `removed` block: what the configuration had, and what becomes of its objects.
package struct RemovedBlock: Sendable {
    /// The resource, or the module with everything in it, as the configuration knew it.
    package var subject: MoveSubject
    /// Whether the objects are destroyed; else they are only forgotten.
    package var destroys: Bool
    /// Where the block is declared.
    package var range: SourceRange
}

/// What becomes of objects that the configuration does not have any more.
package struct Removals: Sendable {
    private var resources: [ResourceAddress: Bool] = [:]
    private var modules: [ModuleAddress: Bool] = [:]

    /// What the `removed` blocks of a configuration say; of two blocks about the same, the first counts.
    package init(_ configuration: Configuration) {
        for block in configuration.removed {
            if let resource = block.subject.resource {
                resources[resource] = resources[resource] ?? !block.destroys
            } else {
                modules[block.subject.module] = modules[block.subject.module] ?? !block.destroys
            }
        }
    }

    /// Whether the objects of a resource are forgotten instead of destroyed.
    package func forgets(_ address: ResourceAddress) -> Bool {
        if resources.isEmpty && modules.isEmpty { return false }
        let address = address.inConfiguration
        if resources[address] == true { return true }
        var module: ModuleAddress? = address.module
        while let next = module {
            if modules[next] == true { return true }
            module = next.parent
        }
        return false
    }
}

/// Reading `removed` blocks.
extension ConfigurationLoader {
    mutating func readRemoved(_ block: Block) {
        var fields = BlockFields(block, of: "removed")
        let from = fields.take("from")
        var destroys = true
        var lifecycle: Block?
        for inner in block.body.blocks {
            switch inner.type {
            case "lifecycle":
                if let first = lifecycle {
                    fields.problems.append(
                        .duplicate(
                            "Duplicate lifecycle block", "This block already has a lifecycle block.",
                            first.headerRange, at: inner.headerRange))
                    continue
                }
                lifecycle = inner
                destroys = read(destroying: inner, &fields.problems)
            case "provisioner", "connection":
                fields.problems.append(
                    .error("Not supported yet", "Provisioners are not supported by flinkform.", at: inner.typeRange))
            default: fields.problems.append(.unsupportedBlock(inner, among: ["lifecycle"]))
            }
        }
        if let from {
            do throws(Diagnostic) {
                let subject = try Self.removed(from.expression).inside(module.address)
                configuration.removed.append(
                    RemovedBlock(subject: subject, destroys: destroys, range: block.headerRange))
            } catch {
                fields.problems.append(error)
            }
        } else {
            fields.problems.append(
                .error(
                    "Missing required argument", "The argument \"from\" is required, but no definition was found.",
                    at: block.headerRange))
        }
        diagnostics += fields.finish(["from"])
    }

    /// The resource or the module that is named, without any key.
    private static func removed(_ expression: Expression) throws(Diagnostic) -> MoveSubject {
        let subject = try MoveSubject(expression)
        guard subject.module == subject.module.inConfiguration else {
            throw .error(
                "Module instance keys not allowed",
                "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \"module.foo[1]\").",
                at: expression.range)
        }
        if case .instance = subject {
            throw .error(
                "Resource instance keys not allowed",
                "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance (e.g. \"test_instance.foo[1]\").",
                at: expression.range)
        }
        guard subject.resource?.mode != .data else {
            throw .error(
                "Data source address not allowed",
                "Data sources are never destroyed, so they are not valid targets of removed blocks. To remove the data source from state, remove the data source block from configuration.",
                at: expression.range)
        }
        return subject
    }

    /// Whether a `lifecycle` block says that objects are destroyed, as they are where nothing is said.
    private func read(destroying block: Block, _ problems: inout [Diagnostic]) -> Bool {
        var fields = BlockFields(block, of: "removed")
        let destroy = fields.take("destroy")
        for inner in block.body.blocks { fields.problems.append(.unsupportedBlock(inner, among: [])) }
        var result = true
        if let expression = destroy?.expression {
            let before = fields.problems.count
            let value = expression.evaluate(in: .constant, diagnostics: &fields.problems)
            if fields.problems.count == before {
                if let flag = try? value.converted(to: .bool).bool {
                    result = flag
                } else {
                    let why = value.isNull ? "null value is not allowed" : "a bool is required"
                    fields.problems.append(
                        .error("Unsuitable value type", "Unsuitable value: \(why)", at: expression.range))
                }
            }
        }
        problems += fields.finish(["destroy"])
        return result
    }
}
