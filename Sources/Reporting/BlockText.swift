package import Configuring
package import Values

/// Resource blocks as a person would write them.
package enum BlockText {
    /// A `resource` block with its arguments, laid out as `terraform fmt` does, with a newline at its end.
    ///
    /// - Parameters:
    ///   - address: The resource's type and name.
    ///   - schema: The schema of the type.
    ///   - arguments: The values of the arguments, all known and without marks; those that are null are left out.
    package static func resource(_ address: ResourceAddress, _ schema: BlockSchema, _ arguments: Value) -> String {
        block("resource \"\(address.type)\" \"\(address.name)\"", schema, arguments, indentation: 0)
            .joined(separator: "\n") + "\n"
    }

    private static func block(
        _ heading: String, _ schema: BlockSchema, _ value: Value, indentation: Int
    ) -> [String] {
        let (outer, inner) = (String(repeating: " ", count: indentation), indentation + 2)
        let fields = value.fields
        let shown = schema.attributes.filter { $0.isConfigurable && fields?[$0.name]?.isNull == false }
        let width = shown.map(\.name.count).max() ?? 0
        var lines = ["\(outer)\(heading) {"]
        for attribute in shown {
            let name = attribute.name + String(repeating: " ", count: width - attribute.name.count)
            let text = ValueText.text(fields?[attribute.name] ?? .null(attribute.type), indentation: inner)
            lines.append("\(String(repeating: " ", count: inner))\(name) = \(text)")
        }
        for nested in schema.blocks {
            for item in nested.items(of: fields?[nested.name]) ?? [] {
                if lines.count > 1 { lines.append("") }
                lines += block(nested.name, nested.block, item, indentation: inner)
            }
        }
        return lines + ["\(outer)}"]
    }
}
