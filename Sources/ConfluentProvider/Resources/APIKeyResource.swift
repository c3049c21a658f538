import ConfluentClient
import Configuring
import Diagnostics
import Planning
import Values

/// `confluent_api_key`: an API key, its owner and what it opens.
enum APIKeyResource: ResourceType {
    static let typeName = "confluent_api_key"
    static let noun = "key"
    static let localArguments = ["disable_wait_for_ready"]

    static let schema: Schema = {
        func reference(_ attributes: [AttributeSchema], _ blocks: [NestedBlockSchema] = []) -> BlockSchema {
            BlockSchema(attributes: attributes, blocks: blocks)
        }
        let environment = NestedBlockSchema(
            "environment",
            block: reference([
                AttributeSchema("id", .string, .required, forcesReplacement: true, problem: Validation.notEmpty)
            ]))
        let managedResource = NestedBlockSchema(
            "managed_resource", maximum: 1, forcesReplacement: true,
            block: reference(
                [
                    AttributeSchema(
                        "api_version", .string, .required, forcesReplacement: true,
                        problem: Validation.oneOf(scopes.flatMap(\.versions)),
                        isEquivalent: isSameVersion),
                    AttributeSchema(
                        "id", .string, .required, forcesReplacement: true, problem: Validation.notEmpty,
                        isEquivalent: isSameScope),
                    AttributeSchema(
                        "kind", .string, .required, forcesReplacement: true,
                        problem: Validation.oneOf(scopes.map(\.kind))),
                ], [environment]))
        let owner = NestedBlockSchema(
            "owner", minimum: 1, maximum: 1, forcesReplacement: true,
            block: reference([
                AttributeSchema(
                    "api_version", .string, .required, forcesReplacement: true, problem: Validation.oneOf(["iam/v2"])),
                AttributeSchema("id", .string, .required, forcesReplacement: true, problem: ownerProblem),
                AttributeSchema(
                    "kind", .string, .required, forcesReplacement: true,
                    problem: Validation.oneOf(["ServiceAccount", "User"])),
            ]))
        let attributes = [
            AttributeSchema("description", .string, .optional, problem: Validation.notEmpty, isEquivalent: isSameText),
            AttributeSchema("disable_wait_for_ready", .bool, .optional, defaultValue: .bool(false)),
            AttributeSchema("display_name", .string, .optional, problem: Validation.notEmpty, isEquivalent: isSameText),
            AttributeSchema("id", .string, .computed),
            AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
        ]
        return Schema(
            block: BlockSchema(attributes: attributes, blocks: [managedResource, owner]), fingerprint: fingerprint)
    }()

    // MARK: - Validation

    private static func ownerProblem(_ value: Value) -> String? {
        guard let text = value.string, !text.hasPrefix("u-"), !text.hasPrefix("sa-") else { return nil }
        return "The owner ID must be of the form 'u-' or 'sa-': a user account or a service account."
    }

    /// What a key can open: the kind with the versions of its API, as the provider takes them.
    private static let scopes: [(kind: String, versions: [String])] = [
        ("Cluster", ["cmk/v2", "srcm/v2", "srcm/v3", "ksqldbcm/v2"]), ("Region", ["fcpm/v2"]),
        ("Tableflow", ["tableflow/v1"]), ("Global", ["global/v1"]),
    ]

    // MARK: - Spellings

    /// A text that is not set and an empty one are the same to the cloud.
    private static func isSameText(_ first: Value, _ second: Value) -> Bool {
        (first.string ?? "") == (second.string ?? "")
    }

    private static func isSameVersion(_ first: Value, _ second: Value) -> Bool {
        let group = { (value: Value) in value.string?.split(separator: "/").first }
        return group(first) == group(second)
    }

    private static func isSameScope(_ first: Value, _ second: Value) -> Bool {
        normalizedID(first.string ?? "") == normalizedID(second.string ?? "")
    }

