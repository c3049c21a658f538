import ConfluentClient
import Configuring
import Values

/// `confluent_api_key`: an API key, its owner and what it opens.
enum APIKeyResource {
    static let typeName = "confluent_api_key"

    static let schema: Schema = {
        func reference(_ attributes: [AttributeSchema], _ blocks: [NestedBlockSchema] = []) -> BlockSchema {
            BlockSchema(attributes: attributes, blocks: blocks)
        }
        let environment = NestedBlockSchema(
            "environment",
            block: reference([AttributeSchema("id", .string, .required, forcesReplacement: true, problem: notEmpty)]))
        let managedResource = NestedBlockSchema(
            "managed_resource", maximum: 1, forcesReplacement: true,
            block: reference(
                [
                    AttributeSchema(
                        "api_version", .string, .required, forcesReplacement: true, problem: versionProblem,
                        isEquivalent: isSameVersion),
                    AttributeSchema(
                        "id", .string, .required, forcesReplacement: true, problem: notEmpty, isEquivalent: isSameScope),
                    AttributeSchema("kind", .string, .required, forcesReplacement: true, problem: kindProblem),
                ], [environment]))
        let owner = NestedBlockSchema(
            "owner", minimum: 1, maximum: 1, forcesReplacement: true,
            block: reference([
                AttributeSchema("api_version", .string, .required, forcesReplacement: true, problem: oneOf(["iam/v2"])),
                AttributeSchema("id", .string, .required, forcesReplacement: true, problem: ownerProblem),
                AttributeSchema(
                    "kind", .string, .required, forcesReplacement: true, problem: oneOf(["ServiceAccount", "User"])),
            ]))
        let attributes = [
            AttributeSchema("description", .string, .optional, problem: notEmpty, isEquivalent: isSameText),
            AttributeSchema("disable_wait_for_ready", .bool, .optional, defaultValue: .bool(false)),
            AttributeSchema("display_name", .string, .optional, problem: notEmpty, isEquivalent: isSameText),
            AttributeSchema("id", .string, .computed),
            AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
        ]
        return Schema(
            block: BlockSchema(attributes: attributes, blocks: [managedResource, owner]), fingerprint: fingerprint)
    }()

    // MARK: - Validation

    private static func notEmpty(_ value: Value) -> String? {
        value.string?.isEmpty == true ? "The value must not be empty. Leave the argument out instead." : nil
    }

