/// What an API key opens: one region of an environment for a Flink key, a cluster, or a whole service.
package struct KeyScope: Hashable, Sendable {
    /// `Region` for Flink keys; `Cluster`, `Cloud`, `Tableflow`, `Global` and others exist.
    package var kind: String
    /// `fcpm/v2` for Flink keys.
    package var apiVersion: String
    /// For Flink keys always `cloud.region` with the cloud in lower case, such as `aws.us-east-1`, whatever the server
    /// wrote.
    package var id: String
    /// The environment's id; nil when the server named none.
    package var environment: String?

    /// States all parts; an id with three parts, or in capitals, is brought into the usual form.
    package init(kind: String, apiVersion: String, id: String, environment: String?) {
        self.kind = kind
        self.apiVersion = apiVersion
        self.environment = environment
        self.id = id
        guard isFlinkRegion else { return }
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2 {
            self.id = "\(parts[0].lowercased()).\(parts[1])"
        } else if parts.count == 3 {
            self.id = "\(parts[1].lowercased()).\(parts[2])"
            self.environment = String(parts[0])
        }
    }

    /// The scope of a Flink key.
    package static func flinkRegion(cloud: String, region: String, environment: String) -> KeyScope {
        KeyScope(kind: "Region", apiVersion: "fcpm/v2", id: "\(cloud).\(region)", environment: environment)
    }

    /// Whether this is the scope of a Flink key.
    package var isFlinkRegion: Bool {
        kind == "Region" || (kind.isEmpty && apiVersion.hasPrefix("fcpm/"))
    }

    /// The cloud in lower case, nil when the id does not have two parts.
    package var cloud: String? { parts?.cloud }
    /// The region's name, nil when the id does not have two parts.
    package var region: String? { parts?.region }

    private var parts: (cloud: String, region: String)? {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// Reads a reference.
    ///
    /// The environment comes from the id if that has three parts, else from `environment`, else from the resource's
    /// name.
    init(_ reader: AnswerReader) throws(AnswerMistake) {
        let named = ResourceName.part("environment", of: try reader.text("resource_name"))
        let environment = try reader.optionalText("environment")
        self.init(
            kind: try reader.text("kind"), apiVersion: try reader.text("api_version"), id: try reader.id(),
            environment: environment?.isEmpty == false ? environment : named)
    }
}
