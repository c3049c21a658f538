import Diagnostics
import HCL
import Values

/// Reading `moved` blocks.
extension ConfigurationLoader {
    mutating func readMoved(_ block: Block) {
        var fields = BlockFields(block, of: "moved")
        let written = ["from", "to"].map { (name: $0, attribute: fields.take($0)) }
        for inner in block.body.blocks {
            fields.problems.append(.unsupportedBlock(inner, among: []))
        }
        var subjects: [MoveSubject] = []
        for (name, attribute) in written {
            guard let attribute else {
                fields.problems.append(
                    .error(
                        "Missing required argument",
                        "The argument \"\(name)\" is required, but no definition was found.", at: block.headerRange))
                continue
            }
            do throws(Diagnostic) {
                subjects.append(try MoveSubject(attribute.expression))
            } catch {
                fields.problems.append(error)
            }
        }
        diagnostics += fields.finish(["from", "to"])
        guard subjects.count == 2 else { return }
        guard let moved = MovedBlock(module.address, from: subjects[0], to: subjects[1], at: block.headerRange) else {
            diagnostics.append(
                .error(
                    "Invalid \"moved\" addresses",
                    "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.",
                    at: block.headerRange))
            return
        }
        if let (first, second) = moved.otherTypes {
            diagnostics.append(
                .error(
                    "Resource type mismatch",
                    "This statement declares a move from \(moved.from) to \(moved.to), and an object of type \(first) cannot become one of type \(second). Take the object out of the state with \"flinkform state rm\", and import it at its new address.",
                    at: block.headerRange))
            return
        }
        configuration.moved.append(moved)
    }
}

extension MovedBlock {
    /// The types of the two, where those are not the same.
    fileprivate var otherTypes: (String, String)? {
        guard let first = from.resource, let second = to.resource,
            first.mode != second.mode || !Self.canBecome(first.type, second.type)
        else { return nil }
        func name(_ address: ResourceAddress) -> String {
            address.mode == .data ? "data.\(address.type)" : address.type
        }
        return (name(first), name(second))
    }
}

extension MoveSubject {
    /// Words that begin references to other things than resources.
    private static let reserved: Set<String> = [
        "arg", "count", "each", "lazy", "local", "path", "self", "template", "terraform", "var",
    ]

    /// Reads an address as it is written in a block of the language; throws what is wrong with it.
    init(_ expression: Expression) throws(Diagnostic) {
        guard let traversal = expression.asTraversal else {
            throw .error(
                "Invalid expression",
                "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.",
                at: expression.range)
        }
        try self.init(traversal.root, traversal.steps, at: expression.range)
    }

    /// Reads an address of the steps of a reference.
    init(_ root: String, _ rest: [Traversal.Step], at range: SourceRange) throws(Diagnostic) {
        func invalid(_ why: String) -> Diagnostic { .error("Invalid address", why, at: range) }
        var steps = ([.attribute(root)] + rest)[...]
        var module = ModuleAddress.root
        var hasKey = false
        while case .attribute("module") = steps.first {
            guard case .attribute(let name) = steps.dropFirst().first else {
                throw invalid("Prefix \"module.\" must be followed by a module name.")
            }
            steps = steps.dropFirst(2)
            var key = InstanceKey.none
            hasKey = false
            if case .index(let value) = steps.first {
                (key, hasKey) = (try Self.key(value, invalid), true)
                steps = steps.dropFirst()
            }
            module = module.child(name, key)
        }
        guard case .attribute(let first) = steps.first else {
            self = hasKey ? .module(module) : .call(module)
            return
        }
        if Self.reserved.contains(first) {
            throw invalid(
                "The keyword \"\(first)\" is reserved and cannot be used to target a resource address. If you are targeting a resource type that uses a reserved keyword, please prefix your address with \"resource.\"."
            )
        }
        var mode = ResourceMode.managed
        if first == "data" || first == "resource" {
            mode = first == "data" ? .data : .managed
            steps = steps.dropFirst()
        }
        guard case .attribute(let type) = steps.first, case .attribute(let name) = steps.dropFirst().first else {
            throw invalid("Resource specification must include a resource type and name.")
        }
        let resource = ResourceAddress(module, mode: mode, type: type, name: name)
        switch steps.dropFirst(2).first {
        case nil: self = .resource(resource)
        case .index(let value) where steps.count == 3:
            self = .instance(InstanceAddress(resource, try Self.key(value, invalid)))
        case .index: throw invalid("Unexpected extra operators after address.")
        default: throw invalid("Resource instance key must be given in square brackets.")
        }
    }

    private static func key(_ value: Value, _ invalid: (String) -> Diagnostic) throws(Diagnostic) -> InstanceKey {
        if let text = value.string { return .key(text) }
        guard let number = value.number else {
            throw invalid("Invalid resource instance key: either a string or an integer is required.")
        }
        guard let index = number.int else {
            throw invalid(
                "Invalid resource instance key: value must be a whole number, between -9223372036854775808 and 9223372036854775807."
            )
        }
        return .index(index)
    }
}
