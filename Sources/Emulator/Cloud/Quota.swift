import GRDB

/// A limit on how many objects there may be; the service answers 402 to one more.
package enum Quota: String, CaseIterable, Sendable {
    /// API keys of any kind that one owner has.
    case keysPerOwner = "keys-per-owner"
    /// Cloud API keys of the organization.
    case cloudKeys = "cloud-keys"
    /// Service accounts of the organization.
    case serviceAccounts = "service-accounts"
    /// Environments of the organization.
    case environments
    /// Flink compute pools of one environment.
    case computePoolsPerEnvironment = "compute-pools-per-environment"

    /// What is counted, in the plural.
    fileprivate var objects: String {
        switch self {
        case .keysPerOwner: "API keys of this owner"
        case .cloudKeys: "Cloud API keys"
        case .serviceAccounts: "service accounts"
        case .environments: "environments"
        case .computePoolsPerEnvironment: "compute pools in this environment"
        }
    }
}

extension Visit {
    /// Refuses one object more than the switches allow; `count` is the SQL that counts those that are there.
    func check(_ quota: Quota, _ count: String, _ arguments: StatementArguments = []) throws {
        guard let most = switches.quotas[quota] else { return }
        let found = try Int.fetchOne(database.cachedStatement(sql: count), arguments: arguments) ?? 0
        guard found < most else {
            throw Problem(
                status: 402, code: "quota_exceeded", title: "Quota Exceeded",
                detail: "The number of \(quota.objects) is currently limited to \(most) at most.")
        }
    }
}
