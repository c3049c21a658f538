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
        let groups = Dictionary(grouping: state.instanceAddresses, by: \.resource.module)
        let modules = Set(groups.keys)
        // What is in a module comes before the modules in it, and these before the next.
        let addresses = groups.sorted { $0.key.steps.precedes($1.key.steps) }.flatMap(\.value)
        var result = ""
        var module: ModuleAddress?
        var isFirst = true
        for address in addresses {
            if module != address.resource.module {
                // Each module is set apart, unless nothing is in those around it.
                isFirst = !sequence(first: address.resource.module) { $0.parent }.dropFirst().contains(
                    where: modules.contains)
                if !isFirst { result += "\n" }
                module = address.resource.module
            }
            var objects = [(key: String?.none, object: state[address])]
            let deposed = state.resources[address.resource]?.instances[address.key]?.deposed ?? [:]
            objects += deposed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            for case (let key, let object?) in objects {
                result += (isFirst ? "" : "\n") + text(address, object, deposed: key)
                isFirst = false
            }
        }
        let outputs = state.outputs.sorted { $0.key < $1.key }.map { name, output in
            "\(name) = \(ValueText.text(OutputCoding.value(output).withoutNullAttributes, indentation: 0))"
        }
        if !outputs.isEmpty {
            result += (result.isEmpty ? "" : "\n") + "\nOutputs:\n\n" + outputs.joined(separator: "\n") + "\n"
        }
        return result
    }

    /// One object.
    package func text(_ address: InstanceAddress, _ object: ObjectState, deposed: String?) -> String {
        let resource = address.resource
        let remark =
            deposed.map { " (deposed object \(VisibleText.escaped($0)))" } ?? (object.isTainted ? " (tainted)" : "")
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

extension [ModuleAddress.Step] {
    /// Whether the module of these steps is shown before that of others: depth first.
    fileprivate func precedes(_ other: [ModuleAddress.Step]) -> Bool {
        for (first, second) in zip(self, other) where first != second {
            return (first.name, first.key) < (second.name, second.key)
        }
        return count < other.count
    }
}

extension Value {
    /// The value without the attributes of its objects that are null: they are not shown where the type has them.
    ///
    /// An empty string looks like null there, as in Terraform.
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
        case .string(""): return .null(.string)
        case .null, .unknown, .bool, .number, .string: return self
        }
        return Value(content, marks: marks)
    }
}
