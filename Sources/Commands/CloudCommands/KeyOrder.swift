import ConfluentClient
import ConfluentProvider
import Diagnostics
import Planning

/// What `api-key create` was asked to make.
struct KeyOrder {
    let kind: KeyKind
    let description: String
    /// Cloud and region of a Flink key, as they were written; nil for other kinds.
    let region: (cloud: String, name: String)?
    /// The environment; nil where the kind has none.
    let environment: String?
    /// The owner; nil means the owner of the Cloud API key in use.
    let owner: String?

    /// Checks the arguments against each other.
    init(_ arguments: APIKeyCreateCommand) throws(Refusal) {
        kind = try KeyKind(parsing: arguments.resource)
        description = arguments.description ?? ""
        if let owner = arguments.serviceAccount, !owner.hasPrefix("sa-") {
            throw Refusal(
                "\(NameList.text([owner])) is not the id of a service account",
                "List service accounts with `flinkform iam service-account list`.")
        }
        owner = arguments.serviceAccount
        switch (kind == .flink, arguments.cloud, arguments.region) {
        case (true, let cloud?, let name?): region = (cloud, name)
        case (true, _, _):
            throw Refusal(
                "must provide both `--cloud` and `--region`",
                "List available Flink regions with `flinkform flink region list`.")
        case (false, nil, nil): region = nil
        case (false, _, _): throw Refusal("`--cloud` and `--region` are for Flink API keys only")
        }
        if let environment = arguments.environment, !environment.hasPrefix("env-") {
            throw Refusal(
                "\(NameList.text([environment])) is not the id of an environment",
                "List environments with `flinkform environment list`.")
        }
        if !kind.isWhole, arguments.environment == nil {
            throw Refusal(
                "must provide `--environment` for this kind of API key",
                "List environments with `flinkform environment list`.")
        }
        environment = kind.isWhole ? nil : arguments.environment
    }

    /// The key to ask for, after a look at the cloud: who owns it, and whether the region is there.
    func request(_ client: ConfluentClient) async throws -> KeyRequest {
        let owner: String
        if let given = self.owner { owner = given } else { owner = try await CurrentUser.id(client) }
        if let region {
            let found = try await Calls.perform { () async throws(APIError) in
                try await client.flinkRegions(cloud: region.cloud, region: region.name).items
            }
            guard !found.isEmpty else {
                let cloud = region.cloud.uppercased()
                throw Refusal(
                    "no Flink region found for cloud \(NameList.text([cloud])) and region name \(NameList.text([region.name]))",
                    "List available Flink regions with `flinkform flink region list --cloud \(VisibleText.escaped(cloud))`."
                )
            }
        }
        return KeyRequest(displayName: "", description: description, ownerID: owner, scope: scope)
    }

    private var scope: KeyScope? {
        func cluster(_ id: String, _ version: String) -> KeyScope {
            KeyScope(kind: "Cluster", apiVersion: version, id: id, environment: environment)
        }
        return switch kind {
        case .cloud, .other: nil
        case .global: KeyScope(kind: "Global", apiVersion: "global/v1", id: "global", environment: nil)
        case .tableflow: KeyScope(kind: "Tableflow", apiVersion: "tableflow/v1", id: "tableflow", environment: nil)
        case .kafka(let id): cluster(id, "cmk/v2")
        case .schemaRegistry(let id): cluster(id, "srcm/v3")
        case .ksql(let id): cluster(id, "ksqldbcm/v2")
        case .flink:
            region.map { KeyScope.flinkRegion(cloud: $0.cloud, region: $0.name, environment: environment ?? "") }
        }
    }
}

/// Names of blocks, made of what people wrote.
enum BlockName {
    private static let lengthMaximum = 48

    /// A name for the block of a key that none of the others has: its description, or else its owner and what it opens.
    static func unique(for request: KeyRequest, among taken: Set<String>) -> String {
        let scope = request.scope.map { [$0.id] } ?? ["cloud"]
        let candidates = [request.description, ([request.ownerID] + scope).joined(separator: "_")]
        let name = candidates.map(plain).first { !$0.isEmpty } ?? "key"
        guard taken.contains(name) else { return name }
        var number = 2
        while taken.contains("\(name)_\(number)") { number += 1 }
        return "\(name)_\(number)"
    }

    /// A text as a name; empty when it has no letter and no digit of ASCII.
    private static func plain(_ text: String) -> String {
        // Once more, since what is cut off may leave an underscore at the end.
        let name = GeneratedConfiguration.letters(String(GeneratedConfiguration.letters(text).prefix(lengthMaximum)))
        return name.first?.isNumber == true ? "key_\(name)" : name
    }
}
