package import Diagnostics
import HCL
import Values

extension ResourceAddress {
    /// Reads `TYPE.NAME` or `data.TYPE.NAME`, as a user types it; throws what is wrong with it, and what addresses look like.
    package init(parsing text: String) throws(Diagnostic) {
        let address = try InstanceAddress(parsing: text)
        guard address.key == .none else {
            throw .invalidAddress(
                text, "It names an instance, and a resource is required: \(VisibleText.escaped("\(address.resource)"))."
            )
        }
        self = address.resource
    }
}

extension InstanceAddress {
    /// An address of more bytes is none.
    private static let lengthMaximum = 4096

    /// Reads `TYPE.NAME`, `TYPE.NAME[0]` or `TYPE.NAME["key"]`, with `data.` before it for a data source, as a user types it.
    ///
    /// What `description` gives is read back as the same address. Throws what is wrong, and what addresses look like.
    package init(parsing text: String) throws(Diagnostic) {
        guard !text.isEmpty else { throw .invalidAddress(text, "It is empty.") }
        guard text.utf8.count <= Self.lengthMaximum else {
            throw .invalidAddress(String(text.prefix(40)) + "…", "It is longer than \(Self.lengthMaximum) bytes.")
        }
        // Brackets and quotes that a shell took away are the usual mistake, and make no expression at all.
        let (expression, problems) = SyntaxTree.parseExpression(Array(text.utf8), file: SourceFileID(index: 0))
        guard problems.isEmpty, let traversal = expression.asTraversal, traversal.range.end == text.utf8.count else {
            throw .invalidAddress(text, "It is not one reference.")
        }
        try self.init(traversal, of: text)
    }

    /// The address that a reference in the root module is; throws what is wrong with it.
    init(_ traversal: Traversal, of text: String) throws(Diagnostic) {
        var module = ModuleAddress.root
        var steps = ([.attribute(traversal.root)] + traversal.steps)[...]
        while case .attribute("module") = steps.first {
            guard case .attribute(let name) = steps.dropFirst().first else {
                throw .invalidAddress(text, "After \"module\" comes the name of a module call.")
            }
            steps = steps.dropFirst(2)
            var key = InstanceKey.none
            if case .index = steps.first { key = try Self.key(steps.removeFirst(), of: text) }
            module = module.child(name, key)
        }
        var mode = ResourceMode.managed
        if case .attribute("data") = steps.first {
            mode = .data
            steps = steps.dropFirst()
        }
        guard case .attribute(let type) = steps.first, case .attribute(let name) = steps.dropFirst().first else {
            throw .invalidAddress(
                text,
                mode == .data ? "After \"data\" come a type and a name." : "After the type comes a name.")
        }
        let resource = ResourceAddress(module, mode: mode, type: type, name: name)
        let rest = steps.dropFirst(2)
        guard let step = rest.first else {
            self.init(resource)
            return
        }
        guard rest.count == 1 else {
            throw .invalidAddress(text, "It goes on after the instance: attributes have no address of their own.")
        }
        self.init(resource, try Self.key(step, of: text))
    }

    private static func key(_ step: Traversal.Step, of text: String) throws(Diagnostic) -> InstanceKey {
        guard case .index(let key) = step else {
            throw .invalidAddress(
                text, "After the name comes nothing, a number in brackets, or a key in quotes and brackets.")
        }
        if let text = key.string { return .key(text) }
        guard let index = key.number?.int, index >= 0 else {
            throw .invalidAddress(text, "An index is a whole number, from 0.")
        }
        return .index(index)
    }
}

extension Diagnostic {
    fileprivate static func invalidAddress(_ text: String, _ why: String) -> Diagnostic {
        .error(
            "Invalid address",
            """
            "\(VisibleText.escaped(text))" is not the address of a resource instance. \(why) Addresses look like \
            confluent_api_key.name, confluent_api_key.name[0] or 'confluent_api_key.name["key"]'; in a shell, put those with \
            quotes in single quotes.
            """)
    }
}
