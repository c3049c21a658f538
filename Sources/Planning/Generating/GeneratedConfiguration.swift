package import Configuring
import Diagnostics
import HCL
import JSON
package import Values

/// Configuration for objects that exist: for each a `resource` block that plans no change, and an `import` block.
package struct GeneratedConfiguration: Sendable {
    /// A resource that was generated.
    package struct Resource: Hashable, Sendable {
        /// Its address.
        package let address: ResourceAddress
        /// The id by which its object is imported.
        package let importID: String
    }

    /// The resources, in the order of the objects.
    package let resources: [Resource]
    /// The source text; empty without objects.
    package let text: String

    /// Generates configuration.
    ///
    /// - Parameters:
    ///   - objects: The objects, of types that the catalogue has; none of them is in the state.
    ///   - configuration: The configuration that the text is to stand beside: its names are taken.
    ///   - state: The state: what it manages is referred to instead of written out.
    ///   - catalog: The resource types there are.
    package init(objects: [RemoteObject], configuration: Configuration, state: State, catalog: Catalog) {
        var names = Names(taken: Set(configuration.resources.map(\.address)).union(state.resources.keys))
        let named = objects.map { (object: $0, address: names.address(of: $0)) }
        var references = References(state: state, configuration: configuration)
        for (object, address) in named { references.add(object.object, at: InstanceAddress(address)) }
        var text = ""
        for (object, address) in named {
            guard let schema = catalog.schema(for: address) else { continue }
            let block = BlockText(
                "resource", labels: [address.type, address.name], Self.items(schema.block, object.object, references))
            let takeover = BlockText(
                "import",
                [
                    .argument("to", expression: address.description),
                    .argument("id", expression: BlockText.quoted(object.importID)),
                ])
            text += (text.isEmpty ? "" : "\n") + takeover.text + "\n" + block.text
        }
        self.resources = named.map { Resource(address: $0.address, importID: $0.object.importID) }
        self.text = text
    }

    /// The `resource` block of an object, with all its values written out; with a newline at its end.
    package static func block(_ address: ResourceAddress, _ schema: BlockSchema, _ object: Value) -> String {
        BlockText("resource", labels: [address.type, address.name], items(schema, object, References())).text
    }

    /// The `resource` block of an object that is imported, with all its arguments, those that are null too; without a newline
    /// at its end.
    package static func wholeBlock(_ address: ResourceAddress, _ schema: BlockSchema, _ object: Value) -> String {
        let items = items(schema, object, References(), isWhole: true)
        return String(BlockText("resource", labels: [address.type, address.name], items).text.dropLast())
    }

    /// A file of such blocks, each of an object with the id that it is imported by.
    package static func file(of blocks: [(importID: String, text: String)]) -> String {
        let head = """
            # __generated__ by flinkform
            # Please review these resources and move them into your main configuration files.

            """
        return head
            + blocks.map { block in
                let id = VisibleText.escaped(
                    block.importID.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
                return "\n# __generated__ by flinkform from \"\(id)\"\n\(block.text)\n"
            }.joined()
    }

    /// A text as part of a name: its letters and digits of ASCII in lower case, with underscores for what is between them.
    ///
    /// Empty when nothing is left; may begin with a digit.
    package static func letters(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isPlain {
                result.unicodeScalars.append(scalar)
            } else if !result.isEmpty, result.last != "_" {
                result += "_"
            }
        }
        while result.last == "_" { result.removeLast() }
        return result.lowercased()
    }

    /// The arguments and blocks that make an object what it is; what is left to the cloud, empty, or the default is left out.
    ///
    /// A whole block has all arguments of its type.
    private static func items(
        _ schema: BlockSchema, _ object: Value, _ references: References, isWhole: Bool = false
    ) -> [BlockText.Item] {
        var result: [BlockText.Item] = []
        for attribute in schema.attributes where attribute.isConfigurable {
            if isWhole {
                let text = object.fields?[attribute.name].flatMap {
                    Self.expression($0, of: attribute.name, references)
                }
                result.append(.argument(attribute.name, expression: text ?? "null"))
                continue
            }
            guard let value = object.fields?[attribute.name], !value.isNull,
                attribute.mode == .required || (value != attribute.defaultValue && value.string != ""),
                let expression = expression(value, of: attribute.name, references)
            else { continue }
            result.append(.argument(attribute.name, expression: expression))
        }
        for nested in schema.blocks {
            for item in nested.items(of: object.fields?[nested.name]) ?? [] {
                result.append(.block(BlockText(nested.name, items(nested.block, item, references, isWhole: isWhole))))
            }
        }
        return result
    }

    /// Texts for people: an id in them is no reference.
    private static let proseNames: Set<String> = ["description", "display_name"]

    private static func expression(_ value: Value, of name: String, _ references: References) -> String? {
        if let flag = value.bool { return flag ? "true" : "false" }
        if let number = value.number { return number.description }
        guard let text = value.string else { return nil }
        return proseNames.contains(name) ? BlockText.quoted(text) : references.expression(text)
    }
}

