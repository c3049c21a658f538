import ConfluentClient
import Diagnostics

/// What kind of thing an API key opens, as the commands name it.
enum KeyKind: Hashable {
    /// The control plane.
    case cloud
    /// Everything that its owner may.
    case global
    /// One region of an environment.
    case flink
    /// Tableflow.
    case tableflow
    /// A Kafka cluster, by its id.
    case kafka(String)
    /// A Schema Registry.
    case schemaRegistry(String)
    /// A ksqlDB cluster.
    case ksql(String)
    /// Something that this program does not know, by the kind that the cloud named.
    case other(String)

    /// The kind that a user means with `--resource`.
    init(parsing text: String) throws(Refusal) {
        switch text.lowercased() {
        case "cloud": self = .cloud
        case "global": self = .global
        case "flink": self = .flink
        case "tableflow": self = .tableflow
        case _ where text.hasPrefix("lkc-"): self = .kafka(text)
        case _ where text.hasPrefix("lsrc-"): self = .schemaRegistry(text)
        case _ where text.hasPrefix("lksqlc-"): self = .ksql(text)
        default:
            throw Refusal(
                "unknown resource \(NameList.text([text]))",
                "A resource is \"cloud\", \"global\", \"flink\", \"tableflow\", or the id of a cluster: lkc-..., lsrc-..., or lksqlc-...\(Suggestion.phrase(text, among: ["cloud", "global", "flink", "tableflow"]))"
            )
        }
    }

    /// The kind of a key's scope; a key without one is a Cloud API key.
    init(_ scope: KeyScope?) {
        guard let scope else {
            self = .cloud
            return
        }
        let kind = scope.kind.lowercased()
        switch scope.apiVersion.split(separator: "/").first {
        case _ where scope.isFlinkRegion: self = .flink
        case _ where kind == "cloud": self = .cloud
        case _ where kind == "global": self = .global
        case _ where kind == "tableflow": self = .tableflow
        case "srcm": self = .schemaRegistry(scope.id)
        case "ksqldbcm": self = .ksql(scope.id)
        case "cmk": self = .kafka(scope.id)
        case _ where scope.id.hasPrefix("lkc-"): self = .kafka(scope.id)
        case _ where scope.id.hasPrefix("lsrc-"): self = .schemaRegistry(scope.id)
        case _ where scope.id.hasPrefix("lksqlc-"): self = .ksql(scope.id)
        default: self = .other(scope.kind)
        }
    }

    /// Whether a key with that scope is of this kind and, where a cluster is meant, of this cluster.
    func covers(_ scope: KeyScope?) -> Bool { KeyKind(scope) == self }

    /// What the commands call it: the words of the Confluent CLI.
    var name: String {
        switch self {
        case .cloud: "cloud"
        case .global: "global"
        case .flink: "flink-region"
        case .tableflow: "tableflow"
        case .kafka: "kafka"
        case .schemaRegistry: "schema-registry"
        case .ksql: "ksql"
        case .other(let kind): kind.lowercased()
        }
    }

    /// Whether it stands for a whole service, so that its id says nothing more.
    var isWhole: Bool { [.cloud, .global, .tableflow].contains(self) }
}
