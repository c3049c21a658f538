import Configuring
import Values

/// A provider with one type that is like an API key, a few made-up ones, and a data source.
enum TestCatalog {
    static let catalog = Catalog([
        ProviderSchema(
            name: "confluent", source: "registry.terraform.io/confluentinc/confluent",
            configuration: Schema(
                block: BlockSchema(attributes: [
                    AttributeSchema("cloud_api_key", .string, .optional),
                    AttributeSchema("cloud_api_secret", .string, .optional, isSensitive: true, isSecret: true),
                    AttributeSchema("max_retries", .number, .optional),
                ])),
            resourceTypes: ["confluent_api_key": key],
            dataSources: ["confluent_environment": environment]),
        ProviderSchema(
            name: "test", source: "registry.terraform.io/example/test",
            configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: ["test_thing": thing], dataSources: [:]),
    ])

    private static let key: Schema = {
        let required = { (name: String) in AttributeSchema(name, .string, .required, forcesReplacement: true) }
        let environment = NestedBlockSchema("environment", block: BlockSchema(attributes: [required("id")]))
        let scope = NestedBlockSchema(
            "managed_resource", maximum: 1, forcesReplacement: true,
            block: BlockSchema(
                attributes: [required("api_version"), required("id"), required("kind")], blocks: [environment]))
        let owner = NestedBlockSchema(
            "owner", minimum: 1, maximum: 1, forcesReplacement: true,
            block: BlockSchema(attributes: [required("api_version"), required("id"), required("kind")]))
        let attributes = [
            AttributeSchema("description", .string, .optional, problem: notEmpty),
            AttributeSchema("disable_wait_for_ready", .bool, .optional, defaultValue: .bool(false)),
            AttributeSchema("display_name", .string, .optional, problem: notEmpty),
            AttributeSchema("id", .string, .computed),
            AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
        ]
        return Schema(block: BlockSchema(attributes: attributes, blocks: [scope, owner]))
    }()

    private static let environment = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("display_name", .string, .optionalComputed),
            AttributeSchema("id", .string, .optionalComputed),
        ]))

    private static let thing: Schema = {
        let rule = NestedBlockSchema(
            "rule", block: BlockSchema(attributes: [AttributeSchema("port", .number, .required)]))
        let attributes = [
            AttributeSchema("id", .string, .computed), AttributeSchema("input", .dynamic, .optional),
            AttributeSchema("name", .string, .optional), AttributeSchema("sizes", .list(.number), .optional),
            AttributeSchema("tags", .map(.string), .optional),
        ]
        return Schema(block: BlockSchema(attributes: attributes, blocks: [rule]))
    }()

    private static func notEmpty(_ value: Value) -> String? {
        value.string?.isEmpty == true ? "The value must not be empty. Leave the argument out instead." : nil
    }
}
