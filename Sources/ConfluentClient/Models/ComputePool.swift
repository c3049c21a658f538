/// A compute pool of Flink: what statements of a region run in.
package struct ComputePool: Hashable, Sendable {
    /// Such as `lfcp-abc123`.
    package var id: String
    /// The name that users gave it.
    package var displayName: String
    /// `AWS`, `AZURE` or `GCP`.
    package var cloud: String
    /// The region's name, such as `us-east-1`.
    package var region: String
    /// The largest number of Confluent Flink units that it may use; nil when the server did not say.
    package var maximumUnits: Int?
    /// Whether statements that name no pool run here; nil when the server did not say.
    package var isDefault: Bool?
    /// The environment's id.
    package var environment: String
    /// The Confluent resource name; empty when the server named none.
    package var resourceName: String
    /// Usually `fcpm/v2`.
    package var apiVersion: String
    /// Usually `ComputePool`.
    package var kind: String
    /// `PROVISIONING`, `PROVISIONED`, `FAILED` or `DEPROVISIONING`; empty when the server did not say.
    package var phase: String
    /// When it was made; nil when the server did not say so in RFC 3339.
    package var createdAt: CloudTime?

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let spec = try reader.object("spec")
        let (apiVersion, kind) = (try reader.text("api_version"), try reader.text("kind"))
        id = try reader.id()
        displayName = try spec.text("display_name")
        cloud = try spec.text("cloud")
        region = try spec.text("region")
        maximumUnits = try spec.optionalNumber("max_cfu")
        isDefault = try spec.optionalFlag("default_pool")
        environment = try spec.object("environment").id()
        resourceName = try reader.optionalObject("metadata")?.text("resource_name") ?? ""
        self.apiVersion = apiVersion.isEmpty ? "fcpm/v2" : apiVersion
        self.kind = kind.isEmpty ? "ComputePool" : kind
        phase = try reader.optionalObject("status")?.text("phase") ?? ""
        createdAt = try reader.createdAt()
    }
}