    /// The cloud in the id of a region is written in either case, and an older form has the environment in front; the ids of
    /// whole services are written in either case, too.
    private static func normalizedID(_ id: String) -> String {
        let special = ["cloud", "tableflow", "global"]
        if special.contains(id.lowercased()) { return id.lowercased() }
        guard id.contains(".") else { return id }
        return KeyScope(kind: "Region", apiVersion: "fcpm/v2", id: id, environment: nil).id
    }

    // MARK: - Values

    /// Owner, scope, name and description of an object; nil while one of them is not known.
    private static func fingerprint(_ object: Value) -> Fingerprint? {
        guard let fields = object.fields else { return nil }
        let managed = fields["managed_resource"]
        if managed?.isUnknown == true || managed?.isWhollyKnown == false { return nil }
        let scope = object.block("managed_resource")
        guard let owner = owner(object), let name = text(fields["display_name"]),
            let description = text(fields["description"])
        else { return nil }
        // What a cluster is in, is said by its id.
        let environment = scope?["kind"] == "Region" ? scope?.block("environment")?["id"] : nil
        return Fingerprint([
            "owner": owner, "resource": normalizedID(scope?["id"] ?? ""), "environment": environment ?? "",
            "display_name": name, "description": description,
        ])
    }

    /// The text of a known value, empty for null; nil when it is not known.
    private static func text(_ value: Value?) -> String? {
        guard let value, !value.isUnknown else { return nil }
        return value.string ?? ""
    }

    /// A key as the cloud shows it.
    private static func cloudObject(_ key: APIKey) -> CloudObject {
        CloudObject(id: key.id, createdAt: key.createdAt, value: object(of: key))
    }

    /// A key as an object; its secret is null.
    static func object(of key: APIKey) -> Value {
        let owner: [String: Value] = [
            "api_version": .string(key.ownerAPIVersion), "id": .string(key.ownerID), "kind": .string(key.ownerKind),
        ]
        var managed: [Value] = []
        if let scope = key.resource, scope.kind != "Cloud" {
            let kinds = scopes.map(\.kind)
            // Some services name their clusters otherwise: `SchemaRegistry`, `ksqlDB`.
            let kind = scope.isFlinkRegion ? "Region" : kinds.contains(scope.kind) ? scope.kind : "Cluster"
            let versions = scopes.first { $0.kind == kind }?.versions ?? []
            managed = [
                .object([
                    "api_version": .string(scope.apiVersion.isEmpty ? versions[0] : scope.apiVersion),
                    "id": .string(kind == "Cluster" ? scope.id : normalizedID(scope.id)), "kind": .string(kind),
                    "environment": environments(scope.environment),
                ])
            ]
        }
        return .object([
            "id": .string(key.id), "display_name": .string(key.displayName), "description": .string(key.description),
            "disable_wait_for_ready": .bool(false), "secret": .null(.string),
            "owner": .list(elementType("owner"), [.object(owner)]),
            "managed_resource": .list(elementType("managed_resource"), managed),
        ])
    }

    private static func environments(_ id: String?) -> Value {
        .list(.object(ObjectType(["id": .string])), id.map { [.object(["id": .string($0)])] } ?? [])
    }

    private static func elementType(_ block: String) -> ValueType {
        schema.block.nestedBlock(block)?.block.impliedType ?? .dynamic
    }

    /// The environment of a cluster is told by the cluster's id, so a configuration may leave it out, and the cloud may, too.
    static func completed(_ object: Value, like known: Value) -> Value {
        let object = withLocalArguments(object, like: known)
        guard let fields = object.fields, let scope = object.block("managed_resource"), let parts = scope.fields,
            scope["kind"] != "Region", let before = known.block("managed_resource"),
            let environment = before.fields?["environment"],
            environment.elements?.isEmpty == true || parts["environment"]?.elements?.isEmpty == true
        else { return object }
        let changed = Value(.object(parts.replacing("environment", with: environment)))
        let managed = Value.list(elementType("managed_resource"), [changed])
        return Value(.object(fields.replacing("managed_resource", with: managed)), marks: object.marks)
    }