    private static func oneOf(_ allowed: [String]) -> @Sendable (Value) -> String? {
        { value in
            guard let text = value.string, !allowed.contains(text) else { return nil }
            return "The value must be \(allowed.map { "\"\($0)\"" }.joined(separator: " or "))."
        }
    }

    private static func ownerProblem(_ value: Value) -> String? {
        guard let text = value.string, !text.hasPrefix("u-"), !text.hasPrefix("sa-") else { return nil }
        return "The owner ID must be of the form 'u-' or 'sa-': a user account or a service account."
    }

    private static func kindProblem(_ value: Value) -> String? {
        guard let text = value.string, text != "Region" else { return nil }
        let known = ["Cluster", "Tableflow", "Global"]
        return known.contains(text)
            ? "Keys of kind \"\(text)\" are not supported by this version of flinkform, which makes Flink API keys: kind \"Region\", api_version \"fcpm/v2\"."
            : "The kind must be \"Region\" for a Flink API key."
    }

    private static func versionProblem(_ value: Value) -> String? {
        guard let text = value.string, text != "fcpm/v2" else { return nil }
        return "The api_version of a Flink API key's managed_resource is \"fcpm/v2\"."
    }

    // MARK: - Spellings

    /// A text that is not set and an empty one are the same to the cloud.
    private static func isSameText(_ first: Value, _ second: Value) -> Bool {
        (first.string ?? "") == (second.string ?? "")
    }

    private static func isSameVersion(_ first: Value, _ second: Value) -> Bool {
        let group = { (value: Value) in value.string?.split(separator: "/").first }
        return group(first) == group(second)
    }

    /// The cloud in an id is written in either case; an older form has the environment in front.
    private static func isSameScope(_ first: Value, _ second: Value) -> Bool {
        func normal(_ value: Value) -> String {
            let parts = (value.string ?? "").split(separator: ".")
            return parts.suffix(2).enumerated().map { $0 == 0 && parts.count > 1 ? $1.lowercased() : String($1) }
                .joined(separator: ".")
        }
        return normal(first) == normal(second)
    }

    // MARK: - Values

    /// Owner, scope, name and description of a planned object; nil while one of them is not known.
    private static func fingerprint(_ planned: Value) -> Fingerprint? {
        guard let fields = planned.fields else { return nil }
        let owner = fields["owner"]?.elements?.first?.fields
        let managed = fields["managed_resource"]
        if managed?.isUnknown == true || managed?.isWhollyKnown == false { return nil }
        let scope = managed?.elements?.first?.fields
        let environment = scope?["environment"]?.elements?.first?.fields
        guard let owner, let ownerID = owner["id"]?.string, let name = text(fields["display_name"]),
            let description = text(fields["description"])
        else { return nil }
        return Fingerprint([
            "owner": ownerID, "resource": scope.flatMap { $0["id"]?.string.map(normalizedID) } ?? "",
            "environment": environment?["id"]?.string ?? "", "display_name": name, "description": description,
        ])
    }

    private static func normalizedID(_ id: String) -> String {
        KeyScope(kind: "Region", apiVersion: "fcpm/v2", id: id, environment: nil).id
    }

    /// The text of a known value, empty for null; nil when it is not known.
    private static func text(_ value: Value?) -> String? {
        guard let value, !value.isUnknown else { return nil }
        return value.string ?? ""
    }

    /// Owner, scope, name and description of a key at the cloud.
    static func fingerprint(of key: APIKey) -> Fingerprint {
        let scope = key.resource.flatMap { $0.isFlinkRegion ? $0 : nil }
        return Fingerprint([
            "owner": key.ownerID, "resource": scope?.id ?? key.resource.map { $0.kind == "Cloud" ? "" : $0.id } ?? "",
            "environment": scope?.environment ?? "", "display_name": key.displayName, "description": key.description,
        ])
    }

    /// A key as an object of the schema's type; its secret is null.
    ///
    /// - Parameters:
    ///   - key: The key as the cloud shows it.
    ///   - waits: `disable_wait_for_ready`, which the cloud does not know.
    static func object(_ key: APIKey, disableWaitForReady: Bool) -> Value {
        let owner: [String: Value] = [
            "api_version": .string(key.ownerAPIVersion.isEmpty ? "iam/v2" : key.ownerAPIVersion),
            "id": .string(key.ownerID),
            "kind": .string(
                key.ownerKind.isEmpty ? (key.ownerID.hasPrefix("u-") ? "User" : "ServiceAccount") : key.ownerKind),
        ]
        let environmentType = ValueType.object(ObjectType(["id": .string]))
        var managed: [Value] = []
        if let scope = key.resource, scope.kind != "Cloud" {
            let environments = scope.environment.map { [Value.object(["id": .string($0)])] } ?? []
            managed = [
                .object([
                    "api_version": .string(scope.apiVersion.isEmpty ? "fcpm/v2" : scope.apiVersion),
                    "id": .string(scope.id), "kind": .string(scope.kind.isEmpty ? "Region" : scope.kind),
                    "environment": .list(environmentType, environments),
                ])
            ]
        }
        return .object([
            "id": .string(key.id), "display_name": .string(key.displayName), "description": .string(key.description),
            "disable_wait_for_ready": .bool(disableWaitForReady), "secret": .null(.string),
            "owner": .list(elementType("owner"), [.object(owner)]),
            "managed_resource": .list(elementType("managed_resource"), managed),
        ])
    }

    private static func elementType(_ block: String) -> ValueType {
        schema.block.nestedBlock(block)?.block.impliedType ?? .dynamic
    }

    /// The request that makes a planned key.
    static func request(_ planned: Value) -> KeyRequest {
        let fields = planned.fields
        let owner = fields?["owner"]?.elements?.first?.fields
        var scope: KeyScope?
        if let managed = fields?["managed_resource"]?.elements?.first?.fields {
            scope = KeyScope(
                kind: managed["kind"]?.string ?? "", apiVersion: managed["api_version"]?.string ?? "",
                id: managed["id"]?.string ?? "",
                environment: managed["environment"]?.elements?.first?.fields?["id"]?.string)
        }
        return KeyRequest(
            displayName: fields?["display_name"]?.string ?? "", description: fields?["description"]?.string ?? "",
            ownerID: owner?["id"]?.string ?? "", ownerKind: owner?["kind"]?.string, scope: scope)
    }

    /// Whether an object says that nobody waits for it.
    static func disablesWait(_ object: Value) -> Bool { object.fields?["disable_wait_for_ready"]?.bool ?? false }

    /// The id of an object; empty when it has none.
    static func id(_ object: Value) -> String { object.fields?["id"]?.string ?? "" }

    /// The owner of an object; nil when it is not known.
    static func owner(_ object: Value) -> String? { object.fields?["owner"]?.elements?.first?.fields?["id"]?.string }

    /// The environment of an object; nil when it has none or it is not known.
    static func environment(_ object: Value) -> String? {
        object.fields?["managed_resource"]?.elements?.first?.fields?["environment"]?.elements?.first?.fields?["id"]?
            .string
    }
}
