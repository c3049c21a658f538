/// What can be changed about the emulated service while it runs.
///
/// The defaults are what the service's documents and its clients' recordings agree on; where they disagree, or say
/// nothing, there is a switch.
package struct Switches: Hashable, Sendable {
    /// How the end of a list is written in `metadata.next`.
    package enum EndOfList: String, CaseIterable, Sendable {
        /// An empty string.
        case empty
        /// JSON's null.
        case null
        /// No such member.
        case missing
    }

    /// How refusals are written; the service has many forms, and announces more.
    package enum ErrorForm: String, CaseIterable, Sendable {
        /// `{"errors":[{"id":…,"status":…,"code":…,"title":…,"detail":…,"source":{…}}]}`, the documented one.
        case errors
        /// `{"message":…}`.
        case message
        /// `{"error_code":…,"message":…}`.
        case coded
        /// `{"error":{"code":…,"message":…}}`.
        case error
        /// `{"status":…,"error":{"code":…,"message":…,…},"requestId":…}`.
        case detailed
    }

    /// How `spec.secret` of a key looks in answers other than that to its creation.
    package enum SecretOnRead: String, CaseIterable, Sendable {
        /// An empty string.
        case empty
        /// No such member.
        case missing
    }

    /// How long each request takes, half of it before and half of it after it is carried out.
    package var latency: Duration = .zero
    /// How old a key must be before it can be used.
    package var readinessDelay: Duration = .zero
    /// The status that the use of a key gets before that.
    package var notReadyStatus = 401
    /// How old an object must be before it can be asked for by its id.
    package var readLag: Duration = .zero
    /// How old an object must be before lists show it.
    package var listLag: Duration = .zero
    /// Added to the clock: to creation times, to the `Date` header, and to what counts as a key's age.
    package var clockOffset: Duration = .zero

    /// The status of a key that is not there: 403 or 404.
    package var goneStatus = 403
    /// The status of a successful creation of a key.
    package var createStatus = 202
    /// The status of a creation that names an owner that is not there.
    package var unknownOwnerStatus = 403
    /// The status of a creation that names an environment that is not there.
    package var unknownEnvironmentStatus = 403
    /// The status of a request that names a cluster that is not there.
    package var unknownClusterStatus = 404
    /// The status that a key gets which is valid, but of a kind that the endpoint does not accept.
    package var wrongKindStatus = 401
    /// How the end of a list is written.
    package var endOfList = EndOfList.empty
    /// How a secret looks that is not shown.
    package var secretOnRead = SecretOnRead.empty
    /// Whether answers name a Flink region in one id of three parts, `env-abc123.aws.us-east-1`.
    package var answersLegacyIDs = false
    /// The format of new secrets.
    package var secretFormat = SecretFormat.cflt
    /// Whether a PATCH of a key's owner or resource is refused with 422; else these members are ignored.
    package var refusesImmutableChanges = false
    /// Whether the deletion of an environment deletes its keys; else they stay, of no use.
    package var environmentDeletesKeys = false
    /// Owners whose keys the caller may not see: by id they look gone with 403, in lists they are missing.
    package var hiddenOwners: Set<String> = []
    /// How many objects there may be; of what is missing, any number.
    package var quotas: [Quota: Int] = [:]
    /// Whether a key may do only what the role bindings of its owner allow; else everything.
    ///
    /// The seeded key may always do everything.
    package var enforcesRoles = false
    /// How refusals are written.
    package var errorForm = ErrorForm.errors

    /// How many requests are allowed in `rateWindow`; the next ones are answered with 429.
    package var rateLimit = 1_000_000
    /// The length of the window that `rateLimit` counts in.
    package var rateWindow: Duration = .seconds(60)
    /// How many requests may be under way at once; those that come on top are answered with 429, to come back in a
    /// second.
    ///
    /// Nil means any number.
    package var concurrencyLimit: Int?
    /// What goes wrong.
    ///
    /// Any change of these starts their counting anew.
    package var faults: [Fault] = []
    /// What decides the faults that strike by chance.
    package var faultSeed: UInt64 = 1

    /// Creates switches in their default positions.
    package init() {}
}
