import JSON

/// What a new API key shall be.
package struct KeyRequest: Hashable, Sendable {
    /// The key's name; empty for none.
    package var displayName: String
    /// May be empty.
    package var description: String
    /// The account that the key shall act for, `sa-…` or `u-…`.
    package var ownerID: String
    /// `ServiceAccount` or `User`; nil lets the server infer it from the id.
    package var ownerKind: String?
    /// What the key shall open; nil for a Cloud API key.
    package var scope: KeyScope?

    /// States all parts.
    package init(
        displayName: String, description: String = "", ownerID: String, ownerKind: String? = nil, scope: KeyScope?
    ) {
        self.displayName = displayName
        self.description = description
        self.ownerID = ownerID
        self.ownerKind = ownerKind
        self.scope = scope
    }

    /// The body of the request.
    ///
    /// Flink keys are asked for in today's form: `cloud.region`, the environment apart.
    var body: JSONValue {
        var owner: [(String, JSONValue)] = [("id", .string(ownerID))]
        if let ownerKind { owner.append(("kind", .string(ownerKind))) }
        var spec: [(String, JSONValue)] = []
        if !displayName.isEmpty { spec.append(("display_name", .string(displayName))) }
        spec.append(("description", .string(description)))
        spec.append(("owner", .object(JSONObject(owner))))
        if let scope { spec.append(("resource", .object(JSONObject(Self.reference(scope))))) }
        return .object(JSONObject([("spec", .object(JSONObject(spec)))]))
    }

    private static func reference(_ scope: KeyScope) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("id", .string(scope.id))]
        if !scope.kind.isEmpty { members.append(("kind", .string(scope.kind))) }
        // Clusters are known by their id alone; the server refuses nothing less and reads nothing more.
        if !scope.apiVersion.isEmpty && scope.kind != "Cluster" {
            members.append(("api_version", .string(scope.apiVersion)))
        }
        if scope.isFlinkRegion, let environment = scope.environment {
            members.append(("environment", .string(environment)))
        }
        return members
    }
}
