package import Configuring
import JSON
import Values

/// The schemas of providers as `providers schema -json` prints them: format 1.0 of Terraform's.
package struct SchemaDocument: Sendable {
    private let catalog: Catalog

    /// Makes the document of all providers that there are.
    package init(_ catalog: Catalog) { self.catalog = catalog }

    /// The document, on one line.
    package var text: String {
        let providers = catalog.providers.values.map { ($0.source, Self.provider($0)) }.sorted { $0.0 < $1.0 }
        let document: JSONValue = ["format_version": "1.0", "provider_schemas": .object(JSONObject(providers))]
        return document.text(.compact)
    }

    private static func provider(_ provider: ProviderSchema) -> JSONValue {
        var object: JSONObject = ["provider": schema(provider.configuration)]
        for (name, schemas) in [
            ("resource_schemas", provider.resourceTypes), ("data_source_schemas", provider.dataSources),
        ] where !schemas.isEmpty {
            let sorted = schemas.sorted { $0.key < $1.key }.map { ($0.key, schema($0.value)) }
            object[name] = .object(JSONObject(sorted))
        }
        return .object(object)
    }

    private static func schema(_ schema: Schema) -> JSONValue {
        var object: JSONObject = ["version": .number(JSONNumber(schema.version))]
        if !schema.block.attributes.isEmpty || !schema.block.blocks.isEmpty { object["block"] = block(schema.block) }
        return .object(object)
    }

    private static func block(_ block: BlockSchema) -> JSONValue {
        var object = JSONObject()
        if !block.attributes.isEmpty {
            object["attributes"] = .object(JSONObject(block.attributes.map { ($0.name, attribute($0)) }))
        }
        if !block.blocks.isEmpty {
            object["block_types"] = .object(JSONObject(block.blocks.map { ($0.name, nested($0)) }))
        }
        object["description_kind"] = "plain"
        return .object(object)
    }

    private static func attribute(_ attribute: AttributeSchema) -> JSONValue {
        var object: JSONObject = ["type": attribute.type.json, "description_kind": "plain"]
        switch attribute.mode {
        case .required: object["required"] = true
        case .optional: object["optional"] = true
        case .computed: object["computed"] = true
        case .optionalComputed: (object["optional"], object["computed"]) = (true, true)
        }
        if attribute.isSensitive || attribute.isSecret { object["sensitive"] = true }
        return .object(object)
    }

    private static func nested(_ nested: NestedBlockSchema) -> JSONValue {
        var object: JSONObject = [
            "nesting_mode": nested.isSingle ? "single" : "list", "block": block(nested.block),
        ]
        if nested.minimum > 0 { object["min_items"] = .number(JSONNumber(nested.minimum)) }
        if let maximum = nested.maximum, !nested.isSingle { object["max_items"] = .number(JSONNumber(maximum)) }
        return .object(object)
    }
}