    /// The request that makes a planned key.
    static func request(_ planned: Value) -> KeyRequest {
        let scope = planned.block("managed_resource").map { managed in
            KeyScope(
                kind: managed["kind"] ?? "", apiVersion: managed["api_version"] ?? "", id: managed["id"] ?? "",
                environment: managed.block("environment")?["id"])
        }
        return KeyRequest(
            displayName: planned["display_name"] ?? "", description: planned["description"] ?? "",
            ownerID: owner(planned) ?? "", ownerKind: planned.block("owner")?["kind"], scope: scope)
    }

    private static func owner(_ object: Value) -> String? { object.block("owner")?["id"] }

    private static func environment(_ object: Value) -> String? {
        object.block("managed_resource")?.block("environment")?["id"]
    }

    static func object(id: String, like fingerprint: Fingerprint?) -> Value {
        var object = schema.object(id: id)
        guard let parts = fingerprint?.parts, var fields = object.fields else { return object }
        let owner = Value.object([
            "api_version": .null(.string), "id": .string(parts["owner"] ?? ""), "kind": .null(.string),
        ])
        fields = fields.replacing("owner", with: .list(elementType("owner"), [owner]))
        if let environment = parts["environment"], !environment.isEmpty {
            let scope = Value.object([
                "api_version": .null(.string), "id": .null(.string), "kind": .null(.string),
                "environment": environments(environment),
            ])
            fields = fields.replacing("managed_resource", with: .list(elementType("managed_resource"), [scope]))
        }
        object.content = .object(fields)
        return object
    }
}

/// The calls.
extension APIKeyResource {
    static func filter(of object: Value) -> String? { owner(object) }

    static func filters(_ cloud: CloudAccess, owner: String?) async throws(APIError) -> [String?] { [owner] }

    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject> {
        try await client.listKeys(owner: filter, until: isEnough).map(cloudObject)
    }

    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject {
        cloudObject(try await client.key(id: object.id))
    }

    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject> {
        await client.createKey(request(planned)).map(cloudObject)
    }

    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject {
        cloudObject(
            try await client.updateKey(
                id: prior.id, displayName: planned.changedText("display_name", from: prior),
                description: planned.changedText("description", from: prior)))
    }

    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError) {
        try await client.deleteKey(id: object.id)
    }

    static func circles(of object: Value) -> [String] {
        [owner(object).map { "owner \($0)" }, environment(object).map { "environment \($0)" }].compactMap { $0 }
    }

    /// The keys of an account go with it.
    static func isProvenGone(_ client: ConfluentClient, _ object: Value) async -> Bool {
        guard let owner = owner(object) else { return false }
        do throws(APIError) {
            if owner.hasPrefix("u-") {
                _ = try await client.user(id: owner)
            } else {
                _ = try await client.serviceAccount(id: owner)
            }
            return false
        } catch {
            return error.kind == .notFound
        }
    }
}

/// Importing.
extension APIKeyResource {
    static func object(importID: String) throws(Diagnostic) -> Value {
        let parts = importID.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let id = parts.last, !id.isEmpty,
            id.unicodeScalars.allSatisfy({ ("A"..."Z").contains($0) || ("0"..."9").contains($0) }),
            parts.count == 1 || parts[0].hasPrefix("env-")
        else {
            throw .malformedImportID(
                importID, noun: noun, forms: ["ENVIRONMENT_ID/API_KEY_ID", "API_KEY_ID"],
                example: "env-abc123/ABCDEFGHIJKLMNOP")
        }
        return object(
            id: id, like: parts.count == 2 ? Fingerprint(["owner": "", "environment": parts[0]]) : nil)
    }

    static func importID(of object: Value) -> String {
        environment(object).map { "\($0)/\(object.id)" } ?? object.id
    }

    static func mismatch(_ object: Value, named: Value) -> Diagnostic? {
        guard let wanted = environment(named), let found = environment(object), wanted != found else { return nil }
        let id = VisibleText.escaped(object.id)
        return .error(
            "Key of another environment",
            "The key \(id) belongs to environment \(VisibleText.escaped(found)), not to \(VisibleText.escaped(wanted)). Check the id, or import \(VisibleText.escaped(found))/\(id)."
        )
    }
}
