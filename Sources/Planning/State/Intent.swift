package import Configuring

/// What is made durable before a create call that cannot be repeated safely.
///
/// With it, a run that was interrupted between the call and its record can be settled: the key it made is found by its
/// fingerprint among those that were not there before.
package struct Intent: Hashable, Sendable {
    /// Unique, random: 32 hexadecimal digits.
    ///
    /// The secret store keeps it beside the secret.
    package var id: String
    /// The instance to be made; for an object that is not managed, what messages call it.
    package var address: InstanceAddress
    /// The provider's local name.
    package var provider: String
    /// The organisation it is made in.
    package var organization: String
    /// The base URL of the API it is made through.
    package var endpoint: String
    /// Whether state is to have the object; one that it is not to have is done with once its secret is stored.
    package var isManaged: Bool
    /// What the object will look like at the cloud.
    package var fingerprint: Fingerprint
    /// The ids of objects with that fingerprint that were there before; sorted.
    package var known: [String]
    /// The cloud's clock when `known` was listed, seconds since 1970: what was created earlier is not ours.
    package var openedAt: Int
    /// The cloud's clock when the call had ended without a clear answer or the intent was first looked for in vain,
    /// seconds since 1970; nil while unsettled.
    ///
    /// A late commit can be expected for ten minutes from then on.
    package var missedAt: Int?

    /// Makes an intent.
    package init(
        id: String, address: InstanceAddress, provider: String, organization: String, endpoint: String,
        isManaged: Bool = true, fingerprint: Fingerprint, known: [String], openedAt: Int, missedAt: Int? = nil
    ) {
        self.id = id
        self.address = address
        self.provider = provider
        self.organization = organization
        self.endpoint = endpoint
        self.isManaged = isManaged
        self.fingerprint = fingerprint
        self.known = known
        self.openedAt = openedAt
        self.missedAt = missedAt
    }
}
