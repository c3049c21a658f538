import Configuring
import JSON
import Reporting
import Testing
import Values

/// The schemas of providers as JSON.
@Suite("Schemas as JSON")
struct SchemaDocumentTests {
    private static let catalog = Catalog([
        ProviderSchema(
            name: "sample", source: "example.com/acme/sample",
            configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: [
                "sample_key": Schema(
                    version: 2,
                    block: BlockSchema(
                        attributes: [
                            AttributeSchema("id", .string, .computed),
                            AttributeSchema("secret", .string, .computed, isSecret: true),
                            AttributeSchema("tags", .map(.string), .optionalComputed),
                            AttributeSchema("name", .string, .required),
                        ],
                        blocks: [
                            NestedBlockSchema(
                                "owner", minimum: 1, maximum: 1,
                                block: BlockSchema(attributes: [AttributeSchema("id", .string, .optional)])),
                            NestedBlockSchema("pool", isSingle: true, block: BlockSchema(attributes: [])),
                        ]))
            ], dataSources: [:])
    ])

    @Test("Attributes, blocks and how many of them there are, as Terraform prints them")
    func document() {
        #expect(
            SchemaDocument(Self.catalog).text
                == #"{"format_version":"1.0","provider_schemas":{"example.com/acme/sample":{"provider":{"version":0},"#
                + #""resource_schemas":{"sample_key":{"version":2,"block":{"attributes":{"#
                + #""id":{"type":"string","description_kind":"plain","computed":true},"#
                + #""name":{"type":"string","description_kind":"plain","required":true},"#
                + #""secret":{"type":"string","description_kind":"plain","computed":true,"sensitive":true},"#
                + #""tags":{"type":["map","string"],"description_kind":"plain","optional":true,"computed":true}},"#
                + #""block_types":{"owner":{"nesting_mode":"list","block":{"attributes":{"#
                + #""id":{"type":"string","description_kind":"plain","optional":true}},"description_kind":"plain"},"#
                + #""min_items":1,"max_items":1},"#
                + #""pool":{"nesting_mode":"single","block":{"description_kind":"plain"}}},"description_kind":"plain"}}}}}}"#
        )
    }

    @Test(
        "Version constraints are printed with all parts",
        arguments: [
            ("~> 2.1, < 3.0", "~> 2.1, < 3.0.0"), (">= 2", ">= 2.0.0"), ("2.1", "2.1.0"), ("= 1.2.3", "1.2.3"),
            ("~> 2", "~> 2"), ("nonsense", "nonsense"),
        ])
    func versions(_ text: String, _ canonical: String) {
        #expect(VersionConstraint.canonical(text) == canonical)
    }
}
