import Configuring
import Diagnostics
import HCL
import Values

/// Addresses that users type.
enum Addresses {
    /// Reads the address of an instance, such as `confluent_api_key.k["a"]`.
    static func instance(_ text: String) throws -> InstanceAddress {
        let (expression, problems) = SyntaxTree.parseExpression(Array(text.utf8), file: SourceFileID(index: 0))
        guard problems.isEmpty, let traversal = expression.asTraversal, let address = address(traversal) else {
            throw Problems(
                .error(
                    "Invalid address",
                    "\"\(VisibleText.escaped(text))\" is not the address of a resource instance. Addresses look like confluent_api_key.name, confluent_api_key.name[0] or 'confluent_api_key.name[\"key\"]'; in a shell, put those with quotes in single quotes."
                ))
        }
        return address
    }

    private static func address(_ traversal: Traversal) -> InstanceAddress? {
        var names = traversal.attributes
        var mode = ResourceMode.managed
        var type = traversal.root
        if traversal.root == "data" {
            guard names.count >= 2 else { return nil }
            mode = .data
            type = names.removeFirst()
        }
        guard names.count == 1, let name = names.first else { return nil }
        let resource = ResourceAddress(mode: mode, type: type, name: name)
        let rest = traversal.steps.dropFirst(mode == .data ? 2 : 1)
        guard let step = rest.first else { return InstanceAddress(resource) }
        guard rest.count == 1, case .index(let key) = step else { return nil }
        if let text = key.string { return InstanceAddress(resource, .key(text)) }
        return key.number?.int.map { InstanceAddress(resource, .index($0)) }
    }
}
