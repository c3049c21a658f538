package import Configuring
import Diagnostics
package import Planning
import Values

/// State as text, as `show` and `state show` print it.
package struct StateText: Sendable {
    private let catalog: Catalog
    private let knownSecrets: Set<String>

    /// Makes it.
    ///
    /// - Parameters:
    ///   - catalog: The resource types there are.
    ///   - knownSecrets: The ids of objects whose secrets are known.
    package init(catalog: Catalog, knownSecrets: Set<String>) {
        self.catalog = catalog
        self.knownSecrets = knownSecrets
    }

    /// All resources and outputs.
    package func text(_ state: State) -> String {
        var parts: [String] = []
        for address in state.instanceAddresses {
            if let object = state[address] { parts.append(text(address, object, deposed: nil)) }
            let deposed = state.resources[address.resource]?.instances[address.key]?.deposed ?? [:]
            for (key, object) in deposed.sorted(by: { $0.key < $1.key }) {
                parts.append(text(address, object, deposed: key))
            }
        }
        let outputs = state.outputs.sorted { $0.key < $1.key }.map { name, output in
            "\(name) = \(ValueText.text(OutputCoding.value(output).withoutNullAttributes, indentation: 0))"
        }
        if !outputs.isEmpty { parts.append("\nOutputs:\n\n" + outputs.joined(separator: "\n") + "\n") }
        return parts.joined(separator: "\n")
    }

    /// One object.
    package func text(_ address: InstanceAddress, _ object: ObjectState, deposed: String?) -> String {
        let resource = address.resource
        let remark = deposed.map { " (deposed object \($0))" } ?? (object.isTainted ? " (tainted)" : "")
        let word = resource.mode == .managed ? "resource" : "data"
        var lines = [
            "# \(VisibleText.escaped(address.description)):\(remark)",
            "\(word) \(ValueText.quoted(resource.type)) \(ValueText.quoted(resource.name)) {",
        ]
        if let schema = catalog.schema(for: resource), let value = try? object.value(schema) {
            lines += body(schema.block, value, object, indentation: 4)
        } else {
            lines.append(
                "    # This version of flinkform does not know the type \(VisibleText.escaped(resource.type)).")
        }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    private func body(_ schema: BlockSchema, _ value: Value, _ object: ObjectState, indentation: Int) -> [String] {
        let spaces = String(repeating: " ", count: indentation)
        let fields = value.fields
        let shown = schema.attributes.filter { attribute in
            guard let value = fields?[attribute.name] else { return false }
            return !value.isNull || attribute.isSecret
        }
        let width = shown.map(\.name.count).max() ?? 0
        var lines = shown.map { attribute in
            let name = attribute.name + String(repeating: " ", count: width - attribute.name.count)
            var value = fields?[attribute.name] ?? .null(attribute.type)
            if attribute.type == .dynamic { value = value.withoutCollections }
            let text = attribute.isSecret ? secretText(object) : ValueText.text(value, indentation: indentation)
            return "\(spaces)\(name) = \(text)"
        }
        for nested in schema.blocks {
            for item in nested.items(of: fields?[nested.name]) ?? [] {
                lines += ["", "\(spaces)\(nested.name) {"]
                lines += body(nested.block, item, object, indentation: indentation + 4)
                lines.append("\(spaces)}")
            }
        }
        return lines
    }

    private func secretText(_ object: ObjectState) -> String {
        knownSecrets.contains(object.id ?? "") ? "\(ValueText.sensitive) # in the secret store" : "(not known)"
    }
}

extension Value {
    /// The value without the attributes of its objects that are null: they are not shown where the type has them.
    fileprivate var withoutNullAttributes: Value {
        let content: Content
        switch self.content {
        case .object(let fields):
            var shown: [String: Value] = [:]
            for (name, value) in zip(fields.names, fields.values) where !value.isNull {
                shown[name] = value.withoutNullAttributes
            }
            content = .object(Fields(shown))
        case .map(let type, let fields):
            content = .map(
                type, Fields(names: fields.keyTable, values: fields.values.map(\.withoutNullAttributes)))
        case .list(let type, let items): content = .list(type, items.map(\.withoutNullAttributes))
        case .set(let type, let items): content = .set(type, items.map(\.withoutNullAttributes))
        case .tuple(let items): content = .tuple(items.map(\.withoutNullAttributes))
        case .null, .unknown, .bool, .number, .string: return self
        }
        return Value(content, marks: marks)
    }
}