/// Names for resources: valid, telling, and not taken.
private struct Names {
    private var taken: Set<ResourceAddress>
    private var numbers: [ResourceAddress: Int] = [:]

    init(taken: Set<ResourceAddress>) { self.taken = taken }

    mutating func address(of object: RemoteObject) -> ResourceAddress {
        let base = ResourceAddress(mode: .managed, type: object.type, name: Self.name(of: object))
        var address = base
        // Numbers go on where the last object of that name stopped, so that a thousand of one name cost no more than a thousand names.
        while !taken.insert(address).inserted {
            let number = numbers[base, default: 1] + 1
            numbers[base] = number
            address = ResourceAddress(mode: .managed, type: object.type, name: "\(base.name)_\(number)")
        }
        return address
    }

    /// The display name, or else the id, in letters, digits and underscores.
    private static func name(of object: RemoteObject) -> String {
        let name = GeneratedConfiguration.letters(object.name)
        if name.isEmpty { return "object_" + GeneratedConfiguration.letters(object.id) }
        return name.first?.isNumber == true ? "_" + name : name
    }
}

/// What texts stand for: ids and resource names of objects that have an address.
private struct References {
    private static let names = ["id", "resource_name"]
    private var expressions: [String: String] = [:]

    /// Nothing to refer to.
    init() {}

    init(state: State, configuration: Configuration) {
        for (address, resource) in state.resources where address.mode == .managed {
            // What the configuration does not have cannot be referred to.
            guard configuration.resource(address) != nil else { continue }
            for (key, instance) in resource.instances {
                guard let attributes = instance.current?.attributes else { continue }
                for name in Self.names {
                    add(attributes[name]?.string, "\(InstanceAddress(address, key)).\(name)")
                }
            }
        }
    }

    mutating func add(_ object: Value, at address: InstanceAddress) {
        for name in Self.names { add(object.fields?[name]?.string, "\(address).\(name)") }
    }

    private mutating func add(_ text: String?, _ expression: String) {
        guard let text, !text.isEmpty else { return }
        expressions[text] = expressions[text] ?? expression
    }

    /// The expression for a text: a reference, a template with references in it, or a literal.
    func expression(_ text: String) -> String {
        if let whole = expressions[text] { return whole }
        var parts = ""
        var rest = text[...]
        while !rest.isEmpty {
            if let found = longestReference(rest) {
                parts += "${\(found.expression)}"
                rest = found.rest
            } else {
                let part = rest.prefix { !Self.separators.contains($0) }
                parts += BlockText.escaped(String(part))
                rest = rest.dropFirst(part.count)
            }
            let separators = rest.prefix { Self.separators.contains($0) }
            parts += BlockText.escaped(String(separators))
            rest = rest.dropFirst(separators.count)
        }
        return "\"\(parts)\""
    }

    /// What separates the parts of resource names and principals.
    private static let separators: Set<Character> = ["/", "=", ":"]

    /// The longest known text that a text begins with, up to a separator.
    private func longestReference(_ text: Substring) -> (expression: String, rest: Substring)? {
        var end = text.endIndex
        while end > text.startIndex {
            if let expression = expressions[String(text[..<end])] { return (expression, text[end...]) }
            guard let separator = text[..<end].lastIndex(where: { Self.separators.contains($0) }) else { return nil }
            end = separator
        }
        return nil
    }
}
