/// A region of a cloud in which Flink runs.
package struct FlinkRegion: Hashable, Sendable {
    /// Such as `aws.us-east-1`.
    package var id: String
    /// In capitals: `AWS`, `GCP` or `AZURE`.
    package var cloud: String
    /// Such as `us-east-1`.
    package var regionName: String
    /// Such as `N. Virginia (us-east-1)`.
    package var displayName: String
    /// Where the region's data plane is; empty when the server did not say.
    package var httpEndpoint: String
    /// The same for private networks; empty when there is none.
    package var privateHTTPEndpoint: String
    /// Usually `fcpm/v2`.
    package var apiVersion: String
    /// Usually `Region`.
    package var kind: String

    /// States all parts.
    package init(
        id: String, cloud: String, regionName: String, displayName: String, httpEndpoint: String,
        privateHTTPEndpoint: String = "", apiVersion: String = "fcpm/v2", kind: String = "Region"
    ) {
        self.id = id
        self.cloud = cloud
        self.regionName = regionName
        self.displayName = displayName
        self.httpEndpoint = httpEndpoint
        self.privateHTTPEndpoint = privateHTTPEndpoint
        self.apiVersion = apiVersion
        self.kind = kind
    }

    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let apiVersion = try reader.text("api_version")
        let kind = try reader.text("kind")
        self.init(
            id: try reader.id(), cloud: try reader.text("cloud"), regionName: try reader.text("region_name"),
            displayName: try reader.text("display_name"), httpEndpoint: try reader.text("http_endpoint"),
            privateHTTPEndpoint: try reader.text("private_http_endpoint"),
            apiVersion: apiVersion.isEmpty ? "fcpm/v2" : apiVersion, kind: kind.isEmpty ? "Region" : kind)
    }
}
