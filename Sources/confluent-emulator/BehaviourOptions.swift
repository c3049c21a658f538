import ArgumentParser
import Emulator

extension Switches.EndOfList: ExpressibleByArgument {}
extension Switches.ErrorForm: ExpressibleByArgument {}
extension Switches.SecretOnRead: ExpressibleByArgument {}
extension SecretFormat: ExpressibleByArgument {}

/// The switches about which the service's documents leave a choice.
struct BehaviourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long each request takes.", valueName: "milliseconds"))
    var latency = 0.0

    @Option(help: ArgumentHelp("How old a key must be before it works.", valueName: "seconds"))
    var readinessDelay = 0.0

    @Option(help: ArgumentHelp("What the use of a Flink key is answered before that.", valueName: "status"))
    var notReadyStatus = 401

    @Option(help: ArgumentHelp("How old an object must be before it is found by its id.", valueName: "seconds"))
    var readLag = 0.0

    @Option(help: ArgumentHelp("How old an object must be before lists show it.", valueName: "seconds"))
    var listLag = 0.0

    @Option(help: ArgumentHelp("What is answered for a key that is not there: 403 or 404.", valueName: "status"))
    var goneStatus = 403

    @Option(help: ArgumentHelp("What a successful creation of a key is answered: 200, 201, 202.", valueName: "status"))
    var createStatus = 202

    @Option(help: ArgumentHelp("What an unknown owner is answered: 400, 403, 404, 422.", valueName: "status"))
    var unknownOwnerStatus = 403

    @Option(help: ArgumentHelp("What an unknown environment is answered: 400, 403, 404, 422.", valueName: "status"))
    var unknownEnvironmentStatus = 403

    @Option(help: ArgumentHelp("What an unknown cluster is answered: 400, 403, 404, 422.", valueName: "status"))
    var unknownClusterStatus = 404

    @Option(
        help: ArgumentHelp("What a valid key of the wrong kind is answered: 401 or 403.", valueName: "status"))
    var wrongKindStatus = 401

    @Option(help: ArgumentHelp("How metadata.next says that a list ends.", valueName: "form"))
    var endOfList = Switches.EndOfList.empty

    @Option(help: ArgumentHelp("How spec.secret looks where it is not shown.", valueName: "form"))
    var secretOnRead = Switches.SecretOnRead.empty

    @Option(help: ArgumentHelp("The format of new secrets.", valueName: "format"))
    var secretFormat = SecretFormat.cflt

    @Flag(
        name: .customLong("legacy-ids"),
        help: "Answer Flink scopes as ids of three parts (env-abc123.aws.us-east-1), as before 2024.")
    var legacyIDs = false

    @Flag(help: "Refuse a PATCH of a key's owner or resource with 422 instead of ignoring it.")
    var refuseImmutableChanges = false

    @Flag(help: "Delete an environment's keys with it.")
    var environmentDeletesKeys = false

    @Option(
        help: ArgumentHelp("Hide the keys of this owner from the caller. May be repeated.", valueName: "owner"))
    var hideKeysOf: [String] = []

    @Option(
        help: ArgumentHelp(
            "How many objects there may be, after which 402 is answered. May be repeated: "
                + Quota.allCases.map { "\($0.rawValue)=5" }.joined(separator: ", ") + ".", valueName: "name=count"))
    var quota: [String] = []

    @Flag(help: "Let a key do only what the role bindings of its owner allow.")
    var enforceRoles = false

    @Option(help: ArgumentHelp("How refusals are written.", valueName: "form"))
    var errorForm = Switches.ErrorForm.errors

    @Option(help: ArgumentHelp("How many requests are allowed in a window.", valueName: "count"))
    var rateLimit = 1_000_000

    @Option(help: ArgumentHelp("The length of that window.", valueName: "seconds"))
    var rateWindow = 60.0

    @Option(
        help: ArgumentHelp("How many requests may be under way at once; without it, any number.", valueName: "count"))
    var concurrencyLimit: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How far the emulator's clock is ahead; negative is behind.", valueName: "seconds"))
    var clockOffset = 0.0

    func apply(to switches: inout Switches) throws {
        for seconds in [latency, readinessDelay, readLag, listLag, rateWindow] where !(0...1e6).contains(seconds) {
            throw ValidationError("Durations must be from 0 to 1000000.")
        }
        guard rateLimit > 0, concurrencyLimit ?? 1 > 0 else { throw ValidationError("Limits must be from 1.") }
        guard (-1e9...1e9).contains(clockOffset) else { throw ValidationError("The clock's offset is too large.") }
        try check(goneStatus, "--gone-status", [403, 404])
        try check(createStatus, "--create-status", [200, 201, 202])
        try check(notReadyStatus, "--not-ready-status", [400, 401, 403, 404, 500, 503])
        try check(unknownOwnerStatus, "--unknown-owner-status", [400, 403, 404, 422])
        try check(unknownEnvironmentStatus, "--unknown-environment-status", [400, 403, 404, 422])
        try check(unknownClusterStatus, "--unknown-cluster-status", [400, 403, 404, 422])
        try check(wrongKindStatus, "--wrong-kind-status", [401, 403])
        switches.latency = .seconds(latency / 1_000)
        switches.readinessDelay = .seconds(readinessDelay)
        switches.notReadyStatus = notReadyStatus
        switches.readLag = .seconds(readLag)
        switches.listLag = .seconds(listLag)
        switches.goneStatus = goneStatus
        switches.createStatus = createStatus
        switches.unknownOwnerStatus = unknownOwnerStatus
        switches.unknownEnvironmentStatus = unknownEnvironmentStatus
        switches.unknownClusterStatus = unknownClusterStatus
        switches.wrongKindStatus = wrongKindStatus
        switches.endOfList = endOfList
        switches.secretOnRead = secretOnRead
        switches.secretFormat = secretFormat
        switches.answersLegacyIDs = legacyIDs
        switches.refusesImmutableChanges = refuseImmutableChanges
        switches.environmentDeletesKeys = environmentDeletesKeys
        switches.hiddenOwners = Set(hideKeysOf)
        switches.quotas = try quotas()
        switches.enforcesRoles = enforceRoles
        switches.errorForm = errorForm
        switches.rateLimit = rateLimit
        switches.rateWindow = .seconds(rateWindow)
        switches.concurrencyLimit = concurrencyLimit
        switches.clockOffset = .seconds(clockOffset)
    }

    private func quotas() throws -> [Quota: Int] {
        let pairs = try quota.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let name = Quota(rawValue: parts[0]), let count = Int(parts[1]), count >= 0 else {
                let names = Quota.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--quota \(text): write NAME=COUNT, with one of the names \(names).")
            }
            return (name, count)
        }
        return Dictionary(pairs) { $1 }
    }

    private func check(_ status: Int, _ name: String, _ allowed: [Int]) throws {
        guard allowed.contains(status) else {
            throw ValidationError("\(name) must be one of \(allowed.map(String.init).joined(separator: ", ")).")
        }
    }
}
